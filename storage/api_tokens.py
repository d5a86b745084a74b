"""Tokens by which other programs use the API. Shown once when made; the database holds only the hash.

TokenError
├── BadTokenName      not 2 to 32 letters, digits, ``.``, ``-``, ``_``
└── TokenNameTaken    a name is given once, also after its token was revoked, so that the audit log says who it was
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict, StorageError
from storage.ids import new_id
from storage.sessions import hash_token, new_token
from storage.times import from_ms, maybe_from_ms, to_ms

PREFIX = "zh_"  # lets scanners of leaked secrets know one when they see it
_COLUMNS = "id, name, scopes, created_at, revoked_at"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}", re.ASCII)


class TokenError(StorageError):
    """A token cannot be made as asked."""


class BadTokenName(TokenError):
    """The name is not 2 to 32 letters, digits, dots, dashes or underscores."""


class TokenNameTaken(TokenError):
    """A token had this name before."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is known of a token: who it was made for, what it may be used for, and until when it was good."""

    id: int
    name: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None


def add_token(tx: Transaction, name: str, scopes: Iterable[str], now: datetime) -> str:
    """Make a token and return it; nobody can ever read it again. Raises BadTokenName, TokenNameTaken."""
    if not _NAME.fullmatch(name):
        raise BadTokenName("a token's name has 2 to 32 letters, digits, dots, dashes or underscores")
    token = PREFIX + new_token()
    try:
        tx.execute(
            "INSERT INTO api_tokens (id, name, token_hash, scopes, created_at) VALUES (:id, :name, :hash, :scopes, :now)",
            {
                "id": new_id(),
                "name": name,
                "hash": hash_token(token),
                "scopes": " ".join(sorted(set(scopes))),
                "now": to_ms(now),
            },
        )
    except Conflict as error:
        raise TokenNameTaken(f"there is, or was, a token {name}: give the new one another name") from error
    return token


def find_token(queries: Queries, token: str) -> ApiToken | None:
    """Return what a token may be used for; None when it is unknown or revoked."""
    row = queries.one(
        f"SELECT {_COLUMNS} FROM api_tokens WHERE token_hash = :hash AND revoked_at IS NULL",
        {"hash": hash_token(token)},
    )
    return None if row is None else _token(row)


def list_tokens(queries: Queries) -> list[ApiToken]:
    """Return every token ever made, by name."""
    return [_token(row) for row in queries.query(f"SELECT {_COLUMNS} FROM api_tokens ORDER BY name")]


def revoke_token(tx: Transaction, name: str, now: datetime) -> bool:
    """End a token, at once and for good; False when there is none of this name that is good."""
    changed = tx.execute(
        "UPDATE api_tokens SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL",
        {"name": name, "now": to_ms(now)},
    )
    return changed == 1


def _token(row: Row) -> ApiToken:
    return ApiToken(
        row["id"],
        row["name"],
        frozenset(row["scopes"].split()),
        from_ms(row["created_at"]),
        maybe_from_ms(row["revoked_at"]),
    )
