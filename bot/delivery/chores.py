"""What a worker does beside sending, each at its own interval; running it in several processes does no harm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.sending import release_lapsed
from storage import changes, conversations
from storage.database import Transaction

KEEP_CHANGES = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Chore:
    """One piece of regular work, done in a transaction of its own."""

    name: str
    every_seconds: float
    work: Callable[[Transaction, datetime], object]


def queue_lapsed_conversations(tx: Transaction, now: datetime) -> int:
    """Put conversations whose agent's lease ran out back in the queue, tell open pages, and return how many."""
    members = conversations.lapse_all(tx, now=now)
    for member_id in members:
        changes.note(tx, "owner", member_id, now)
        changes.note(tx, "queue", member_id, now)
    return len(members)


def forget_changes(tx: Transaction, now: datetime) -> int:
    """Drop what no open page can still want to know, and return how many."""
    return changes.forget(tx, now - KEEP_CHANGES)


CHORES: tuple[Chore, ...] = (
    Chore("release lapsed messages", 1.0, release_lapsed),
    Chore("queue lapsed conversations", 5.0, queue_lapsed_conversations),
    Chore("forget changes", 600.0, forget_changes),
)
