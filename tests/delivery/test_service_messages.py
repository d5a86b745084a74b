"""What we say, as the customer-service call wants it."""

import json
from typing import Any

import pytest

from bot.wechat.replies import reply_xml
from bot.wechat.service_messages import CannotSend, to_message
from templates.content import Content, Kind


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
        (
            Content("msgmenu", text="满意吗？", choices=(("1", "满意"), ("2", "不满意")), tail="谢谢"),
            {
                "head_content": "满意吗？",
                "list": [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}],
                "tail_content": "谢谢",
            },
        ),
        (
            Content("miniprogrampage", title="点单", app_id="wx1", page_path="pages/a?b=c", thumb_media_id="T"),
            {"title": "点单", "appid": "wx1", "pagepath": "pages/a?b=c", "thumb_media_id": "T"},
        ),
        (Content("mpnewsarticle", article_id="A-1", title="新品"), {"article_id": "A-1"}),
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
        (Content("msgmenu", text="满意吗？"), "empty_text"),
        (Content("msgmenu", choices=(("1", " "),)), "empty_text"),
        (Content("msgmenu", choices=tuple((str(number), "好") for number in range(11))), "45098"),
        (Content("msgmenu", text="字" * 682, choices=(("1", "好"),)), "45002"),
        (Content("miniprogrampage", title="点单", app_id="wx1", page_path="p"), "40007"),
        (Content("miniprogrampage", title="点单", thumb_media_id="T"), "empty_text"),
        (Content("mpnewsarticle"), "53600"),
    ],
)
def test_what_can_never_be_sent_is_refused_with_the_reason(content: Content, outcome: str) -> None:
    with pytest.raises(CannotSend) as caught:
        to_message("o1", content)
    assert caught.value.outcome == outcome


@pytest.mark.parametrize(
    "content",
    [
        Content("msgmenu", text="满意吗？", choices=(("1", "满意"), ("2", "不满意"))),
        Content("mpnewsarticle", article_id="A-1"),
        Content("text", text="您好"),
    ],
)
def test_what_was_stored_is_what_is_sent(content: Content) -> None:
    assert Content.from_payload(json.loads(json.dumps(content.to_payload()))) == content


@pytest.mark.parametrize("kind", ["msgmenu", "miniprogrampage", "mpnewsarticle"])
def test_no_reply_can_be_what_only_the_api_has(kind: Kind) -> None:
    assert reply_xml(Content(kind, text="x", choices=(("1", "好"),)), "o1", "gh_1", 1) is None


def test_the_longest_text_is_counted_in_bytes() -> None:
    assert to_message("o1", Content("text", text="字" * 682 + "ab"))
