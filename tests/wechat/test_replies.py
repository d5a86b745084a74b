"""Replies are always well-formed, hold each element once, and say exactly what they should; nothing to say is no reply at all."""

from datetime import timedelta
from xml.dom import minidom

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.replies import deserialize_reply

from bot.wechat.crypto import MessageCipher
from bot.wechat.outbound_push import Push
from bot.wechat.replies import reply_xml
from bot.wechat.seal import NOTHING_TO_SAY, Seal
from bot.wechat.xml import cdata
from intents.messages import MenuClickEvent, TextMessage
from templates.content import Content
from templates.limits import TEXT_BYTES
from tests.wechat.signing import ACCOUNT_ID, AES_KEY, APP_ID, NOW, OPENID, PREVIOUS_AES_KEY, TOKEN, account

PUSH = Push(account("safe"))
MESSAGE = TextMessage(account_id=ACCOUNT_ID, openid=OPENID, key="m:1", sent_at=NOW, content="")
TAP = MenuClickEvent(account_id=ACCOUNT_ID, openid=OPENID, key="e:1", sent_at=NOW)

EACH_KIND = [
    Content("text", text='您好～\n<a href="https://shop.example.org/?a=1&b=2">点这里</a> ]]> & 😊'),
    Content("image", media_id="media-1"),
    Content("voice", media_id="media-2"),
    Content("video", media_id="media-3", title="标题", description="说明"),
    Content("video", media_id="media-3"),
    Content(
        "music",
        title="歌",
        description="歌手",
        music_url="https://a.example/1",
        hq_music_url="https://a.example/2",
        thumb_media_id="thumb",
    ),
    Content(
        "news",
        title="新品]]>上市",
        description="<b>",
        picture_url="https://a.example/p.jpg",
        link="https://a.example/?x=1&y=2",
    ),
    Content("transfer"),
    Content("transfer", agent_account="anan@kafei_demo"),
]


def written(content: Content) -> bytes:
    document = reply_xml(content, OPENID, ACCOUNT_ID, 1769576148)
    assert document is not None
    return document


def elements(document: bytes) -> dict[str, str]:
    """Read the root's elements with a strict parser; each may be there once."""
    root = minidom.parseString(document).documentElement
    assert root is not None
    found: dict[str, str] = {}
    for node in root.childNodes:
        assert node.nodeName not in found
        found[node.nodeName] = "".join(child.data for child in node.childNodes if hasattr(child, "data"))
    return found


@pytest.mark.parametrize("content", EACH_KIND, ids=lambda content: content.kind)
def test_each_kind_is_heard_as_it_was_said(content: Content) -> None:
    document = written(content)
    head = elements(document)
    assert (head["ToUserName"], head["FromUserName"], head["CreateTime"]) == (OPENID, ACCOUNT_ID, "1769576148")
    assert PUSH.heard(document) == content


# wechatpy's reader of news fails on a single article.
@pytest.mark.parametrize(
    "content", [each for each in EACH_KIND if each.kind != "news"], ids=lambda content: content.kind
)
def test_wechatpy_reads_each_kind(content: Content) -> None:
    theirs = deserialize_reply(written(content))
    kind = "transfer_customer_service" if content.kind == "transfer" else content.kind
    assert (theirs.type, theirs.target, theirs.source) == (kind, OPENID, ACCOUNT_ID)
    if content.kind == "text":
        assert theirs.content == content.text


@pytest.mark.parametrize(
    "content",
    [
        *(Content("text", text=text) for text in ("", " \n\t", "\x00\x1f", "\ud800", "\ufffe\uffff", " \x00\n")),
        *(
            Content("image"),
            Content("voice"),
            Content("video", title="x"),
            Content("music", music_url="https://a.example"),
        ),
        Content("news", link="https://a.example"),
    ],
)
def test_nothing_to_say_is_no_reply(content: Content) -> None:
    assert reply_xml(content, OPENID, ACCOUNT_ID, 1) is None
    assert Seal(b"token").reply(content, MESSAGE, NOW) == NOTHING_TO_SAY


@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_text_breaks_out_of_its_reply(text: str) -> None:
    document = reply_xml(Content("text", text=text), OPENID, ACCOUNT_ID, 1)
    if document is not None:
        assert set(elements(document)) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
        assert elements(document)["FromUserName"] == ACCOUNT_ID


@pytest.mark.parametrize("field", ["title", "description", "picture_url", "link"])
def test_no_field_of_an_article_breaks_out(field: str) -> None:
    evil = "]]></Title><MsgType>text</MsgType><![CDATA[\x00\ud800"
    content = Content.from_payload({"kind": "news"} | {"title": "t", field: evil})
    heard = PUSH.heard(written(content))
    assert heard is not None
    assert getattr(heard, field) == evil.replace("\x00\ud800", "")


@pytest.mark.parametrize("text", ["]]>", "]]]>", "]]]]>>", "]]>]]>", "a]]", "]>", "<![CDATA[x]]>"])
def test_the_end_of_cdata_is_heard_as_typed(text: str) -> None:
    assert PUSH.heard(written(Content("text", text=text))) == Content("text", text=text)


@pytest.mark.parametrize("text", ["字" * (TEXT_BYTES // 3), "a" * TEXT_BYTES])
def test_text_up_to_the_limit_is_left_alone(text: str) -> None:
    assert elements(written(Content("text", text=text)))["Content"] == text


@pytest.mark.parametrize("text", ["字" * TEXT_BYTES, "👩‍👩‍👧‍👦" * 100, "]]>" * 400, "a" * (TEXT_BYTES + 1)])
def test_longer_text_is_cut_to_what_the_platform_takes_and_says_so(text: str) -> None:
    heard = elements(written(Content("text", text=text)))["Content"]
    assert heard.endswith("…")
    assert text.startswith(heard[:-1])
    assert TEXT_BYTES // 4 < len(cdata(heard).encode()) - len(cdata("")) <= TEXT_BYTES


def test_an_event_is_never_handed_to_the_platforms_agents() -> None:
    seal = Seal(b"token")
    assert seal.reply(Content("transfer"), TAP, NOW) == NOTHING_TO_SAY
    assert seal.reply(Content("transfer"), MESSAGE, NOW) != NOTHING_TO_SAY


@pytest.mark.parametrize("content", EACH_KIND, ids=lambda content: content.kind)
def test_an_encrypted_reply_is_heard_by_the_platform(content: Content) -> None:
    seal = Seal(TOKEN.encode(), MessageCipher(AES_KEY, APP_ID))
    answer = seal.reply(content, MESSAGE, NOW + timedelta(minutes=1))
    assert set(elements(answer.body)) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    assert PUSH.heard(answer.body) == content


def test_each_encrypted_reply_has_a_nonce_of_its_own() -> None:
    seal = Seal(TOKEN.encode(), MessageCipher(PREVIOUS_AES_KEY, APP_ID))
    answers = [elements(seal.reply(EACH_KIND[0], MESSAGE, NOW).body) for _ in range(50)]
    assert len({answer["Nonce"] for answer in answers}) == len({answer["Encrypt"] for answer in answers}) == 50


def test_secrets_do_not_show_when_printed() -> None:
    shown = repr(account("safe")) + repr(Seal(TOKEN.encode(), MessageCipher(AES_KEY, APP_ID)))
    assert not any(secret in shown for secret in (TOKEN, AES_KEY, PREVIOUS_AES_KEY))
