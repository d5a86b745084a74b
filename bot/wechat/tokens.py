"""The access token: one for all processes, kept in the database, renewed by one of them at a time and in good time.

It comes from the platform's ``stable_token`` call, which gives the same token again while it is valid; ``force_refresh`` is never used (it is
meant for leaks, and limited to twenty a day).

    NoToken    there is none to be had now; ``outcome`` says why, ``after_seconds`` when to try again
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wechat.error_codes import Action
from bot.wechat.outcomes import outcome_of, with_detail
from bot.wechat.wire import NotSent, Wire, WireError
from storage import access_tokens
from storage.access_tokens import AccessToken
from storage.database import Database

PATH = "/cgi-bin/stable_token"
EARLY = timedelta(minutes=10)  # renewed this long before it expires; the old one is used meanwhile
_LEASE = timedelta(seconds=20)  # one fetch takes at most 3 + 8 seconds of waiting
_PAUSE_OFFLINE = timedelta(seconds=5)
_PAUSE_REFUSED = timedelta(seconds=60)
_PAUSE_SAME = timedelta(seconds=60)  # the platform changes the token itself only in its last five minutes
_WAIT_SECONDS = 12.0
_POLL_SECONDS = 0.05
_MOST_TOKEN_LENGTH = 2048

logger = logging.getLogger(__name__)


class NoToken(Exception):
    """There is no token to be had now."""

    def __init__(self, outcome: str, after_seconds: float) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.after_seconds = after_seconds


@dataclass(frozen=True, slots=True)
class _Fetched:
    token: str
    lasts: timedelta

    def __repr__(self) -> str:
        return f"_Fetched(lasts={self.lasts})"


@dataclass(frozen=True, slots=True)
class _Failed:
    outcome: str
    pause: timedelta


class Tokens:
    """Hands out the token of one app."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], wire: Wire, *, app_id: str, secret: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._wire = wire
        self._app_id = app_id
        self._secret = secret

    def current(self, *, refused: str | None = None) -> str:
        """Return a token to use now, other than ``refused``, the one that the platform just turned down.

        Renews it when it is time; while another thread or process does, waits for that, unless the old one still serves. Raises NoToken.
        """
        ends = time.monotonic() + _WAIT_SECONDS
        while True:
            now = self._clock()
            row = access_tokens.stored(self._database, self._app_id)
            usable = row is not None and row.token != "" and row.token != refused and row.expires_at > now
            if row is not None and usable and row.expires_at - now > EARLY:
                return row.token
            began_until = self._begin(row, now)
            if began_until is not None:
                return self._renew(began_until, row.token if row and usable else None, refused)
            if row is not None and usable:
                return row.token
            if row is not None and row.failure and row.refresh_after > now:
                raise NoToken(row.failure, (row.refresh_after - now).total_seconds())
            if time.monotonic() > ends:
                raise NoToken("token_pending", _PAUSE_OFFLINE.total_seconds())
            time.sleep(_POLL_SECONDS)

    def try_credentials(self) -> str | None:
        """Ask the platform for the token and store nothing; return None when it gave one, else the outcome that says why not."""
        fetched = self._fetch()
        return fetched.outcome if isinstance(fetched, _Failed) else None

    def _begin(self, row: AccessToken | None, now: datetime) -> datetime | None:
        """Take the right to renew and return until when, or None when it is not to be had."""
        if row is not None and not row.may_refresh(now):
            return None
        until = now + _LEASE
        known = row.token if row else ""
        begun = self._database.write(
            lambda tx: access_tokens.begin_refresh(tx, self._app_id, known_token=known, now=now, until=until)
        )
        return until if begun else None

    def _renew(self, began_until: datetime, old: str | None, refused: str | None) -> str:
        """Fetch a token and store it for all; when that fails, return the old one if it still serves."""
        fetched = self._fetch()
        now = self._clock()
        if isinstance(fetched, _Fetched) and fetched.token == refused:
            fetched = _Failed("40001", _PAUSE_SAME)
        if isinstance(fetched, _Failed):
            self._note_failure(fetched, began_until, now)
            if old is None:
                raise NoToken(fetched.outcome, fetched.pause.total_seconds())
            return old
        token, expires_at = fetched.token, now + fetched.lasts
        refresh_after = now + _PAUSE_SAME if fetched.lasts <= EARLY else now
        self._database.write(
            lambda tx: access_tokens.end_refresh(
                tx,
                self._app_id,
                began_until=began_until,
                token=token,
                expires_at=expires_at,
                refresh_after=refresh_after,
            )
        )
        logger.info("access token renewed, lasts %d s", fetched.lasts.total_seconds())
        return token

    def _note_failure(self, failed: _Failed, began_until: datetime, now: datetime) -> None:
        self._database.write(
            lambda tx: access_tokens.fail_refresh(
                tx, self._app_id, began_until=began_until, failure=failed.outcome, refresh_after=now + failed.pause
            )
        )
        logger.error("access token not renewed: %s", failed.outcome)

    def _fetch(self) -> _Fetched | _Failed:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": False,
        }
        try:
            answer = self._wire.post(PATH, body)
        except WireError as error:
            return _Failed(error.outcome if isinstance(error, NotSent) else "token_pending", _PAUSE_OFFLINE)
        token, lasts = answer.get("access_token"), _seconds(answer.get("expires_in"))
        if isinstance(token, str) and 0 < len(token) <= _MOST_TOKEN_LENGTH and lasts:
            return _Fetched(token, timedelta(seconds=lasts))
        return _refusal(
            str(answer.get("errcode", "token_pending")), str(answer.get("errmsg", "")).replace(self._secret, "…")
        )


def _refusal(code: str, message: str) -> _Failed:
    if outcome_of(code).action is Action.TOKEN:  # said of a token call, it means the secret
        return _Failed(with_detail("40125", message), _PAUSE_REFUSED)
    return _Failed(with_detail(code, message), _PAUSE_REFUSED)


def _seconds(value: object) -> int:
    """Return how long a token lasts, at most a day; 0 when that makes no sense."""
    text = str(value)
    return min(int(text), 86_400) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
