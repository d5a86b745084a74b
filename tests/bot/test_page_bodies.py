"""Bodies are taken whole, within bounds of size, time and number."""

import asyncio
from typing import Any, cast

import pytest

from bot.page_bodies import Body, BodyRefused, Limits, PageBodies

SMALL, LARGE = Limits(at_once=2, most_bytes=10, seconds=0.05), Limits(at_once=1, most_bytes=100, seconds=0.05)


class Sender:
    """Who sends these pieces and then, unless that was the end, nothing until told to."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self.pieces = list(pieces)
        self.ends = ends
        self.goes = asyncio.Event()

    async def __call__(self) -> dict[str, Any]:
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self.ends}
        await self.goes.wait()
        return {"type": "http.disconnect"}


async def read(bodies: PageBodies, sender: Sender, declared: int | None = None) -> Body | int:
    """Return the body, or the status it is refused with."""
    try:
        return await bodies.read(cast(Any, sender), declared)
    except BodyRefused as error:
        return error.status


@pytest.mark.parametrize(
    ("pieces", "ends", "declared", "found"),
    [
        ([b""], True, None, Body(b"", ended=True)),
        ([b"abc", b"def"], True, None, Body(b"abcdef", ended=True)),
        ([b"abc", b"def"], False, 6, Body(b"abcdef", ended=False)),
        ([b"x" * 10, b"y", b"z"], True, None, Body(b"x" * 10 + b"yz", ended=True)),
        ([b"x" * 60, b"y" * 40], True, 100, Body(b"x" * 60 + b"y" * 40, ended=True)),
        ([b"x" * 60, b"y" * 41], True, None, 413),
        ([], True, 101, 413),
        ([b"abc"], False, 10, 408),
        ([b"abc" * 10], False, 100, 408),
    ],
)
def test_a_body_is_whole_or_refused(
    pieces: list[bytes],
    ends: bool,
    declared: int | None,
    found: Body | int,
) -> None:
    async def scene() -> Body | int:
        return await read(PageBodies(SMALL, LARGE), Sender(*pieces, ends=ends), declared)

    assert asyncio.run(scene()) == found


@pytest.mark.parametrize(("declared", "at_once"), [(5, SMALL.at_once), (50, LARGE.at_once)])
def test_so_many_are_read_at_once_and_places_are_given_back(declared: int, at_once: int) -> None:
    other = 50 if declared == 5 else 5

    async def scene() -> None:
        bodies = PageBodies(SMALL, LARGE)
        slow = [Sender(b"x", ends=False) for _ in range(at_once)]
        reading = [asyncio.create_task(read(bodies, sender, declared)) for sender in slow]
        await asyncio.sleep(0)
        assert await read(bodies, Sender(b"x" * declared), declared) == 503
        assert await read(bodies, Sender(b"x" * other), other) == Body(b"x" * other, ended=True)
        for sender in slow:
            sender.goes.set()
        assert await asyncio.gather(*reading) == [400] * at_once
        assert await read(bodies, Sender(b"x" * declared), declared) == Body(b"x" * declared, ended=True)

    asyncio.run(scene())
