"""How everyday words reach the conversational and the scripted intents, with every intent of the release in the race."""

from datetime import date
from functools import cache

import pytest

from intents.matching.matcher import Matcher
from intents.matching.places import Places
from tests.intents.spoken import intents


@cache
def matcher() -> Matcher:
    return Matcher(intents().values(), Places())


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("你好啊", "greeting"),
        ("哈喽～在不在", "greeting"),
        ("早上好呀", "greeting"),
        ("谢谢你啊", "thanks"),
        ("好的，谢谢～", "thanks"),
        ("拜拜啦", "thanks"),
        ("嗯", "thanks"),
        ("OK", "thanks"),
        ("你有什么功能呀", "help"),
        ("這裡有什麼功能呀", "help"),
        ("人工！！！", "human"),
        ("麻烦帮我转人工谢谢", "human"),
        ("我就想找个真人聊聊", "human"),
        ("别让机器人回我了，转人工客服", "human"),
        ("取消排队吧", "human_cancel"),
        ("算了不用人工了", "human_cancel"),
        ("不需要人工了谢谢", "human_cancel"),
        ("我要投诉你们门店", "complaint"),
        ("投诉！店员态度太差", "complaint"),
        ("转人工，我要投诉", "human"),
        ("饮料里喝出了异物", "complaint"),
        ("我有一个小建议", "suggestion"),
        ("建议你们多放几张桌子", "suggestion"),
        ("可以开发票吗", "invoice"),
        ("電子發票怎麼開", "invoice"),
        ("我想退款", "refund"),
        ("退款几天到账呀", "refund"),
        ("配送费怎么这么贵", "delivery"),
        ("能外卖送到公司不", "delivery"),
        ("可以用支付宝付款吗", "payment"),
        ("会员卡怎么办理", "membership_card"),
        ("营业时间", "opening_hours"),
        ("春节放假吗", "opening_hours"),
    ],
)
def test_everyday_words_reach_their_intent(words: str, intent: str) -> None:
    assert matcher().match(words, today=date(2026, 1, 1)).intent == intent


@pytest.mark.parametrize("words", ["量子力学是什么", "帮我写一篇作文", "股票今天涨了吗", "😂😂😂"])
def test_what_nobody_here_knows_is_not_answered(words: str) -> None:
    assert matcher().match(words, today=date(2026, 1, 1)).intent is None


def test_who_declines_a_person_is_not_put_in_the_queue() -> None:
    for words in ("不要人工", "不用转人工，谢谢"):
        assert matcher().match(words, today=date(2026, 1, 1)).intent != "human"
