"""The platform's API as we use it: customer-service messages, the typing sign, and ``call`` for all the rest. Results are our own; nothing here
retries by itself but once, with a fresh token.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, Self, TypeVar

from bot.wechat.circuit import Circuit
from bot.wechat.error_codes import Action
from bot.wechat.notices import to_call
from bot.wechat.outcomes import (
    CallFailed,
    Failure,
    Refused,
    Result,
    RetryLater,
    Sent,
    Unknown,
    outcome_of,
    with_detail,
)
from bot.wechat.quotas import PLATFORM_ZONE
from bot.wechat.service_messages import CannotSend
from bot.wechat.tokens import NoToken, Tokens
from bot.wechat.wire import CONNECT_SECONDS, MOST_LIST_BYTES, READ_SECONDS, File, NotSent, Unanswered, Wire
from storage.database import Database
from templates.content import Content

TYPING = "/cgi-bin/message/custom/typing"
MOST_BUSY_TRIES = 5
MINUTE_SECONDS = 60.0
HALT_SECONDS = 60.0
MOST_QUOTA_SECONDS = 900.0  # somebody may have had the quota renewed before midnight: looked after this often
UNANSWERED = frozenset({"offline", "http_refused", "timeout", "cut_off", "http_error", "not_json"})
_NOTHING: Mapping[str, str] = {}
_GOOD = frozenset({"0"})

Answer = TypeVar("Answer", dict[str, Any], bytes | dict[str, Any])

logger = logging.getLogger(__name__)


class ApiSettings(Protocol):
    """The settings of the platform's API."""

    @property
    def wechat_app_id(self) -> str:
        """The account's AppID."""

    @property
    def wechat_app_secret(self) -> str:
        """Its AppSecret, empty when sending is not possible."""

    @property
    def wechat_api_url(self) -> str:
        """Where the API is."""


