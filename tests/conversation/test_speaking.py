"""From a handler's reply to what the phone shows: choices, an interrupted question, and the limit of bytes."""

from datetime import UTC, datetime
from urllib.parse import unquote

from bot.conversation.speaking import speak
from intents.types import Choice, Pending, Reply
from templates.library import Library
from templates.limits import TEXT_BYTES, text_bytes

CHOICES = (Choice("领优惠券", "coupon_claim"), Choice("附近&门店", "store_nearest"))
OPEN = Pending("store_nearest", "city", datetime(2026, 1, 1, tzinfo=UTC), question="您在哪个城市？")
HEAD = "---\nkind: text\ntitle: 测试\npurpose: 测试\nvalue: fun\nvalues: {words: 话}\n---\n"
LIBRARY = Library([("said", 1, HEAD + "{{ words }}")])


def said(words: str, *, choices: tuple[Choice, ...] = (), reminder: Pending | None = None, links: bool = False) -> str:
    reply = Reply("said", {"words": words}, choices=choices)
    return speak(LIBRARY, reply, reminder=reminder, links=links).content.text


def test_choices_are_numbered_lines_where_links_do_not_work() -> None:
    assert said("您想问：", choices=CHOICES).splitlines() == [
        "您想问：",
        "1. 领优惠券",
        "2. 附近&门店",
        "（回复数字即可）",
    ]


def test_choices_are_links_that_send_the_label_and_our_id() -> None:
    line = said("您想问：", choices=CHOICES, links=True).splitlines()[2]
    assert "msgmenucontent=%E9%99%84%E8%BF%91%26%E9%97%A8%E5%BA%97&" in line
    assert "msgmenuid=zh:store_nearest" in unquote(line)
    assert line.endswith(">附近&门店</a>")


def test_an_interrupted_question_is_asked_again_below() -> None:
    assert said("好的", reminder=OPEN).endswith("（刚才还想请问您：您在哪个城市？）")


def test_a_reply_too_long_is_cut_but_its_choices_stay_whole() -> None:
    text = said("很长" * 2000, choices=CHOICES, links=True)
    assert text_bytes(text) <= TEXT_BYTES
    assert text.count("</a>") == 2
    assert "…" in text


def test_a_reply_too_long_without_choices_is_cut_too() -> None:
    assert text_bytes(said("很长" * 2000)) <= TEXT_BYTES
