"""The table of faults: many messages through every way in which the platform can fail, and what came of each, counted at the far side.

``FAULT_JOBS`` sets how many messages go through each way (12 when not set, on the embedded engine alone; more run on both).
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from bot.delivery.breaker import Breaker
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from storage import outbox
from storage.database import Database
from storage.outbox import OutboxMessage
from tests.conftest import ENGINES
from tests.delivery.conftest import real_clock
from tests.delivery.people import Outgoing, running
from tests.wechat_api import SEND, TOKEN, ApiSettings, Failure, FarSide, closed_port_url

JOBS = int(os.environ.get("FAULT_JOBS", "12"))
THREADS = 4


@pytest.fixture(params=ENGINES if JOBS > 12 else ENGINES[:1])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def posted(outgoing: Outgoing, client: WeChatClient) -> list[str]:
    """The texts of as many messages, each to a member of their own; the access token is at hand."""
    texts = [f"message {number}" for number in range(JOBS)]
    for text in texts:
        outgoing.say(outgoing.member(), text)
    client.typing("oNobody")
    return texts


def messages(database: Database) -> list[OutboxMessage]:
    return outbox.page(database, limit=JOBS + 1)


def wait_for(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30 + JOBS
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.01)


@contextmanager
def working(database: Database, settings: ApiSettings, *, read_seconds: float = 5.0) -> Iterator[None]:
    """Have a worker send for a while, by short pauses."""
    with WeChatClient(settings, database, real_clock, connect_seconds=0.1, read_seconds=read_seconds) as client:
        worker = Worker(database, client, real_clock, threads=THREADS, breaker=Breaker(0.001, 0.002))
        with running(worker):
            yield


def is_settled(database: Database) -> bool:
    depth = outbox.depth(database)
    return depth.ready + depth.sending == 0


def attempts(database: Database) -> int:
    return sum(message.attempt for message in messages(database))


def ended(database: Database) -> set[tuple[str, str]]:
    """How the messages ended: states with the codes that say why."""
    return {(message.state, message.outcome.partition(":")[0]) for message in messages(database)}


def check_sent_once_when_it_is_over(database: Database, far: FarSide, posted: list[str]) -> None:
    """What was surely not delivered waits; once the fault is over, each message arrives, once."""
    assert {message.state for message in messages(database)} == {"ready"}
    assert far.delivered == []
    far.always = None
    database.write(lambda tx: tx.execute("UPDATE outbox SET due_at = 0"))
    with working(database, far.settings):
        wait_for(lambda: is_settled(database))
    assert sorted(far.texts()) == sorted(posted)
    assert ended(database) == {("sent", "")}


@contextmanager
def full_port_url() -> Iterator[str]:
    """An address whose host never answers a connection: its queue is full."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.settimeout(0)
            with suppress(BlockingIOError):
                one.connect(server.getsockname())
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            for one in waiting:
                one.close()


@pytest.mark.parametrize("way", ["refused", "no such name", "TLS fails", "timeout before writing"])
def test_without_a_connection_everything_waits(far: FarSide, database: Database, posted: list[str], way: str) -> None:
    with full_port_url() as full:
        addresses = {
            "refused": closed_port_url(),
            "no such name": "http://no-such-host.invalid",
            "TLS fails": far.url.replace("http://", "https://"),
            "timeout before writing": full,
        }
        with working(database, replace(far.settings, wechat_api_url=addresses[way])):
            wait_for(lambda: attempts(database) >= 2 * THREADS)
    assert ("ready", "offline") in ended(database)
    assert {message.tries for message in messages(database)} == {0}, "it is not the messages' fault"
    check_sent_once_when_it_is_over(database, far, posted)


@pytest.mark.parametrize(
    ("failure", "outcome"), [("refused:404", "http_refused"), (40001, "40001"), (45011, "45011"), (45009, "45009")]
)
def test_what_turns_everything_down_stops_everything(
    far: FarSide, database: Database, posted: list[str], failure: Failure, outcome: str
) -> None:
    far.always = failure
    with working(database, far.settings):
        wait_for(lambda: any(message.outcome for message in messages(database)))
        time.sleep(0.2)
    met = {message.outcome.partition(":")[0] for message in messages(database)} - {""}
    assert met == {outcome}
    if outcome != "http_refused":
        assert far.calls[SEND] <= 2 * THREADS, "a whole queue never runs into a quota"
    check_sent_once_when_it_is_over(database, far, posted)
    assert far.calls[TOKEN] <= 3, "no storm"


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        ("silence", "timeout"),
        ("reset", "cut_off"),
        ("500", "http_error"),
        ("502", "http_error"),
        ("empty", "not_json"),
        ("html", "not_json"),
        ("half", "cut_off"),
        ("half json", "not_json"),
        ("no code", "not_json"),
    ],
)
def test_what_may_have_arrived_is_unsure_and_never_repeated(
    far: FarSide, database: Database, posted: list[str], failure: str, outcome: str
) -> None:
    far.always = failure
    with working(database, far.settings, read_seconds=0.2 if failure == "silence" else 5.0):
        wait_for(lambda: is_settled(database))
    assert ended(database) == {("unknown", outcome)}
    far.always = None
    with working(database, far.settings):
        time.sleep(0.2)
    assert sorted(far.texts()) == sorted(posted), "each arrived once, though nobody here knows"
    assert far.calls[SEND] == JOBS


@pytest.mark.parametrize(
    ("failure", "end", "calls"),
    [
        (45015, ("failed", "45015"), 1),
        (45047, ("failed", "45047"), 1),
        (43004, ("failed", "43004"), 1),
        (40003, ("failed", "40003"), 1),
        (48001, ("failed", "48001"), 1),
        (99999, ("failed", "99999"), 1),
        (-1, ("dead", "-1"), 5),
    ],
)
def test_what_is_refused_ends_with_its_reason(
    far: FarSide, database: Database, posted: list[str], failure: int, end: tuple[str, str], calls: int
) -> None:
    far.always = failure
    with working(database, far.settings):
        wait_for(lambda: is_settled(database))
    assert ended(database) == {end}
    assert far.delivered == []
    assert far.calls[SEND] == calls * JOBS


def test_faults_that_pass_by_leave_each_message_sent_once(far: FarSide, database: Database, posted: list[str]) -> None:
    far.next_failures.extend([-1, "refused:404"] * (JOBS // 2))
    with working(database, far.settings):
        wait_for(lambda: is_settled(database))
    assert sorted(far.texts()) == sorted(posted)
    assert ended(database) == {("sent", "")}
