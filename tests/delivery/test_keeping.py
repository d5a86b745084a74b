"""A worker that fails is started again, and what it cannot read holds up nobody."""

import threading
from datetime import timedelta

import pytest

from bot.delivery.chores import Chore
from bot.delivery.keeping import Keeper
from bot.delivery.sending import LEASE, release_lapsed, take
from bot.delivery.worker import SenderDied, Worker
from bot.wechat.client import WeChatClient
from storage import outbox
from storage.database import Database, Transaction
from tests.conftest import Clock
from tests.delivery.conftest import real_clock
from tests.delivery.people import Outgoing, running, wait_until_empty
from tests.wechat_api import FarSide

IMPOSSIBLE_MS = 99_999_999_999_999_999


def spoil(database: Database, column: str, member_id: int) -> None:
    database.write(
        lambda tx: tx.execute(
            f"UPDATE outbox SET {column} = :impossible WHERE member_id = :member",
            {"impossible": -IMPOSSIBLE_MS if column == "due_at" else IMPOSSIBLE_MS, "member": member_id},
        )
    )


def test_a_worker_that_failed_is_started_again_until_it_is_stopped() -> None:
    runs, second = [], threading.Event()

    def work(stop: threading.Event) -> None:
        runs.append(stop)
        if len(runs) == 1:
            stop.set()  # as a worker does for its own threads when it ends
            raise SenderDied
        second.set()
        stop.wait(10)

    keeper = Keeper(work, threading.Event(), pause_seconds=0.01)
    keeper.start()
    assert second.wait(5)
    seen = [keeper.is_running]
    keeper.stop(5)
    seen.append(keeper.is_running)
    assert seen == [True, False]
    assert len(runs) == 2


def test_a_row_that_cannot_be_a_message_ends_as_dead_and_the_others_are_sent(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    alice, bob = outgoing.member(), outgoing.member()
    outgoing.say(alice)
    spoil(database, "due_at", alice.member_id)
    outgoing.say(bob)
    with running(Worker(database, client, real_clock, threads=1)):
        wait_until_empty(database, seconds=5)
    assert outgoing.states(bob) == ["sent"]
    only = outgoing.only(alice)
    assert (only.state, only.outcome, outgoing.exchange_status(alice)) == ("dead", "unreadable", "dead")


def test_a_message_on_its_way_whose_lease_is_impossible_becomes_unknown(outgoing: Outgoing, database: Database) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    message = database.write(lambda tx: take(tx, real_clock()))
    assert message is not None
    assert database.write(lambda tx: outbox.depart(tx, message, real_clock(), LEASE))
    spoil(database, "lease_until", alice.member_id)
    database.write(lambda tx: release_lapsed(tx, real_clock()))
    assert outgoing.states(alice) == ["unknown"]


def test_a_lease_begun_under_a_clock_that_was_ahead_is_not_waited_for(database: Database, clock: Clock) -> None:
    outgoing = Outgoing(database, clock)
    alice = outgoing.member()
    outgoing.say(alice)
    clock.forward(hours=10)
    database.write(lambda tx: take(tx, clock()))
    clock.forward(hours=-10)
    assert database.write(lambda tx: release_lapsed(tx, clock())) == 1
    assert outgoing.states(alice) == ["ready"]


def test_a_lease_that_has_just_begun_is_respected_though_clocks_differ_a_little(
    database: Database, clock: Clock
) -> None:
    outgoing = Outgoing(database, clock)
    outgoing.say(outgoing.member())
    database.write(lambda tx: take(tx, clock()))
    clock.forward(seconds=-30)
    assert database.write(lambda tx: release_lapsed(tx, clock())) == 0


def test_a_fault_of_one_step_ends_neither_sending_nor_the_chores(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient, caplog: pytest.LogCaptureFixture
) -> None:
    faults = {"sender-0": 1, "chores": 1}

    def failing_once(name: str) -> None:
        if faults.get(name):
            faults[name] -= 1
            raise ZeroDivisionError

    def clock() -> object:
        failing_once(threading.current_thread().name)
        return real_clock()

    def chore(tx: Transaction, now: object) -> None:
        failing_once("chores")
        done.set()

    done = threading.Event()
    worker = Worker(
        database,
        client,
        clock,  # type: ignore[arg-type]
        threads=1,
        chores=[Chore("tidy", 0.01, chore)],
    )
    alice = outgoing.member()
    outgoing.say(alice)
    with running(worker):
        assert done.wait(5)
        wait_until_empty(database, seconds=5)
    assert outgoing.states(alice) == ["sent"]
    assert faults == {"sender-0": 0, "chores": 0}
    assert {record.levelname for record in caplog.records if record.exc_info} == {"ERROR"}


def test_the_depth_of_an_outbox_with_an_impossible_time_can_be_told(outgoing: Outgoing, database: Database) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    spoil(database, "due_at", alice.member_id)
    assert outbox.depth(database).overdue_seconds(real_clock() + timedelta(days=1)) == 0.0
