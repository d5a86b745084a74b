"""Multiplying: a small store made large, by copies of its members with all that is theirs, each copy somewhat further in the past.

For measuring how costs grow. A copy is as real as what it was made of, but settled: nobody waits, owns or owes anything in it. Copies reach back in even
steps, so that a longer history is more days of the same, not busier ones.
"""

from dataclasses import dataclass
from datetime import timedelta

from storage import conversations, exchanges, members, outbox
from storage.database import Queries, Transaction
from storage.ids import ID_BITS_BELOW_TIME

_IDS = frozenset({"id", "member_id", "exchange_id", "in_reply_to"})
_NAMES = frozenset({"external_id", "openid", "code", "number"})  # unique among all members
_SETTLED = {
    "conversations": {
        "state": "'bot'",
        "agent_id": "NULL",
        "lease_until": "NULL",
        "waiting_since": "NULL",
        "unread": "0",
    },
    "cases": {"status": "'done'"},
    "coupons": {"noticed_at": "COALESCE(t.noticed_at, t.issued_at) - copies.n * :step_ms"},
}
_ONLY = {"outbox": "t.state = 'sent'", "handoffs": "t.ended_at IS NOT NULL"}
COPIED = {  # tables and all their columns; those that others refer to come first
    "members": members.COLUMNS,
    "identities": "channel, account_id, external_id, member_id, created_at",
    "conversations": conversations.COLUMNS,
    "exchanges": exchanges.COLUMNS,
    "handoffs": "id, member_id, reason, requested_at, taken_at, agent_id, ended_at, note",
    "cases": "id, number, member_id, kind, text, status, cause, created_at",
    "coupons": "id, campaign_id, member_id, nth, code, state, cause, issued_at, expires_at, used_at, used_order, used_amount_fen, noticed_at",
    "ledger": "id, member_id, kind, amount, cause, balance_after, created_at",
    "balances": "member_id, points",
    "checkins": "member_id, day, streak, points, created_at",
    "outbox": outbox.COLUMNS,
    "scene_visits": "id, member_id, scene, kind, created_at",
}
_ASIDE = 512  # what each copy's ids differ by beside the time, so that two made for one moment differ too


def _copying(table: str, columns: str) -> str:
    """Return the statement that copies a table's rows. The copies come first in it, one after the other, as new rows are best added in order."""
    settled, key = _SETTLED.get(table, {}), "id" if table == "members" else "member_id"
    chosen = ", ".join(settled.get(column, _copied(column)) for column in columns.split(", "))
    only = f" AND {_ONLY[table]}" if table in _ONLY else ""
    return (
        "WITH RECURSIVE copies (n) AS (SELECT :oldest UNION ALL SELECT n - 1 FROM copies WHERE n > :newest) "
        f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM copies CROSS JOIN {table} AS t WHERE t.{key} BETWEEN :first AND :last{only}"
    )


def _copied(column: str) -> str:
    """Return what a column of a copy is."""
    if column in _IDS:
        return f"t.{column} - copies.n * :step_id"
    if column in _NAMES:
        return f"t.{column} || '-' || copies.n"
    if column.endswith(("_at", "_until")):
        return f"CASE WHEN t.{column} > 0 THEN t.{column} - copies.n * :step_ms ELSE t.{column} END"
    return f"t.{column}"


_COPYINGS = tuple(_copying(table, columns) for table, columns in COPIED.items())
_ISSUED = "SELECT count(*) FROM coupons WHERE campaign_id = campaigns.id AND member_id BETWEEN :first AND :last"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The members to copy, by their first and last id, and how many exchanges they have."""

    first_member_id: int
    last_member_id: int
    exchanges: int


def everyone(queries: Queries) -> Pattern:
    """Return all the members there are now. Raises ValueError when there are none."""
    row = queries.one("SELECT min(id) AS first, max(id) AS last FROM members")
    said = queries.one("SELECT count(*) AS n FROM exchanges")
    if row is None or row["first"] is None or said is None:
        raise ValueError("there are no members to copy")
    return Pattern(row["first"], row["last"], said["n"])


def copied_openid(openid: str, copy: int) -> str:
    """Return what the copy of a member is known by."""
    return f"{openid}-{copy}"


def add_copies(tx: Transaction, pattern: Pattern, *, first: int, last: int, step: timedelta) -> None:
    """Add the copies numbered ``first`` to ``last`` (from 1), the oldest first; number n lies n steps back.

    A step must be longer than it took to make the pattern's members. The same copies can be added once only: Conflict says that they are there.
    """
    tx.take_time()
    step_ms = step // timedelta(milliseconds=1)
    values = {
        "newest": first,
        "oldest": last,
        "step_ms": step_ms,
        "step_id": (step_ms << ID_BITS_BELOW_TIME) + _ASIDE,
        "first": pattern.first_member_id,
        "last": pattern.last_member_id,
    }
    for statement in _COPYINGS:
        tx.execute(statement, values)
    tx.execute(
        f"UPDATE campaigns SET stock = stock + :copies * ({_ISSUED}), issued = issued + :copies * ({_ISSUED})",
        {"copies": last - first + 1, "first": pattern.first_member_id, "last": pattern.last_member_id},
    )
