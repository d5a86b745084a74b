"""Which lines are answered, which asked back, which refused; and what the card says about it."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.matching.decide import Scored, Thresholds, confidence_of, decide
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
    ("退款和发票", {"refund", "invoice"}),
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
