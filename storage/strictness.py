"""How sure to be before answering, as staff pinned it: versions that never change, of which the newest counts."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Transaction
from storage.ids import new_id
from storage.revisions import bump
from storage.times import from_ms, to_ms

COLUMNS = "id, answer, note, pinned_by, pinned_at"


@dataclass(frozen=True, slots=True)
class Pinned:
    """One version: the confidence from which is answered, None for the usual one."""

    id: int
    answer: float | None
    note: str
    pinned_by: str
    pinned_at: datetime


def pin(tx: Transaction, answer: float | None, *, note: str, by: str, now: datetime) -> None:
    """Answer from this confidence on, None for the usual one, and raise the revision."""
    tx.execute(
        f"INSERT INTO strictness_versions ({COLUMNS}) VALUES (:id, :answer, :note, :by, :now)",
        {"id": new_id(), "answer": answer, "note": note, "by": by, "now": to_ms(now)},
    )
    bump(tx)


def pinned_answer(queries: Queries) -> float | None:
    """Return the confidence from which is answered, None for the usual one."""
    newest = versions(queries, 1)
    return newest[0].answer if newest else None


def versions(queries: Queries, limit: int = 10) -> list[Pinned]:
    """Return the newest versions, newest first."""
    rows = queries.query(f"SELECT {COLUMNS} FROM strictness_versions ORDER BY id DESC LIMIT :limit", {"limit": limit})
    return [Pinned(row["id"], row["answer"], row["note"], row["pinned_by"], from_ms(row["pinned_at"])) for row in rows]
