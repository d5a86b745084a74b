"""Which lines are answered, which asked back, which refused; and what the card says about it."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.matching.decide import Scored, Thresholds, decide
from intents.matching.likelihood import Calibration
from intents.matching.matcher import Matcher
from intents.types import Intent, Keyword, Match
from tests.matching.brand import INTENTS, MATCHER, PLACES, TODAY, intent, unanswered


def match(text: str) -> Match:
    return MATCHER.match(text, today=TODAY)


ANSWERED = [
    # as staff wrote it, or nearly
    ("怎么领优惠券", "coupon_claim"),
    ("怎么领优惠券呀", "coupon_claim"),
    ("请问优惠券在哪里领", "coupon_claim"),
    ("优惠券在哪领", "coupon_claim"),
    ("我要领券", "coupon_claim"),
    ("领券", "coupon_claim"),
    ("我的优惠券", "coupon_mine"),
    ("我的券在哪看", "coupon_mine"),
    ("帮我看看我有几张优惠券", "coupon_mine"),
    ("附近有没有门店", "store_nearest"),
    ("离我最近的门店", "store_nearest"),
    ("你们店在哪里", "store_nearest"),
    ("门店地址发一下", "store_nearest"),
    ("你们几点关门", "store_hours"),
    ("几点打烊啊", "store_hours"),
    ("营业时间", "store_hours"),
    ("周末开门吗", "store_hours"),
    ("签到", "checkin"),
    ("帮我签到一下", "checkin"),
    ("今天签到送什么", "checkin"),
    ("我有多少积分啊", "points"),
    ("查一下积分", "points"),
    ("积分过期吗", "points"),
    ("我想退款", "refund"),
    ("退款要多久到账", "refund"),
    ("申请退货", "refund"),
    ("开发票", "invoice"),
    ("能开电子发票吗", "invoice"),
    ("我昨天在你们店里买了一个蛋糕想要报销能帮忙开个发票吗", "invoice"),
    ("配送费多少", "delivery"),
    ("外卖送吗", "delivery"),
    ("投诉", "complaint"),
    ("我要投诉你们店员", "complaint"),
    ("面包里吃到异物了", "complaint"),
    ("人工", "human"),
    ("人工服务", "human"),
    ("给我转人工好吗", "human"),
    ("找客服", "human"),
    ("提个建议", "suggestion"),
    ("我有点建议", "suggestion"),
    # openings, with decoration
    ("你好", "greeting"),
    ("你好呀", "greeting"),
    ("Hello!", "greeting"),
    ("👋", "greeting"),
    ("在吗？？", "greeting"),
    ("谢谢～", "thanks"),
    ("谢谢啦", "thanks"),
    ("好的，谢谢你", "thanks"),
    # Traditional, full width, spaced, emoji, punctuation
    ("優惠券怎麼領", "coupon_claim"),
    ("我的優惠券在哪裡", "coupon_mine"),
    ("附近有門店嗎", "store_nearest"),
    ("營業時間", "store_hours"),
    ("怎麼開發票", "invoice"),
    ("我要退款！！！", "refund"),
    ("Ｈｅｌｌｏ", "greeting"),
    ("优 惠 券 怎 么 领", "coupon_claim"),
    ("【转人工】", "human"),
    ("几点关门🥐🥐", "store_hours"),
    # a wrong character
    ("怎么领优会券", "coupon_claim"),
    ("转人公", "human"),
    ("怎么申请退宽", "refund"),
    # English and pinyin words
    ("youhuiquan怎么领", "coupon_claim"),
    ("fapiao", "invoice"),
    ("tuikuan", "refund"),
    ("rengong", "human"),
    # places: any city stands where a phrase names one
    ("你们在拉萨有店吗", "store_nearest"),
    ("哈尔滨的店在哪", "store_nearest"),
    ("静安嘉里店怎么走", "store_nearest"),
    ("五道口华联店几点关门", "store_hours"),
    ("陆家嘴正大店几点关门", "store_hours"),
    ("上海", "store_nearest"),
    ("我在魔都", "store_nearest"),
    ("国贸店", "store_nearest"),
    ("那朝阳区呢", "store_nearest"),
    # priority decides against what else is said
    ("签到的积分没有到账，我要投诉", "complaint"),
    ("投诉没人理，给我人工", "human"),
    ("我的券用不了，退款，找真人", "human"),
    # asking is not declining
    ("要不要签到", "checkin"),
    ("不要机器人", "human"),
]

REFUSED = [
    "今天股市怎么样",
    "讲个笑话",
    "帮我写篇作文",
    "我失恋了",
    "what is the capital of france",
    "北京到上海高铁几小时",
    "你们还招人吗",
    "加盟多少钱",
    "asdfgh",
    "哈哈哈",
    "嗯嗯",
    "666",
    "。。。",
    "🌚",
    "",
    "   ",
    "13800138000",
    "1",
    "9",
    "３",
    "明天",
    "两百",
    "不要签到",
    "不用转人工",
    "三明治",
]

ASKED_BACK = [
    ("优惠券的事", {"coupon_claim", "coupon_mine"}),
    ("优惠券", {"coupon_claim", "coupon_mine"}),
    ("发票退款", {"refund", "invoice"}),
]


@pytest.mark.parametrize(("text", "name"), ANSWERED)
def test_these_are_answered(text: str, name: str) -> None:
    found = match(text)
    assert (found.intent, found.guess) == (name, name), found
    assert found.options == ()
    assert found.confidence >= Thresholds().answer


@pytest.mark.parametrize("text", REFUSED)
def test_these_are_never_answered(text: str) -> None:
    assert match(text).intent is None, match(text)


@pytest.mark.parametrize(("text", "offered"), ASKED_BACK)
def test_these_are_asked_back(text: str, offered: set[str]) -> None:
    found = match(text)
    assert found.intent is None, found
    assert offered <= set(found.options), found


def rules_of(found: Match) -> list[str]:
    return [step.rule for step in found.card.steps]


def test_the_card_tells_the_rules_in_order() -> None:
    assert rules_of(match("我要领券")) == ["exact", "decide"]
    assert rules_of(match("给我转人工")) == ["keyword", "decide"]
    assert rules_of(match("我在上海")) == ["slots", "place", "decide"]
    assert rules_of(match("不要签到"))[0] == "guard"
    assert rules_of(match("优惠券怎么才能领到"))[-2:] == ["fuzzy", "decide"]
    assert rules_of(match("5")) == ["choice"]
    assert rules_of(match("🌚")) == ["normalise"]


def test_the_card_names_the_nearest_phrase_and_the_margin() -> None:
    found = match("帮忙查下积分余额")
    nearest = next(step for step in found.card.steps if step.rule == "fuzzy")
    assert (nearest.intent, nearest.found) == ("points", "积分余额")
    assert 0 < nearest.score < 1
    assert Thresholds().margin <= found.card.margin <= 1


def test_a_marked_place_is_readable_on_the_card() -> None:
    assert match("你们在拉萨有店吗").card.steps[1].found == "你们在〔place〕有店吗"


def test_slots_come_with_a_refusal_too() -> None:
    found = match("13800138000")
    assert (found.intent, found.options, dict(found.slots)) == (None, (), {"phone": "13800138000"})
    assert dict(match("３").slots) == {"number": "3"}


def test_a_refused_message_still_names_its_best_guess() -> None:
    found = match("你们还招人吗")
    assert found.intent is None
    assert found.guess is not None
    assert 0 < found.confidence < Thresholds().answer


def test_an_intent_that_is_never_offered_is_no_option() -> None:
    for text in ("你好谢谢优惠券的事", "您好吗谢谢吗", "嗨好的拜"):
        assert not {"greeting", "thanks"} & set(match(text).options)


@pytest.mark.parametrize("text", ["我不想签到了", "不要再签到了吧", "不用给我转人工"])
def test_what_is_declined_is_not_offered(text: str) -> None:
    found = match(text)
    assert found.intent is None
    assert not {"checkin", "human"} & set(found.options)


def test_a_phrase_of_two_intents_asks_back() -> None:
    two = [intent("store", "门店", "电话多少|在哪"), intent("human", "人工", "电话多少|找人")]
    found = Matcher(two, PLACES).match("电话多少？", today=TODAY)
    assert (found.intent, found.options) == (None, ("store", "human"))


def test_a_bare_place_leads_to_whoever_asks_for_a_city_first() -> None:
    assert MATCHER.match("上海", today=TODAY).intent == "store_nearest"
    without = Matcher([one for one in INTENTS if "city" not in one.slots], PLACES)
    found = without.match("上海", today=TODAY)
    assert (found.intent, found.slots["city"]) == (None, "上海")


def test_intents_without_phrases_and_keywords_take_no_part() -> None:
    found = Matcher([Intent("welcome", "关注", unanswered)], PLACES).match("关注", today=TODAY)
    assert (found.intent, found.guess, found.options) == (None, None, ())


def test_keywords_alone_make_an_intent() -> None:
    only = Matcher([Intent("wifi", "无线网", unanswered, keywords=(Keyword("wifi"),))], PLACES)
    assert only.match("店里的WiFi密码多少", today=TODAY).intent == "wifi"
    assert only.match("今天会不会下雨", today=TODAY).intent is None


def test_english_phrases_stay_english() -> None:
    english = [
        intent("refund", "refund", "i want my money back|how do i return this|refund please"),
        intent("hours", "opening hours", "when do you open|what time do you close|are you open on sunday"),
    ]
    matcher = Matcher(english, PLACES)
    assert matcher.match("what time do you open?", today=TODAY).intent == "hours"
    assert matcher.match("I want a refund", today=TODAY).guess == "refund"


def test_stricter_thresholds_answer_less() -> None:
    strict = Matcher(INTENTS, PLACES, Thresholds(answer=1.0))
    found = strict.match("查一下积分余额多少", today=TODAY)
    assert (found.intent, found.guess, found.options[:1]) == (None, "points", ("points",))


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20))
def test_confidence_rises_with_the_odds(odds: list[float]) -> None:
    confidences = [Calibration().confidence(one) for one in sorted(odds)]
    assert all(0 <= low <= high <= 1 for low, high in pairwise(confidences))


def test_close_ones_are_asked_back_unless_the_other_may_not_be_offered() -> None:
    close = [Scored("a", 0.8), Scored("b", 0.7)]
    assert decide(close, Thresholds()).options == ("a", "b")
    hidden = [Scored("a", 0.8), Scored("b", 0.7, offered=False)]
    assert decide(hidden, Thresholds()).intent == "a"
    assert decide([], Thresholds()).confidence == 0.0


CHARACTERS = st.one_of(
    st.text(),
    st.text(st.characters()),
    st.text("优惠券领取我的积分签到在上海国贸店不要别人工投诉退款，。？！ 　1２十百万年月日周", max_size=40),
    st.lists(
        st.sampled_from(
            [
                "上海",
                "券",
                "不要",
                "人工",
                "国贸店",
                "138",
                "0013",
                "8000",
                "5月",
                "三十",
                "👋",
                "hi",
                " ",
                "\u200b",
                "\ue000",
                "\ud83d",
            ]
        )
    ).map("".join),
)


@given(CHARACTERS)
def test_any_text_is_matched_without_fail(text: str) -> None:
    found = match(text)
    assert 0.0 <= found.confidence <= 1.0
    assert 0.0 <= found.card.margin <= 1.0
    assert len(found.options) <= 3
    assert len(set(found.options)) == len(found.options)
    assert found.intent is None or (found.options == () and found.guess == found.intent)
    assert {*found.slots} <= {"city", "district", "store", "phone", "date", "time", "number", "order", "coupon"}
    assert found.card.steps
    assert match(text) == found


def test_a_matcher_made_again_decides_the_same() -> None:
    again = Matcher(INTENTS, PLACES)
    for text, _ in ANSWERED:
        assert again.match(text, today=TODAY) == match(text)


def test_threads_may_share_a_matcher() -> None:
    texts = [text for text, _ in ANSWERED] + REFUSED
    alone = [match(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(match, texts * 3)) == alone * 3


@pytest.mark.parametrize(
    "text",
    [
        "券" * 2000,
        "领优惠券" * 500,
        "不要" * 1000 + "人工",
        "1" * 2000,
        "二" * 2000,
        "a b " * 700,
        "国贸" * 800,
        "周" * 2000,
        "138 " * 500,
    ],
)
def test_a_long_message_takes_no_long_time(text: str) -> None:
    started = time.thread_time()
    match(text)
    assert time.thread_time() - started < 0.1
