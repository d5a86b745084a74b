"""Quarantine: what the platform signed but we did not understand, kept for people to look at."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.times import from_ms, to_ms

COLUMNS = "id, reason, account_id, openid, body, times, created_at"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A body we could not read: why, from whom as far as known, how many ``times`` it came, and when it came first."""

    id: int
    reason: str
    account_id: str
    openid: str
    body: str
    times: int
    created_at: datetime


def quarantined_from_row(row: Row) -> Quarantined:
    """Build a record from a row that has the columns of ``COLUMNS``."""
    return Quarantined(
        id=row["id"],
        reason=row["reason"],
        account_id=row["account_id"],
        openid=row["openid"],
        body=row["body"],
        times=row["times"],
        created_at=from_ms(row["created_at"]),
    )


def keep(tx: Transaction, *, reason: str, body: str, now: datetime, account_id: str = "", openid: str = "") -> None:
    """Keep a body; one that was kept before (the platform sends again what it thinks lost) is only counted."""
    tx.execute(
        "INSERT INTO quarantine (id, reason, account_id, openid, body, body_hash, created_at) "
        "VALUES (:id, :reason, :account, :openid, :body, :hash, :now) "
        "ON CONFLICT (body_hash) DO UPDATE SET times = quarantine.times + 1",
        {
            "id": new_id(),
            "reason": reason,
            "account": account_id,
            "openid": openid,
            "body": body,
            "hash": hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest(),
            "now": to_ms(now),
        },
    )


def page(queries: Queries, *, after_id: int = 0, limit: int = 200, openid: str | None = None) -> list[Quarantined]:
    """Return what was kept after a cursor, oldest first, of one openid when given."""
    where = "openid = :openid AND " if openid is not None else ""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM quarantine WHERE {where}id > :after ORDER BY id LIMIT :limit",
        {"openid": openid or "", "after": after_id, "limit": limit},
    )
    return [quarantined_from_row(row) for row in rows]


def newest(queries: Queries, *, before_id: int | None = None, limit: int = 50) -> list[Quarantined]:
    """Return what was kept before a cursor, newest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM quarantine WHERE id < :before ORDER BY id DESC LIMIT :limit",
        {"before": before_id if before_id is not None else 2**63 - 1, "limit": limit},
    )
    return [quarantined_from_row(row) for row in rows]


def count(queries: Queries) -> int:
    """Return how many different bodies are kept."""
    row = queries.one("SELECT count(*) AS n FROM quarantine")
    return int(row["n"]) if row else 0
