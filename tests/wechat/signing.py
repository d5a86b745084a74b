"""Requests for tests: rightly signed ones in plain and safe mode, and ones wrong in exactly one chosen place."""

import base64
import hashlib
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.front import WsgiFront
from bot.waiting import Waiting
from bot.wechat.account import Account, Mode
from bot.wechat.webhook import Webhook
from intents.messages import Message
from storage.database import Transaction
from templates.content import Content

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

TOKEN = "kafei_door_token"
APP_ID = "wx40c8d1e2f3a4b596"
ACCOUNT_ID = "gh_7d20e9b4a516"
OPENID = "oK7s54cQ4YYMcIzP7BHTO8FlaIZX"
AES_KEY = "TestsKeepTheirOwnKeyApart0123456789abcdefgE"
PREVIOUS_AES_KEY = "TheKeyBeforeThatOneWas9876543210zyxwvutsrqI"
NOW = datetime(2026, 2, 1, 4, 0, tzinfo=UTC)

T = TypeVar("T")


class AtOnce:
    """A way to wait for a webhook whose turn stores nothing."""

    async def write(self, work: Callable[[Transaction], T]) -> T:
        raise NotImplementedError

    async def apart(self, work: Callable[[], T]) -> T:
        return work()


def turning(turn: Callable[[Message], Content | None]) -> Callable[[Message, Waiting], Awaitable[Content | None]]:
    """Return a turn in the form the webhook takes."""

    async def answer(message: Message, _: Waiting) -> Content | None:
        return turn(message)

    return answer


def account(mode: Mode = "plain", **changes: Any) -> Account:
    """Return the tests' account in a mode, with a previous key for the encrypted ones."""
    settings: dict[str, Any] = {"app_id": APP_ID, "token": TOKEN, "account_id": ACCOUNT_ID, "mode": mode}
    if mode != "plain":
        settings |= {"aes_key": AES_KEY, "previous_aes_key": PREVIOUS_AES_KEY}
    return Account(**(settings | changes))


def signature(*parts: str) -> str:
    """Return the signature over these parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def signed_query(now: datetime = NOW, nonce: str = "739105", token: str = TOKEN, **more: str) -> str:
    """Return a rightly signed query string; ``more`` are parameters beside the three, or in their place."""
    timestamp = str(int(now.timestamp()))
    return urlencode({"signature": signature(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, **more})


def encrypted(
    document: bytes,
    *,
    key: str = AES_KEY,
    app_id: bytes = APP_ID.encode(),
    length: int | None = None,
    padding: int | None = None,
    padding_bytes: bytes | None = None,
    drop_bytes: int = 0,
) -> str:
    """Return ``document`` in the platform's encryption, with one knob for each part that can be wrong.

    ``length`` is the declared one; ``padding`` the value of the padding byte; ``padding_bytes`` the whole padding; ``drop_bytes`` cuts the end of the
    encrypted text.
    """
    raw_key = base64.b64decode(key + "=")
    declared = len(document) if length is None else length % 2**32
    text = b"sixteen random..", declared.to_bytes(4, "big"), document, app_id
    joined = b"".join(text)
    size = 32 - len(joined) % 32
    if padding_bytes is None:
        padding_bytes = bytes([size if padding is None else padding]) * size
    encryptor = Cipher(algorithms.AES(raw_key), modes.CBC(raw_key[:16])).encryptor()
    ciphertext = encryptor.update(joined + padding_bytes) + encryptor.finalize()
    return base64.b64encode(ciphertext[: len(ciphertext) - drop_bytes]).decode()


def enveloped(text: str, now: datetime = NOW, nonce: str = "739105", **more: str) -> tuple[str, bytes]:
    """Return query string and body of a safe-mode push around an encrypted text, rightly signed whatever it holds."""
    msg_signature = signature(TOKEN, str(int(now.timestamp())), nonce, text)
    query = signed_query(now, nonce, **({"encrypt_type": "aes", "msg_signature": msg_signature} | more))
    body = f"<xml><ToUserName><![CDATA[{ACCOUNT_ID}]]></ToUserName><Encrypt><![CDATA[{text}]]></Encrypt></xml>"
    return query, body.encode()


def sealed(document: bytes, now: datetime = NOW, nonce: str = "739105", **knobs: Any) -> tuple[str, bytes]:
    """Return query string and body of a safe-mode push around ``document``; ``knobs`` are those of ``encrypted``."""
    return enveloped(encrypted(document, **knobs), now, nonce)


def text_document(
    content: str = "你好", *, msg_id: str = "74959595220069526", openid: str = OPENID, more: str = ""
) -> bytes:
    """Return the plain document of a text message; ``content`` and ``more`` go in as they are, unescaped."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT_ID}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>1769576148</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId>{more}</xml>"
    ).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def call(
    webhook: Webhook,
    query: str,
    body: bytes = b"",
    method: str = "POST",
    *,
    stream: Any = None,
    ends: bool = False,
    hops: int = 0,
    **environ: Any,
) -> Response:
    """Send one request to a webhook under WSGI.

    ``stream`` is read in place of ``body``; ``ends`` is the server's promise that it ends by itself. ``hops`` proxies of ours
    stand in front. ``environ`` overrides; a value of None removes.
    """
    started: list[tuple[str, list[tuple[str, str]]]] = []
    request: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "PATH_INFO": "/wechat",
        "REMOTE_ADDR": "203.0.113.7",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": stream or io.BytesIO(body),
        "wsgi.input_terminated": ends,
        **environ,
    }
    present = {name: value for name, value in request.items() if value is not None}
    application = WsgiFront(_no_page, webhook, AtOnce(), proxy_hops=hops)
    answer = b"".join(application(present, _noting(started)))
    ((status, headers),) = started
    return Response(int(status.split()[0]), dict(headers), answer)


def _no_page(environ: Any, start_response: Any) -> list[bytes]:
    raise AssertionError("only the webhook is asked for")


def _noting(started: list[tuple[str, list[tuple[str, str]]]]) -> "StartResponse":
    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return bytes

    return start
