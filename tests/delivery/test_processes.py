"""Real processes that expire, stall and die while they send: one refresh, no late write, nothing doubled.

``OUTBOX_JOBS`` sets how many messages four of them share (200 when not set).
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bot.delivery.sending import release_lapsed
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from storage import outbox
from storage.database import Database
from tests.delivery.conftest import real_clock
from tests.delivery.people import Outgoing
from tests.delivery.test_once import is_empty, wait_for
from tests.wechat_api import SEND, TOKEN, TYPING, FarSide

pytestmark = pytest.mark.slow
PROCESSES = 8
JOBS = int(os.environ.get("OUTBOX_JOBS", "200"))
_WORKER = "from bot.cli.context import Context; from bot.cli.worker import worker; worker(obj=Context())"
_CALLER = """
import sys
from datetime import UTC, datetime
from bot.cli.context import Context
from bot.wechat.client import WeChatClient
context = Context()
with WeChatClient(context.settings, context.database, lambda: datetime.now(UTC)) as client:
    print("ready", flush=True)
    sys.stdin.readline()
    print(client.typing("oAlice"))
"""


@contextmanager
def process(code: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        try:
            yield started
        finally:
            started.send_signal(signal.SIGCONT)
            started.kill()


def test_eight_processes_whose_token_expired_fetch_one_new_token(
    far: FarSide, client: WeChatClient, environment: dict[str, str]
) -> None:
    client.typing("oAlice")
    far.expire_token()
    with ExitStack() as stack:
        callers = [stack.enter_context(process(_CALLER, environment)) for _ in range(PROCESSES)]
        for caller in callers:
            assert caller.stdout is not None
            assert caller.stdout.readline() == "ready\n"
        for caller in callers:
            assert caller.stdin is not None
            caller.stdin.write("\n")
            caller.stdin.flush()
        answers = [caller.stdout.readline() for caller in callers if caller.stdout is not None]
    assert [answer.partition("(")[0] for answer in answers] == ["Sent"] * PROCESSES
    assert far.calls[TOKEN] == 2, "the first one, and one for all"
    assert far.calls[TYPING] <= 1 + 2 * PROCESSES


def lapse(database: Database) -> None:
    """Let the leases of whoever sends run out, as a minute's stall would; another process may fetch a token again."""
    database.write(lambda tx: tx.execute("UPDATE outbox SET lease_until = 0 WHERE state = 'sending'"))
    database.write(lambda tx: tx.execute("UPDATE access_tokens SET refresh_after = 0"))
    database.write(lambda tx: release_lapsed(tx, real_clock()))


def test_a_process_stopped_before_sending_wakes_too_late_to_send(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str], client: WeChatClient
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    asked, answer = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        answer.wait(30)

    far.before_token = hold
    with process(_WORKER, environment) as stalled:
        assert asked.wait(30)
        stalled.send_signal(signal.SIGSTOP)
        far.before_token = lambda: None
        lapse(database)
        assert outgoing.states(alice) == ["ready"]
        assert Worker(database, client, real_clock).send_next()
        assert outgoing.states(alice) == ["sent"]
        answer.set()
        stalled.send_signal(signal.SIGCONT)
        stalled.send_signal(signal.SIGTERM)
        assert stalled.wait(30) == 0
    assert len(far.delivered) == far.calls[SEND] == 1
    assert outgoing.only(alice).state == "sent"
    assert outgoing.only(alice).attempt == 2


def test_a_process_stopped_after_sending_wakes_too_late_to_write_it_down(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str], client: WeChatClient
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "one")
    arrived, answer = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        answer.wait(30)

    far.on_send = hold
    with process(_WORKER, environment) as stalled:
        assert arrived.wait(30)
        stalled.send_signal(signal.SIGSTOP)
        far.on_send = lambda: None
        lapse(database)
        outgoing.say(alice, "two")
        assert Worker(database, client, real_clock).send_next()
        answer.set()
        wait_for(lambda: len(far.delivered) == 2)
        stalled.send_signal(signal.SIGCONT)
        stalled.send_signal(signal.SIGTERM)
        assert stalled.wait(30) == 0
    assert outgoing.states(alice) == ["unknown", "sent"], "what it learnt on waking changes nothing"
    assert sorted(far.texts()) == ["one", "two"]
    assert far.calls[SEND] == 2


def test_a_worker_killed_while_it_sends_doubles_nothing_and_loses_nothing(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str]
) -> None:
    texts = [f"message {number}" for number in range(40)]
    for text in texts:
        outgoing.say(outgoing.member(), text)
    with process(_WORKER, environment) as worker:
        wait_for(lambda: len(far.delivered) >= 10)
        worker.kill()
    lapse(database)
    with process(_WORKER, environment) as worker:
        wait_for(lambda: is_empty(database))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    assert len(far.texts()) == len(set(far.texts())), "none twice"
    by_state = outbox.page(database, limit=50)
    unsure = [message for message in by_state if message.state == "unknown"]
    assert {message.state for message in by_state} <= {"sent", "unknown"}
    assert len(unsure) <= 4, "what each thread had under way"
    assert len(far.texts()) >= len(texts) - len(unsure)


def test_four_processes_on_one_outbox_send_each_message_once_and_in_order(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str]
) -> None:
    people = [outgoing.member(messages=JOBS) for _ in range(40)]
    for number in range(JOBS):
        outgoing.say(people[number % len(people)], f"{number:06d}")
    with ExitStack() as stack:
        workers = [stack.enter_context(process(_WORKER, environment)) for _ in range(4)]
        wait_for(lambda: is_empty(database), seconds=60 + JOBS / 20)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(30) for worker in workers] == [0] * 4
    assert sorted(far.texts()) == [f"{number:06d}" for number in range(JOBS)]
    for person in people:
        theirs = [one["text"]["content"] for one in far.delivered if one["touser"] == person.external_id]
        assert theirs == sorted(theirs)
    assert far.calls[TOKEN] == 1
