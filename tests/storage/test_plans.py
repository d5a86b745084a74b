"""What people look at all day, and what workers ask for again and again, is found by an index and never by reading a table that grows."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from storage import conversations, coupons, desk, exchanges, monitoring, outbox, overview, qr_spots, undelivered
from storage.database import Database, Parameters, Queries, Row
from storage.members import search_members
from tests.conftest import on_sqlite
from tests.storage.people import NOW, plan_of

DAY = timedelta(days=1)
ASKED: dict[str, tuple[Callable[[Queries], object], str]] = {
    "the desk's lists": (lambda q: desk.open_lines(q, NOW, agent_id=None), "conversations_open"),
    "an agent's lists": (lambda q: desk.open_lines(q, NOW, agent_id=7), "conversations_open"),
    "conversations of people": (lambda q: conversations.open_conversations(q, agent_id=7), "conversations_open"),
    "how many wait": (conversations.count_waiting, "conversations_open"),
    "who may be written to": (lambda q: monitoring.open_windows(q, NOW), "conversations_recent"),
    "a dialogue": (lambda q: exchanges.timeline(q, 7), "exchanges_timeline"),
    "what came of it": (lambda q: outbox.of_exchanges(q, 7, first_exchange_id=1), "outbox_"),
    "what is due": (lambda q: outbox.is_waiting(q, NOW), "outbox_next"),
    "how much is due": (outbox.depth, "outbox_(open|next|undecided)"),
    "what is to come": (undelivered.waiting, "outbox_(in_flight|next)"),
    "what it met": (lambda q: monitoring.outcomes_of_late(q, NOW), "outbox_outcomes"),
    "what is undecided": (undelivered.undecided, "outbox_undecided"),
    "a member's coupons": (lambda q: coupons.coupons_of(q, 7, NOW), "coupons_member"),
    "what was used of campaigns": (overview.redeemed_by_campaign, "coupons_used"),
    # A server that knows no figures yet takes either index.
    "what came through codes": (qr_spots.visits, "scene_visits_"),
    "members of an agent": (lambda q: search_members(q, agent_id=7), "conversations_open"),
}


class Listening:
    """Reads a database, and keeps what it was asked."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self.heard: list[tuple[str, Parameters]] = []

    def query(self, sql: str, parameters: Parameters = {}) -> list[Row]:  # noqa: B006 (only read)
        self.heard.append((sql, parameters))
        return self._queries.query(sql, parameters)

    def one(self, sql: str, parameters: Parameters = {}) -> Row | None:  # noqa: B006 (only read)
        self.heard.append((sql, parameters))
        return self._queries.one(sql, parameters)


@pytest.mark.parametrize("what", ASKED)
def test_it_is_found_by_an_index(database: Database, what: str) -> None:
    ask, index = ASKED[what]
    listening = Listening(database)
    ask(listening)
    assert listening.heard
    for sql, parameters in listening.heard:
        assert re.search(index, plan_of(database, sql, parameters)), sql


def test_what_is_due_is_not_joined_with_all_that_is_open(database: Database) -> None:
    """A server that counted the queue when it was empty would take such a join for cheap, and read all of it for each message."""
    listening = Listening(database)
    outbox.is_waiting(listening, NOW)
    assert not any("Join" in plan_of(database, *asked) for asked in listening.heard)
    assert listening.heard


@on_sqlite
def test_what_came_through_codes_is_counted_from_an_index_alone(database: Database) -> None:
    listening = Listening(database)
    qr_spots.visits(listening)
    assert all("scene_visits_counted" in plan_of(database, *asked) for asked in listening.heard)
    assert listening.heard
