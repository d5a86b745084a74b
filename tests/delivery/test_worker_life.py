"""The worker as it runs: how soon it notices, how it stops, what it does beside sending."""

import threading
import time
from datetime import timedelta

import pytest

from bot.delivery import chores
from bot.delivery.chores import Chore
from bot.delivery.worker import SenderDied, Worker
from bot.wechat.client import WeChatClient
from storage import changes, conversations
from storage.database import Database, Transaction
from storage.sqlite import SqliteDatabase
from tests.delivery.conftest import real_clock
from tests.delivery.people import Outgoing, running, wait_until_empty
from tests.wechat_api import FarSide


def test_an_idle_worker_sends_within_300_ms(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    alice = outgoing.member(messages=100)
    arrived = threading.Event()
    far.on_send = arrived.set
    client.typing(alice.external_id)

    def seconds_until_sent() -> float:
        arrived.clear()
        outgoing.say(alice)
        started = time.monotonic()
        assert arrived.wait(5)
        return time.monotonic() - started

    with running(Worker(database, client, real_clock, threads=2)):
        polled = sorted(seconds_until_sent() for _ in range(9))
    assert polled[4] < 0.3, polled


def test_a_worker_that_is_woken_does_not_wait_for_its_next_look(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    arrived, wake = threading.Event(), threading.Event()
    far.on_send = arrived.set
    with running(Worker(database, client, real_clock, threads=1, wake=wake, poll_seconds=30)) as stop:
        outgoing.say(outgoing.member())
        wake.set()
        assert arrived.wait(5)
        wait_until_empty(database)
        stop.set()
        wake.set()


def test_stopping_finishes_what_is_in_hand(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    outgoing.say(alice)
    under_way = threading.Event()

    def slow() -> None:
        under_way.set()
        far.release.wait(0.1)

    far.on_send = slow
    with running(Worker(database, client, real_clock)) as stop:
        assert under_way.wait(5)
        stop.set()
    assert outgoing.states(alice) == ["sent", "ready"]


@pytest.mark.parametrize("engine", ["sqlite"])  # which alone is locked as a whole
def test_the_outcome_is_kept_though_the_database_was_locked_meanwhile(
    outgoing: Outgoing, database: SqliteDatabase, far: FarSide, client: WeChatClient
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    impatient, other = SqliteDatabase(database.path, wait_seconds=0.02), SqliteDatabase(database.path)
    locked, done = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        tx.execute("DELETE FROM audit")
        locked.set()
        done.wait(0.2)

    holder = threading.Thread(target=lambda: other.write(hold))

    def lock() -> None:
        holder.start()
        locked.wait(5)

    far.on_send = lock
    Worker(impatient, client, real_clock).send_next()
    holder.join()
    other.close()
    impatient.close()
    assert outgoing.states(alice) == ["sent"]
    assert len(far.delivered) == 1


def test_chores_are_done_at_their_intervals(database: Database, client: WeChatClient) -> None:
    done = {"often": 0, "once": 0}
    enough = threading.Event()

    def note(name: str) -> None:
        done[name] += 1
        if done["often"] >= 2:
            enough.set()

    jobs = [Chore("often", 0.05, lambda tx, now: note("often")), Chore("once", 60, lambda tx, now: note("once"))]
    with running(Worker(database, client, real_clock, threads=1, chores=jobs)):
        assert enough.wait(5)
    assert done["once"] == 1


def test_a_conversation_whose_agent_went_away_is_queued_again(outgoing: Outgoing, database: Database) -> None:
    alice, now = outgoing.member(), real_clock()
    database.write(lambda tx: conversations.take(tx, alice.member_id, agent_id=1, lease=timedelta(seconds=1), now=now))
    later = now + timedelta(seconds=1)
    assert database.write(lambda tx: chores.queue_lapsed_conversations(tx, later)) == 1
    assert conversations.count_waiting(database) == 1
    assert {change.topic for change in changes.after(database, 0)} == {"owner", "queue"}
    assert database.write(lambda tx: chores.forget_changes(tx, later + timedelta(days=1, seconds=1))) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sending_thread_that_ends_ends_the_worker(database: Database) -> None:
    def ending_clock() -> object:
        raise SystemExit

    worker = Worker(database, object(), ending_clock, threads=1, chores=[])  # type: ignore[arg-type]
    with pytest.raises(SenderDied):
        worker.run(threading.Event())


class ToldWhileItLooks(threading.Event):
    """Set just after the worker has looked at it, whose senders end before it looks at anything else."""

    def wait(self, timeout: float | None = None) -> bool:
        if self.is_set() or threading.current_thread().name.startswith("sender-"):
            return super().wait(timeout)
        self.set()
        for thread in threading.enumerate():
            if thread.name.startswith("sender-"):
                thread.join()
        return False


def test_senders_that_end_as_soon_as_they_are_told_to_stop_have_not_died(database: Database) -> None:
    Worker(database, object(), real_clock, poll_seconds=0.01).run(ToldWhileItLooks())  # type: ignore[arg-type]
