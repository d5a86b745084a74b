"""The change feed: a row for each thing an open page may want to show, followed by its growing id.

Its ids grow in the order of commits, whatever the clocks of the processes say: else who follows would pass over what is committed later with a
smaller one. So they are given at the very end of a transaction, while no other can be giving any.
"""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Transaction
from storage.ids import new_id
from storage.times import to_ms

FEED = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed about a member's conversation; ``topic`` is ``message``, ``queue``, ``owner`` or ``delivery``."""

    id: int
    topic: str
    member_id: int


def note(tx: Transaction, topic: str, member_id: int, now: datetime) -> None:
    """Tell open pages of a change once this transaction is committed."""

    def write() -> None:
        tx.execute(
            "INSERT INTO changes (id, topic, member_id, created_at) "
            "SELECT CASE WHEN coalesce(max(id), 0) >= :id THEN max(id) + 1 ELSE :id END, :topic, :member, :now FROM changes",
            {"id": new_id(), "topic": topic, "member": member_id, "now": to_ms(now)},
        )

    tx.at_commit(FEED, write)


def after(queries: Queries, last_id: int, *, limit: int = 500) -> list[Change]:
    """Return the changes after a known one, in order."""
    rows = queries.query(
        "SELECT id, topic, member_id FROM changes WHERE id > :last ORDER BY id LIMIT :limit",
        {"last": last_id, "limit": limit},
    )
    return [Change(row["id"], row["topic"], row["member_id"]) for row in rows]


def newest_id(queries: Queries) -> int:
    """Return the id of the newest change, 0 when there is none."""
    row = queries.one("SELECT max(id) AS newest FROM changes")
    return int(row["newest"] or 0) if row else 0


def forget(tx: Transaction, before: datetime) -> int:
    """Drop changes made before a time, but for the newest of all, from which the next counts on; return how many."""
    return tx.execute(
        "DELETE FROM changes WHERE created_at < :before AND id < (SELECT max(id) FROM changes)",
        {"before": to_ms(before)},
    )
