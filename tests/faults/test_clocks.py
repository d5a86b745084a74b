"""Clocks that are wrong, and clocks that jump: every message outside the reply reaches its member once."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.chores import Chore, queue_lapsed_conversations
from bot.delivery.sending import release_lapsed
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from storage import conversations, outbox
from storage.database import Database
from storage.outbox import OutboxMessage
from tests.conftest import Clock
from tests.delivery.people import Outgoing, running
from tests.phone import Phone
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


def test_what_an_agent_said_under_a_clock_that_was_ahead_leaves_once_it_is_right(
    database: Database, far: FarSide, clock: Clock
) -> None:
    outgoing = Outgoing(database, clock)
    alice, later = outgoing.member(), clock.now + timedelta(days=2)
    clock.forward(days=1)
    outgoing.say(alice, "马上就好")
    outgoing.say(alice, "后天见", due_at=later)
    clock.forward(days=-1)
    with WeChatClient(far.settings, database, clock) as client:
        worker = Worker(database, client, clock)
        assert not worker.send_next()
        database.write(lambda tx: release_lapsed(tx, clock.now))
        assert worker.send_next()
        assert not worker.send_next(), "what was to be sent later is sent later"
    assert far.texts() == ["马上就好"]


def test_a_dialogue_taken_under_a_clock_that_was_ahead_is_not_kept_from_everybody_for_as_long(
    phone: Phone, database: Database, clock: Clock
) -> None:
    phone.says("转人工")
    [waiting] = conversations.open_conversations(database)

    def take(now: datetime) -> None:
        lease = timedelta(minutes=30)
        assert database.write(lambda tx: conversations.take(tx, waiting.member_id, agent_id=1, lease=lease, now=now))

    take(clock.now)
    assert database.write(lambda tx: queue_lapsed_conversations(tx, clock.now)) == 0
    take(clock.now + timedelta(days=1))
    assert database.write(lambda tx: queue_lapsed_conversations(tx, clock.now)) == 1
    take(clock.now + timedelta(days=1))
    assert "签到" in phone.says("签到"), "a message finds it out as well"
