"""Permits: what members allowed us to send once, each spent exactly once in the transaction of what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.times import from_ms, maybe_from_ms, to_ms

Kind = Literal["notice", "once"]
State = Literal["open", "spent", "withdrawn"]
COLUMNS = "id, member_id, kind, template_id, scene, cause, state, granted_at, spent_for, ended_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """One consent. ``kind``: a subscription notice, or a one-time subscription message under ``scene``; ``spent_for`` is the cause it was used for."""

    id: int
    member_id: int
    kind: Kind
    template_id: str
    scene: str
    cause: str
    state: State
    granted_at: datetime
    spent_for: str
    ended_at: datetime | None


def permit_from_row(row: Row) -> Permit:
    """Build a permit from a row that has the columns of ``COLUMNS``."""
    return Permit(
        id=row["id"],
        member_id=row["member_id"],
        kind=row["kind"],
        template_id=row["template_id"],
        scene=row["scene"],
        cause=row["cause"],
        state=row["state"],
        granted_at=from_ms(row["granted_at"]),
        spent_for=row["spent_for"],
        ended_at=maybe_from_ms(row["ended_at"]),
    )


def grant(
    tx: Transaction, member_id: int, kind: Kind, template_id: str, *, scene: str = "", cause: str, now: datetime
) -> bool:
    """Note a consent; False, with nothing done, when this cause gave one already."""
    added = tx.execute(
        "INSERT INTO permits (id, member_id, kind, template_id, scene, cause, granted_at) "
        "VALUES (:id, :member, :kind, :template, :scene, :cause, :now) ON CONFLICT (member_id, cause) DO NOTHING",
        {
            "id": new_id(),
            "member": member_id,
            "kind": kind,
            "template": template_id,
            "scene": scene,
            "cause": cause,
            "now": to_ms(now),
        },
    )
    return added == 1


def spend(
    tx: Transaction, member_id: int, kind: Kind, template_id: str, *, scene: str = "", spent_for: str, now: datetime
) -> bool:
    """Use up the oldest open consent; False when there is none."""
    values = {"member": member_id, "kind": kind, "template": template_id, "scene": scene}
    rows = tx.query(
        "SELECT id FROM permits WHERE member_id = :member AND template_id = :template AND state = 'open' AND kind = :kind "
        "AND scene = :scene ORDER BY id",
        values,
    )
    spent = "UPDATE permits SET state = 'spent', spent_for = :for, ended_at = :now WHERE member_id = :member AND id = :id AND state = 'open'"
    return any(
        tx.execute(spent, {"member": member_id, "id": row["id"], "for": spent_for, "now": to_ms(now)}) for row in rows
    )


def withdraw(tx: Transaction, member_id: int, template_id: str, now: datetime) -> int:
    """Note that a member takes every open consent for a template back, and return how many those were."""
    return tx.execute(
        "UPDATE permits SET state = 'withdrawn', ended_at = :now WHERE member_id = :member AND template_id = :template AND state = 'open'",
        {"member": member_id, "template": template_id, "now": to_ms(now)},
    )


def withdraw_all(tx: Transaction, member_id: int, now: datetime, *, given_before: datetime | None = None) -> int:
    """Note that a member takes every open consent back, or those given before a time, and return how many those were."""
    return tx.execute(
        "UPDATE permits SET state = 'withdrawn', ended_at = :now WHERE member_id = :member AND state = 'open' AND granted_at < :before",
        {"member": member_id, "now": to_ms(now), "before": to_ms(given_before) if given_before else 2**62},
    )


def of_member(queries: Queries, member_id: int, *, limit: int = 20) -> list[Permit]:
    """Return a member's consents, newest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM permits WHERE member_id = :member ORDER BY id DESC LIMIT :limit",
        {"member": member_id, "limit": limit},
    )
    return [permit_from_row(row) for row in rows]


def counts(queries: Queries) -> Mapping[str, Mapping[State, int]]:
    """Return how many consents are in each state, by template."""
    found: dict[str, dict[State, int]] = {}
    for row in queries.query("SELECT template_id, state, count(*) AS n FROM permits GROUP BY template_id, state"):
        found.setdefault(row["template_id"], {})[row["state"]] = row["n"]
    return found
