"""The dialogue in order: what was said, and in its flow when a person was asked for, came, and left a note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.said import Shown, event_line, shown
from bot.web.mood import Mood, mood_of
from storage import exchanges, outbox
from storage.conversations import Handoff, handoffs_of
from storage.database import Queries
from storage.exchanges import Exchange
from storage.ids import EPOCH_MS, first_id_at
from storage.outbox import OutboxMessage
from storage.times import to_ms
from storage.users import list_users

PAGE_SIZE = 50
_OVERLAP = timedelta(seconds=2)  # ids of two processes may be committed in another order within a moment
_ID_BITS_BELOW_MS = 22


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the dialogue; ``what`` is ``said``, ``event`` or ``mark``.

    ``key`` names it for good, so that a page can put a newer state in its place. ``message`` is the outbox's side of what was sent.
    """

    key: str
    what: str
    at: datetime
    author: str = ""
    author_name: str = ""
    words: str = ""
    note: str = ""
    exchange: Exchange | None = None
    shown: Shown | None = None
    message: OutboxMessage | None = None

    @property
    def at_ms(self) -> int:
        """When, in milliseconds since 1970, for the page to sort by."""
        return to_ms(self.at)

    @property
    def mood(self) -> Mood | None:
        """How it sounds, None for what was not judged."""
        return mood_of(self.exchange)

    @property
    def state(self) -> str:
        """How far the delivery got, empty for what was not sent outside the reply."""
        return self.message.state if self.message is not None else ""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the dialogue in order; ``older`` is the cursor to what lies before it, None at the beginning."""

    items: Sequence[Item]
    older: int | None


def page(queries: Queries, member_id: int, *, before_id: int | None = None, before_ms: int | None = None) -> Page:
    """Return the newest stretch of the dialogue, or the one before the exchange ``before_id``, which was said at ``before_ms``."""
    said = exchanges.timeline(queries, member_id, before_id=before_id, limit=PAGE_SIZE + 1)
    more = len(said) > PAGE_SIZE
    said = said[1:] if more else said
    since_ms = to_ms(said[0].created_at) if more else 0
    marks = _marks(queries, member_id, since_ms, before_ms)
    return Page(_in_order(queries, member_id, said, marks), said[0].id if more else None)


def news(queries: Queries, member_id: int, *, after_id: int, check_id: int | None, since_ms: int) -> list[Item]:
    """Return what came after an exchange, what may have changed since ``check_id``, and all marks since a time.

    Some of it the page may know already: items are put in place by their key.
    """
    fresh = exchanges.since(queries, member_id, after_id=_a_moment_before(after_id))
    known = {one.id for one in fresh}
    if check_id is not None and check_id <= after_id:
        again = exchanges.since(queries, member_id, after_id=check_id - 1)
        fresh = [one for one in again if one.author.startswith("agent:") and one.id not in known] + fresh
    return _in_order(queries, member_id, fresh, _marks(queries, member_id, since_ms, None))


def _a_moment_before(exchange_id: int) -> int:
    milliseconds = (exchange_id >> _ID_BITS_BELOW_MS) + EPOCH_MS
    return first_id_at(milliseconds - _OVERLAP // timedelta(milliseconds=1))


def _in_order(queries: Queries, member_id: int, said: Sequence[Exchange], marks: Sequence[Item]) -> list[Item]:
    sent = outbox.of_exchanges(queries, member_id, first_exchange_id=min(one.id for one in said)) if said else {}
    names = {user.name: user.shown_name for user in list_users(queries)}
    items = [*(_item(one, sent.get(one.id), names) for one in said), *marks]
    return sorted(items, key=lambda item: item.at)


def _item(exchange: Exchange, message: OutboxMessage | None, names: Mapping[str, str]) -> Item:
    key = f"x-{exchange.id}"
    if exchange.kind.startswith("event."):
        return Item(key, "event", exchange.created_at, words=event_line(exchange), exchange=exchange)
    author, _, name = exchange.author.partition(":")
    return Item(
        key,
        "said",
        exchange.created_at,
        author,
        names.get(name, name),
        exchange=exchange,
        shown=shown(exchange),
        message=message,
    )


def _marks(queries: Queries, member_id: int, since_ms: int, before_ms: int | None) -> list[Item]:
    """Return what happened around the dialogue within a span of time."""
    names = {user.id: user.shown_name for user in list_users(queries)}
    every = [mark for handoff in handoffs_of(queries, member_id) for mark in _marks_of(handoff, names)]
    return [mark for mark in every if since_ms <= mark.at_ms and (before_ms is None or mark.at_ms < before_ms)]


def _marks_of(handoff: Handoff, names: Mapping[int, str]) -> list[Item]:
    key, name = f"h-{handoff.id}", names.get(handoff.agent_id or 0, "")
    marks = []
    if handoff.reason not in ("agent", "taken_over"):
        marks.append(Item(f"{key}-asked", "mark", handoff.requested_at, "asked", words=handoff.reason))
    if handoff.taken_at is not None:
        word = "taken_over" if handoff.reason == "taken_over" else "taken"
        marks.append(Item(f"{key}-taken", "mark", handoff.taken_at, word, name))
    if handoff.ended_at is not None and (handoff.note or handoff.taken_at is not None):
        marks.append(Item(f"{key}-ended", "mark", handoff.ended_at, "ended", name, note=handoff.note))
    return marks
