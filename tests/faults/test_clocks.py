"""Clocks that are wrong, and clocks that jump: every message outside the reply reaches its member once."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.chores import Chore
from bot.delivery.sending import release_lapsed
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from storage import outbox
from storage.database import Database
from storage.outbox import OutboxMessage
from tests.delivery.people import Outgoing, running
from tests.wechat_api import FarSide, far_side

WRONG = [timedelta(minutes=10), timedelta(minutes=-10), timedelta(days=1), timedelta(days=-1)]
MESSAGES = 16
RELEASE = Chore("release lapsed messages", 0.0, release_lapsed)  # as often as it can do harm


def right() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as made:
        made.on_send = lambda: time.sleep(0.02)  # what a network takes, so that workers meet
        yield made


def send_all(database: Database, far: FarSide, clocks: list[Callable[[], datetime]]) -> None:
    """Post messages, and have a worker for each clock send them until nothing is under way or due."""
    outgoing = Outgoing(database, right)
    for number in range(MESSAGES):
        outgoing.say(outgoing.member(), f"第{number}条")
    with ExitStack() as stack:
        for clock in clocks:
            client = stack.enter_context(WeChatClient(far.settings, database, clock))
            stack.enter_context(running(Worker(database, client, clock, threads=2, chores=(RELEASE,))))
        ends = time.monotonic() + 30
        while any(is_open(message) for message in outbox.page(database)):
            assert time.monotonic() < ends, far.calls
            time.sleep(0.01)


def is_open(message: OutboxMessage) -> bool:
    """Say whether a message is under way, or due by the right clock."""
    return message.state == "sending" or (message.state == "ready" and message.due_at <= right())


def check(database: Database, far: FarSide) -> None:
    """Nothing arrived twice; what did not arrive is still to come, and nothing is lost."""
    arrived = Counter(far.texts())
    assert set(arrived.values()) == {1}
    waiting = {json.loads(one.content)["text"] for one in outbox.page(database) if one.state == "ready"}
    assert arrived.keys() | waiting == {f"第{number}条" for number in range(MESSAGES)}
    assert not arrived.keys() & waiting


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_worker_with_a_wrong_clock_beside_one_with_the_right_one_doubles_nothing(
    database: Database, far: FarSide, wrong: timedelta
) -> None:
    send_all(database, far, [right, lambda: right() + wrong])
    check(database, far)


@pytest.mark.parametrize("wrong", [WRONG[0], WRONG[3]], ids=str)
def test_a_clock_that_jumps_while_messages_are_under_way_doubles_nothing(
    database: Database, far: FarSide, wrong: timedelta
) -> None:
    send_all(database, far, [lambda: right() + wrong * (len(far.delivered) % 2), right])
    check(database, far)
