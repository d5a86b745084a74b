"""Cases: suggestions, complaints and messages that consumers left for people, each with a number the consumer is told."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict
from storage.ids import new_id
from storage.times import from_ms, to_ms

Kind = Literal["suggestion", "complaint", "message"]
Status = Literal["open", "done"]
COLUMNS = "id, number, member_id, kind, text, status, cause, created_at"

_FIRST_LETTERS: dict[Kind, str] = {"suggestion": "S", "complaint": "C", "message": "M"}
_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without the ones people mix up when they read a number aloud
_RANDOM_CHARACTERS = 4  # a million numbers a day and kind; nobody finds another's by counting
_MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Case:
    """Something a consumer said that people should deal with; ``number`` is what the consumer is told."""

    id: int
    number: str
    member_id: int
    kind: Kind
    text: str
    status: Status
    cause: str
    created_at: datetime


def case_from_row(row: Row) -> Case:
    """Build a case from a row that has the columns of ``COLUMNS``."""
    return Case(
        id=row["id"],
        number=row["number"],
        member_id=row["member_id"],
        kind=row["kind"],
        text=row["text"],
        status=row["status"],
        cause=row["cause"],
        created_at=from_ms(row["created_at"]),
    )


def open_case(tx: Transaction, member_id: int, *, kind: Kind, text: str, cause: str, now: datetime) -> Case:
    """Record what the member said and return the case; the same ``cause`` again gives the same case, unchanged.

    The number is the kind's letter, the day of ``now`` in the zone it carries (YYMMDD) and four random letters or digits.
    Raises Conflict when the member is unknown or no free number is found.
    """
    for _ in range(_MOST_TRIES):
        tx.execute(
            f"INSERT INTO cases ({COLUMNS}) VALUES (:id, :number, :member, :kind, :text, 'open', :cause, :now) ON CONFLICT DO NOTHING",
            {
                "id": new_id(),
                "number": _new_number(kind, now),
                "member": member_id,
                "kind": kind,
                "text": text,
                "cause": cause,
                "now": to_ms(now),
            },
        )
        row = tx.one(
            f"SELECT {COLUMNS} FROM cases WHERE member_id = :member AND cause = :cause",
            {"member": member_id, "cause": cause},
        )
        if row:
            return case_from_row(row)
    raise Conflict(f"no free case number found in {_MOST_TRIES} tries")


def case_by_number(queries: Queries, number: str) -> Case | None:
    """Return the case the consumer was told this number of, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM cases WHERE number = :number", {"number": number})
    return case_from_row(row) if row else None


def cases_of(queries: Queries, member_id: int, *, limit: int = 50) -> list[Case]:
    """Return the member's cases, newest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM cases WHERE member_id = :member ORDER BY id DESC LIMIT :limit",
        {"member": member_id, "limit": limit},
    )
    return [case_from_row(row) for row in rows]


def list_cases(
    queries: Queries,
    *,
    kind: Kind | None = None,
    status: Status | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Case]:
    """Return everyone's cases, newest first, of one kind and status when given; ``before_id`` is the cursor."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM cases WHERE id < :before AND (:kind = '' OR kind = :kind) AND (:status = '' OR status = :status) "
        "ORDER BY id DESC LIMIT :limit",
        {
            "before": before_id if before_id is not None else 2**63 - 1,
            "kind": kind or "",
            "status": status or "",
            "limit": limit,
        },
    )
    return [case_from_row(row) for row in rows]


def close_case(tx: Transaction, case_id: int) -> bool:
    """Mark the case as dealt with; return False when it is unknown or was closed before."""
    return tx.execute("UPDATE cases SET status = 'done' WHERE id = :id AND status = 'open'", {"id": case_id}) == 1


def _new_number(kind: Kind, now: datetime) -> str:
    drawn = "".join(secrets.choice(_READABLE) for _ in range(_RANDOM_CHARACTERS))
    return f"{_FIRST_LETTERS[kind]}{now:%y%m%d}{drawn}"
