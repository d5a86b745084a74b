"""One form for many spellings."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from intents.matching.normalise import LONGEST, normalise


@pytest.mark.parametrize(
    ("typed", "text", "key"),
    [
        ("优惠券怎么领", "优惠券怎么领", "优惠券怎么领"),
        ("優惠券怎麼領？", "优惠券怎么领", "优惠券怎么领"),
        ("哪裡有門市", "哪里有门市", "哪里有门市"),
        ("ＨＥＬＬＯ　Ｗｏｒｌｄ", "hello world", "hello world"),
        ("１２３ＡＢＣ", "123abc", "123abc"),
        ("  几点\n关门  ", "几点 关门", "几点关门"),
        ("优 惠 券", "优惠券", "优惠券"),
        ("我不想排队，怎么领券！！", "我不想排队 怎么领券", "我不想排队怎么领券"),
        ("What's up, bro?", "what s up bro", "what s up bro"),
        ("點樣攞優惠券", "怎么领优惠券", "怎么领优惠券"),
        ("福田嗰間幾點收工㗎", "福田那家几点关门啊", "福田那家几点关门啊"),
        ("有冇分店，喺邊度", "有没有分店 在哪里", "有没有分店在哪里"),
        ("一点解释，早点用，而家长", "一点解释 早点用 而家长", "一点解释早点用而家长"),
        ("👋", "你好", "你好"),
        ("👋🏽", "你好", "你好"),
        ("☕️有什么", "咖啡有什么", "咖啡有什么"),
        ("券失效了😭😭", "券失效了", "券失效了"),
        ("优\u200b惠\ufeff券", "优惠券", "优惠券"),
        ("券\x00\x08", "券", "券"),
        ("\u202e券怎么领", "券怎么领", "券怎么领"),
        ("券\ud800", "券", "券"),
        ("在\ue000吗", "在吗", "在吗"),
        ("满1,200减50", "满1200减50", "满1200减50"),
        ("9.9元", "9.9元", "9.9元"),
        ("2026-01-05", "2026-01-05", "2026-01-05"),
        ("好的...", "好的", "好的"),
        ("～～在吗～～", "在吗", "在吗"),
        ("wifi 密码", "wifi 密码", "wifi密码"),
        ("【优惠券】", "优惠券", "优惠券"),
        ("snake_case", "snake case", "snake case"),
        ("。。。", "", ""),
        ("🌚", "", ""),
        ("👍🏽👍🏽", "好的", "好的"),
        ("🌚🙏", "谢谢", "谢谢"),
        ("签到👍", "签到", "签到"),
        ("", "", ""),
    ],
)
def test_spellings_of_one_message_become_one(typed: str, text: str, key: str) -> None:
    found = normalise(typed)
    assert (found.text, found.key, found.original) == (text, key, typed)


def test_of_a_very_long_message_only_the_start_is_looked_at() -> None:
    assert normalise("券" * 10_000).text == "券" * LONGEST
    assert len(normalise("券，" * 10_000).key) <= LONGEST


def test_what_is_normalised_stays_as_it_is() -> None:
    for typed in ("優惠券 怎麼領？", "我的电话138-0013-8000", "Hello, 世界 2026/1/5"):
        once = normalise(typed).text
        assert normalise(once).text == once


def test_threads_may_convert_at_once() -> None:
    typed = [f"優惠券第{number}張在哪裡領？乾燥頭髮" for number in range(200)]
    alone = [normalise(one).text for one in typed]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda one: normalise(one).text, typed * 5))
    assert together == alone * 5
