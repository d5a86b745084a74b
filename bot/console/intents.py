"""Intents: what the account understands; the scripted ones edited, copied, switched on and off; and a sentence tried on all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console import scripted
from bot.console.form import fields, is_fragment
from bot.console.replies import knowledge, today
from bot.console.scripted import NotAcceptable, Written
from bot.conversation.decision import decide
from bot.conversation.wishes import wishes_of
from bot.service import current
from bot.web.auth import can, signed_in_user
from bot.web.cards import reasons
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from intents.registry import CODED, CODED_NAMES
from intents.scripted.loading import shipped
from intents.types import Intent
from storage import audit, scripted_intents
from storage.database import Transaction
from storage.scripted_intents import ScriptedIntent

pages = Blueprint("intents", __name__, url_prefix="/intents")
LONGEST_TRY = 2_000  # characters; consumers' messages are cut at about that by the app


@dataclass(frozen=True, slots=True)
class Line:
    """One intent of the list. ``coded`` ones cannot be changed here; ``origin`` is ``coded``, ``shipped``, ``changed`` or ``own``."""

    name: str
    title: str
    phrases: tuple[str, ...]
    keywords: tuple[tuple[str, int], ...]
    replies: tuple[str, ...]
    origin: str
    enabled: bool
    updated_by: str = ""
    updated_at: datetime | None = None

    @property
    def coded(self) -> bool:
        """Whether it has code, and so is only shown."""
        return self.origin == "coded"


@pages.get("/")
@requires(Permission.INTENTS_READ)
def index() -> str:
    """Show all intents, and the box to try a sentence in."""
    lines = all_lines()
    return render_template(
        "console/intents.html",
        coded=[one for one in lines if one.coded],
        scripted=[one for one in lines if not one.coded],
        text="",
    )


@pages.post("/try")
@requires(Permission.INTENTS_READ)
def attempt() -> str:
    """Show how a sentence would be understood with what is published now."""
    text = fields(areas=("text",))["text"].strip()[:LONGEST_TRY]
    known = knowledge()
    match = known.matcher.match(text, today=today())
    decision = decide(text, None, match, None, known.intents)
    titles = {name: intent.title for name, intent in known.intents.items()}
    wishes = wishes_of(match, known.intents) if match.intent in known.intents else None
    second = wishes.second.intent if wishes and wishes.second else None
    chosen = known.intents.get((wishes.first.intent if wishes else None) or "")
    values = {
        "text": text,
        "second": titles.get(second or "", ""),
        "beside": [titles[name] for name in wishes.offered] if wishes else [],
        "match": match,
        "decision": decision,
        "chosen": chosen,
        "reasons": reasons(match.card.steps, match.card.margin, known.intents),
        "options": [titles.get(name, name) for name in match.options],
    }
    if is_fragment():
        return render_template("console/_attempt.html", **values)
    lines = all_lines()
    return render_template(
        "console/intents.html",
        coded=[one for one in lines if one.coded],
        scripted=[one for one in lines if not one.coded],
        **values,
    )


@pages.get("/new")
@requires(Permission.INTENTS_WRITE)
def new() -> str:
    """Show an empty form, or a copy of the scripted intent named in the address."""
    template = _line(request.args["copy"]) if "copy" in request.args else None
    if template is not None and template.coded:
        abort(404)
    form = {
        "name": f"{template.name}_2" if template else "",
        "title": "",
        "phrases": "",
        "keywords": "",
        "copy": template.name if template else "",
    }
    return _form(form, None, {})


def new_form(name: str, title: str, phrases: Sequence[str]) -> str:
    """Return the form of a new intent, filled in with what other pages put forward."""
    form = {"name": name, "title": title, "phrases": "\n".join(phrases), "keywords": "", "copy": ""}
    return _form(form, None, {})


@pages.post("/new")
@requires(Permission.INTENTS_WRITE)
def add() -> Response:
    """Make an intent of staff; copied from another, it begins with that one's reply."""
    given = fields("name", "title", "copy", areas=("phrases", "keywords"))
    try:
        written = _checked(given["name"], given)
        if any(line.name == written.name for line in all_lines()):
            raise NotAcceptable("name", gettext("这个名称已经有了，换一个吧。"))
    except NotAcceptable as refusal:
        return make_response(_form(given, None, {refusal.field: refusal.reason}), 422)
    _write(written, enabled=False, action="intent.added")  # without a reply it could only apologise
    flash(gettext("意图已经加上，还没有启用。写好回复、发布，再启用它。"), "success")
    copied = (
        f"?copy={given['copy']}" if given["copy"] and given["copy"] in {intent.name for intent in shipped()} else ""
    )
    return redirect(url_for("console.reply_editor.edit", name=written.name) + copied)


