"""What we say, as the customer-service call wants it."""

from typing import Any

import pytest

from bot.wechat.service_messages import CannotSend, to_message
from templates.content import Content


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (Content("text", text=" 您好😊\n第二行 "), {"content": " 您好😊\n第二行 "}),
        (Content("text", text="a\x00\x1db\ud800c"), {"content": "abc"}),
        (Content("image", media_id="M"), {"media_id": "M"}),
        (Content("voice", media_id="M"), {"media_id": "M"}),
        (
            Content("video", media_id="M", thumb_media_id="T", title="标题"),
            {"media_id": "M", "thumb_media_id": "T", "title": "标题"},
        ),
        (
            Content("music", music_url="https://a/m", hq_music_url="https://a/h", thumb_media_id="T"),
            {"musicurl": "https://a/m", "hqmusicurl": "https://a/h", "thumb_media_id": "T"},
        ),
        (
            Content("news", title="新品", description="试试", link="https://a/", picture_url="https://a/p"),
            {"articles": [{"title": "新品", "description": "试试", "url": "https://a/", "picurl": "https://a/p"}]},
        ),
    ],
)
def test_each_kind_has_its_form(content: Content, expected: dict[str, Any]) -> None:
    assert to_message("o1", content) == {"touser": "o1", "msgtype": content.kind, content.kind: expected}


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (Content("text", text=" \n"), "empty_text"),
        (Content("text", text="\x00"), "empty_text"),
        (Content("text", text="字" * 683), "45002"),
        (Content("news", link="https://a/"), "empty_text"),
        (Content("image"), "40007"),
        (Content("transfer"), "not_sendable"),
    ],
)
def test_what_can_never_be_sent_is_refused_with_the_reason(content: Content, outcome: str) -> None:
    with pytest.raises(CannotSend) as caught:
        to_message("o1", content)
    assert caught.value.outcome == outcome


def test_the_longest_text_is_counted_in_bytes() -> None:
    assert to_message("o1", Content("text", text="字" * 682 + "ab"))
