"""The platform's part in a fault test: it sends a message, and sends it again until it got an answer."""

import http.client
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.wechat.account import Account
from bot.wechat.outbound_push import Element, Push, message_fields
from tests.phone import shown

PUSH = Push(Account(app_id="wx0", token="token4faults", mode="plain", account_id="gh_000000000001"))
_ANSWER_SECONDS = 5.0
_PAUSE_SECONDS = (
    0.05  # the platform itself pauses for seconds; many that ask at every moment keep a server from starting
)
_GIVE_UP_SECONDS = 60.0


def text_fields(openid: str, words: str) -> dict[str, Element]:
    """Return a new text message."""
    return message_fields(PUSH.account, openid, "text", datetime.now(UTC), Content=words)


def deliver(port: int, fields: Mapping[str, Element], *, timeout_seconds: float = _ANSWER_SECONDS) -> tuple[int, bytes]:
    """Send a message once and return status and body. Raises OSError or HTTPException when no answer came."""
    query, body = PUSH.of(fields, datetime.now(UTC))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
    try:
        connection.request("POST", f"/wechat?{query}", body, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def deliver_until_answered(port: int, fields: Mapping[str, Element]) -> str:
    """Send a message again and again until it is answered with 200; return the words of the reply."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        try:
            status, body = deliver(port, fields)
        except (OSError, http.client.HTTPException):
            status, body = 503, b""
        if status == 200:
            return shown(PUSH.heard(body))
        assert status == 503, status
        time.sleep(_PAUSE_SECONDS)
    raise AssertionError(f"not answered in {_GIVE_UP_SECONDS:.0f} s")