class WeChatClient:
    """Calls the API for one account. Safe to share between threads."""

    def __init__(
        self,
        settings: ApiSettings,
        database: Database,
        clock: Callable[[], datetime],
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Make a client; the access token is shared through ``database``."""
        self._clock = clock
        self._can_send = bool(settings.wechat_app_id and settings.wechat_app_secret)
        self._wire = Wire(settings.wechat_api_url, connect_seconds=connect_seconds, read_seconds=read_seconds)
        self._tokens = Tokens(
            database, clock, self._wire, app_id=settings.wechat_app_id, secret=settings.wechat_app_secret
        )
        self._secret = settings.wechat_app_secret
        self._circuit = Circuit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    def send(self, openid: str, content: Content, *, before_writing: Callable[[], None] = lambda: None) -> Result:
        """Send a customer-service message, or one by template.

        ``before_writing`` is called once all else is ready and nothing has left yet; what it raises stops the sending and is passed on.
        """
        try:
            path, message = to_call(openid, content)
        except CannotSend as error:
            return Refused(error.outcome)
        return self._sent(path, message, before_writing)

    def typing(self, openid: str, *, on: bool = True) -> Result:
        """Show the member that somebody is typing, or no longer; it matters to nobody when it fails."""
        try:
            self.call(TYPING, {"touser": openid, "command": "Typing" if on else "CancelTyping"})
        except CallFailed as error:
            return error.result
        return Sent()

    def call(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] = _NOTHING,
        good_codes: frozenset[str] = _GOOD,
    ) -> dict[str, Any]:
        """Make any other call and return the platform's answer: a POST of ``body`` as JSON, a GET with ``query`` when there is no body.

        ``good_codes`` are the error codes that mean that what was wanted is so (``0``, and perhaps "it is so already").
        When the platform did not answer five times in a row, calls fail at once (``offline``), but for one in ten seconds. Raises CallFailed.
        """
        if body is None:
            return self._waited_for(lambda token: self._wire.get(path, query, token=token, most_bytes=MOST_LIST_BYTES))
        return self._waited_for(
            lambda token: self._wire.post(path, body, token=token, most_bytes=MOST_LIST_BYTES), good_codes
        )

    def upload(self, path: str, query: Mapping[str, str], file: File) -> dict[str, Any]:
        """Post a file and return the platform's answer. Raises CallFailed."""
        return self._waited_for(lambda token: self._wire.upload(path, query, file, token=token))

    def fetch(self, path: str, query: Mapping[str, str], *, most_bytes: int) -> bytes | dict[str, Any]:
        """Return a file of at most ``most_bytes``, or the JSON object that came in its place. Raises CallFailed."""
        return self._waited_for(lambda token: self._wire.fetch(path, query, token=token, most_bytes=most_bytes))

    def _waited_for(self, request: Callable[[str], Answer], good_codes: frozenset[str] = _GOOD) -> Answer:
        """Make a call that a person waits for. Raises CallFailed."""
        if not self._circuit.may_try():
            raise CallFailed(RetryLater("offline"))
        found = self._with_token(request, code_of_success="0", good_codes=good_codes)
        if isinstance(found, Refused | RetryLater | Unknown):
            self._circuit.note(answered=outcome_of(found.outcome).code not in UNANSWERED)
            raise CallFailed(found)
        self._circuit.note(answered=True)
        return found

    def _sent(self, path: str, body: Mapping[str, object], before_writing: Callable[[], None] = lambda: None) -> Result:
        found = self._with_token(lambda token: self._wire.post(path, body, token=token), before_writing)
        return Sent(str(found.get("msgid", ""))) if isinstance(found, dict) else found

    def _with_token(
        self,
        request: Callable[[str], Answer],
        before_writing: Callable[[], None] = lambda: None,
        *,
        code_of_success: str | None = None,
        good_codes: frozenset[str] = _GOOD,
    ) -> Answer | Failure:
        """Make a request with the access token, and once more with a fresh one when the platform turns that down.

        ``code_of_success`` is what an answer without an error code counts as, None when every answer must have one.
        """
        if not self._can_send:
            return Refused("no_secret")
        try:
            token = self._tokens.current()
        except NoToken as error:
            return RetryLater(error.outcome, error.after_seconds)
        before_writing()
        result = self._try(request, token, code_of_success, good_codes)
        if result is not None:
            return result
        try:
            fresh = self._tokens.current(refused=token)
        except NoToken as error:
            return RetryLater(error.outcome, error.after_seconds)
        result = self._try(request, fresh, code_of_success, good_codes)
        if result is None:
            logger.error("a fresh access token was refused: does another program fetch tokens for this account?")
            return RetryLater("40001", HALT_SECONDS)
        return result

    def _try(
        self, request: Callable[[str], Answer], token: str, code_of_success: str | None, good_codes: frozenset[str]
    ) -> Answer | Failure | None:
        """Make one request; None when the platform turned the token down."""
        try:
            answer = request(token)
        except NotSent as error:
            return RetryLater(error.outcome)
        except Unanswered as error:
            return Unknown(error.outcome)
        if isinstance(answer, bytes):
            return answer
        code = _code(answer) if "errcode" in answer else code_of_success
        if code is None:
            return Unknown("not_json")
        if code in good_codes:
            return answer
        message = str(answer.get("errmsg", "")).replace(token, "…").replace(self._secret, "…")
        return self._meaning(with_detail(code, message))

    def _meaning(self, outcome: str) -> Failure | None:
        """Say what a refusal of the platform means for the call."""
        row = outcome_of(outcome)
        if row.action in (Action.ALARM, Action.HALT):
            logger.error("the platform refuses with error %s: %s", row.code, row.en)
        match row.action:
            case Action.TOKEN:
                return None
            case Action.BUSY:
                return RetryLater(outcome, holds_all=False, most_tries=MOST_BUSY_TRIES)
            case Action.MINUTE:
                return RetryLater(outcome, MINUTE_SECONDS)
            case Action.QUOTA:
                return RetryLater(outcome, min(_seconds_to_midnight(self._clock()), MOST_QUOTA_SECONDS))
            case Action.HALT:
                return RetryLater(outcome, HALT_SECONDS)
            case Action.CLOSE:
                return Refused(outcome, closes_window=True)
            case _:
                return Refused(outcome)


def _code(answer: dict[str, Any]) -> str | None:
    """Return the error code of an answer as text, None when there is none to be read."""
    code = answer.get("errcode")
    if isinstance(code, bool) or not isinstance(code, (int, str)):
        return None
    text = str(code)
    return text if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) <= 9 else None


def _seconds_to_midnight(now: datetime) -> float:
    here = now.astimezone(PLATFORM_ZONE)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - here).total_seconds()
