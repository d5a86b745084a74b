"""Who is signed in. The browser holds 256 random bits; the database holds only their hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Queries, Transaction
from storage.times import from_ms, to_ms

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """An open session; ``token_hash`` names it, ``csrf`` is what its forms carry, ``authenticated_at`` when the password was last given."""

    token_hash: str
    user_id: int
    csrf: str
    created_at: datetime
    seen_at: datetime
    authenticated_at: datetime


def hash_token(token: str) -> str:
    """Return what is stored of a secret that somebody else holds."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_token() -> str:
    """Return 256 random bits, fit for a cookie or a link."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def start_session(tx: Transaction, user_id: int, now: datetime) -> str:
    """Begin a session and return the token for its cookie; sessions that ended long ago are forgotten by the way."""
    tx.execute(
        "DELETE FROM sessions WHERE seen_at <= :idle OR created_at <= :longest",
        {"idle": to_ms(now - IDLE), "longest": to_ms(now - LONGEST)},
    )
    token = new_token()
    tx.execute(
        "INSERT INTO sessions (token_hash, user_id, csrf, created_at, seen_at, authenticated_at) "
        "VALUES (:token_hash, :user_id, :csrf, :now, :now, :now)",
        {"token_hash": hash_token(token), "user_id": user_id, "csrf": new_token(), "now": to_ms(now)},
    )
    return token


def find_session(queries: Queries, token_hash: str, now: datetime) -> Session | None:
    """Return the session if it is still good: seen within the hour, begun within twelve, its user enabled."""
    row = queries.one(
        "SELECT s.token_hash, s.user_id, s.csrf, s.created_at, s.seen_at, s.authenticated_at "
        "FROM sessions s JOIN users u ON u.id = s.user_id AND u.enabled = 1 "
        "WHERE s.token_hash = :token_hash AND s.seen_at > :idle AND s.created_at > :longest",
        {"token_hash": token_hash, "idle": to_ms(now - IDLE), "longest": to_ms(now - LONGEST)},
    )
    if row is None:
        return None
    return Session(
        token_hash=row["token_hash"],
        user_id=row["user_id"],
        csrf=row["csrf"],
        created_at=from_ms(row["created_at"]),
        seen_at=from_ms(row["seen_at"]),
        authenticated_at=from_ms(row["authenticated_at"]),
    )


def touch_session(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that the session was used."""
    tx.execute(
        "UPDATE sessions SET seen_at = :now WHERE token_hash = :token_hash",
        {"now": to_ms(now), "token_hash": token_hash},
    )


def confirm_session(tx: Transaction, token_hash: str, now: datetime) -> None:
    """Note that the user of the session just gave the password again."""
    tx.execute(
        "UPDATE sessions SET authenticated_at = :now WHERE token_hash = :token_hash",
        {"now": to_ms(now), "token_hash": token_hash},
    )


def end_session(tx: Transaction, token_hash: str) -> None:
    """End one session."""
    tx.execute("DELETE FROM sessions WHERE token_hash = :token_hash", {"token_hash": token_hash})


def end_sessions_of(tx: Transaction, user_id: int) -> None:
    """End every session of a user, on every machine."""
    tx.execute("DELETE FROM sessions WHERE user_id = :user_id", {"user_id": user_id})
