"""The outbox: what could not be delivered, and why, for a person to send again or leave; and what is still to be sent."""

import json
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.console.form import cursor, fields
from bot.delivery.posting import LONGEST_WAIT, send_again
from bot.delivery.sending import CLOSED_FOR_NOW
from bot.service import current
from bot.web.auth import can, signed_in_user
from bot.web.labels import Label, status_label
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.outcomes import outcome_of, sentence
from storage import audit, outbox, undelivered
from storage.database import Transaction
from storage.outbox import OutboxMessage
from storage.undelivered import Undelivered
from templates.content import Content

pages = Blueprint("outbox", __name__, url_prefix="/outbox")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the list: whose, what it says (None for who may not read dialogues), its state and the reason in words.

    ``may_wait`` says whether it failed only because the reply window was closed.
    """

    message: OutboxMessage
    member_name: str
    text: str | None
    state: Label
    reason: str
    may_wait: bool


@pages.get("/")
@requires(Permission.OUTBOX_READ)
def index() -> str:
    """Show what waits for a decision, newest first."""
    before = cursor()
    found = undelivered.undecided(current().database, before_id=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return _page(
        "undecided",
        [_line(one) for one in shown],
        first=url_for(".index") if before else "",
        next=url_for(".index", before=shown[-1].message.id) if len(found) > PAGE_SIZE else "",
    )


@pages.get("/coming")
@requires(Permission.OUTBOX_READ)
def coming() -> str:
    """Show what is still to be sent, the soonest first."""
    return _page("coming", [_line(one) for one in undelivered.waiting(current().database, limit=PAGE_SIZE)])


@pages.post("/<int:message_id>/again")
@requires(Permission.OUTBOX_DECIDE)
def again(message_id: int) -> Response:
    """Send a message again; with ``wait`` it goes out with the member's next contact when the reply window is closed."""
    waits = fields("wait")["wait"] == "1"
    message, now = _message(message_id), current().clock()

    def work(tx: Transaction) -> bool:
        done = send_again(tx, message.id, now, wait_until=now + LONGEST_WAIT if waits else None)
        if done:
            _note(tx, "message.sent_again", message)
        return done

    done = current().database.write(work)
    current().outbox_wake.set()
    said = gettext("等对方下次来消息时发出，最多等 30 天。") if waits else gettext("已经重新排队，马上发出。")
    return _back(done, said)


@pages.post("/<int:message_id>/drop")
@requires(Permission.OUTBOX_DECIDE)
def drop(message_id: int) -> Response:
    """Leave a message as it is."""
    fields()
    message, now = _message(message_id), current().clock()

    def work(tx: Transaction) -> bool:
        done = undelivered.drop(tx, message.member_id, message.id, now)
        if done:
            _note(tx, "message.dropped", message)
        return done

    return _back(current().database.write(work), gettext("这条不再发送。"))


def _page(tab: str, lines: list[Line], first: str = "", next: str = "") -> str:  # noqa: A002 (what the page calls it)
    database = current().database
    depth = outbox.depth(database)
    return render_template(
        "console/outbox.html",
        tab=tab,
        lines=lines,
        undecided=depth.failed + depth.unknown + depth.dead,
        coming=depth.ready + depth.sending,
        first=first,
        next=next,
    )


def _line(one: Undelivered) -> Line:
    message = one.message
    return Line(
        message,
        one.member_name,
        _text(message) if can(Permission.CONVERSATIONS_TEAM) else None,
        status_label(message.state),
        sentence(message.outcome, language()),
        outcome_of(message.outcome).code in CLOSED_FOR_NOW,
    )


def _text(message: OutboxMessage) -> str:
    try:
        return Content.from_payload(json.loads(message.content)).summary()
    except (ValueError, TypeError):
        return ""


def _message(message_id: int) -> OutboxMessage:
    message = outbox.by_id(current().database, message_id) if message_id < 2**63 else None
    if message is None:
        abort(404)
    return message


def _note(tx: Transaction, action: str, message: OutboxMessage) -> None:
    detail = f"message:{message.id} {message.state} {outcome_of(message.outcome).code}"
    audit.record(tx, f"user:{signed_in_user().name}", action, f"member:{message.member_id}", detail, current().clock())


def _back(done: bool, said: str) -> Response:
    flash(said if done else gettext("已经有人处理过了。"), "success" if done else "warning")
    return redirect(url_for(".index"))
