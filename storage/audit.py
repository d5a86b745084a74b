"""Who did what, when: rows are only ever added."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Transaction
from storage.ids import new_id
from storage.times import from_ms, to_ms

LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done. ``actor`` is ``user:NAME``, ``cli`` or ``system``; ``action`` a noun and a past verb, ``template.published``."""

    id: int
    actor: str
    action: str
    target: str
    detail: str
    created_at: datetime


def record(tx: Transaction, actor: str, action: str, target: str, detail: str, now: datetime) -> None:
    """Add one entry, in the transaction of what it tells about. Never pass a password, a token, a phone number or what a consumer wrote."""
    tx.execute(
        "INSERT INTO audit (id, actor, action, target, detail, created_at) VALUES (:id, :actor, :action, :target, :detail, :now)",
        {"id": new_id(), "actor": actor, "action": action, "target": target, "detail": detail, "now": to_ms(now)},
    )


def list_audit(queries: Queries, limit: int, before: int = LATEST) -> list[AuditEntry]:
    """Return at most ``limit`` entries older than the entry ``before``, newest first."""
    rows = queries.query(
        "SELECT id, actor, action, target, detail, created_at FROM audit WHERE id < :before ORDER BY id DESC LIMIT :limit",
        {"before": before, "limit": limit},
    )
    return [
        AuditEntry(row["id"], row["actor"], row["action"], row["target"], row["detail"], from_ms(row["created_at"]))
        for row in rows
    ]
