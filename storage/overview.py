"""Counting a day, for staff: every statement reads a range of a primary key and no table as a whole, however large it grows.

Ids are made of the time (``storage.ids``), so a span of time is a span of ids: a day of exchanges is read from its first row to its last, once, and
grouped on the way; who joined and what was issued that day stands in its own table from the day's first id on. (Rows that were made later about that
day, by an import, are found as well, since the time they tell counts.)
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.database import Queries
from storage.exchanges import COLUMNS, Exchange, exchange_from_row
from storage.ids import first_id_at
from storage.times import to_ms

_SAID = ("answered", "missed", "held")  # how a message with something to answer can be met


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in a span of time.

    ``received`` counts messages that wanted an answer: ``answered`` by the bot, ``missed``, or ``held`` for a person. ``other`` counts the rest
    that came in (events, what was too much at once). ``intents`` tells how often each was understood.
    """

    received: int = 0
    answered: int = 0
    missed: int = 0
    held: int = 0
    other: int = 0
    by_agents: int = 0
    checkins: int = 0
    follows: int = 0
    unfollows: int = 0
    joined: int = 0
    issued: int = 0
    redeemed: int = 0
    revenue_fen: int = 0
    intents: Counter[str] = field(default_factory=Counter)

    @property
    def answered_share(self) -> float | None:
        """The share of what the bot had to answer that it did answer, 0 to 1; None when there was nothing."""
        asked = self.answered + self.missed
        return self.answered / asked if asked else None


def figures_between(queries: Queries, start: datetime, end: datetime) -> Figures:
    """Count what happened from ``start`` until before ``end``."""
    span = {"start": first_id_at(to_ms(start)), "end": first_id_at(to_ms(end))}
    counted: Counter[str] = Counter()
    intents: Counter[str] = Counter()
    rows = queries.query(
        "SELECT direction, status, kind, author, intent, template, count(*) AS n FROM exchanges WHERE id >= :start AND id < :end "
        "GROUP BY direction, status, kind, author, intent, template",
        span,
    )
    for row in rows:
        n = row["n"]
        if row["direction"] == "out":
            counted["by_agents"] += n if row["author"].startswith("agent:") else 0
            counted["checkins"] += n if row["template"] == "checkin_done" else 0
            continue
        event = row["kind"].startswith("event.")
        counted["follows"] += n if row["kind"] == "event.subscribe" else 0
        counted["unfollows"] += n if row["kind"] == "event.unsubscribe" else 0
        if event or row["status"] not in _SAID:
            counted["other"] += n
            continue
        counted["received"] += n
        counted[row["status"]] += n
        if row["intent"]:
            intents[row["intent"]] += n
    told = {"first": span["start"], "start": to_ms(start), "end": to_ms(end)}
    joined = queries.one(
        "SELECT count(*) AS n FROM members WHERE id >= :first AND created_at >= :start AND created_at < :end", told
    )
    issued = queries.one(
        "SELECT count(*) AS n FROM coupons WHERE id >= :first AND issued_at >= :start AND issued_at < :end", told
    )
    redeemed, revenue = _redeemed(queries, start, end)
    return Figures(
        **counted,
        joined=joined["n"] if joined else 0,
        issued=issued["n"] if issued else 0,
        redeemed=redeemed,
        revenue_fen=revenue,
        intents=intents,
    )


def _redeemed(queries: Queries, start: datetime, end: datetime) -> tuple[int, int]:
    """Return how many coupons were used in the span, and what those orders came to. One used then was issued no longer before than coupons last."""
    longest = queries.one("SELECT COALESCE(max(valid_days), 0) AS days FROM campaigns")
    issued_from = start - timedelta(days=longest["days"] if longest else 0)
    row = queries.one(
        "SELECT count(*) AS n, COALESCE(sum(used_amount_fen), 0) AS fen FROM coupons WHERE id >= :first "
        "AND used_at >= :start AND used_at < :end",
        {
            "first": first_id_at(to_ms(issued_from)),
            "start": to_ms(start),
            "end": to_ms(end),
        },
    )
    return (row["n"], int(row["fen"])) if row else (0, 0)


def redeemed_by_campaign(queries: Queries) -> dict[int, int]:
    """Return how many coupons of each campaign were used; reads the coupons that are out, once."""
    rows = queries.query("SELECT campaign_id, count(*) AS n FROM coupons WHERE state = 'used' GROUP BY campaign_id")
    return {row["campaign_id"]: row["n"] for row in rows}


def newest_missed(queries: Queries, *, since: datetime, limit: int = 8) -> list[Exchange]:
    """Return what was not understood since a time, newest first; read backwards from the newest, until there are enough."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM exchanges WHERE direction = 'in' AND status = 'missed' AND id >= :since ORDER BY id DESC LIMIT :limit",
        {"since": first_id_at(to_ms(since)), "limit": limit},
    )
    return [exchange_from_row(row) for row in rows]
