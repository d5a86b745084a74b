"""Listings: every record of one kind, a page at a time, oldest first by a growing id; for programs outside and for exports.

All work alike: what came before ``after_id`` is left out, at most ``limit`` come, of one person when ``openid`` is given. A page costs the same
wherever it lies.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from storage import conversations, exchanges, members, outbox, points, quarantine
from storage.conversations import Conversation, conversation_from_row
from storage.coupons import COUPON_COLUMNS, COUPON_TABLES, Coupon, coupon_from_row
from storage.database import Parameters, Queries, Row
from storage.exchanges import Exchange, exchange_from_row
from storage.members import WECHAT, Member, member_from_row
from storage.outbox import OutboxMessage, message_from_row
from storage.points import LedgerEntry, entry_from_row
from storage.quarantine import Quarantined, quarantined_from_row

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which records to list, as of ``now``: those after an id, or ``only_id`` alone; of everyone, or of the person with this openid."""

    now: datetime
    after_id: int = 0
    limit: int = 50
    openid: str | None = None
    only_id: int | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[Record]):
    """A record with the id it is listed by, the openid of its person (empty when unknown), and the name of what it points to, if anything."""

    id: int
    record: Record
    openid: str
    related: str = ""


Listing = Callable[[Queries, Span], list[Listed[Any]]]


def list_members(queries: Queries, span: Span) -> list[Listed[Member]]:
    """List members."""
    rows = _rows(queries, f"SELECT {_of('m', members.COLUMNS)}, {_openid('m.id')} FROM members m", "m.id", "m.id", span)
    return [Listed(row["id"], member_from_row(row), row["openid"]) for row in rows]


def list_exchanges(queries: Queries, span: Span) -> list[Listed[Exchange]]:
    """List everything said."""
    select = f"SELECT {_of('e', exchanges.COLUMNS)}, {_openid('e.member_id')} FROM exchanges e"
    rows = _rows(queries, select, "e.id", "e.member_id", span)
    return [Listed(row["id"], exchange_from_row(row), row["openid"]) for row in rows]


def list_conversations(queries: Queries, span: Span) -> list[Listed[Conversation]]:
    """List conversations by the id of their member, each with the name of the agent who owns it."""
    select = (
        f"SELECT {_of('c', conversations.COLUMNS)}, {_openid('c.member_id')}, COALESCE(u.name, '') AS related "
        "FROM conversations c LEFT JOIN users u ON u.id = c.agent_id"
    )
    rows = _rows(queries, select, "c.member_id", "c.member_id", span)
    return [Listed(row["member_id"], conversation_from_row(row), row["openid"], row["related"]) for row in rows]


def list_coupons(queries: Queries, span: Span) -> list[Listed[Coupon]]:
    """List issued coupons, each with the code of its campaign."""
    select = f"SELECT {COUPON_COLUMNS}, {_openid('c.member_id')}, g.code AS related FROM {COUPON_TABLES}"
    rows = _rows(queries, select, "c.id", "c.member_id", span)
    return [Listed(row["id"], coupon_from_row(row, span.now), row["openid"], row["related"]) for row in rows]


def list_ledger(queries: Queries, span: Span) -> list[Listed[LedgerEntry]]:
    """List points that came and went."""
    select = f"SELECT {_of('l', points.COLUMNS)}, {_openid('l.member_id')} FROM ledger l"
    rows = _rows(queries, select, "l.id", "l.member_id", span)
    return [Listed(row["id"], entry_from_row(row), row["openid"]) for row in rows]


def list_outbox(queries: Queries, span: Span) -> list[Listed[OutboxMessage]]:
    """List messages sent, or to be sent, outside the reply."""
    rows = _rows(queries, f"SELECT {_of('o', outbox.COLUMNS)} FROM outbox o", "o.id", "o.member_id", span)
    return [Listed(row["id"], message_from_row(row), row["openid"]) for row in rows]


def list_quarantine(queries: Queries, span: Span) -> list[Listed[Quarantined]]:
    """List what was signed by the platform but not understood; its openid is what the body says, and need not be anybody's."""
    condition = "" if span.openid is None else "q.openid = :openid AND "
    rows = _narrowed(queries, f"SELECT {_of('q', quarantine.COLUMNS)} FROM quarantine q", "q.id", condition, span)
    return [Listed(row["id"], quarantined_from_row(row), row["openid"]) for row in rows]


def every(queries: Queries, listing: Listing, span: Span) -> Iterator[Listed[Any]]:
    """Yield all records of a listing from a span on, reading ``span.limit`` at a time."""
    while page := listing(queries, span):
        yield from page
        span = replace(span, after_id=page[-1].id)


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{name}" for name in columns.split(", "))


def _openid(member: str) -> str:
    return (
        f"COALESCE((SELECT d.external_id FROM identities d WHERE d.member_id = {member} AND d.channel = :channel "
        "ORDER BY d.created_at, d.external_id LIMIT 1), '') AS openid"
    )


def _rows(queries: Queries, select: str, key: str, member: str, span: Span) -> list[Row]:
    """Return the rows of a span, where ``key`` is the column listed by and ``member`` the one that says whose the row is."""
    known = f"{member} IN (SELECT i.member_id FROM identities i WHERE i.external_id = :openid) AND "
    return _narrowed(queries, select, key, "" if span.openid is None else known, span)


def _narrowed(queries: Queries, select: str, key: str, condition: str, span: Span) -> list[Row]:
    only = "" if span.only_id is None else f"{key} = :only AND "
    parameters: Parameters = {
        "after": span.after_id,
        "limit": span.limit,
        "openid": span.openid,
        "only": span.only_id,
        "channel": WECHAT,
    }
    return queries.query(f"{select} WHERE {condition}{only}{key} > :after ORDER BY {key} LIMIT :limit", parameters)
