"""The words of coupons, check-in and points: each phrase leads where it belongs, and no word decides for two."""

from collections import Counter
from datetime import date

import pytest

from intents import (
    checkin,
    coupon_claim,
    coupon_list,
    coupon_mine,
    coupon_usage,
    points_balance,
    points_history,
)
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.registry import CODED
from intents.types import Intent
from templates.library import load_shipped

INTENTS = tuple(
    module.INTENT
    for module in (checkin, coupon_claim, coupon_list, coupon_mine, coupon_usage, points_balance, points_history)
)
TODAY = date(2026, 1, 1)


def matcher() -> Matcher:
    return Matcher(CODED, Places([]))


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
def test_an_intent_is_complete(intent: Intent) -> None:
    assert intent in CODED
    assert len(set(intent.phrases)) == len(intent.phrases) >= 12
    for name in intent.replies:
        template = load_shipped()[name]
        assert set(template.variables) <= set(template.samples), name
        assert template.purpose, name
        assert template.value, name
        template.render(template.samples)


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.name)
def test_every_phrase_leads_to_its_own_intent(intent: Intent) -> None:
    found = matcher()
    assert {phrase: found.match(phrase, today=TODAY).intent for phrase in intent.phrases} == dict.fromkeys(
        intent.phrases, intent.name
    )


def test_no_phrase_keyword_or_button_belongs_to_two() -> None:
    words = Counter(
        word
        for intent in INTENTS
        for word in {*intent.phrases, *(keyword.text for keyword in intent.keywords), *intent.menu_keys}
    )
    assert [word for word, times in words.items() if times > 1] == []


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("优惠券", "coupon_claim"),
        ("優惠券", "coupon_claim"),
        ("优 惠 券", "coupon_claim"),
        ("领券！！", "coupon_claim"),
        ("麻烦帮我领优惠券谢谢", "coupon_claim"),
        ("我想看看我的优惠券", "coupon_mine"),
        ("我的券怎么用不了", "coupon_usage"),
        ("你家现在有什么优惠活动呀", "coupon_list"),
        ("签到啦", "checkin"),
        ("查一下积分明细", "points_history"),
        ("帮我看下我的积分", "points_balance"),
    ],
)
def test_words_nobody_wrote_down_are_understood(said: str, intent: str) -> None:
    assert matcher().match(said, today=TODAY).intent == intent


@pytest.mark.parametrize("said", ["我不要优惠券", "别给我发券了"])
def test_a_declined_coupon_is_not_claimed(said: str) -> None:
    assert matcher().match(said, today=TODAY).intent != "coupon_claim"
