"""Messages that nothing answered, and what staff decided about them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.database import Queries, Row, Transaction
from storage.ids import first_id_at, new_id
from storage.times import from_ms, maybe_from_ms, to_ms

Kind = Literal["taught", "ignored", "ticketed"]
COLUMNS = "id, kind, title, intent, messages, made, decided_by, decided_at, undone_by, undone_at"


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that was not understood, or that was asked back about and got no choice."""

    id: int
    member_id: int
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff decided about messages of one kind; ``made`` tells what was put down for it. It stands until it is undone."""

    id: int
    kind: Kind
    title: str
    intent: str
    messages: int
    made: Mapping[str, Any]
    decided_by: str
    decided_at: datetime
    undone_by: str
    undone_at: datetime | None


def unanswered(queries: Queries, *, since: datetime, limit: int) -> list[Missed]:
    """Return what was not understood since a time, and what was asked back about without a choice being made, newest first; at most so many of each."""
    span = {"since": first_id_at(to_ms(since)), "limit": limit}
    missed = queries.query(
        "SELECT id, member_id, text, created_at FROM exchanges WHERE status = 'missed' AND direction = 'in' AND id >= :since "
        "ORDER BY id DESC LIMIT :limit",
        span,
    )
    asked_back = queries.query(
        "SELECT i.id, i.member_id, i.text, i.created_at FROM exchanges o JOIN exchanges i ON i.member_id = o.member_id AND i.id = o.in_reply_to "
        "WHERE o.template = 'did_you_mean' AND o.id >= :since AND NOT EXISTS (SELECT 1 FROM labelled_examples e "
        "WHERE e.member_id = i.member_id AND e.exchange_id = i.id AND e.status <> 'refused') ORDER BY o.id DESC LIMIT :limit",
        span,
    )
    rows = [*missed, *asked_back]
    found = [Missed(row["id"], row["member_id"], row["text"], from_ms(row["created_at"])) for row in rows]
    return sorted(found, key=lambda one: -one.id)


def recent_texts(queries: Queries, *, since: datetime, limit: int) -> list[str]:
    """Return the words of the newest messages that the bot met alone since a time, answered or not, newest first."""
    rows = queries.query(
        "SELECT text FROM exchanges WHERE id >= :since AND direction = 'in' AND kind IN ('text', 'voice') AND status IN ('answered', 'missed') "
        "AND text <> '' ORDER BY id DESC LIMIT :limit",
        {"since": first_id_at(to_ms(since)), "limit": limit},
    )
    return [row["text"] for row in rows]


def decide(
    tx: Transaction,
    *,
    kind: Kind,
    title: str,
    intent: str,
    messages: int,
    made: Mapping[str, Any],
    wordings: Iterable[str],
    by: str,
    now: datetime,
) -> int:
    """Record a decision, and the wordings that need no more looking at while it stands; return its id."""
    decision_id = new_id()
    tx.execute(
        "INSERT INTO missed_decisions (id, kind, title, intent, messages, made, decided_by, decided_at) "
        "VALUES (:id, :kind, :title, :intent, :messages, :made, :by, :now)",
        {
            "id": decision_id,
            "kind": kind,
            "title": title,
            "intent": intent,
            "messages": messages,
            "made": json.dumps(dict(made), ensure_ascii=False),
            "by": by,
            "now": to_ms(now),
        },
    )
    for wording in dict.fromkeys(wordings):
        tx.execute(
            "INSERT INTO missed_wordings (decision_id, wording) VALUES (:id, :wording)",
            {"id": decision_id, "wording": wording},
        )
    return decision_id


def undo(tx: Transaction, decision_id: int, *, by: str, now: datetime) -> Decision | None:
    """Let a decision stand no more and return it, for what was put down to be taken back; None when it is unknown or was undone before."""
    changed = tx.execute(
        "UPDATE missed_decisions SET undone_by = :by, undone_at = :now WHERE id = :id AND undone_at IS NULL",
        {"by": by, "now": to_ms(now), "id": decision_id},
    )
    row = tx.one(f"SELECT {COLUMNS} FROM missed_decisions WHERE id = :id", {"id": decision_id}) if changed else None
    return _decision_from_row(row) if row else None


def settled_wordings(queries: Queries) -> frozenset[str]:
    """Return the wordings that need no more looking at."""
    rows = queries.query(
        "SELECT w.wording FROM missed_wordings w JOIN missed_decisions d ON d.id = w.decision_id WHERE d.undone_at IS NULL"
    )
    return frozenset(row["wording"] for row in rows)


def newest_decisions(queries: Queries, limit: int = 10) -> Sequence[Decision]:
    """Return what was decided last, newest first, undone ones too."""
    rows = queries.query(f"SELECT {COLUMNS} FROM missed_decisions ORDER BY id DESC LIMIT :limit", {"limit": limit})
    return [_decision_from_row(row) for row in rows]


def _decision_from_row(row: Row) -> Decision:
    return Decision(
        row["id"],
        row["kind"],
        row["title"],
        row["intent"],
        row["messages"],
        json.loads(row["made"]),
        row["decided_by"],
        from_ms(row["decided_at"]),
        row["undone_by"],
        maybe_from_ms(row["undone_at"]),
    )
