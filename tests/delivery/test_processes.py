"""Real processes that expire, stall and die while they send: one refresh, no late write, nothing doubled.

``OUTBOX_JOBS`` sets how many messages four of them share (200 when not set).
"""

import os
import signal
import threading
from contextlib import ExitStack
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from bot.cli.context import Context
from bot.delivery.sending import release_lapsed
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from storage import outbox
from storage.database import Database
from tests.delivery.conftest import real_clock
from tests.delivery.people import Outgoing
from tests.delivery.test_once import is_empty, wait_for, worker_process
from tests.processes import FORKS, running
from tests.wechat_api import SEND, TOKEN, TYPING, FarSide

pytestmark = pytest.mark.slow
PROCESSES = 8
JOBS = int(os.environ.get("OUTBOX_JOBS", "200"))


def call_when_told(ready: Barrier, answers: "Queue[str]") -> None:
    """Wait for the others, then call the platform: the work of a process."""
    context = Context()
    with WeChatClient(context.settings, context.database, real_clock) as client:
        ready.wait(30)
        answers.put(str(client.typing("oAlice")))
        answers.close()
        answers.join_thread()


def test_eight_processes_whose_token_expired_fetch_one_new_token(
    far: FarSide, client: WeChatClient, environment: dict[str, str], tmp_path: Path
) -> None:
    client.typing("oAlice")
    far.expire_token()
    ready, said = FORKS.Barrier(PROCESSES), FORKS.Queue()
    with ExitStack() as stack:
        for number in range(PROCESSES):
            call = running(call_when_told, ready, said, environment=environment, folder=tmp_path, name=f"{number}")
            stack.enter_context(call)
        answers = [said.get(timeout=30) for _ in range(PROCESSES)]
    assert [answer.partition("(")[0] for answer in answers] == ["Sent"] * PROCESSES
    assert far.calls[TOKEN] == 2, "the first one, and one for all"
    assert far.calls[TYPING] <= 1 + 2 * PROCESSES


def lapse(database: Database) -> None:
    """Let the leases of whoever sends run out, as a minute's stall would; another process may fetch a token again."""
    database.write(lambda tx: tx.execute("UPDATE outbox SET lease_until = 0 WHERE state = 'sending'"))
    database.write(lambda tx: tx.execute("UPDATE access_tokens SET refresh_after = 0"))
    database.write(lambda tx: release_lapsed(tx, real_clock()))


def test_a_process_stopped_before_sending_wakes_too_late_to_send(
    outgoing: Outgoing,
    database: Database,
    far: FarSide,
    environment: dict[str, str],
    client: WeChatClient,
    tmp_path: Path,
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    asked, answer = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        answer.wait(30)

    far.before_token = hold
    with worker_process(environment, tmp_path) as stalled:
        assert asked.wait(30)
        stalled.send(signal.SIGSTOP)
        far.before_token = lambda: None
        lapse(database)
        assert outgoing.states(alice) == ["ready"]
        assert Worker(database, client, real_clock).send_next()
        assert outgoing.states(alice) == ["sent"]
        answer.set()
        stalled.send(signal.SIGCONT)
        stalled.send(signal.SIGTERM)
        assert stalled.wait(30) == 0
    assert len(far.delivered) == far.calls[SEND] == 1
    assert outgoing.only(alice).state == "sent"
    assert outgoing.only(alice).attempt == 2


def test_a_process_stopped_after_sending_wakes_too_late_to_write_it_down(
    outgoing: Outgoing,
    database: Database,
    far: FarSide,
    environment: dict[str, str],
    client: WeChatClient,
    tmp_path: Path,
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "one")
    arrived, answer = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        answer.wait(30)

    far.on_send = hold
    with worker_process(environment, tmp_path) as stalled:
        assert arrived.wait(30)
        stalled.send(signal.SIGSTOP)
        far.on_send = lambda: None
        lapse(database)
        outgoing.say(alice, "two")
        assert Worker(database, client, real_clock).send_next()
        answer.set()
        wait_for(lambda: len(far.delivered) == 2)
        stalled.send(signal.SIGCONT)
        stalled.send(signal.SIGTERM)
        assert stalled.wait(30) == 0
    assert outgoing.states(alice) == ["unknown", "sent"], "what it learnt on waking changes nothing"
    assert sorted(far.texts()) == ["one", "two"]
    assert far.calls[SEND] == 2


def test_a_worker_killed_while_it_sends_doubles_nothing_and_loses_nothing(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str], tmp_path: Path
) -> None:
    texts = [f"message {number}" for number in range(40)]
    for text in texts:
        outgoing.say(outgoing.member(), text)
    with worker_process(environment, tmp_path) as worker:
        wait_for(lambda: len(far.delivered) >= 10)
        worker.kill()
    lapse(database)
    with worker_process(environment, tmp_path) as worker:
        wait_for(lambda: is_empty(database))
        worker.send(signal.SIGTERM)
        assert worker.wait(30) == 0
    assert len(far.texts()) == len(set(far.texts())), "none twice"
    by_state = outbox.page(database, limit=50)
    unsure = [message for message in by_state if message.state == "unknown"]
    assert {message.state for message in by_state} <= {"sent", "unknown"}
    assert len(unsure) <= 4, "what each thread had under way"
    assert len(far.texts()) >= len(texts) - len(unsure)


def test_four_processes_on_one_outbox_send_each_message_once_and_in_order(
    outgoing: Outgoing, database: Database, far: FarSide, environment: dict[str, str], tmp_path: Path
) -> None:
    people = [outgoing.member(messages=JOBS) for _ in range(40)]
    for number in range(JOBS):
        outgoing.say(people[number % len(people)], f"{number:06d}")
    with ExitStack() as stack:
        workers = [stack.enter_context(worker_process(environment, tmp_path, f"{n}")) for n in range(4)]
        wait_for(lambda: is_empty(database), seconds=60 + JOBS / 20)
        for worker in workers:
            worker.send(signal.SIGTERM)
        assert [worker.wait(30) for worker in workers] == [0] * 4
    assert sorted(far.texts()) == [f"{number:06d}" for number in range(JOBS)]
    for person in people:
        theirs = [one["text"]["content"] for one in far.delivered if one["touser"] == person.external_id]
        assert theirs == sorted(theirs)
    assert far.calls[TOKEN] == 1
