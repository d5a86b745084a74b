"""The table of outcomes: every row complete, every code said to people in both languages."""

import re
from collections.abc import Callable

import pytest

from bot.wechat import error_codes
from bot.wechat.error_codes import OUTCOMES, Action
from bot.wechat.outcomes import call_sentence, outcome_of, sentence, with_detail


@pytest.mark.parametrize("code", [*OUTCOMES, "99999"])
@pytest.mark.parametrize("said_of", [sentence, call_sentence])
def test_each_outcome_is_a_sentence_in_both_languages(said_of: Callable[[str, str], str], code: str) -> None:
    zh, en = said_of(code, "zh_Hans_CN"), said_of(code, "en")
    assert re.search("[一-鿿]", zh)
    assert zh.endswith("。")
    assert not re.search("[一-鿿]", en)
    assert en.endswith(".")
    assert en[0].isupper()
    assert "  " not in en


@pytest.mark.parametrize("code", OUTCOMES)
def test_who_waited_for_a_call_is_not_told_about_a_message(code: str) -> None:
    words = call_sentence(code) + call_sentence(code, "en")
    assert not re.search("没有发出|自动发出|对方是否收到|Not sent|goes out|got it", words)


def test_each_code_has_one_row() -> None:
    assert sum(len(codes.split()) for codes, *_ in error_codes._TABLE) == len(OUTCOMES)


@pytest.mark.parametrize("code", ["45015", "45047", "window_closed", "window_spent"])
def test_a_closed_window_says_what_is_left_to_do(code: str) -> None:
    assert "电话" in sentence(code)
    assert "再发来消息" in sentence(code)
    assert "call them" in sentence(code, "en")


@pytest.mark.parametrize(
    "row", [row for row in OUTCOMES.values() if row.action is Action.UNSURE], ids=lambda row: row.code
)
def test_an_unsure_outcome_asks_to_check_before_sending_again(row: object) -> None:
    assert "核对" in sentence(getattr(row, "code", ""))


def test_an_outcome_keeps_the_platforms_words_beside_its_code() -> None:
    stored = with_detail("40164", "invalid ip 1.2.3.4,\n not in whitelist " + "x" * 500)
    assert stored.startswith("40164: invalid ip 1.2.3.4, not in whitelist x")
    assert len(stored) == 207
    assert outcome_of(stored) is OUTCOMES["40164"]
    assert with_detail("45015", "") == "45015"


def test_a_code_nobody_knows_is_a_refusal_that_names_it() -> None:
    assert outcome_of("99999").action is Action.ALARM
    assert "99999" in sentence("99999: strange", "zh_Hans_CN")
    assert "99999" in sentence("99999: strange", "en_GB")


def test_no_outcome_needs_no_sentence() -> None:
    assert sentence("") == ""
