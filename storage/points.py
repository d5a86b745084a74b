"""Points: an append-only ledger, and beside it the balance, its sum, kept in the same transaction. A correction is a new entry."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Row, Transaction
from storage.differences import Difference
from storage.errors import InsufficientPoints
from storage.ids import new_id
from storage.times import from_ms, to_ms

COLUMNS = "id, member_id, kind, amount, cause, balance_after, created_at"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Points that came (``amount`` > 0) or went; ``kind`` is why in one word, ``cause`` the key that keeps it from counting twice."""

    id: int
    member_id: int
    kind: str
    amount: int
    cause: str
    balance_after: int
    created_at: datetime


def entry_from_row(row: Row) -> LedgerEntry:
    """Build an entry from a row that has the columns of ``COLUMNS``."""
    return LedgerEntry(
        row["id"],
        row["member_id"],
        row["kind"],
        row["amount"],
        row["cause"],
        row["balance_after"],
        from_ms(row["created_at"]),
    )


def add_points(tx: Transaction, member_id: int, amount: int, *, kind: str, cause: str, now: datetime) -> LedgerEntry:
    """Add points, or take them away when ``amount`` is negative, and return the entry; the same cause again returns the first entry.

    Raises InsufficientPoints when the balance would fall below zero, ValueError when the amount is 0.
    """
    if amount == 0:
        raise ValueError("an entry of 0 points says nothing")
    known = _entry_for(tx, member_id, cause)
    if known:
        return known
    _change_balance(tx, member_id, amount)
    entry = LedgerEntry(new_id(), member_id, kind, amount, cause, balance_of(tx, member_id), now)
    inserted = tx.execute(
        f"INSERT INTO ledger ({COLUMNS}) VALUES (:id, :member, :kind, :amount, :cause, :balance, :now) ON CONFLICT DO NOTHING",
        {
            "id": entry.id,
            "member": member_id,
            "kind": kind,
            "amount": amount,
            "cause": cause,
            "balance": entry.balance_after,
            "now": to_ms(now),
        },
    )
    if not inserted:  # a transaction beside ours wrote the entry of this cause first
        _change_balance(tx, member_id, -amount)
        return add_points(tx, member_id, amount, kind=kind, cause=cause, now=now)
    return entry


def _change_balance(tx: Transaction, member_id: int, amount: int) -> None:
    tx.execute(
        "INSERT INTO balances (member_id, points) VALUES (:member, 0) ON CONFLICT DO NOTHING", {"member": member_id}
    )
    changed = tx.execute(
        "UPDATE balances SET points = points + :amount WHERE member_id = :member AND points + :amount >= 0",
        {"amount": amount, "member": member_id},
    )
    if not changed:
        raise InsufficientPoints(f"{-amount} points asked for, {balance_of(tx, member_id)} there")


def balance_of(queries: Queries, member_id: int) -> int:
    """Return how many points the member has."""
    row = queries.one("SELECT points FROM balances WHERE member_id = :member", {"member": member_id})
    return int(row["points"]) if row else 0


def history(queries: Queries, member_id: int, *, limit: int = 50, before_id: int | None = None) -> list[LedgerEntry]:
    """Return the member's entries, newest first; ``before_id`` is the cursor."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM ledger WHERE member_id = :member AND id < :before ORDER BY id DESC LIMIT :limit",
        {"member": member_id, "before": before_id if before_id is not None else 2**63 - 1, "limit": limit},
    )
    return [entry_from_row(row) for row in rows]


def reconcile(queries: Queries) -> list[Difference]:
    """Prove that every balance is the sum of its member's entries; return the members for whom it is not."""
    rows = queries.query(
        "SELECT member_id, SUM(amount) AS entries, SUM(points) AS balance FROM ("
        "SELECT member_id, amount, 0 AS points FROM ledger UNION ALL SELECT member_id, 0, points FROM balances) AS figures "
        "GROUP BY member_id HAVING SUM(amount) <> SUM(points) ORDER BY member_id"
    )
    return [
        Difference("sum of entries = balance", row["member_id"], int(row["entries"]), int(row["balance"]))
        for row in rows
    ]


def _entry_for(queries: Queries, member_id: int, cause: str) -> LedgerEntry | None:
    row = queries.one(
        f"SELECT {COLUMNS} FROM ledger WHERE member_id = :member AND cause = :cause",
        {"member": member_id, "cause": cause},
    )
    return entry_from_row(row) if row else None
