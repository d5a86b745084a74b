"""What the outbox could not deliver, for people to decide on; and what is still to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import changes, exchanges
from storage.database import Queries, Row, Transaction
from storage.outbox import COLUMNS, OutboxMessage, message_from_row
from storage.times import to_ms

_SELECT = (
    "SELECT "
    + ", ".join(f"o.{name}" for name in COLUMNS.split(", "))
    + ", m.name AS member_name FROM outbox o JOIN members m ON m.id = o.member_id "
)
_UNDECIDED = "o.state IN ('failed', 'unknown', 'dead') AND o.dropped_at IS NULL"
_SOONEST = (
    f"{_SELECT} WHERE o.state = 'sending' ORDER BY o.due_at, o.id LIMIT :limit",
    f"{_SELECT} WHERE o.state = 'ready' ORDER BY o.due_at, o.id LIMIT :limit",
)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message, and what its member is called (empty when they told us no name)."""

    message: OutboxMessage
    member_name: str


def undecided(queries: Queries, *, before_id: int | None = None, limit: int = 50) -> list[Undelivered]:
    """Return what is ``unknown``, ``failed`` or ``dead`` and nobody decided on yet, newest first."""
    rows = queries.query(
        f"{_SELECT} WHERE {_UNDECIDED} AND o.id < :before ORDER BY o.id DESC LIMIT :limit",
        {"before": before_id if before_id is not None else 2**63 - 1, "limit": limit},
    )
    return _read(rows)


def waiting(queries: Queries, *, limit: int = 50) -> list[Undelivered]:
    """Return what is still to be sent, the soonest due first."""
    rows = [row for soonest in _SOONEST for row in queries.query(soonest, {"limit": limit})]
    return sorted(_read(rows), key=lambda one: (one.message.due_at, one.message.id))[:limit]


def drop(tx: Transaction, member_id: int, message_id: int, now: datetime) -> bool:
    """Leave a message that is ``unknown``, ``failed`` or ``dead`` as it is, because that was decided; False when it is in no such state, or was left."""
    changed = tx.execute(
        "UPDATE outbox SET dropped_at = :now WHERE member_id = :member AND id = :id AND state IN ('unknown', 'failed', 'dead') "
        "AND dropped_at IS NULL",
        {"now": to_ms(now), "member": member_id, "id": message_id},
    )
    return changed == 1


def queued(queries: Queries, member_id: int) -> list[OutboxMessage]:
    """Return the member's messages that no worker has in hand, oldest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM outbox WHERE member_id = :member AND state = 'ready' ORDER BY id", {"member": member_id}
    )
    return [message_from_row(row) for row in rows]


def call_off(tx: Transaction, message: OutboxMessage, outcome: str, now: datetime) -> bool:
    """End a message that is still queued, for nobody to decide on any more; False when it is on its way, or was."""
    changed = tx.execute(
        "UPDATE outbox SET state = 'failed', outcome = :outcome, parked = 0, finished_at = :now, dropped_at = :now "
        "WHERE member_id = :member AND id = :id AND state = 'ready'",
        {"outcome": outcome, "now": to_ms(now), "member": message.member_id, "id": message.id},
    )
    if changed:
        exchanges.set_status(tx, message.member_id, message.exchange_id, "failed")
        changes.note(tx, "delivery", message.member_id, now)
    return changed == 1


def _read(rows: Sequence[Row]) -> list[Undelivered]:
    return [Undelivered(message_from_row(row), row["member_name"]) for row in rows]
