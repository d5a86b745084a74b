"""Under an event loop: messages are served by it, whatever their senders do; pages by threads, which are free again once nobody listens."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import pytest

from bot import front as front_module
from bot.front import AsgiFront
from bot.waiting import OnLoop
from bot.wechat import asgi
from bot.wechat.webhook import BODIES_AT_ONCE
from storage.database import Database
from tests.wechat.conftest import Door
from tests.wechat.signing import account, signed_query, text_document

LIMIT = account().max_body_bytes
Sent = list[dict[str, Any]]


class Sender:
    """Who sends a request in pieces and, once the pieces are used up, goes away or stays silent."""

    def __init__(self, *pieces: bytes, path: str = "/wechat", query: str = "", stays: bool = True) -> None:
        self.pieces = list(pieces)
        self.stays = stays
        self.sent: Sent = []
        self.gone = asyncio.Event()
        self.scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "path": path,
            "root_path": "",
            "scheme": "http",
            "query_string": (query or signed_query()).encode("latin-1"),
            "headers": [(b"host", b"brand.example")],
            "client": ("203.0.113.7", 4711),
            "server": ("127.0.0.1", "8000"),
        }

    def with_header(self, name: bytes, value: bytes) -> "Sender":
        self.scope["headers"].append((name, value))
        return self

    async def receive(self) -> dict[str, Any]:
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self.stays}
        if self.stays:
            await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def asks(self, front: AsgiFront) -> int:
        await front(cast(Any, self.scope), cast(Any, self.receive), cast(Any, self.send))
        return self.status

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def page(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REMOTE_ADDR"].encode(), b" ", environ["wsgi.input"].read()]


@pytest.fixture
def front_of(door: Door, database: Database) -> Callable[..., AsgiFront]:
    def make(application: Any = page, *, most_pages: int = 4, proxy_hops: int = 0) -> AsgiFront:
        waiting = OnLoop(database, threads=4)
        return AsgiFront(application, door.webhook, waiting, most_pages=most_pages, proxy_hops=proxy_hops)

    return make


def test_a_message_in_pieces_is_answered(front_of: Callable[..., AsgiFront], door: Door) -> None:
    async def scene() -> None:
        document = text_document("在吗")
        sender = Sender(document[:9], document[9:60], document[60:])
        assert await sender.asks(front_of()) == 200
        assert "在吗".encode() in sender.body
        headers = dict(sender.sent[0]["headers"])
        assert headers[b"content-type"] == b"application/xml; charset=utf-8"
        assert headers[b"content-length"] == str(len(sender.body)).encode()

    asyncio.run(scene())
    assert len(door.messages) == 1


@pytest.mark.parametrize(
    ("pieces", "declared", "status"),
    [
        ([b"x" * LIMIT, b"x"], None, 413),
        ([b"x" * 100], LIMIT + 1, 413),
        ([text_document()], len(text_document()) + 1, 400),
        ([text_document()], len(text_document()), 200),
        ([b""], None, 400),
    ],
)
def test_a_body_is_as_long_as_declared_and_no_longer_than_allowed(
    front_of: Callable[..., AsgiFront], pieces: list[bytes], declared: int | None, status: int
) -> None:
    async def scene() -> None:
        sender = Sender(*pieces)
        if declared is not None:
            sender.with_header(b"content-length", str(declared).encode())
        assert await sender.asks(front_of()) == status

    asyncio.run(scene())


def test_whoever_goes_away_or_stops_sending_is_refused(
    front_of: Callable[..., AsgiFront], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.05)

    async def scene() -> None:
        length = str(len(text_document())).encode()
        left = Sender(b"<xml>", stays=False).with_header(b"content-length", length)
        assert await left.asks(front_of()) == 400
        silent = Sender(b"<xml>", b"").with_header(b"content-length", length)
        silent.receive = stalling(silent)  # type: ignore[method-assign]
        assert await silent.asks(front_of()) == 400

    asyncio.run(scene())
    assert door.messages == []


def stalling(sender: Sender) -> Any:
    """Return a receive that brings one piece and then nothing, for ever."""
    first = [{"type": "http.request", "body": b"<xml>", "more_body": True}]

    async def receive() -> dict[str, Any]:
        if first:
            return first.pop()
        await sender.gone.wait()
        return {"type": "http.disconnect"}

    return receive


def test_one_signed_address_cannot_have_more_than_its_share_of_bodies_read(
    front_of: Callable[..., AsgiFront],
) -> None:
    async def scene() -> None:
        front = front_of()
        slow = [Sender() for _ in range(BODIES_AT_ONCE)]
        for sender in slow:
            sender.receive = stalling(sender)  # type: ignore[method-assign]
        tasks = [asyncio.create_task(sender.asks(front)) for sender in slow]
        await asyncio.sleep(0)
        assert await Sender(text_document()).asks(front) == 503
        assert await Sender(text_document(), query=signed_query(nonce="another")).asks(front) == 200
        for sender in slow:
            sender.gone.set()
        assert await asyncio.gather(*tasks) == [400] * BODIES_AT_ONCE
        assert await Sender(text_document()).asks(front) == 200

    asyncio.run(scene())


def test_pages_are_served_in_threads_with_their_bodies(front_of: Callable[..., AsgiFront]) -> None:
    async def scene() -> None:
        sender = Sender(b"a=1", b"&b=2", path="/login", query="x=1")
        assert await sender.asks(front_of()) == 200
        assert sender.body == b"203.0.113.7 a=1&b=2"

    asyncio.run(scene())


def test_a_query_that_is_not_ascii_is_refused(front_of: Callable[..., AsgiFront]) -> None:
    async def scene() -> None:
        assert await Sender(b"", path="/login", query="x=\xff").asks(front_of()) == 400

    asyncio.run(scene())


def test_behind_proxies_the_webhook_sees_the_address_that_ours_wrote(front_of: Callable[..., AsgiFront]) -> None:
    async def scene() -> None:
        front = front_of(proxy_hops=1)
        for _ in range(60):
            await Sender(b"", query="signature=1").with_header(b"x-forwarded-for", b"6.6.6.6").asks(front)
        again = Sender(b"", query="signature=1").with_header(b"x-forwarded-for", b"6.6.6.6")
        other = Sender(b"", query="signature=1").with_header(b"x-forwarded-for", b"6.6.6.6, 7.7.7.7")
        assert (await again.asks(front), await other.asks(front)) == (429, 403)

    asyncio.run(scene())


def test_too_many_pages_at_once_are_told_to_come_again_and_messages_are_not(
    front_of: Callable[..., AsgiFront],
) -> None:
    let_go = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        let_go.wait(10)
        return page(environ, start_response)

    async def scene() -> None:
        front = front_of(slow, most_pages=2)
        held = [asyncio.create_task(Sender(b"", path="/desk/", query="x=1").asks(front)) for _ in range(2)]
        await asyncio.sleep(0)
        refused = Sender(b"", path="/desk/", query="x=1")
        assert await refused.asks(front) == 503
        assert dict(refused.sent[0]["headers"])[b"retry-after"]
        assert await Sender(text_document()).asks(front) == 200
        let_go.set()
        assert await asyncio.gather(*held) == [200, 200]

    asyncio.run(scene())


def test_whoever_sends_a_form_slowly_takes_the_place_of_no_page(front_of: Callable[..., AsgiFront]) -> None:
    async def scene() -> None:
        front = front_of(most_pages=1)
        slow = Sender(path="/login", query="x=1").with_header(b"content-length", b"1000")
        slow.receive = stalling(slow)  # type: ignore[method-assign]
        asking = asyncio.create_task(slow.asks(front))
        await asyncio.sleep(0)
        assert await Sender(b"", path="/login", query="x=1").asks(front) == 200
        slow.gone.set()
        assert await asking == 400

    asyncio.run(scene())


def test_who_does_not_read_a_page_lets_go_of_its_thread(
    front_of: Callable[..., AsgiFront], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "TAKE_SECONDS", 0.05)
    closed = threading.Event()

    class Long:
        """Far more than the server keeps for who does not read."""

        def __iter__(self) -> Iterator[bytes]:
            for _ in range(1000):
                yield b"x" * 1000

        def close(self) -> None:
            closed.set()

    def long_page(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Long()

    async def never(message: object) -> None:
        await asyncio.Event().wait()

    async def scene() -> None:
        front = front_of(long_page, most_pages=1)
        reader = Sender(b"", path="/desk/", query="x=1")
        await asyncio.wait_for(front(cast(Any, reader.scope), cast(Any, reader.receive), cast(Any, never)), 5)
        assert closed.is_set()
        assert await Sender(b"", path="/desk/", query="x=1").asks(front) == 200

    asyncio.run(scene())


def test_a_live_page_that_nobody_listens_to_any_more_ends_and_is_closed(front_of: Callable[..., AsgiFront]) -> None:
    closed = threading.Event()

    class Stream:
        """Says something every now and then, without end."""

        def __iter__(self) -> Iterator[bytes]:
            while not closed.wait(0.01):
                yield b": still here\n\n"

        def close(self) -> None:
            closed.set()

    def live(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return Stream()

    async def scene() -> None:
        front = front_of(live)
        sender = Sender(b"", path="/desk/live", query="x=1")
        asking = asyncio.create_task(sender.asks(front))
        while len(sender.sent) < 3:
            await asyncio.sleep(0.01)
        assert not asking.done()
        sender.gone.set()
        await asyncio.wait_for(asking, 5)

    asyncio.run(scene())
    assert closed.is_set()


def test_the_loop_ends_only_after_the_pages_that_are_open(front_of: Callable[..., AsgiFront]) -> None:
    let_go = threading.Event()

    def slow(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        let_go.wait(10)
        return page(environ, start_response)

    async def scene() -> list[str]:
        front, told = front_of(slow), list[str]()
        events = ["lifespan.startup", "lifespan.shutdown"]

        async def receive() -> Any:
            return {"type": events.pop(0)}

        async def send(message: Any) -> None:
            told.append(message["type"])

        asking = asyncio.create_task(Sender(b"", path="/desk/", query="x=1").asks(front))
        await asyncio.sleep(0)
        ending = asyncio.create_task(front(cast(Any, {"type": "lifespan"}), receive, send))
        await asyncio.sleep(0.1)
        assert told == ["lifespan.startup.complete"]
        let_go.set()
        assert await asking == 200
        await ending
        return told

    assert asyncio.run(scene()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
