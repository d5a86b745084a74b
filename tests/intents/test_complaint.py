"""Complaints: a number at once, and a person at once."""

from datetime import UTC, datetime

import pytest

from intents import complaint
from storage import cases
from storage.database import Database
from tests.intents.spoken import spoken
from tests.intents.turns import answer, text

NIGHT = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)  # two in the morning in Shanghai


def test_a_complaint_is_recorded_and_goes_to_a_person(database: Database) -> None:
    reply = answer(database, complaint.handle, "投诉！喝到一根头发")
    [case] = cases.list_cases(database)
    assert (case.kind, case.text) == ("complaint", "投诉！喝到一根头发")
    assert case.number in spoken(reply)
    assert reply.handoff == "complaint"
    assert "客服同事" in spoken(reply)


@pytest.mark.parametrize("words", ["我要投诉", "投诉", "举报", "投诉电话是多少", "我想投诉你们门店"])
def test_the_bare_wish_goes_to_a_person_too_while_we_ask_what_happened(database: Database, words: str) -> None:
    reply = answer(database, complaint.handle, words)
    assert reply.handoff == "complaint"
    assert reply.ask is not None
    assert reply.ask.slot == "text"
    assert "发生了什么" in spoken(reply)
    assert cases.list_cases(database) == []


def test_the_answer_to_what_happened_is_recorded(database: Database) -> None:
    reply = answer(database, complaint.handle, "店员骂人", slots={"text": "店员骂人"})
    assert [case.text for case in cases.list_cases(database)] == ["店员骂人"]
    assert reply.ask is None
    assert reply.handoff == "complaint"


def test_the_same_message_again_is_one_complaint_with_one_number(database: Database) -> None:
    message = text("投诉，咖啡是凉的", key="m:7")
    replies = {spoken(answer(database, complaint.handle, message)) for _ in range(3)}
    assert len(replies) == 1
    assert len(cases.list_cases(database)) == 1


def test_at_night_nobody_is_promised_now(database: Database) -> None:
    for words in ("我要投诉", "投诉，咖啡是凉的"):
        reply = answer(database, complaint.handle, words, now=NIGHT)
        assert "09:00–21:00" in spoken(reply)
        assert reply.handoff == "complaint"


def test_the_number_carries_the_brands_day(database: Database) -> None:
    answer(database, complaint.handle, "投诉，咖啡是凉的", now=NIGHT)
    assert cases.list_cases(database)[0].number.startswith("C260102")


@pytest.mark.parametrize(
    "words", ["我的投诉怎么样了", "投诉到哪一步了", "上次投诉有结果了吗", "我昨天的投诉处理好了吗", "投诉进度"]
)
def test_who_asks_after_a_complaint_hears_how_it_stands_and_none_is_added(database: Database, words: str) -> None:
    answer(database, complaint.handle, "投诉，咖啡是凉的")
    [case] = cases.list_cases(database)
    reply = answer(database, complaint.handle, words)
    assert case.number in spoken(reply)
    assert "还在处理" in spoken(reply)
    assert reply.handoff == "complaint"
    assert cases.list_cases(database) == [case]


def test_of_a_complaint_that_is_dealt_with_nobody_is_reminded(database: Database) -> None:
    answer(database, complaint.handle, "投诉，咖啡是凉的")
    [case] = cases.list_cases(database)
    database.write(lambda tx: cases.close_case(tx, case.id))
    reply = answer(database, complaint.handle, "我的投诉怎么样了")
    assert "已经处理完" in spoken(reply)
    assert reply.handoff is None


def test_after_a_complaint_another_is_one_of_its_own(database: Database) -> None:
    answer(database, complaint.handle, "投诉，咖啡是凉的")
    answer(database, complaint.handle, "投诉，等了半小时没人处理，店员还骂人")
    assert len(cases.list_cases(database)) == 2


def test_who_asks_after_a_complaint_that_was_never_made_is_asked_what_happened(database: Database) -> None:
    reply = answer(database, complaint.handle, "我的投诉怎么样了")
    assert reply.ask is not None
    assert cases.list_cases(database) == []
