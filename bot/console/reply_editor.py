"""Editing one reply: the text with its check, byte meter and phone beside it; draft, publish, and what to do when two edited at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console import drafts
from bot.console.differences import difference
from bot.console.drafts import NotPublishable, Standing
from bot.console.form import fields, number
from bot.console.preview import SAMPLES, people, person_of, show
from bot.console.replies import knowledge, known_names, samples_of
from bot.service import current
from bot.web.auth import can, signed_in_user
from bot.web.languages import language
from bot.web.member_access import access_members
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import scripted_intents
from storage.reply_versions import EditedMeanwhile
from templates.library import load_shipped
from templates.lint import Finding

pages = Blueprint("reply_editor", __name__, url_prefix="/replies")


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a reply is given: how it is written in the text, and what the example is."""

    insert: str
    example: str


@pages.get("/<name>")
@requires(Permission.TEMPLATES_READ)
def edit(name: str) -> str:
    """Show the reply in the editor; whoever may not change it reads it there."""
    standing = _standing(name)
    copied = request.args.get("copy", "")
    if drafts.is_blank(standing) and copied in load_shipped():
        standing = replace(standing, source=drafts.standing_of(copied).source)
    return _page(standing, standing.source, drafts.check(name, standing.source))


@pages.post("/<name>/check")
@requires(Permission.TEMPLATES_WRITE)
def check(name: str) -> str:
    """Show what is to be said about a text, and the phone that says it."""
    given = _sent(name)
    findings = drafts.check(name, given["source"])
    return render_template("console/_check.html", **_checked(name, given["source"], findings, given["person"]))


@pages.get("/who-looks")
@requires(Permission.TEMPLATES_WRITE, Permission.MEMBERS_READ)
def find_people() -> str:
    """Return options of the members that fit the words, under the made-up ones."""
    words = request.args.get("q", "").strip()[:50]
    found = [person_of(member) for member in access_members(words, limit=10)] if words else []
    return render_template("console/_people.html", people=people(), found=found)


@pages.post("/<name>/draft")
@requires(Permission.TEMPLATES_WRITE)
def save(name: str) -> Response:
    """Keep the text without publishing it."""
    given, expected = _sent(name), _expected()
    if len(given["source"]) > drafts.LONGEST_SOURCE:
        return _refused(name, given, [])
    try:
        drafts.save_draft(name, given["source"], expected=expected, note=given["note"], author=_author(), now=_now())
    except EditedMeanwhile as conflict:
        return _conflict(name, given, conflict)
    flash(gettext("草稿已保存，顾客还看不到。"), "success")
    return redirect(url_for(".edit", name=name))


@pages.post("/<name>/publish")
@requires(Permission.TEMPLATES_PUBLISH)
def publish(name: str) -> Response:
    """Make the account say the text."""
    given, expected = _sent(name), _expected()
    try:
        drafts.publish(name, given["source"], expected=expected, note=given["note"], author=_author(), now=_now())
    except EditedMeanwhile as conflict:
        return _conflict(name, given, conflict)
    except NotPublishable as refusal:
        return _refused(name, given, refusal.findings)
    flash(gettext("已经发布，手机上马上就能看到。"), "success")
    return redirect(url_for(".edit", name=name))


def _page(standing: Standing, source: str, findings: list[Finding], person: str = SAMPLES) -> str:
    name = standing.name
    template = drafts.usable(name, source)
    samples = samples_of(name, template)
    intents = [intent for intent in knowledge().intents.values() if name in intent.replies]
    said = knowledge().library.render(name, samples) if knowledge().library.get(name) else None
    return render_template(
        "console/reply.html",
        standing=standing,
        source=source,
        template=template,
        intents=intents,
        variables=variables_of(samples),
        people=people(),
        said=said,
        asleep=_asleep(name),
        never_said=not standing.published and name not in load_shipped(),
        may_edit=can(Permission.TEMPLATES_WRITE),
        **_checked(name, source, findings, person),
    )


def _asleep(name: str) -> bool:
    """Return whether the reply belongs to an intent of staff that is switched off, so that nobody hears it."""
    record = scripted_intents.scripted_intent_by_name(current().database, name)
    return record is not None and not record.enabled


def _checked(name: str, source: str, findings: list[Finding], person: str) -> Mapping[str, object]:
    """Return what the part beside the text shows."""
    template = drafts.usable(name, source)
    shown = show(template, samples_of(name, template), person) if template else None
    chinese = language() == "zh"
    remarks = [
        {
            "line": finding.line,
            "severity": finding.severity,
            "message": finding.message_zh if chinese else finding.message_en,
        }
        for finding in findings
    ]
    failure = shown.failure if shown else None
    return {
        "remarks": remarks,
        "shown": shown,
        "failure": (failure.chinese if chinese else failure.english) if failure else "",
        "publishable": not drafts.has_error(findings),
    }


def _conflict(name: str, given: Mapping[str, str], conflict: EditedMeanwhile) -> Response:
    """Show both texts and let the editor decide (F18)."""
    theirs = conflict.newest
    shown = render_template(
        "console/conflict.html",
        name=name,
        mine=given["source"],
        note=given["note"],
        theirs=theirs,
        rows=difference(theirs.source if theirs else "", given["source"]),
    )
    return make_response(shown, 409)


def _refused(name: str, given: Mapping[str, str], findings: list[Finding]) -> Response:
    """Show the text again with what is wrong with it; nothing was saved."""
    flash(gettext("没有发布：请先改好标红的地方。") if findings else gettext("文字太长，没有保存。"), "danger")
    findings = findings or drafts.check(name, given["source"])
    return make_response(_page(_standing(name), given["source"], findings, given["person"]), 422)


def _standing(name: str) -> Standing:
    if name not in known_names():
        abort(404)
    return drafts.standing_of(name)


def _sent(name: str) -> dict[str, str]:
    """Return what the form of the editor holds; 404 for a reply that there is not."""
    if name not in known_names():
        abort(404)
    return fields("note", "person", "expected", "q", areas=("source",))


def _expected() -> int:
    """Return the newest version that the editor's text knows of."""
    expected = number(request.form.get("expected", ""))
    if expected is None:
        abort(400)
    return expected


def _author() -> str:
    return signed_in_user().name


def _now() -> datetime:
    return current().clock()


def variables_of(samples: Mapping[str, object]) -> list[Variable]:
    """Return how each value, and each part of one, is written in a text; a list as a loop over it."""
    found = list[Variable]()
    for name, sample in samples.items():
        found += _variables(name, sample)
    return found


def _variables(path: str, sample: object) -> list[Variable]:
    if isinstance(sample, Mapping):
        return [variable for key, inner in sample.items() for variable in _variables(f"{path}.{key}", inner)]
    if isinstance(sample, list):
        item = {"coupons": "coupon", "campaigns": "campaign", "stores": "store", "entries": "entry"}.get(path, "item")
        inner = sample[0] if sample else ""
        parts = _variables(item, inner)
        body = " ".join(part.insert for part in parts[:2])
        loop = f"{{% for {item} in {path} %}}\n{body}\n{{% endfor %}}"
        return [Variable(loop, gettext("逐条列出，共 %(n)d 条", n=len(sample))), *parts]
    if isinstance(sample, bool):
        return [Variable(f"{{% if {path} %}}…{{% endif %}}", gettext("是") if sample else gettext("否"))]
    shown = sample.isoformat() if isinstance(sample, date) else str(sample)
    return [Variable(f"{{{{ {path} }}}}", shown[:40])]
