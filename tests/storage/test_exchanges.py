"""Exchanges: a member's timeline, its cursors, the key that makes a message one, and what a day amounts to."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage import exchanges
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.exchanges import Exchange
from storage.ids import first_id_at
from storage.times import to_ms
from tests.storage.people import NOW, people

MINUTE = timedelta(minutes=1)


def said(member_id: int, minutes: float = 0, **changed: object) -> Exchange:
    """Return something a member said so many minutes from now."""
    at = NOW + minutes * MINUTE
    one = Exchange(
        id=first_id_at(to_ms(at)),
        member_id=member_id,
        direction="in",
        kind="text",
        author="member",
        status="answered",
        created_at=at,
        text=f"第 {minutes} 分钟",
    )
    return replace(one, **changed)  # type: ignore[arg-type]


def reply(to: Exchange, **changed: object) -> Exchange:
    """Return the bot's answer to it."""
    answer = replace(to, id=to.id + 1, direction="out", author="bot", status="replied", in_reply_to=to.id)
    return replace(answer, message_key=None, text="好的", **changed)  # type: ignore[arg-type]


def add(database: Database, *those: Exchange) -> None:
    def work(tx: Transaction) -> None:
        for one in those:
            exchanges.add_exchange(tx, one)

    database.write(work)


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def texts(found: list[Exchange]) -> list[str]:
    return [one.text for one in found]


@pytest.fixture
def member(database: Database) -> int:
    return people(database, 1)[0]


@pytest.fixture
def five(database: Database, member: int) -> list[Exchange]:
    """What the member said, with as much of somebody else in between."""
    mine = [said(member, minutes) for minutes in range(5)]
    add(database, *mine, *[said(member + 1, minutes + 0.5) for minutes in range(5)])
    return mine


def test_everything_of_an_exchange_comes_back(database: Database, member: int) -> None:
    whole = said(
        member,
        payload='{"a":1}',
        message_key="m:1",
        msg_id="1",
        intent="greeting",
        confidence=0.625,
        template="greeting",
        template_version=3,
        card="{}",
        text="您好 🐱\n''; --",
    )
    answer = reply(whole)
    add(database, whole, answer)
    assert exchanges.exchange_by_id(database, whole.id) == whole
    assert exchanges.exchange_by_id(database, answer.id) == answer
    assert exchanges.exchange_by_id(database, 1) is None


def test_a_key_is_known_once_a_member(database: Database, member: int) -> None:
    add(database, said(member, message_key="m:1"))
    with pytest.raises(Conflict):
        add(database, said(member, 1, message_key="m:1"))
    assert len(exchanges.timeline(database, member)) == 1


def test_two_members_may_have_messages_of_the_same_key(database: Database, member: int) -> None:
    add(database, said(member, message_key="m:1"), said(member + 1, 1, message_key="m:1"))
    turn = exchanges.turn_of(database, member + 1, "m:1")
    assert turn is not None
    assert turn[0].member_id == member + 1


def test_what_has_no_key_may_be_there_any_number_of_times(database: Database, five: list[Exchange]) -> None:
    assert {one.message_key for one in five} == {None}
    assert len(exchanges.timeline(database, five[0].member_id)) == 5


def test_a_timeline_is_the_newest_in_the_order_they_were_said(database: Database, five: list[Exchange]) -> None:
    assert exchanges.timeline(database, five[0].member_id, limit=3) == five[2:]


def test_a_timeline_is_read_backwards_page_by_page_without_gap_or_repeat(
    database: Database, five: list[Exchange]
) -> None:
    pages: list[Exchange] = []
    before: int | None = None
    while page := exchanges.timeline(database, five[0].member_id, before_id=before, limit=2):
        pages = page + pages
        before = page[0].id
    assert pages == five


def test_nothing_lies_before_the_first(database: Database, five: list[Exchange]) -> None:
    assert exchanges.timeline(database, five[0].member_id, before_id=five[0].id) == []
    assert exchanges.timeline(database, five[0].member_id, before_id=0) == []


def test_what_came_since_is_in_order_and_bounded(database: Database, five: list[Exchange]) -> None:
    member_id = five[0].member_id
    assert exchanges.since(database, member_id, after_id=five[1].id) == five[2:]
    assert exchanges.since(database, member_id, after_id=five[1].id, limit=2) == five[2:4]
    assert exchanges.since(database, member_id, after_id=five[-1].id) == []


def test_pages_of_everyone_and_of_one_go_on_from_a_cursor(database: Database, five: list[Exchange]) -> None:
    assert len(exchanges.page(database)) == 10
    assert exchanges.page(database, member_id=five[0].member_id, after_id=five[0].id, limit=2) == five[1:3]
    assert exchanges.page(database, member_id=404) == []


