"""Examples: what consumers said and what they meant, as their taps tell; staff confirm, put right or refuse, and what is confirmed is learned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields, is_fragment
from bot.console.replies import knowledge
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from intents.types import Intent
from storage import audit, examples
from storage.database import Transaction
from storage.examples import LONGEST_TEXT, Example, Status

pages = Blueprint("examples", __name__, url_prefix="/examples")
MOST_LISTED = 200
STATUSES: tuple[Status, ...] = ("proposed", "confirmed", "refused")
_NONE_OF_OURS = "-"  # in the choice of another intent


@dataclass(frozen=True, slots=True)
class Group:
    """The examples of one intent; ``intent`` is empty for those of none."""

    intent: str
    title: str
    examples: list[Example]


@pages.get("/")
@requires(Permission.INTENTS_WRITE)
def index() -> str:
    """Show the examples of a status, by intent."""
    status = _status()
    database, intents = current().database, knowledge().intents
    listed = examples.list_examples(database, status=status, limit=MOST_LISTED)
    counts = {one: examples.count_examples(database, one) for one in STATUSES}
    return render_template(
        "console/examples.html",
        status=status,
        counts=counts,
        groups=_grouped(listed, intents),
        more=counts[status] - len(listed),
        **_named(intents),
    )


@pages.post("/")
@requires(Permission.INTENTS_WRITE)
def decide() -> str | Response:
    """Confirm an example as what it is or as another intent's, or refuse it."""
    given = fields("text", "intent", "act", "as", longest=LONGEST_TEXT)
    status = _status()
    intents = knowledge().intents
    wanted = given["intent"] if given["act"] == "confirm" else "" if given["as"] == _NONE_OF_OURS else given["as"]
    if given["act"] not in ("confirm", "move", "refuse"):
        abort(400)
    if given["act"] == "move" and not given["as"]:
        return _told(gettext("请先选它是哪个意图。"), "warning", status)
    if given["act"] != "refuse" and wanted and wanted not in intents:
        return _told(gettext("这个意图已经不在了，请改选一个。"), "warning", status)
    became: Literal["confirmed", "refused"] = "refused" if given["act"] == "refuse" else "confirmed"
    if not _decided(given["text"], given["intent"], became, wanted):
        return _told(gettext("这句话刚被别人处理过。"), "warning", status)
    if became == "refused":
        return _told(gettext("不用了：“%(said)s”", said=given["text"]), "info", status)
    title = _title(wanted, intents)
    return _told(gettext("已确认：“%(said)s” 是「%(title)s」", said=given["text"], title=title), "success", status)


def _decided(text: str, intent: str, status: Literal["confirmed", "refused"], wanted: str) -> int:
    user, now = signed_in_user(), current().clock()

    def work(tx: Transaction) -> int:
        changed = examples.decide(
            tx, text=text, intent=intent or None, status=status, by=user.name, now=now, as_intent=wanted or None
        )
        if changed:
            detail = f"intent={wanted or 'none'}" if status == "confirmed" else f"intent={intent or 'none'}"
            audit.record(tx, f"user:{user.name}", f"example.{status}", intent or "none", detail, now)
        return changed

    return current().database.write(work)


def _told(sentence: str, tone: str, status: Status) -> str | Response:
    """Say what came of it: in the place of the row, or on the page that is loaded again."""
    if is_fragment():
        return render_template("console/_example_told.html", sentence=sentence, tone=tone)
    flash(sentence, tone)
    return redirect(url_for("console.examples.index", status=status))


def _status() -> Status:
    wish = request.args.get("status", "proposed")
    return next((status for status in STATUSES if status == wish), "proposed")


def _grouped(listed: Iterable[Example], intents: Mapping[str, Intent]) -> list[Group]:
    parts = groupby(listed, key=lambda example: example.intent or "")
    return [Group(intent, _title(intent, intents), list(found)) for intent, found in parts]


def _title(intent: str, intents: Mapping[str, Intent]) -> str:
    if not intent:
        return gettext("与我们无关")
    return intents[intent].title if intent in intents else intent


def _named(intents: Mapping[str, Intent]) -> dict[str, object]:
    taking_part = [(one.name, one.title) for one in intents.values() if one.phrases]
    return {
        "choices": [*taking_part, (_NONE_OF_OURS, gettext("与我们无关"))],
        "titled": lambda names: "、".join(_title(name, intents) for name in names),
        "known": frozenset(intents),
    }
