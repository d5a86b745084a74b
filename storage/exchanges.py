"""Exchanges: everything said, in and out, by whom and why; the record that makes a turn happen once."""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Literal

from storage.database import Queries, Row, Transaction
from storage.ids import first_id_at
from storage.records import immutable
from storage.times import from_ms, to_ms

Direction = Literal["in", "out"]
COLUMNS = (
    "id, member_id, direction, kind, text, payload, message_key, msg_id, in_reply_to, author, intent, confidence, template, "
    "template_version, card, status, created_at, sentiment, sentiment_score, sentiment_evidence"
)
_NAMES = tuple(COLUMNS.split(", "))
_INSERT = f"INSERT INTO exchanges ({COLUMNS}) VALUES (" + ", ".join(f":{name}" for name in _NAMES) + ")"
_REPLY_NAMES = tuple(f"r_{name}" for name in _NAMES)
_BOTH_NAMES = (*_NAMES, *_REPLY_NAMES)
_INSERT_BOTH = _INSERT + ", (" + ", ".join(f":{name}" for name in _REPLY_NAMES) + ")"  # one statement costs less


@immutable(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One thing said.

    ``author`` is ``member``, ``bot``, ``agent:NAME`` or ``system``. ``payload`` is JSON: of what came in, the fields beside the text; of what went
    out, the content as sent. ``status`` of what came in: ``answered``, ``missed`` (answered by the fallback), ``held`` (for a person), ``silent``
    (nothing to answer), ``limited`` (too many at once), ``awaited`` (being looked up); of what went out: ``replied``, or the state of its delivery.
    ``sentiment`` is how words that came in sound (negative, neutral, positive), ``sentiment_score`` how much (-1 to 1), ``sentiment_evidence`` JSON of why.
    """

    id: int
    member_id: int
    direction: Direction
    kind: str
    author: str
    status: str
    created_at: datetime
    text: str = ""
    payload: str = ""
    message_key: str | None = None
    msg_id: str | None = None
    in_reply_to: int | None = None
    intent: str | None = None
    confidence: float | None = None
    template: str | None = None
    template_version: int | None = None
    card: str = ""
    sentiment: str | None = None
    sentiment_score: float | None = None
    sentiment_evidence: str = ""


_values_of = attrgetter(*_NAMES)


def exchange_from_row(row: Row) -> Exchange:
    """Build an exchange from a row that has the columns of ``COLUMNS``."""
    return Exchange(
        id=row["id"],
        member_id=row["member_id"],
        direction=row["direction"],
        kind=row["kind"],
        author=row["author"],
        status=row["status"],
        created_at=from_ms(row["created_at"]),
        text=row["text"],
        payload=row["payload"],
        message_key=row["message_key"],
        msg_id=row["msg_id"],
        in_reply_to=row["in_reply_to"],
        intent=row["intent"],
        confidence=row["confidence"],
        template=row["template"],
        template_version=row["template_version"],
        card=row["card"],
        sentiment=row["sentiment"],
        sentiment_score=row["sentiment_score"],
        sentiment_evidence=row["sentiment_evidence"],
    )


def add_exchange(tx: Transaction, exchange: Exchange) -> None:
    """Record something said. Raises Conflict when its message_key is known for the member."""
    tx.execute(_INSERT, dict(zip(_NAMES, _values_of(exchange), strict=True), created_at=to_ms(exchange.created_at)))


def add_exchanges(tx: Transaction, said: Exchange, reply: Exchange) -> None:
    """Record something said together with the reply to it. Raises Conflict when its message_key is known for the member."""
    # One mapping made in one go: joining two costs as much as SQLite takes for a row.
    values = dict(zip(_BOTH_NAMES, _values_of(said) + _values_of(reply), strict=True))
    values["created_at"], values["r_created_at"] = to_ms(said.created_at), to_ms(reply.created_at)
    tx.execute(_INSERT_BOTH, values)


def set_status(tx: Transaction, member_id: int, exchange_id: int, status: str) -> None:
    """Note what became of something sent."""
    tx.execute(
        "UPDATE exchanges SET status = :status WHERE member_id = :member AND id = :id",
        {"status": status, "member": member_id, "id": exchange_id},
    )


def timeline(queries: Queries, member_id: int, *, before_id: int | None = None, limit: int = 50) -> list[Exchange]:
    """Return the member's newest exchanges before a cursor, in the order they were said."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM exchanges WHERE member_id = :member AND id < :before ORDER BY id DESC LIMIT :limit",
        {"member": member_id, "before": before_id if before_id is not None else 2**63 - 1, "limit": limit},
    )
    return [exchange_from_row(row) for row in reversed(rows)]


