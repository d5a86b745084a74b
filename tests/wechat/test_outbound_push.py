"""The platform's part as the simulator plays it: real documents, real signatures, and the same push again under a new one."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from bot.wechat.errors import BadReply
from bot.wechat.gate import Admitted, Gate, Verified, parse_query
from bot.wechat.outbound_push import Element, Push, event_fields, message_fields, push_xml
from intents.messages import ScanEvent, TextMessage
from tests.wechat.signing import AES_KEY, APP_ID, NOW, OPENID, TOKEN, account, signature

PUSH = Push(account("safe"))
TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=80)


def admitted(query: str, body: bytes, *, safe: bool) -> Admitted:
    judged = Gate(account("safe" if safe else "plain"), lambda: NOW).admit(query, body)
    assert isinstance(judged, Admitted), judged
    return judged


@pytest.mark.parametrize("safe", [False, True])
def test_a_push_passes_the_gate(safe: bool) -> None:
    fields = event_fields(PUSH.account, OPENID, "SCAN", NOW, EventKey="poster_hz_12", Ticket="t")
    message = admitted(*PUSH.of(fields, NOW, safe=safe), safe=safe).message
    assert isinstance(message, ScanEvent)
    assert (message.openid, message.scene, message.sent_at) == (OPENID, "poster_hz_12", NOW)


@pytest.mark.parametrize("safe", [False, True])
def test_sent_again_it_is_the_same_message_under_another_signature(safe: bool) -> None:
    fields = message_fields(PUSH.account, OPENID, "text", NOW, Content="你好")
    first, again = PUSH.of(fields, NOW, safe=safe), PUSH.of(fields, NOW + timedelta(seconds=5), safe=safe)
    assert first[0] != again[0]
    assert admitted(*first, safe=safe).message == admitted(*again, safe=safe).message


def test_two_messages_have_two_ids() -> None:
    ids = {message_fields(PUSH.account, OPENID, "text", NOW, Content="你好")["MsgId"] for _ in range(100)}
    assert len(ids) == 100


@given(TEXT)
def test_wechatpy_reads_what_was_pushed(words: str) -> None:
    fields = message_fields(PUSH.account, OPENID, "text", NOW, Content=words)
    query, body = PUSH.of(fields, NOW, safe=True)
    given_ = parse_query(query)
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    document = crypto.decrypt_message(body, given_["msg_signature"], given_["timestamp"], given_["nonce"])
    theirs = parse_message(document)
    assert (theirs.source, theirs.id, theirs.content or "") == (OPENID, fields["MsgId"], words.strip())
    ours = admitted(query, body, safe=True).message
    assert isinstance(ours, TextMessage)
    assert ours.content == words.replace("\ufffe", "").replace("\uffff", "")


def test_both_forms_in_one_document_pass_in_compatible_mode() -> None:
    fields = message_fields(PUSH.account, OPENID, "text", NOW, Content="你好")
    query, body = PUSH.both(fields, NOW)
    assert b"<MsgType>" in body
    assert isinstance(Gate(account("compatible"), lambda: NOW).admit(query, body), Admitted)


def test_the_address_check_passes_the_gate() -> None:
    assert Gate(account(), lambda: NOW).verify(PUSH.verification("58384792", NOW)) == Verified(b"58384792")


def test_repeated_and_nested_elements_are_written_as_the_platform_does() -> None:
    document = push_xml({"SendPicsInfo": {"Count": 2, "PicList": [{"item": "a"}, {"item": "b"}]}, "Idx": []})
    item = "<PicList><item><![CDATA[{}]]></item></PicList>"
    expected = f"<xml><SendPicsInfo><Count>2</Count>{item.format('a')}{item.format('b')}</SendPicsInfo></xml>"
    assert document.decode() == expected


@pytest.mark.parametrize("silence", [b"", b"success"])
def test_silence_is_heard_as_nothing(silence: bytes) -> None:
    assert PUSH.heard(silence) is None


@pytest.mark.parametrize(
    "fault",
    [
        b"<xml/>",
        b"<xml><MsgType>text</MsgType><Content></Content></xml>",
        b"<xml><MsgType>text</MsgType><Content>a</Content><Content>b</Content></xml>",
        b"<xml><MsgType>dance</MsgType></xml>",
        b"<xml><Encrypt>x</Encrypt></xml>",
        b"<xml><Encrypt>x</Encrypt><MsgSignature>x</MsgSignature><TimeStamp>1</TimeStamp><Nonce>1</Nonce></xml>",
        *(b"ok", b"<html><p>", b'{"text": "hi"}', b"\xff"),
    ],
)
def test_what_the_platform_would_call_a_fault_is_one(fault: bytes) -> None:
    with pytest.raises(BadReply):
        PUSH.heard(fault)


@pytest.mark.parametrize("text", ["", "!", "AAAA", base64.b64encode(b"x" * 32).decode()])
def test_an_answer_that_does_not_open_is_a_fault(text: str) -> None:
    fields: dict[str, Element] = {
        "Encrypt": text,
        "MsgSignature": signature(TOKEN, "1", "2", text),
        "TimeStamp": 1,
        "Nonce": "2",
    }
    with pytest.raises(BadReply):
        PUSH.heard(push_xml(fields))
