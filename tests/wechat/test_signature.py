"""The signature agrees with the platform's published example and with wechatpy, and never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from bot.wechat.signature import is_signed, signature_of


def test_the_platforms_own_example_verifies() -> None:
    assert signature_of(b"AAAAA", b"1714036504", b"1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


@pytest.mark.parametrize(
    "wrong", ["", "f464", "F464B24FC39322E44B38AA78F5EDD27BD1441696", "é" * 40, "\udcff" * 40, "f" * 5000]
)
def test_anything_else_is_not_signed(wrong: str) -> None:
    assert is_signed("f464b24fc39322e44b38aa78f5edd27bd1441696", b"AAAAA", b"1714036504", b"1514711492")
    assert not is_signed(wrong, b"AAAAA", b"1714036504", b"1514711492")


@given(st.text(min_size=1), st.text(alphabet="0123456789", min_size=10, max_size=10), st.text(min_size=1))
def test_wechatpy_agrees(token: str, timestamp: str, nonce: str) -> None:
    made = signature_of(token.encode(), timestamp.encode(), nonce.encode())
    check_signature(token, made, timestamp, nonce)
    with pytest.raises(InvalidSignatureException):
        check_signature(token + "x", made, timestamp, nonce)
