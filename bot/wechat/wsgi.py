"""The webhook under a WSGI server, or a test's client: each request waits in its own thread."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.waiting import Waiting, at_once
from bot.wechat.errors import Refusal
from bot.wechat.webhook import Request, Webhook, fixed_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIEnvironment


class WsgiWebhook:
    """A webhook as a WSGI application."""

    def __init__(self, webhook: Webhook, waiting: Waiting) -> None:
        """Serve ``webhook``; ``waiting`` must never pause, as ``InThread`` doesn't."""
        self._webhook = webhook
        self._waiting = waiting

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        response = at_once(self._webhook.serve(_request(environ), self._waiting))
        headers = fixed_headers(response.status, response.answer.content_type)
        headers.append(("Content-Length", str(len(response.answer.body))))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [response.answer.body]


def _request(environ: "WSGIEnvironment") -> Request:
    async def read(length: int | None, limit: int) -> bytes:
        return _read_body(environ, length, limit)

    return Request(
        method=environ["REQUEST_METHOD"],
        query=environ.get("QUERY_STRING", ""),
        content_length=environ.get("CONTENT_LENGTH", ""),
        content_encoding=environ.get("HTTP_CONTENT_ENCODING", ""),
        address=environ.get("REMOTE_ADDR", ""),
        read=read,
    )


def _read_body(environ: "WSGIEnvironment", length: int | None, limit: int) -> bytes:
    stream: InputStream = environ["wsgi.input"]
    if length is not None:
        body = _read(stream, length)
        if len(body) != length:
            raise Refusal(400, "body cut")
        return body
    if not environ.get("wsgi.input_terminated"):
        return b""  # without a length, and no promise of an end, there is no body
    body = _read(stream, limit + 1)
    if len(body) > limit:
        raise Refusal(413, "body too large")
    return body


def _read(stream: "InputStream", most: int) -> bytes:
    """Read up to ``most`` bytes; a server may hand them over in pieces."""
    parts = []
    try:
        while most > 0 and (part := stream.read(most)):
            parts.append(part)
            most -= len(part)
    except OSError as error:
        raise Refusal(400, "body cut") from error
    return b"".join(parts)