@pages.get("/<name>")
@requires(Permission.INTENTS_READ)
def show(name: str) -> str:
    """Show one intent: a form for whoever may change it, else its words."""
    line = _line(name)
    form = {
        "name": line.name,
        "title": line.title,
        "phrases": "\n".join(line.phrases),
        "keywords": "\n".join(f"{word} {priority}" if priority else word for word, priority in line.keywords),
        "copy": "",
    }
    return _form(form, line, {})


@pages.post("/<name>")
@requires(Permission.INTENTS_WRITE)
def change(name: str) -> Response:
    """Keep what the form says of a scripted intent."""
    line = _scripted(name)
    given = fields("title", areas=("phrases", "keywords"))
    try:
        written = _checked(name, given)
    except NotAcceptable as refusal:
        return make_response(_form({**given, "name": name, "copy": ""}, line, {refusal.field: refusal.reason}), 422)
    _write(written, enabled=line.enabled, action="intent.changed")
    flash(gettext("已经保存，下一条消息就按新的来。"), "success")
    return redirect(url_for(".show", name=name))


@pages.post("/<name>/switch")
@requires(Permission.INTENTS_WRITE)
def switch(name: str) -> Response:
    """Let a scripted intent be understood, or no more."""
    line = _scripted(name)
    fields()
    if not line.enabled and knowledge().library.get(name) is None:
        flash(gettext("它还没有回复：先写好、发布，再启用。"), "warning")
        return redirect(url_for("console.reply_editor.edit", name=name))
    written = Written(line.name, line.title, line.phrases, line.keywords)
    _write(written, enabled=not line.enabled, action="intent.disabled" if line.enabled else "intent.enabled")
    flash(
        gettext("已停用“%(title)s”。", title=line.title)
        if line.enabled
        else gettext("已启用“%(title)s”。", title=line.title),
        "success",
    )
    return redirect(url_for(".index"))


def all_lines() -> list[Line]:
    """Return every intent: coded, then scripted as shipped and as staff have them, the ones switched off too."""
    records = {record.name: record for record in scripted_intents.all_scripted(current().database)}
    lines = [_of_intent(intent, "coded") for intent in CODED]
    for intent in shipped():
        record = records.pop(intent.name, None)
        lines.append(_of_record(record, "changed") if record else _of_intent(intent, "shipped"))
    return lines + [_of_record(record, "own") for record in records.values() if record.name not in CODED_NAMES]


def _of_intent(intent: Intent, origin: str) -> Line:
    keywords = tuple((keyword.text, keyword.priority) for keyword in intent.keywords)
    return Line(intent.name, intent.title, intent.phrases, keywords, intent.replies, origin, enabled=True)


def _of_record(record: ScriptedIntent, origin: str) -> Line:
    return Line(
        record.name,
        record.title,
        record.phrases,
        record.keywords,
        (record.name,),
        origin,
        record.enabled,
        record.updated_by,
        record.updated_at,
    )


def _line(name: str) -> Line:
    found = next((line for line in all_lines() if line.name == name), None)
    if found is None:
        abort(404)
    return found


def _scripted(name: str) -> Line:
    """Return a scripted intent; 404 for one with code, which no page changes."""
    line = _line(name)
    if line.coded:
        abort(404)
    return line


def _checked(name: str, given: Mapping[str, str]) -> Written:
    """Return what the form says, if it is acceptable. Raises NotAcceptable."""
    written = scripted.read(name, given["title"], given["phrases"], given["keywords"])
    scripted.check(written, list(knowledge().intents.values()), current().clock())
    return written


def _write(written: Written, *, enabled: bool, action: str) -> None:
    """Put the intent in its place, with a note of who did it, in one transaction."""
    now, user = current().clock(), signed_in_user()

    def work(tx: Transaction) -> None:
        scripted_intents.replace(
            tx,
            name=written.name,
            title=written.title,
            phrases=written.phrases,
            keywords=written.keywords,
            enabled=enabled,
            by=user.name,
            now=now,
        )
        audit.record(tx, f"user:{user.name}", action, written.name, f"phrases={len(written.phrases)}", now)

    current().database.write(work)
    knowledge()  # learned before the page says that it is done


def _form(form: Mapping[str, str], line: Line | None, errors: Mapping[str, str]) -> str:
    may_edit = can(Permission.INTENTS_WRITE) and not (line and line.coded)
    return render_template(
        "console/intent.html", form=form, line=line, errors=errors, may_edit=may_edit, few=scripted.FEW_PHRASES
    )
