"""The versions of a reply: who wrote what when, what differs between any two, and the way back."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console import drafts
from bot.console.differences import difference
from bot.console.drafts import NotPublishable
from bot.console.form import fields, number
from bot.console.replies import known_names
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import reply_versions
from storage.reply_versions import SHIPPED, NoSuchVersion
from templates.library import load_shipped

pages = Blueprint("reply_history", __name__, url_prefix="/replies")


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of the list; the shipped one (0) has no author and no time."""

    version: int
    author: str
    note: str
    created_at: datetime | None


@pages.get("/<name>/versions")
@requires(Permission.TEMPLATES_READ)
def index(name: str) -> str:
    """Show the versions, and how two of them differ: those of the address, else the newest and the one published."""
    entries = _entries(name)
    published = reply_versions.published_version(current().database, name)
    numbers = [entry.version for entry in entries]
    new = _chosen("to", numbers, numbers[0])
    older = [one for one in numbers if one < new]
    old = _chosen("from", numbers, published if published != new else (older or numbers)[0])
    return render_template(
        "console/versions.html",
        name=name,
        entries=entries,
        published=published,
        old=old,
        new=new,
        rows=difference(drafts.source_of(name, old) or "", drafts.source_of(name, new) or ""),
        title=_title(name),
    )


@pages.post("/<name>/versions/<int:version>/publish")
@requires(Permission.TEMPLATES_PUBLISH)
def roll_back(name: str, version: int) -> Response:
    """Make the account say this version again."""
    if name not in known_names():
        abort(404)
    given, back = fields("note"), redirect(url_for(".index", name=name))
    try:
        drafts.publish_version(name, version, author=signed_in_user().name, note=given["note"], now=current().clock())
    except NoSuchVersion:
        abort(404)
    except NotPublishable as refusal:
        first = next(finding for finding in refusal.findings if finding.severity == "error")
        reason = first.message_zh if language() == "zh" else first.message_en
        flash(gettext("没有发布，这一版现在用不了：%(reason)s", reason=reason), "danger")
        return back
    which = gettext("出厂版本") if version == SHIPPED else gettext("版本 %(number)d", number=version)
    flash(gettext("已恢复%(which)s，手机上马上就能看到。", which=which), "success")
    return back


def _entries(name: str) -> list[Entry]:
    """Return every version, newest first; 404 when there is none."""
    saved = reply_versions.versions_of(current().database, name)
    entries = [Entry(one.version, one.author, one.note, one.created_at) for one in saved]
    if name in load_shipped():
        entries.append(Entry(SHIPPED, "", "", None))
    if not entries:
        abort(404)
    return entries


def _chosen(argument: str, known: list[int], otherwise: int) -> int:
    """Return the version that the address names; 404 when there is no such one."""
    if argument not in request.args:
        return otherwise
    version = number(request.args[argument])
    if version not in known or version is None:
        abort(404)
    return version


def _title(name: str) -> str:
    template = drafts.usable(name, drafts.standing_of(name).source)
    return template.title if template else name