@pytest.mark.parametrize("batch", [1, 3, 10, 1000])
def test_every_exchange_comes_once_whatever_the_batch(database: Database, five: list[Exchange], batch: int) -> None:
    found = list(exchanges.every(database, batch=batch))
    assert found == exchanges.page(database, limit=1000)
    assert len(found) == 10


def test_the_newest_is_the_last_said(database: Database, five: list[Exchange]) -> None:
    assert exchanges.newest_of(database, five[0].member_id) == five[-1]
    assert exchanges.newest_of(database, 404) is None


def test_a_turn_is_what_came_in_and_the_bots_answer(database: Database, member: int) -> None:
    asked = said(member, message_key="m:1")
    answer = reply(asked)
    add(database, asked, answer, reply(asked, id=asked.id + 2, author="agent:mei"))
    assert exchanges.turn_of(database, member, "m:1") == (asked, answer)
    assert exchanges.reply_to(database, asked) == answer


def test_a_turn_met_with_silence_has_no_answer(database: Database, member: int) -> None:
    asked = said(member, message_key="m:1", status="held")
    add(database, asked, reply(said(member, 1)))
    assert exchanges.turn_of(database, member, "m:1") == (asked, None)
    assert exchanges.reply_to(database, asked) is None
    assert exchanges.turn_of(database, member, "m:2") is None


def test_an_agents_words_are_no_answer_to_a_turn_but_to_what_was_said(database: Database, member: int) -> None:
    asked = said(member, message_key="m:1", status="held")
    words = reply(asked, author="agent:mei", status="queued")
    add(database, asked, words)
    assert exchanges.turn_of(database, member, "m:1") == (asked, None)
    assert exchanges.reply_to(database, asked) == words


def test_a_status_changes_for_the_exchange_of_that_member_alone(database: Database, member: int) -> None:
    one = said(member)
    add(database, one)
    database.write(lambda tx: exchanges.set_status(tx, member + 1, one.id, "sent"))
    assert exchanges.exchange_by_id(database, one.id) == one
    database.write(lambda tx: exchanges.set_status(tx, member, one.id, "sent"))
    assert exchanges.exchange_by_id(database, one.id) == replace(one, status="sent")


def test_a_span_counts_what_came_in_by_status(database: Database, member: int) -> None:
    statuses = ("answered", "answered", "missed", "held", "silent", "limited")
    those = [said(member, minutes, status=status) for minutes, status in enumerate(statuses)]
    add(database, *those, reply(those[0]), said(member + 1, 0.5))
    counted = exchanges.count_between(database, NOW, at(60))
    assert (counted.received, counted.answered, counted.missed, counted.held) == (7, 3, 1, 1)
    assert counted.members == 2


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(database: Database, member: int) -> None:
    add(database, said(member, 0), said(member, 60))
    assert exchanges.count_between(database, NOW, at(60)).received == 1
    assert exchanges.count_between(database, at(60), at(120)).received == 1
    assert exchanges.count_between(database, at(0.0001), at(60)).received == 0


def test_neighbouring_spans_count_everything_once(database: Database, five: list[Exchange]) -> None:
    spans = [exchanges.count_between(database, at(start), at(start + 0.7)).received for start in range(-1, 9)]
    other = [exchanges.count_between(database, at(start + 0.7), at(start + 1)).received for start in range(-1, 9)]
    assert sum(spans) + sum(other) == 10


def test_an_empty_span_counts_nothing(database: Database) -> None:
    counted = exchanges.count_between(database, NOW, at(60))
    assert (counted.received, counted.answered, counted.missed, counted.held, counted.members) == (0, 0, 0, 0, 0)
    assert exchanges.intents_between(database, NOW, at(60)) == []


def test_intents_are_counted_most_frequent_first_then_by_name(database: Database, member: int) -> None:
    names = ("checkin", "greeting", "checkin", "thanks", None, "greeting", "checkin")
    those = [said(member, minutes, intent=name) for minutes, name in enumerate(names)]
    add(database, *those, reply(those[3], intent="thanks"))
    found = exchanges.intents_between(database, NOW, at(60))
    assert found == [("checkin", 3), ("greeting", 2), ("thanks", 1)]
    assert exchanges.intents_between(database, NOW, at(2), limit=1) == [("checkin", 1)]


def test_a_direction_that_is_none_is_refused(database: Database, member: int) -> None:
    with pytest.raises(Conflict):
        add(database, said(member, direction="sideways"))
