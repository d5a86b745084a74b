"""The gate admits what is provably the platform's, in the account's own mode, with the current key or the one before it."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from bot.wechat.account import Account, Mode
from bot.wechat.errors import BadAccount
from bot.wechat.gate import Admitted, Gate, Quarantined, Refused, Verified, parse_query
from bot.wechat.outbound_push import Push, message_fields
from bot.wechat.seal import XML_TYPE
from intents.messages import TextMessage
from templates.content import Content
from tests.wechat.signing import (
    NOW,
    OPENID,
    PREVIOUS_AES_KEY,
    account,
    encrypted,
    enveloped,
    sealed,
    signature,
    signed_query,
    text_document,
)

HELLO = Content("text", text="您好")


def gate(mode: Mode = "plain", **changes: object) -> Gate:
    return Gate(account(mode, **changes), lambda: NOW)


def said(judged: Admitted | Refused | Quarantined) -> str:
    assert isinstance(judged, Admitted), judged
    assert isinstance(judged.message, TextMessage)
    return judged.message.content


def test_a_plain_push_is_admitted_and_answered_plainly() -> None:
    judged = gate().admit(signed_query(openid=OPENID), text_document("在吗"))
    assert said(judged) == "在吗"
    assert isinstance(judged, Admitted)
    answer = judged.seal.reply(HELLO, judged.message, NOW)
    assert answer.content_type == XML_TYPE
    assert b"Encrypt" not in answer.body


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_an_encrypted_push_is_admitted_and_answered_encrypted(mode: Mode) -> None:
    query, body = sealed(text_document("在吗"))
    judged = gate(mode).admit(query, body)
    assert said(judged) == "在吗"
    assert isinstance(judged, Admitted)
    answer = judged.seal.reply(HELLO, judged.message, NOW)
    assert b"Encrypt" in answer.body
    assert Push(account(mode)).heard(answer.body) == HELLO


def test_after_a_change_of_key_the_previous_one_still_opens_and_closes() -> None:
    query, body = sealed(text_document("在吗"), key=PREVIOUS_AES_KEY)
    judged = gate("safe").admit(query, body)
    assert said(judged) == "在吗"
    assert isinstance(judged, Admitted)
    before = account("safe", aes_key=PREVIOUS_AES_KEY)
    assert Push(before).heard(judged.seal.reply(HELLO, judged.message, NOW).body) == HELLO
    assert gate("safe", previous_aes_key="").admit(query, body) == Refused(403, "envelope", forged=True)


def test_compatible_mode_believes_what_was_encrypted_not_what_stands_beside_it() -> None:
    push = Push(account("compatible"))
    fields = message_fields(push.account, OPENID, "text", NOW, Content="真的")
    query, body = push.both(fields, NOW)
    swapped = body.replace("真的".encode(), "假的".encode()).replace(OPENID.encode(), b"oK7sVictimVictimVictimVictim")
    assert swapped != body
    judged = gate("compatible").admit(query, swapped)
    assert said(judged) == "真的"
    assert isinstance(judged, Admitted)
    assert judged.message.openid == OPENID


def test_compatible_mode_answers_plainly_what_does_not_ask_for_encryption() -> None:
    plain = gate("compatible").admit(signed_query(), text_document())
    query, body = sealed(text_document())
    mixed = gate("compatible").admit(query.replace("encrypt_type=aes", "encrypt_type=raw"), body)
    for judged in (plain, mixed):
        assert isinstance(judged, Admitted)
        assert b"Encrypt" not in judged.seal.reply(HELLO, judged.message, NOW).body


@pytest.mark.parametrize("seconds", [-600, 0, 600])
def test_a_timestamp_within_ten_minutes_is_fresh(seconds: int) -> None:
    assert isinstance(gate().admit(signed_query(NOW + timedelta(seconds=seconds)), text_document()), Admitted)


@pytest.mark.parametrize("seconds", [-86_400, -601, 601, 86_400])
def test_a_timestamp_beyond_is_stale_unless_the_check_is_off(seconds: int) -> None:
    query = signed_query(NOW + timedelta(seconds=seconds))
    assert gate().admit(query, text_document()) == Refused(403, "stale timestamp")
    assert isinstance(gate(max_age_seconds=0).admit(query, text_document()), Admitted)


def test_a_retry_with_the_very_same_query_is_admitted_again() -> None:
    door, query = gate(), signed_query()
    first, again = (door.admit(query, text_document()) for _ in range(2))
    assert first == again


def test_digits_moved_between_timestamp_and_nonce_are_refused() -> None:
    timestamp = str(int(NOW.timestamp()))
    for moved, rest in ((timestamp + "7", "39105"), (timestamp[:-1], timestamp[-1] + "739105")):
        query = signed_query(timestamp=moved, nonce=rest)
        assert gate().admit(query, text_document()) == Refused(403, "timestamp", forged=True)


def test_a_body_beyond_the_limit_is_not_looked_at() -> None:
    assert gate(max_body_bytes=50).admit("", text_document()) == Refused(413, "body too large")


def test_any_account_is_taken_when_none_is_named() -> None:
    body = text_document().replace(b"gh_7d20e9b4a516", b"gh_000000000000")
    assert isinstance(gate().admit(signed_query(), body), Quarantined)
    assert isinstance(gate(account_id="").admit(signed_query(), body), Admitted)


def test_what_is_quarantined_says_who_and_what_as_far_as_it_is_plain() -> None:
    judged = gate().admit(signed_query(), text_document(more="<MsgType>event</MsgType>", content="x\x00y"))
    assert isinstance(judged, Quarantined)
    assert (judged.account_id, judged.openid) == ("gh_7d20e9b4a516", OPENID)
    assert "x\x00y" not in judged.body_text
    assert "xy" in judged.body_text
    twice = gate().admit(signed_query(), text_document(more="<FromUserName>x</FromUserName>"))
    assert isinstance(twice, Quarantined)
    assert twice.openid == ""


def test_what_is_quarantined_in_safe_mode_is_kept_decrypted() -> None:
    judged = gate("safe").admit(*sealed(text_document().replace(b"[text]", b"[hologram]")))
    assert isinstance(judged, Quarantined)
    assert judged.reason == "unknown type 'hologram'"
    assert judged.body_text.startswith("<xml><ToUserName>")


def test_the_address_check_echoes_what_it_should() -> None:
    for echo in ("5838479218127813673", "aZ09+/=_.-", "x" * 512):
        assert gate("safe").verify(signed_query(echostr=echo)) == Verified(echo.encode())


@pytest.mark.parametrize(
    "echo", ["", "<script>alert(1)</script>", "a\r\nSet-Cookie: x=1", "x" * 513, "你好", "a b", "a\x00", "x" * 100_000]
)
def test_the_address_check_echoes_nothing_else(echo: str) -> None:
    judged = gate().verify(signed_query(echostr=echo))
    assert isinstance(judged, Refused)
    assert judged.status == 400


def test_the_address_check_needs_a_signature() -> None:
    query = signed_query(echostr="1").replace("signature=", "signature=0")
    assert gate().verify(query) == Refused(403, "signature", forged=True)
    assert gate().verify(signed_query(NOW - timedelta(days=1), echostr="1")) == Refused(403, "stale timestamp")


def test_every_letter_of_the_query_may_be_written_in_percent_signs() -> None:
    query = signed_query(nonce="n~.é+/= 你")
    written = "&".join(
        "=".join("".join(f"%{byte:02X}" for byte in part.encode()) for part in pair)
        for pair in parse_query(query).items()
    )
    assert parse_query(written) == parse_query(query)
    assert isinstance(gate().admit(written, text_document()), Admitted)


def test_an_address_with_parameters_of_its_own_still_works() -> None:
    assert isinstance(gate().admit(f"tenant=1&&x&{signed_query()}&utm={quote('你好')}", text_document()), Admitted)


def test_an_encrypted_text_needs_its_own_signature() -> None:
    text = encrypted(text_document())
    other = signature("another token", str(int(NOW.timestamp())), "739105", text)
    query, body = enveloped(text, msg_signature=other)
    assert gate("safe").admit(query, body) == Refused(403, "envelope", forged=True)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"token": ""}, "token"),
        ({"mode": "secret"}, "plain, compatible or safe"),
        ({"mode": "safe"}, "needs the app id and the EncodingAESKey"),
        ({"mode": "safe", "aes_key": "short"}, "43 letters"),
        ({"mode": "compatible", "aes_key": "k" * 43, "app_id": ""}, "app id"),
        ({"previous_aes_key": "你" * 43}, "43 letters"),
    ],
)
def test_settings_that_contradict_themselves_are_named(settings: dict[str, str], named: str) -> None:
    complete: dict[str, Any] = {"app_id": "wx1", "token": "t", "mode": "plain", **settings}
    with pytest.raises(BadAccount, match=named):
        Account(**complete)
