"""Who is asking, and may they: the bearer token, its scopes, and how often it may ask. Cookies are never looked at."""

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime

from flask import Request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized

from storage import audit
from storage.api_tokens import ApiToken, find_token
from storage.database import Database

REQUESTS_PER_MINUTE = 600
REQUESTS_AT_ONCE = 20
_MINUTE_SECONDS = 60.0
_HOUR_SECONDS = 3600.0
_BEARER = re.compile(r"bearer +([\x21-\x7e]{1,512})", re.IGNORECASE | re.ASCII)


@dataclass(slots=True)
class _Use:
    """What one token did lately; ``refused`` says when each missing scope was last written down."""

    began: float
    requests: int = 0
    open: int = 0
    refused: dict[str, float] = field(default_factory=dict)


class Limits:
    """Counts the requests of each token in this process: so many a minute, so many at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[int, _Use] = {}

    def enter(self, token_id: int, now: datetime) -> int:
        """Count a request and return 0, or return for how many seconds the token has to wait. Whoever entered must leave."""
        at = now.timestamp()
        with self._lock:
            use = self._uses.setdefault(token_id, _Use(at))
            if not 0 <= at - use.began < _MINUTE_SECONDS:
                use.began, use.requests = at, 0
            if use.requests >= REQUESTS_PER_MINUTE:
                return max(1, round(use.began + _MINUTE_SECONDS - at))
            if use.open >= REQUESTS_AT_ONCE:
                return 1
            use.requests += 1
            use.open += 1
            return 0

    def leave(self, token_id: int) -> None:
        """Note that a request is answered."""
        with self._lock:
            self._uses[token_id].open -= 1

    def first_refusal(self, token_id: int, scope: str, now: datetime) -> bool:
        """Say whether a refusal for this scope is to be written down: once an hour, so that a program gone wrong does not fill the audit log."""
        at = now.timestamp()
        with self._lock:
            refused = self._uses.setdefault(token_id, _Use(at)).refused
            known = 0 <= at - refused.get(scope, at - _HOUR_SECONDS) < _HOUR_SECONDS
            if not known:
                refused[scope] = at
            return not known


def bearer_of(request: Request, database: Database) -> ApiToken:
    """Return the token that the request carries in its Authorization header. Raises Unauthorized."""
    given = request.headers.getlist("Authorization")
    match = _BEARER.fullmatch(given[0].strip()) if len(given) == 1 else None
    if match is None:
        raise Unauthorized("put a token in the header: Authorization: Bearer zh_…", www_authenticate=_challenge())
    token = find_token(database, match[1])
    if token is None:
        raise Unauthorized("this token is unknown, or was revoked", www_authenticate=_challenge("invalid_token"))
    return token


def admit(limits: Limits, token: ApiToken, now: datetime) -> None:
    """Let a request in. Raises TooManyRequests, which says when to come again."""
    if wait_seconds := limits.enter(token.id, now):
        raise TooManyRequests(
            f"{REQUESTS_PER_MINUTE} requests a minute, {REQUESTS_AT_ONCE} at once: wait {wait_seconds} s",
            retry_after=wait_seconds,
        )


def check_scope(limits: Limits, database: Database, token: ApiToken, scope: str, now: datetime) -> None:
    """Raise Forbidden, and write it down, unless the token has the scope."""
    if scope in token.scopes:
        return
    if limits.first_refusal(token.id, scope, now):
        database.write(lambda tx: audit.record(tx, f"token:{token.name}", "token.denied", scope, "", now))
    raise Forbidden(f"this token lacks the scope {scope}")


def _challenge(error: str = "") -> WWWAuthenticate:
    return WWWAuthenticate("bearer", {"realm": "zhaohu", **({"error": error} if error else {})})
