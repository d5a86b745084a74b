"""The front: takes the webhook's requests past Flask's routing, straight to the gate; everything else is ordinary Flask, in threads.

Flask's own handling of a request costs as much as a third of a turn, and threads that hand the interpreter to each other cost as much again: under an
ASGI server one event loop serves all messages, and only pages take threads.
"""

import asyncio
import ipaddress
import threading
from collections.abc import Iterable
from contextlib import suppress
from itertools import takewhile
from typing import TYPE_CHECKING, cast

from a2wsgi import WSGIMiddleware
from werkzeug.wsgi import ClosingIterator

from bot.page_bodies import BodyRefused, PageBodies
from bot.waiting import Waiting
from bot.wechat.asgi import serve
from bot.wechat.webhook import Webhook
from bot.wechat.wsgi import WsgiWebhook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from a2wsgi.asgi_typing import HTTPScope, Receive, ReceiveEvent, Scope, Send, SendEvent
    from a2wsgi.wsgi_typing import WSGIApp

WEBHOOK_PATH = "/wechat"
_BUSY = b"busy, please try again\n"
TAKE_SECONDS = 20.0  # for a piece of a page to be taken by who asked for it
LAST_PAGES_SECONDS = 6.0  # live pages end within three seconds
_LEFT = "zhaohu.left"


class WsgiFront:
    """A WSGI application that is the webhook on its path, and the given application on all others: for tests, and for trying things out.

    ``proxy_hops`` is how many proxies of ours stand in front.
    """

    def __init__(
        self, application: "WSGIApplication", webhook: Webhook, waiting: Waiting, *, proxy_hops: int = 0
    ) -> None:
        self._hops = proxy_hops
        self._application = application
        self._webhook = WsgiWebhook(webhook, waiting)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if self._hops:
            passed = believed(environ.get("HTTP_X_FORWARDED_FOR", ""), self._hops)
            environ["REMOTE_ADDR"] = passed or environ.get("REMOTE_ADDR", "")
        if environ.get("PATH_INFO") == WEBHOOK_PATH:
            return self._webhook(environ, start_response)
        return self._application(environ, start_response)


class AsgiFront:
    """An ASGI application that is the webhook on its path, and the given WSGI application on all others: what the service runs as.

    ``most_pages`` bounds how many requests the other paths handle at once, each in a thread; who comes too many gets 503. ``proxy_hops`` is how
    many proxies of ours stand in front.
    """

    def __init__(
        self, application: "WSGIApplication", webhook: Webhook, waiting: Waiting, *, most_pages: int, proxy_hops: int
    ) -> None:
        self._hops = proxy_hops
        self._webhook = webhook
        self._waiting = waiting
        self._pages = WSGIMiddleware(cast("WSGIApp", _until_left(application)), workers=most_pages)
        self._most_pages = most_pages
        self._open_pages = 0
        self._bodies = PageBodies()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        if scope["path"] == WEBHOOK_PATH:
            if self._hops:  # for pages the WSGI side sees to it
                scope = _behind_proxies(scope, self._hops)
            await serve(self._webhook, self._waiting, scope, receive, send)
        elif not scope["query_string"].isascii():
            await _say(send, 400, b"the query is not ASCII\n")
        else:
            await self._page(scope, receive, send)

    async def _live(self, receive: "Receive", send: "Send") -> None:
        """Let the pages that are open end before the loop does: their threads would wait for it for ever, and the process for them."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_PAGES_SECONDS):
                while self._open_pages:
                    await asyncio.sleep(0.05)
        await send({"type": "lifespan.shutdown.complete"})

    async def _page(self, scope: "HTTPScope", receive: "Receive", send: "Send") -> None:
        """Have a thread answer, once the whole body is there."""
        try:
            body = await self._bodies.read(receive, _declared_length(scope))
        except BodyRefused as error:
            await _say(send, error.status, error.text)
            return
        if self._open_pages >= self._most_pages:
            await _say(send, 503, _BUSY, (b"retry-after", b"2"))
            return
        left = threading.Event()
        watching = asyncio.create_task(_wait_until_left(receive, left, ended=body.ended))
        self._open_pages += 1
        try:
            await self._pages(
                cast("HTTPScope", {**scope, _LEFT: left}), _bringing(body.content), _while_taken(send, left)
            )
        finally:
            self._open_pages -= 1
            watching.cancel()


def believed(forwarded_for: str, hops: int) -> str | None:
    """Return the sender's address from X-Forwarded-For: the entry that the outermost of our ``hops`` proxies wrote.

    What stands before it is the sender's own claim. With fewer entries, or one that is no address, the request did not come that way: None, the
    connection's own address counts.
    """
    entries = forwarded_for.split(",")
    if len(entries) >= hops:
        with suppress(ValueError):
            return str(ipaddress.ip_address(entries[-hops].strip()))
    return None


def _behind_proxies(scope: "HTTPScope", hops: int) -> "HTTPScope":
    entries = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    passed = believed(",".join(entries), hops)
    return cast("HTTPScope", {**scope, "client": (passed, 0)}) if passed else scope


def _declared_length(scope: "HTTPScope") -> int | None:
    declared = dict(scope["headers"]).get(b"content-length", b"")
    return int(declared) if declared.isdigit() else None


def _bringing(body: bytes) -> "Receive":
    async def receive() -> "ReceiveEvent":
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _wait_until_left(receive: "Receive", left: threading.Event, *, ended: bool) -> None:
    """Notice when the one who asked has gone: the server tells it only to who asks for more after the whole body."""
    while not ended:
        message = await receive()
        ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
    await receive()
    left.set()


def _while_taken(send: "Send", left: threading.Event) -> "Send":
    """Return ``send`` for as long as what is sent is taken: who asks for a page and does not read it counts as gone, or would hold its thread."""

    async def send_in_time(message: "SendEvent") -> None:
        if left.is_set():
            return
        try:
            async with asyncio.timeout(TAKE_SECONDS):
                await send(message)
        except TimeoutError:
            left.set()

    return send_in_time


def _until_left(application: "WSGIApplication") -> "WSGIApplication":
    """Return the application with answers that end when the one who asked has gone, so that a live page frees its thread."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["wsgi.input_terminated"] = True
        left: threading.Event = environ["asgi.scope"][_LEFT]
        parts = application(environ, start_response)
        return ClosingIterator(takewhile(lambda _: not left.is_set(), parts), getattr(parts, "close", None))

    return answer


async def _say(send: "Send", status: int, text: bytes, *headers: tuple[bytes, bytes]) -> None:
    fixed = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": text, "more_body": False})
