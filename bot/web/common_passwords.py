"""Passwords that are guessed first. Shorter ones than twelve characters are refused anyway, so only longer ones are listed."""

from pathlib import Path

_FEWEST_DIFFERENT = 5  # characters; "aaaaaaaaaaaa" and "121212121212" have fewer
_LONGEST_UNIT = 6  # a password that only repeats so short a piece is as weak as the piece
_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()_+",
)
_LISTED = frozenset(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split())


def is_common(folded: str) -> bool:
    """Say whether a password (case folded) is among those guessed first: listed, a run on the keyboard, or one short piece repeated."""
    if folded in _LISTED or len(set(folded)) < _FEWEST_DIFFERENT:
        return True
    if any(folded in run for run in _RUNS):
        return True
    return any(folded == (folded[:unit] * len(folded))[: len(folded)] for unit in range(1, _LONGEST_UNIT + 1))
