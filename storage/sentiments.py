"""How consumers' messages sound: what staff corrected, and the times when many negative ones came at once."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.exchanges import COLUMNS, Exchange, exchange_from_row
from storage.ids import first_id_at, new_id
from storage.records import immutable
from storage.revisions import bump
from storage.times import from_ms, maybe_from_ms, to_ms

Label = Literal["negative", "neutral", "positive"]
MOST_CORRECTIONS = 5000  # texts that are learned; the newest
_SCORES: dict[Label, float] = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
_BURST = "id, exchange_ids, started_at, last_at, seen_by, seen_at"


@immutable(frozen=True, slots=True)
class Correction:
    """A text, and how staff say that it sounds."""

    text: str
    label: Label


@immutable(frozen=True, slots=True)
class Burst:
    """Many negative messages at once: those that belong to it, oldest first, from when until when, and who has seen it (empty: nobody)."""

    id: int
    exchange_ids: tuple[int, ...]
    started_at: datetime
    last_at: datetime
    seen_by: str
    seen_at: datetime | None


def correct(tx: Transaction, exchange: Exchange, label: Label, *, by: str, now: datetime) -> None:
    """Note that a message of a member sounds otherwise, and have every process know it from the next message on."""
    known = {"id": exchange.id, "member": exchange.member_id, "label": label}
    tx.execute(
        "UPDATE exchanges SET sentiment = :label, sentiment_score = :score WHERE member_id = :member AND id = :id",
        {**known, "score": _SCORES[label]},
    )
    tx.execute(
        "INSERT INTO sentiment_corrections (exchange_id, member_id, text, label, instead_of, corrected_by, corrected_at) "
        "VALUES (:id, :member, :text, :label, :before, :by, :now) ON CONFLICT (exchange_id) DO UPDATE SET "
        "label = excluded.label, corrected_by = excluded.corrected_by, corrected_at = excluded.corrected_at",
        {**known, "text": exchange.text, "before": exchange.sentiment or "", "by": by, "now": to_ms(now)},
    )
    bump(tx)


def corrections(queries: Queries) -> list[Correction]:
    """Return what staff corrected, oldest first, so that the newest word on a text stands last."""
    rows = queries.query(
        "SELECT text, label FROM sentiment_corrections ORDER BY corrected_at DESC, exchange_id DESC LIMIT :limit",
        {"limit": MOST_CORRECTIONS},
    )
    return [Correction(row["text"], row["label"]) for row in reversed(rows)]


def corrected_by(queries: Queries, member_id: int, exchange_ids: Sequence[int]) -> dict[int, str]:
    """Return who corrected which of a member's messages between the first and the last of these."""
    if not exchange_ids:
        return {}
    rows = queries.query(
        "SELECT exchange_id, corrected_by FROM sentiment_corrections WHERE member_id = :member AND exchange_id >= :first AND exchange_id <= :last",
        {"member": member_id, "first": min(exchange_ids), "last": max(exchange_ids)},
    )
    return {row["exchange_id"]: row["corrected_by"] for row in rows}


@immutable(frozen=True, slots=True)
class Moods:
    """How many messages of a member sounded how."""

    negative: int = 0
    neutral: int = 0
    positive: int = 0


def moods_of(queries: Queries, member_id: int, since: datetime) -> Moods:
    """Return how a member's messages sounded since a time."""
    rows = queries.query(
        "SELECT sentiment, count(*) AS n FROM exchanges WHERE member_id = :member AND id >= :since AND sentiment IS NOT NULL GROUP BY sentiment",
        {"member": member_id, "since": first_id_at(to_ms(since))},
    )
    counted = {row["sentiment"]: int(row["n"]) for row in rows}
    return Moods(counted.get("negative", 0), counted.get("neutral", 0), counted.get("positive", 0))


def moods_of_cases(queries: Queries, member_id: int) -> dict[int, Label]:
    """Return how the messages sounded that a member's cases were made of, by the case's id."""
    rows = queries.query(
        "SELECT k.id, e.sentiment FROM cases k JOIN exchanges e ON e.member_id = k.member_id AND e.message_key = k.cause "
        "WHERE k.member_id = :member AND e.sentiment IS NOT NULL",
        {"member": member_id},
    )
    return {row["id"]: row["sentiment"] for row in rows}


def negative_since(queries: Queries, since: datetime, *, limit: int = 200) -> list[Exchange]:
    """Return the negative messages of everybody since a time, newest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM exchanges WHERE sentiment = 'negative' AND id >= :since ORDER BY id DESC LIMIT :limit",
        {"since": first_id_at(to_ms(since)), "limit": limit},
    )
    return [exchange_from_row(row) for row in rows]


def note_burst(tx: Transaction, messages: Sequence[Exchange], *, quiet_since: datetime) -> tuple[Burst, bool]:
    """Add negative messages (oldest first) to the burst that goes on, or begin one when there was none since ``quiet_since``; say whether it is new."""
    last_at = messages[-1].created_at
    row = tx.one(f"SELECT {_BURST} FROM sentiment_bursts ORDER BY id DESC LIMIT 1")
    going_on = _burst(row) if row and row["last_at"] >= to_ms(quiet_since) else None
    known = going_on.exchange_ids if going_on else ()
    together = tuple(dict.fromkeys((*known, *(one.id for one in messages))))
    values = {"ids": json.dumps(together), "last": to_ms(last_at)}
    if going_on:
        tx.execute(
            "UPDATE sentiment_bursts SET exchange_ids = :ids, last_at = :last WHERE id = :id",
            {**values, "id": going_on.id},
        )
        return Burst(going_on.id, together, going_on.started_at, last_at, going_on.seen_by, going_on.seen_at), False
    burst_id = new_id()
    started_at = messages[0].created_at
    tx.execute(
        "INSERT INTO sentiment_bursts (id, exchange_ids, started_at, last_at) VALUES (:id, :ids, :started, :last)",
        {**values, "id": burst_id, "started": to_ms(started_at)},
    )
    return Burst(burst_id, together, started_at, last_at, "", None), True


def unseen_bursts(queries: Queries, *, limit: int = 5) -> list[Burst]:
    """Return the bursts that nobody has seen, newest first."""
    rows = queries.query(
        f"SELECT {_BURST} FROM sentiment_bursts WHERE seen_at IS NULL ORDER BY id DESC LIMIT :limit", {"limit": limit}
    )
    return [_burst(row) for row in rows]


def messages_of(queries: Queries, burst: Burst, *, limit: int = 50) -> list[Exchange]:
    """Return the newest messages of a burst, oldest first, without those that staff said are not negative."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM exchanges WHERE sentiment = 'negative' AND id >= :first AND id <= :last ORDER BY id DESC LIMIT :limit",
        {"first": min(burst.exchange_ids), "last": max(burst.exchange_ids), "limit": limit},
    )
    return [exchange_from_row(row) for row in reversed(rows) if row["id"] in burst.exchange_ids]


def see_burst(tx: Transaction, burst_id: int, *, by: str, now: datetime) -> bool:
    """Note who has seen a burst; return False when somebody had before, or there is no such burst."""
    return (
        tx.execute(
            "UPDATE sentiment_bursts SET seen_by = :by, seen_at = :now WHERE id = :id AND seen_at IS NULL",
            {"by": by, "now": to_ms(now), "id": burst_id},
        )
        == 1
    )


def _burst(row: Row) -> Burst:
    return Burst(
        row["id"],
        tuple(json.loads(row["exchange_ids"])),
        from_ms(row["started_at"]),
        from_ms(row["last_at"]),
        row["seen_by"],
        maybe_from_ms(row["seen_at"]),
    )
