"""Passwords: one that nobody has is checked at the same cost as any, and is never right."""

import pytest

from bot.web import passwords


@pytest.mark.parametrize("typed", ["", "correct horse on a stapled battery", "x" * 500])
def test_an_empty_hash_is_never_right(typed: str) -> None:
    assert not passwords.is_right("", typed)


def test_what_stands_in_for_an_empty_hash_costs_what_a_real_one_does() -> None:
    assert not passwords.is_outdated(passwords._NOBODYS_HASH)
    assert len(passwords._NOBODYS_HASH) == len(passwords.hash_password("x"))
