"""Exact phrases and keywords: which wins, and when one does not count."""

import time

import pytest

from intents.matching.rules import ExactRules, KeywordRule, KeywordRules

RULES = KeywordRules(
    KeywordRule(text, intent, priority)
    for text, intent, priority in [
        ("券", "coupon", 0),
        ("优惠券", "coupon", 0),
        ("我的优惠券", "mine", 0),
        ("签到", "checkin", 0),
        ("积分", "points", 0),
        ("投诉", "complaint", 9),
        ("人工", "human", 5),
        ("发票", "invoice", 0),
        ("电子发票", "invoice", 0),
        ("hi", "greeting", 0),
        ("vip", "member", 0),
        ("5g", "network", 0),
    ]
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我的优惠券呢", ["我的优惠券"]),
        ("优惠券和我的优惠券", ["我的优惠券", "优惠券"]),
        ("签到有积分吗", ["签到", "积分"]),
        ("积分签到", ["积分", "签到"]),
        ("签到失败我要投诉", ["投诉", "签到"]),
        ("人工 我要投诉优惠券", ["投诉", "人工", "优惠券"]),
        ("电子发票", ["电子发票"]),
        ("this", []),
        ("hi你好", ["hi"]),
        ("say hi", ["hi"]),
        ("hi5", []),
        ("vip卡", ["vip"]),
        ("我是vip", ["vip"]),
        ("15g流量", []),
        ("5g套餐", ["5g"]),
        ("今天天气", []),
        ("", []),
    ],
)
def test_the_higher_priority_wins_then_the_longer(text: str, words: list[str]) -> None:
    assert [hit.rule.text for hit in RULES.find(text)] == words


@pytest.mark.parametrize(
    ("text", "declined"),
    [
        ("不要签到", True),
        ("我不想签到", True),
        ("别签到了", True),
        ("不用给我发优惠券", True),
        ("不要再给我推送优惠券了", True),
        ("不需要发票", True),
        ("无需发票", True),
        ("不要转人工", True),
        ("要不要签到", False),
        ("想不想签到", False),
        ("需不需要发票", False),
        ("用不用签到", False),
        ("特别要签到", False),
        ("分别签到", False),
        ("不能签到", False),
        ("没签到", False),
        ("为什么不签到", False),
        ("不要排队 我签到", False),
        ("不要紧的签到吧", False),
        ("签到", False),
    ],
)
def test_a_keyword_that_is_declined_says_so(text: str, declined: bool) -> None:
    assert [hit.declined for hit in RULES.find(text)] == [declined]


def test_one_word_may_belong_to_two_intents() -> None:
    rules = KeywordRules([KeywordRule("活动", "event"), KeywordRule("活动", "lottery")])
    assert {hit.rule.intent for hit in rules.find("有活动吗")} == {"event", "lottery"}


def test_a_phrase_two_intents_share_leads_to_both() -> None:
    rules = ExactRules([("电话多少", "store"), ("电话多少", "human"), ("电话多少", "store"), ("", "nothing")])
    assert rules.find("电话多少") == ("store", "human")
    assert rules.find("电话") == ()
    assert rules.find("") == ()


def test_many_keywords_cost_hardly_more_than_few() -> None:
    few = [KeywordRule(f"词{number:05}", "i") for number in range(10)]
    many = [KeywordRule(f"词{number:05}", "i") for number in range(20_000)]
    text = "我想问问词00003到底在哪里可以看到呀" * 10

    def best_of(rules: KeywordRules) -> float:
        times = []
        for _ in range(7):
            started = time.perf_counter()
            rules.find(text)
            times.append(time.perf_counter() - started)
        return min(times)

    assert best_of(KeywordRules(many)) < 10 * best_of(KeywordRules(few))
