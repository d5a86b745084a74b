"""Suggestions: asked for, recorded, receipted."""

import pytest

from intents import suggestion
from intents.messages import MenuClickEvent
from storage import cases
from storage.database import Database
from tests.intents.spoken import spoken
from tests.intents.turns import ACCOUNT, NOON, OPENID, answer


@pytest.mark.parametrize(
    "words", ["建议", "我有个建议", "我想给你们提个意见", "意见反馈", "在哪里提建议呀？", "提 建 议"]
)
def test_the_bare_wish_is_answered_with_a_question(database: Database, words: str) -> None:
    reply = answer(database, suggestion.handle, words)
    assert reply.ask is not None
    assert reply.ask.slot == "text"
    assert "建议" in spoken(reply)
    assert cases.list_cases(database) == []


@pytest.mark.parametrize("words", ["建议你们增加座位", "我有个建议：杯盖太松了", "希望出无糖的", "反馈一下，空调太冷"])
def test_a_suggestion_that_says_something_is_recorded_at_once(database: Database, words: str) -> None:
    reply = answer(database, suggestion.handle, words)
    [case] = cases.list_cases(database)
    assert (case.kind, case.text) == ("suggestion", words)
    assert case.number in spoken(reply)
    assert (reply.ask, reply.handoff) == (None, None)


def test_the_answer_to_our_question_is_what_is_recorded(database: Database) -> None:
    answer(database, suggestion.handle, "多放点音乐吧", slots={"text": "多放点音乐吧"})
    assert [case.text for case in cases.list_cases(database)] == ["多放点音乐吧"]


@pytest.mark.parametrize("words", ["我有个建议", "   ", "，。！"])
def test_an_answer_that_says_nothing_is_asked_again(database: Database, words: str) -> None:
    assert answer(database, suggestion.handle, words, slots={"text": words}).ask is not None
    assert cases.list_cases(database) == []


def test_a_tap_on_the_menu_asks(database: Database) -> None:
    tap = MenuClickEvent(account_id=ACCOUNT, openid=OPENID, key="e:1", sent_at=NOON, menu_key="ZH_MENU_FEEDBACK")
    assert answer(database, suggestion.handle, tap).ask is not None


def test_what_a_consumer_writes_is_kept_as_it_is_and_never_run(database: Database) -> None:
    words = "建议 {{ 7*7 }} </xml> '; DROP TABLE cases"
    assert "49" not in spoken(answer(database, suggestion.handle, words))
    assert cases.list_cases(database)[0].text == words
