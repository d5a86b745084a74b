"""The encryption agrees with a fixed vector and with wechatpy both ways, and takes nothing that is wrong in any byte."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from bot.wechat.crypto import MessageCipher
from bot.wechat.errors import BadEnvelope
from tests.wechat.signing import AES_KEY, APP_ID, PREVIOUS_AES_KEY, encrypted

CIPHER = MessageCipher(AES_KEY, APP_ID)
ORACLE = PrpCrypto(base64.b64decode(AES_KEY + "="))

VECTOR_KEY, VECTOR_APP_ID = "Zh4oHuD3m0K3yForVectors0123456789abcdefghiQ", "wx5a1e0f7c3d2b4a68"
VECTOR_MESSAGE = (
    "<xml><ToUserName><![CDATA[gh_3f9a1c7be204]]></ToUserName><FromUserName><![CDATA[oZh4o5tQx0aB1cD2eF3gH4iJ5kL6]]></FromUserName>"
    "<CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好，招呼😊]]></Content><MsgId>24986531740025871</MsgId></xml>"
)
VECTOR = (
    "Cl/s/EZhh73lU74vvZZwegcW8tSXNFodQjhS3ihjXs7qf9SIxqtkE8eZ4FiETa9yBODIQJmKsSRINzMGPR4lSXFJLn4mDayAHRTE+ngIu1tzkVqZr+5KX5Feqn6f/SvX"
    "/hPeRWSSPWTN3t18fp2j/8jdir5qscP2lJGeF8RgnqasofcWnb+THU3/xnHH1u0LE0v6GX2AcUbhIKKAolXc8G2ZD4ElYCGYMg5IFEejinxIbh5Hhwm3EInNjouWivtE"
    "zFrNhhrnoknlNcyAOoWks4/piVFiYl1dVtRakcofcG4IAzdSftvqmy1voNCfBwD1vp/OxxLWFqsFQqxyMaGjGJ/7CnfE6nYzW5NTcvIgjq3linh8KW7QzEXEMzG2kUbJ"
    "hZOHo+JJ8z2llyYfizLdCRnZry2N1/8Mr+J6UpuHVURtooaiUf4UiEKbpPTgAkSIpBsFneUz5lWnqaLmdDBslA=="
)


def test_the_fixed_vector_opens() -> None:
    assert MessageCipher(VECTOR_KEY, VECTOR_APP_ID).decrypt(VECTOR).decode() == VECTOR_MESSAGE


@given(st.binary(max_size=200))
def test_what_is_encrypted_opens_again(message: bytes) -> None:
    assert CIPHER.decrypt(CIPHER.encrypt(message).decode()) == message


@given(st.text(min_size=1, max_size=200))
def test_wechatpy_opens_ours_and_we_open_wechatpys(message: str) -> None:
    assert ORACLE.decrypt(CIPHER.encrypt(message.encode()), APP_ID) == message
    assert CIPHER.decrypt(ORACLE.encrypt(message, APP_ID).decode()).decode() == message


def test_the_message_of_the_wrong_envelopes_is_padded_by_30() -> None:
    assert CIPHER.decrypt(encrypted(MESSAGE, padding_bytes=b"\x1e" * 30)) == MESSAGE


def test_the_same_message_never_encrypts_to_the_same_text() -> None:
    assert len({CIPHER.encrypt(b"same") for _ in range(100)}) == 100


MESSAGE = b"<xml><a>0123456789</a></xml>"
WRONG = {
    "another app id": encrypted(MESSAGE, app_id=b"wx0000000000000000"),
    "a byte after the app id": encrypted(MESSAGE, app_id=APP_ID.encode() + b"x"),
    "a byte before the app id": encrypted(MESSAGE, app_id=b"x" + APP_ID.encode()),
    "app id cut": encrypted(MESSAGE, app_id=APP_ID.encode()[:-1]),
    "no app id": encrypted(MESSAGE, app_id=b""),
    "length zero": encrypted(MESSAGE, length=0),
    "length three more": encrypted(MESSAGE, length=len(MESSAGE) + 3),
    "length three less": encrypted(MESSAGE, length=len(MESSAGE) - 3),
    "length huge": encrypted(MESSAGE, length=2**32 - 1),
    "length negative": encrypted(MESSAGE, length=-1),
    "padding zero": encrypted(MESSAGE, padding=0),
    "padding 33": encrypted(MESSAGE, padding=33),
    "padding 255": encrypted(MESSAGE, padding=255),
    "padding unequal": encrypted(MESSAGE, padding_bytes=b"\x1e" * 28 + b"\x1d\x1e"),
    "padding only": encrypted(b"", app_id=b"", padding_bytes=b"\x0c" * 12),
    "half a block": encrypted(MESSAGE, drop_bytes=8),
    "a block cut": encrypted(MESSAGE, drop_bytes=16),
    "one block": base64.b64encode(b"0" * 16).decode(),
    "another key": encrypted(MESSAGE, key=PREVIOUS_AES_KEY),
    "empty": "",
    "no base64": "你好",
    "blanks in base64": encrypted(MESSAGE)[:40] + "\n" + encrypted(MESSAGE)[40:],
    "base64 for addresses": encrypted(MESSAGE).replace("/", "_").replace("+", "-") + "_",
    "padding of base64 gone": base64.b64encode(b"0" * 32).decode().rstrip("="),
    "base64 after its end": encrypted(b"0123456789") + "AAAA" if encrypted(b"0123456789").endswith("=") else "A===",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_envelope_does_not_open(name: str) -> None:
    with pytest.raises(BadEnvelope) as caught:
        CIPHER.decrypt(WRONG[name])
    assert str(caught.value) == ""  # all failures look the same


def test_an_envelope_changed_in_any_byte_never_shows_the_message_that_was_in_it() -> None:
    original = bytearray(base64.b64decode(encrypted(MESSAGE)))
    for place in range(16, len(original)):  # a change in the first block only changes what is random
        changed = original.copy()
        changed[place] ^= 1
        try:
            opened = CIPHER.decrypt(base64.b64encode(changed).decode())
        except BadEnvelope:
            continue
        assert opened != MESSAGE


def test_threads_may_share_a_cipher() -> None:
    messages = [str(number).encode() * 50 for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        opened = pool.map(lambda message: CIPHER.decrypt(CIPHER.encrypt(message).decode()), messages)
        assert list(opened) == messages
