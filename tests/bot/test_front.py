"""Behind proxies the sender's address is what our own outermost proxy wrote, never what the sender claims."""

from typing import Any

import pytest

from bot.front import believe_proxies

PEER = "10.0.0.2"


@pytest.mark.parametrize(
    ("header", "hops", "address"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1,203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
        ("203.0.113.9", 2, PEER),
        (None, 1, PEER),
        ("", 1, PEER),
        ("unknown", 1, PEER),
        ("203.0.113.9:4711", 1, PEER),
        ("2001:db8::1", 1, "2001:db8::1"),
    ],
)
def test_the_address_is_that_of_who_reached_our_outermost_proxy(header: str | None, hops: int, address: str) -> None:
    environ: dict[str, Any] = {"REMOTE_ADDR": PEER}
    if header is not None:
        environ["HTTP_X_FORWARDED_FOR"] = header
    believe_proxies(environ, hops)
    assert environ["REMOTE_ADDR"] == address
