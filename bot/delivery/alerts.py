"""Many negative messages at once: noticed by the worker, told on the overview and at the desk until somebody has seen it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.chores import Chore
from bot.settings import RateLimit
from storage import audit, changes, sentiments
from storage.database import Queries, Transaction
from storage.exchanges import Exchange
from storage.sentiments import Burst

EVERY_SECONDS = 5.0

log = logging.getLogger(__name__)


def watch_mood(limit: RateLimit) -> Chore:
    """Return the chore that notices as many negative messages within as many seconds as ``limit`` says; with 0 messages it does nothing."""
    return Chore("watch the mood", EVERY_SECONDS, lambda tx, now: notice_burst(tx, limit, now))


def see(tx: Transaction, burst_id: int, *, by: str, now: datetime) -> None:
    """Note that a user has seen a burst, and tell other open pages; the first to see it is written down."""
    if sentiments.see_burst(tx, burst_id, by=by, now=now):
        audit.record(tx, f"user:{by}", "alert.seen", f"burst:{burst_id}", "", now)
        changes.note(tx, "alert", 0, now)


def notice_burst(tx: Transaction, limit: RateLimit, now: datetime) -> bool:
    """Begin or continue a burst when there are messages enough; say whether one began, which is told once."""
    if not limit.messages:
        return False
    since = now - timedelta(seconds=limit.seconds)
    messages = sentiments.negative_since(tx, since)
    if len(messages) < limit.messages:
        return False
    messages.reverse()
    tx.alone("sentiment burst")  # of two workers that look at once, the second finds what the first began
    burst, is_new = sentiments.note_burst(tx, messages, quiet_since=since)
    if is_new:
        log.warning("%d negative messages within %d s: burst %d", len(messages), limit.seconds, burst.id)
        changes.note(tx, "alert", messages[-1].member_id, now)
    return is_new


@dataclass(frozen=True, slots=True)
class Alert:
    """A burst that nobody has seen, with its messages that still count as negative, oldest first."""

    burst: Burst
    messages: Sequence[Exchange]


def open_alerts(queries: Queries) -> list[Alert]:
    """Return the bursts that nobody has seen, newest first."""
    return [Alert(burst, sentiments.messages_of(queries, burst)) for burst in sentiments.unseen_bursts(queries)]
