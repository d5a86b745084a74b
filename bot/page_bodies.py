"""Bodies of requests to pages: read whole by the event loop before a page takes a thread, so that whoever sends slowly holds none.

Bounded in size, time and number, as everybody may send: forms are small and many, files few and large.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.records import immutable

if TYPE_CHECKING:
    from a2wsgi.asgi_typing import Receive


class BodyRefused(Exception):
    """The body was not taken: the ``status`` to answer with, and a ``text`` that says why, for programs."""

    def __init__(self, status: int, text: bytes) -> None:
        super().__init__(text.decode("ascii").strip())
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bodies are read at once, each of how many bytes, for how long."""

    at_once: int
    most_bytes: int
    seconds: float


SMALL = Limits(at_once=1024, most_bytes=64 * 1024, seconds=10.0)  # forms, and calls of the API
LARGE = Limits(at_once=8, most_bytes=11 * 1024 * 1024, seconds=60.0)  # files: a picture of 10 MB over 1.5 Mbit/s


@immutable(frozen=True, slots=True)
class Body:
    """A whole body; ``ended`` is whether the server has said that nothing more comes."""

    content: bytes
    ended: bool


class PageBodies:
    """The bodies that are being read in one process; used by its event loop alone."""

    def __init__(self, small: Limits = SMALL, large: Limits = LARGE) -> None:
        """Read within these limits."""
        self._small, self._large = small, large
        self._reading = {small: 0, large: 0}

    async def read(self, receive: "Receive", declared: int | None) -> Body:
        """Return the body that the server brings, ``declared`` bytes long (None when it does not say). Raises BodyRefused."""
        if declared is not None and declared > self._large.most_bytes:
            raise BodyRefused(413, b"the body is too large\n")
        pieces: list[bytes] = []
        fits = declared is None or declared <= self._small.most_bytes
        try:
            for limits in (self._small, self._large) if fits else (self._large,):
                with self._place(limits):
                    ended = await _gather(pieces, receive, declared, limits)
                if ended is not None and sum(map(len, pieces)) <= self._large.most_bytes:
                    return Body(b"".join(pieces), ended)
        except TimeoutError:
            raise BodyRefused(408, b"the body did not come in time\n") from None
        raise BodyRefused(413, b"the body is too large\n")

    @contextmanager
    def _place(self, limits: Limits) -> Iterator[None]:
        if self._reading[limits] >= limits.at_once:
            raise BodyRefused(503, b"busy, please try again\n")
        self._reading[limits] += 1
        try:
            yield
        finally:
            self._reading[limits] -= 1


async def _gather(pieces: list[bytes], receive: "Receive", declared: int | None, limits: Limits) -> bool | None:
    """Add pieces until the body is whole, and return whether the server said so; None when it is longer than the limits allow.

    Raises BodyRefused when the sender goes away, TimeoutError when it takes too long.
    """
    length = sum(map(len, pieces))
    async with asyncio.timeout(limits.seconds):
        while length <= limits.most_bytes:
            message = await receive()
            if message["type"] != "http.request":
                raise BodyRefused(400, b"the body was cut\n")
            pieces.append(message.get("body", b""))
            length += len(pieces[-1])
            ended = not message.get("more_body", False)
            if ended or length == declared:  # servers say that there may be more even when there cannot be
                return ended
    return None
