"""The table of outcomes: every row complete, every code said to people in both languages."""

import re

import pytest

from bot.wechat.outcomes import OUTCOMES, Action, outcome_of, sentence, with_detail


@pytest.mark.parametrize("row", OUTCOMES.values(), ids=lambda row: row.code)
def test_each_outcome_is_a_sentence_in_both_languages(row: object) -> None:
    found = outcome_of(getattr(row, "code", ""))
    assert re.search("[一-鿿]", found.zh)
    assert found.zh.endswith("。")
    assert not re.search("[一-鿿]", found.en)
    assert found.en.endswith(".")


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
