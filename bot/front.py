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

from bot.waiting import Waiting
from bot.wechat.asgi import serve
from bot.wechat.webhook import Webhook
from bot.wechat.wsgi import WsgiWebhook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from a2wsgi.asgi_typing import HTTPScope, Receive, ReceiveEvent, Scope, Send
    from a2wsgi.wsgi_typing import WSGIApp

WEBHOOK_PATH = "/wechat"
_BUSY = b"busy, please try again\n"
BODY_SECONDS = 10.0  # for a body to begin to come
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
        elif self._open_pages >= self._most_pages:
            await _say(send, 503, _BUSY, (b"retry-after", b"2"))
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
        left = threading.Event()
        watch = _Watch(receive, left)
        self._open_pages += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                await watch.begin()
        except TimeoutError:  # who announces a body and sends none would take the place of a page for ever
            await _say(send, 408, b"nothing came\n")
        else:
            await self._pages(cast("HTTPScope", {**scope, _LEFT: left}), watch.receive, send)
        finally:
            self._open_pages -= 1
            watch.end()


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


class _Watch:
    """Notices when the one who asked has gone: the server tells it only to who asks for more after the whole body."""

    def __init__(self, receive: "Receive", left: threading.Event) -> None:
        self._receive = receive
        self._left = left
        self._first: ReceiveEvent | None = None
        self._watching: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Wait for the first of the body; an application that needs none never asks for it."""
        self._first = await self._next()

    async def receive(self) -> "ReceiveEvent":
        first, self._first = self._first, None
        return first or await self._next()

    async def _next(self) -> "ReceiveEvent":
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._left.set()
        elif message["type"] == "http.request" and not message.get("more_body"):
            self._watching = asyncio.create_task(self._wait_until_left())
        return message

    async def _wait_until_left(self) -> None:
        await self._receive()
        self._left.set()

    def end(self) -> None:
        if self._watching is not None:
            self._watching.cancel()


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
