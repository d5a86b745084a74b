"""How texts are taken apart: only what the phone would follow becomes a link, everything else stays text."""

import pytest

from bot.simulator.looks import Piece, pieces_of, readable


def test_plain_text_is_one_piece() -> None:
    assert pieces_of("两行\n文字 <b>不是粗体</b>") == (Piece("两行\n文字 <b>不是粗体</b>"),)
    assert pieces_of("") == ()


def test_a_link_with_https_can_be_followed() -> None:
    text = '看<a href="https://example.com/a?b=1&amp;c=2">地图</a>吧'
    assert pieces_of(text) == (Piece("看"), Piece("地图", address="https://example.com/a?b=1&c=2"), Piece("吧"))


def test_a_choice_is_decoded_and_says_what_it_stands_for() -> None:
    text = (
        '👉 <a href="weixin://bizmsgmenu?msgmenucontent=%E7%AD%BE%E5%88%B0%26%3C&msgmenuid=zh%3Acheckin">每日签到</a>'
    )
    assert pieces_of(text)[1] == Piece("每日签到", say="签到&<", menu_id="zh:checkin")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "http://example.com/",
        "https:",
        "https:///path",
        "//example.com/",
        "/console/",
        "weixin://bizmsgmenu?msgmenuid=x",
        "weixin://dl/business",
        "https://[::1",
        "https://exa\nmple.com/",
        "https:/&#x2f;",
    ],
)
def test_any_other_address_stays_text_letter_by_letter(address: str) -> None:
    text = f'<a href="{address}">点我</a>'
    assert pieces_of(text) == (Piece(text),)


def test_a_long_text_of_broken_links_is_read_in_no_time() -> None:
    text = '<a href="https://' * 2000
    assert pieces_of(text) == (Piece(text),)


def test_documents_are_put_on_lines_without_losing_a_letter() -> None:
    document = "<xml><A><![CDATA[x]]></A><B>1</B><C><![CDATA[</A><B>]]></C></xml>"
    shown = readable(document)
    assert shown.replace("\n", "") == document
    assert shown.splitlines() == ["<xml>", "<A><![CDATA[x]]></A>", "<B>1</B>", "<C><![CDATA[</A><B>]]></C>", "</xml>"]
