"""The webhook under an ASGI server: one event loop serves all messages, and no sender, however slow, holds a thread."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from bot.waiting import Waiting
from bot.wechat.errors import Refusal
from bot.wechat.webhook import Request, Webhook, fixed_headers

if TYPE_CHECKING:
    from a2wsgi.asgi_typing import HTTPScope, Receive, Send

BODY_SECONDS = 10.0  # for a whole body; the platform sends one at once


async def serve(webhook: Webhook, waiting: Waiting, scope: "HTTPScope", receive: "Receive", send: "Send") -> None:
    """Answer one request (ASGI)."""
    response = await webhook.serve(_request(scope, receive), waiting)
    length = str(len(response.answer.body)).encode()
    headers = [*_fixed_headers(response.status, response.answer.content_type), (b"content-length", length)]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.answer.body, "more_body": False})


@cache  # there are a dozen of them
def _fixed_headers(status: int, content_type: str) -> tuple[tuple[bytes, bytes], ...]:
    headers = fixed_headers(status, content_type)
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)


def _request(scope: "HTTPScope", receive: "Receive") -> Request:
    headers = dict(scope["headers"])
    client = scope.get("client")

    async def read(length: int | None, limit: int) -> bytes:
        return await _read_body(receive, length, limit)

    def header(name: bytes) -> str:
        return headers.get(name, b"").decode("latin-1")

    return Request(
        method=scope["method"],
        query=scope["query_string"].decode("latin-1"),
        content_length=header(b"content-length"),
        content_encoding=header(b"content-encoding"),
        address=client[0] if client else "",
        read=read,
    )


async def _read_body(receive: "Receive", length: int | None, limit: int) -> bytes:
    body, more = await _piece(receive)
    if more and len(body) != length:  # servers say that there may be more even when there cannot be
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body += await _rest(receive, limit - len(body))
        except TimeoutError as error:
            raise Refusal(400, "body cut") from error
    if length is not None and len(body) != length:
        raise Refusal(400, "body cut")
    return body


async def _rest(receive: "Receive", most: int) -> bytes:
    pieces, more = [], True
    while more:
        piece, more = await _piece(receive)
        pieces.append(piece)
        most -= len(piece)
        if most < 0:
            raise Refusal(413, "body too large")
    return b"".join(pieces)


async def _piece(receive: "Receive") -> tuple[bytes, bool]:
    """Return some of a body, and whether more may come."""
    message = await receive()
    if message["type"] != "http.request":  # gone
        return b"", False
    return message.get("body", b""), message.get("more_body", False)
