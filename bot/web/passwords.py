"""Passwords: which are accepted, how they are hashed, and a check that takes as long for a name that does not exist."""

from enum import Enum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.web.common_passwords import is_common

SHORTEST, LONGEST = 12, 128  # characters
MEMORY_KIB, ROUNDS, LANES = 19 * 1024, 2, 1  # OWASP's floor for argon2id
PRODUCT_NAMES = ("zhaohu", "招呼")
_SHORTEST_NAME = 3  # a shorter name is inside too many good passwords

_hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES)
# What no password has, written out so that no process has to hash one at its start; checking against it takes as long as against any.
_NOBODYS_HASH = f"$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p={LANES}${'A' * 22}${'A' * 43}"


class Refusal(Enum):
    """Why a password may not be chosen; the value says it in English."""

    LENGTH = f"a password has {SHORTEST} to {LONGEST} characters"
    NAME = "a password must not contain the product's, the brand's or the user's name"
    COMMON = "this password is among those guessed first"


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, taken exactly as typed."""
    return _hasher.hash(password)


def is_right(password_hash: str, password: str) -> bool:
    """Say whether the password is the one hashed; an empty hash is never right, but takes as long to say so."""
    try:
        return _hasher.verify(password_hash or _NOBODYS_HASH, password[: LONGEST + 1]) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def why_refused(password: str, user_name: str, brand_name: str) -> Refusal | None:
    """Return why a password may not be chosen, or None when it may."""
    if not SHORTEST <= len(password) <= LONGEST:
        return Refusal.LENGTH
    folded = password.casefold()
    names = [name.casefold() for name in (brand_name, user_name) if len(name) >= _SHORTEST_NAME or not name.isascii()]
    if any(name and name in folded for name in (*PRODUCT_NAMES, *names)):
        return Refusal.NAME
    return Refusal.COMMON if is_common(folded) else None
