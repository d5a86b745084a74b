"""Behind proxies the sender's address is what our own outermost proxy wrote, never what the sender claims."""

import pytest

from bot.front import believed


@pytest.mark.parametrize(
    ("header", "hops", "address"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1,203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
        ("203.0.113.9", 2, None),
        (" ", 1, None),
        ("", 1, None),
        ("unknown", 1, None),
        ("203.0.113.9:4711", 1, None),
        ("2001:db8::1", 1, "2001:db8::1"),
    ],
)
def test_the_address_is_that_of_who_reached_our_outermost_proxy(header: str, hops: int, address: str | None) -> None:
    assert believed(header, hops) == address
