"""Asking for a person: a place in the queue by day, a message kept by night."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from intents import human
from storage import cases, conversations
from storage.database import Database
from tests.intents.spoken import spoken
from tests.intents.turns import BRAND, NOON, OPENID, answer, member_of

NIGHT = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)  # two in the morning in Shanghai


def wait(database: Database, openid: str, *, minutes_ago: int) -> None:
    since = NOON - timedelta(minutes=minutes_ago)
    database.write(lambda tx: conversations.ask_for_person(tx, member_of(tx, openid), reason="asked", now=since))


def test_within_hours_the_conversation_goes_to_the_queue(database: Database) -> None:
    reply = answer(database, human.handle, "转人工")
    assert (reply.handoff, reply.ask) == ("asked", None)
    assert "下一位就是您" in spoken(reply)
    assert "取消排队" in spoken(reply)


def test_it_says_how_many_are_ahead(database: Database) -> None:
    wait(database, "o1", minutes_ago=3)
    wait(database, "o2", minutes_ago=1)
    assert "前面还有 2 位" in spoken(answer(database, human.handle, "转人工"))


def test_who_asks_again_while_waiting_hears_their_own_place(database: Database) -> None:
    wait(database, "o1", minutes_ago=3)
    wait(database, OPENID, minutes_ago=2)
    wait(database, "o2", minutes_ago=1)
    text = spoken(answer(database, human.handle, "人工呢"))
    assert "已经在排队" in text
    assert "前面还有 1 位" in text


def test_outside_hours_a_message_is_asked_for_and_the_conversation_still_waits(database: Database) -> None:
    reply = answer(database, human.handle, "转人工", now=NIGHT)
    assert reply.handoff == "left_message"
    assert reply.ask is not None
    assert reply.ask.slot == "text"
    assert "09:00 上班后" in spoken(reply)


def test_a_message_that_was_left_is_recorded_with_a_number(database: Database) -> None:
    reply = answer(database, human.handle, "我的券没到账", now=NIGHT, slots={"text": "我的券没到账"})
    [case] = cases.list_cases(database)
    assert (case.kind, case.text) == ("message", "我的券没到账")
    assert case.number in spoken(reply)
    assert (reply.handoff, reply.ask) == ("left_message", None)


def test_a_desk_around_the_clock_is_never_off_hours(database: Database) -> None:
    always = replace(BRAND, desk_opens=time(0), desk_closes=time(0))
    assert answer(database, human.handle, "转人工", now=NIGHT, brand=always).handoff == "asked"
