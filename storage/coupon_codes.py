"""Coupon codes: hard to guess, easy to read out at a counter."""

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs, 5 bits each; without 0, 1, I and O, which people mix up
LENGTH = 16  # 80 bits: a guesser who tries a million codes a second for a year hits one of a million live coupons once in 40,000 tries
GROUP = 4
_BITS_A_SIGN = 5
_ONE_SIGN = 2**_BITS_A_SIGN - 1


def new_code() -> str:
    """Return a fresh code of 80 random bits, like ``7KQM-2XWD-9HTR-V4BN``."""
    bits = secrets.randbits(_BITS_A_SIGN * LENGTH)
    return _grouped("".join(ALPHABET[bits >> _BITS_A_SIGN * place & _ONE_SIGN] for place in range(LENGTH)))


def normalise_code(typed: str) -> str:
    """Return the code as it is stored, whatever case, width, spaces or dashes it was typed with; empty when it cannot be one."""
    signs = "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())
    return _grouped(signs) if len(signs) == LENGTH and set(signs) <= set(ALPHABET) else ""


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))
