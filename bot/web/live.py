"""Live streams to open pages (server-sent events): counted, bounded, and ended within seconds once their session has."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.local import LocalProxy

from bot.web.auth import current_session, session_is_good
from bot.web.words import gettext
from storage.sessions import Session

HEARTBEAT_SECONDS = 3.0  # also how soon the place of a page that was left is free again
CHECK_SESSION_SECONDS = 4.0  # so that a disabled user's pages fall silent within five
_RETRY_SECONDS = 15
_EXTENSION = "zhaohu_live"


class Places:
    """A bounded number of places for streams in this process."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0
        self.closed = False
        self._lock = threading.Lock()

    def take(self) -> "Place | None":
        """Return a place, or None when all are taken."""
        with self._lock:
            if self.closed or self.taken >= self.most:
                return None
            self.taken += 1
        return Place(self._free, lambda: self.closed)

    def close(self) -> None:
        """Let nobody in any more and have every stream end at its next step, as the process is about to end; pages connect again by themselves."""
        self.closed = True

    def _free(self) -> None:
        with self._lock:
            self.taken -= 1


class Place:
    """One place, given back once however often it is asked to."""

    def __init__(self, free: Callable[[], None], must_end: Callable[[], bool]) -> None:
        self._free = free
        self.must_end = must_end
        self._lock = threading.Lock()
        self._held = True

    def give_back(self) -> None:
        """Let another stream have the place."""
        with self._lock:
            if self._held:
                self._held = False
                self._free()


def event(name: str, data: str = "", event_id: str = "") -> str:
    """Write one event: its name, what it carries (HTML, say; may have lines), and the id to resume after."""
    lines = [f"id: {event_id}"] if event_id else []
    lines.append(f"event: {name}")
    lines.extend(f"data: {line}" for line in (data.splitlines() or [""]))
    return "\n".join(lines) + "\n\n"


def stream(events: Iterator[str]) -> Response:
    """Answer with a live stream of ``events``, each written by ``event``.

    ``events`` must yield at least every four seconds, an empty text when there is nothing to tell: between two of them the session is looked at
    and the heartbeat is sent. Each step of it runs inside a context of this request, so that templates can be rendered. Over the bound of
    streams (LIVE_STREAMS) the answer is 503 with Retry-After, upon which pages fall back to asking now and then.
    """
    place = current_app.extensions[_EXTENSION].take()
    if place is None:
        raise ServiceUnavailable(gettext("同时打开的实时页面太多了。"), retry_after=_RETRY_SECONDS)
    response = Response(
        _while_session_is_good(events, current_session(), _kept_context(), place), mimetype="text/event-stream"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(place.give_back)
    return response


def bound_streams(app: Flask, most: int) -> None:
    """Let the app have at most so many streams open at once."""
    app.extensions[_EXTENSION] = Places(most)


def places_of(app: Flask) -> Places:
    """Return the app's places for streams."""
    return cast(Places, app.extensions[_EXTENSION])


def _kept_context() -> Callable[[], AbstractContextManager[object]]:
    """Return what opens a context like the present one. (One held open all along could only be closed by the thread that opened it.)"""
    app, environ, kept = (
        cast(LocalProxy[Flask], current_app)._get_current_object(),
        request.environ,
        {name: g.get(name) for name in g},
    )

    @contextmanager
    def again() -> Iterator[None]:
        with app.request_context(environ):
            for name, value in kept.items():
                setattr(g, name, value)
            yield

    return again


def _while_session_is_good(
    events: Iterator[str], session: Session | None, context: Callable[[], AbstractContextManager[object]], place: Place
) -> Iterator[str]:
    told = checked = time.monotonic()
    try:
        yield ": open\n\n"
        while not place.must_end():
            ended = False
            with context():  # never open while yielding
                text = next(events, None)
                now = time.monotonic()
                if session is not None and now - checked >= CHECK_SESSION_SECONDS:
                    checked, ended = now, not session_is_good(session.token_hash)
            if ended:
                yield event("ended")
            if ended or text is None:
                return
            if text or now - told >= HEARTBEAT_SECONDS:
                told = now
                yield text or ": still here\n\n"
    finally:
        place.give_back()