def since(queries: Queries, member_id: int, *, after_id: int, limit: int = 200) -> list[Exchange]:
    """Return what the member's dialogue gained after a known exchange, in order."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM exchanges WHERE member_id = :member AND id > :after ORDER BY id LIMIT :limit",
        {"member": member_id, "after": after_id, "limit": limit},
    )
    return [exchange_from_row(row) for row in rows]


def page(queries: Queries, *, member_id: int | None = None, after_id: int = 0, limit: int = 200) -> list[Exchange]:
    """Return exchanges of everyone, or of one member, after a cursor, oldest first."""
    where = "member_id = :member AND " if member_id is not None else ""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM exchanges WHERE {where}id > :after ORDER BY id LIMIT :limit",
        {"member": member_id or 0, "after": after_id, "limit": limit},
    )
    return [exchange_from_row(row) for row in rows]


def every(queries: Queries, *, batch: int = 1000) -> Iterator[Exchange]:
    """Yield every exchange, oldest first, reading ``batch`` at a time."""
    after_id = 0
    while rows := page(queries, after_id=after_id, limit=batch):
        yield from rows
        after_id = rows[-1].id


def turn_of(queries: Queries, member_id: int, message_key: str) -> tuple[Exchange, Exchange | None] | None:
    """Return what came in under a key, and the reply it got then; None when no such message came."""
    row = queries.one(
        f"SELECT {COLUMNS} FROM exchanges WHERE member_id = :member AND message_key = :key",
        {"member": member_id, "key": message_key},
    )
    if row is None:
        return None
    reply = queries.one(
        f"SELECT {COLUMNS} FROM exchanges WHERE member_id = :member AND id > :id AND in_reply_to = :id AND author = 'bot' ORDER BY id LIMIT 1",
        {"member": member_id, "id": row["id"]},
    )
    return exchange_from_row(row), exchange_from_row(reply) if reply else None


def exchange_by_id(queries: Queries, exchange_id: int) -> Exchange | None:
    """Return one exchange, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM exchanges WHERE id = :id", {"id": exchange_id})
    return exchange_from_row(row) if row else None


def reply_to(queries: Queries, incoming: Exchange) -> Exchange | None:
    """Return what was said in the same turn in answer to something that came in, or None when that was silence."""
    row = queries.one(
        f"SELECT {COLUMNS} FROM exchanges WHERE member_id = :member AND id > :id AND in_reply_to = :id ORDER BY id LIMIT 1",
        {"member": incoming.member_id, "id": incoming.id},
    )
    return exchange_from_row(row) if row else None


def newest_id(queries: Queries) -> int:
    """Return the id of the newest exchange of all, 0 when there is none."""
    row = queries.one("SELECT max(id) AS newest FROM exchanges")
    return int(row["newest"] or 0) if row else 0


def newest_of(queries: Queries, member_id: int) -> Exchange | None:
    """Return the last thing said, or None."""
    found = timeline(queries, member_id, limit=1)
    return found[0] if found else None


@immutable(frozen=True, slots=True)
class DayCounts:
    """How many things were said in a span, by direction and status."""

    received: int
    answered: int
    missed: int
    held: int
    members: int


def count_between(queries: Queries, start: datetime, end: datetime) -> DayCounts:
    """Count what came in from ``start`` until before ``end``."""
    row = queries.one(
        "SELECT count(*) AS received, COALESCE(SUM(CASE status WHEN 'answered' THEN 1 ELSE 0 END), 0) AS answered, "
        "COALESCE(SUM(CASE status WHEN 'missed' THEN 1 ELSE 0 END), 0) AS missed, COALESCE(SUM(CASE status WHEN 'held' THEN 1 ELSE 0 END), 0) AS held, "
        "count(DISTINCT member_id) AS members FROM exchanges WHERE direction = 'in' AND id >= :start AND id < :end",
        {"start": first_id_at(to_ms(start)), "end": first_id_at(to_ms(end))},
    )
    assert row is not None
    return DayCounts(row["received"], row["answered"], row["missed"], row["held"], row["members"])


def intents_between(queries: Queries, start: datetime, end: datetime, *, limit: int = 10) -> list[tuple[str, int]]:
    """Return the most frequent intents of what came in from ``start`` until before ``end``, with how often."""
    rows = queries.query(
        "SELECT intent, count(*) AS n FROM exchanges WHERE direction = 'in' AND intent IS NOT NULL AND id >= :start AND id < :end "
        "GROUP BY intent ORDER BY n DESC, intent LIMIT :limit",
        {"start": first_id_at(to_ms(start)), "end": first_id_at(to_ms(end)), "limit": limit},
    )
    return [(row["intent"], row["n"]) for row in rows]
