"""One exchange and its card: what was said, what was answered with which version, and why.

Whoever reads the member's dialogue sees it whole. Editors, who work on what was not understood, see the words and the card of what the bot met
alone, but not whose words they are. Anything else is not there for them.
"""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields, is_fragment
from bot.console.overview import reads_missed
from bot.console.replies import knowledge
from bot.console.timeline import content_of
from bot.conversation.correcting import correct_sentiment
from bot.service import current
from bot.web.auth import can, signed_in_user
from bot.web.cards import reasons_of_text
from bot.web.labels import kind_label, status_label
from bot.web.member_access import access_member, sees_dialogues
from bot.web.mood import asked_label, mood_of
from bot.web.roles import Permission, requires
from storage import exchanges, sentiments
from storage.exchanges import Exchange
from storage.members import Member

pages = Blueprint("exchanges", __name__, url_prefix="/exchanges")
_MET_BY_BOT = ("answered", "missed")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message and the answer to it, either of which may be absent; ``member`` is None for whoever must not know who it was."""

    incoming: Exchange | None
    answer: Exchange | None
    member: Member | None


@pages.get("/<int:exchange_id>")
@requires(Permission.INTENTS_READ)
def show(exchange_id: int) -> str:
    """Show the exchange."""
    seen = access_exchange(exchange_id)
    intents = knowledge().intents
    card = (seen.answer.card if seen.answer else "") or (seen.incoming.card if seen.incoming else "")
    one = seen.answer or seen.incoming
    assert one is not None
    return render_template(
        "console/exchange.html",
        seen=seen,
        one=one,
        reasons=reasons_of_text(card, intents),
        intent=intents.get(one.intent or ""),
        content=content_of(seen.answer) if seen.answer else None,
        status_label=status_label,
        kind_label=kind_label,
        mood=mood_of(seen.incoming),
        corrected_by=_corrected_by(seen.incoming),
    )


@pages.post("/<int:exchange_id>/sentiment")
@requires(Permission.INTENTS_READ, Permission.SENTIMENT_CORRECT)
def correct(exchange_id: int) -> Response | str:
    """Say that the message sounds otherwise."""
    label, said = asked_label(fields("label")["label"]), access_exchange(exchange_id).incoming
    if said is None or said.sentiment is None:
        abort(404)
    now, user = current().clock(), signed_in_user()
    current().database.write(lambda tx: correct_sentiment(tx, said, label, by=user.name, now=now))
    if not is_fragment():
        return redirect(url_for(".show", exchange_id=exchange_id))
    return render_template("web/faces.html", mood=mood_of(replace(said, sentiment=label)), url=request.path)


def _corrected_by(said: Exchange | None) -> str:
    """Return who corrected how it sounds, empty for nobody."""
    found = sentiments.corrected_by(current().database, said.member_id, [said.id]) if said else {}
    return found.get(said.id, "") if said else ""


def access_exchange(exchange_id: int) -> Seen:
    """Return the message and the answer that this id is one of; 404 unless the person signed in may read them."""
    found = exchanges.exchange_by_id(current().database, exchange_id) if exchange_id < 2**63 else None
    if found is None:
        abort(404)
    incoming, answer = _turn_of(found)
    if can(Permission.MEMBERS_READ) and sees_dialogues():
        return Seen(incoming, answer, access_member(found.member_id))
    by_bot = answer is None or answer.author == "bot"
    if incoming is None or incoming.status not in _MET_BY_BOT or not by_bot or not reads_missed():
        abort(404)
    return Seen(incoming, answer, None)


def _turn_of(found: Exchange) -> tuple[Exchange | None, Exchange | None]:
    """Return the message and the answer to it of the turn that an exchange belongs to."""
    database = current().database
    if found.direction == "in":
        return found, exchanges.reply_to(database, found)
    asked = exchanges.exchange_by_id(database, found.in_reply_to) if found.in_reply_to else None
    return (asked if asked and asked.member_id == found.member_id else None), found
