"""The queue of writers: nobody is told of a commit that was none, nobody waits for ever, and no interrupt or fault stops the others."""

import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from types import FrameType

import pytest

from storage.database import Transaction
from storage.errors import StorageUnavailable
from storage.sqlite import SqliteDatabase
from tests.storage.test_sqlite import add, count, impatient, locked


@pytest.fixture
def engine() -> str:
    """These are matters of the embedded engine alone."""
    return "sqlite"


__all__ = ["impatient"]
PATIENCE_SECONDS = 0.6


@contextmanager
def interruptible() -> Iterator[None]:
    """Have SIGINT interrupt, also where whoever started the tests had it ignored, as a shell does for what runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def busy(database: SqliteDatabase) -> Iterator[threading.Event]:
    """Have a thread write until the event is set."""
    begun, go = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        begun.set()
        go.wait(10)

    thread = threading.Thread(target=lambda: database.write(hold))
    thread.start()
    begun.wait(10)
    try:
        yield go
    finally:
        go.set()
        thread.join()


def in_threads(works: list[Callable[[], object]]) -> list[object]:
    """Do each work in a thread of its own and return what came of each: its result or its exception."""
    outcomes: list[object] = [None] * len(works)

    def run(number: int) -> None:
        try:
            outcomes[number] = works[number]()
        except Exception as error:  # noqa: BLE001 (it is the outcome)
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "waits for ever"
    return outcomes


def refuse_the_end(tx: Transaction) -> None:
    """Make this connection refuse to commit and to roll back, as one whose disk fails."""

    def judge(action: int, name: str | None, *_: str | None) -> int:
        ends = action == sqlite3.SQLITE_TRANSACTION and name in ("COMMIT", "ROLLBACK")
        return sqlite3.SQLITE_DENY if ends else sqlite3.SQLITE_OK

    tx.raw.set_authorizer(judge)  # type: ignore[attr-defined]


def test_nobody_is_told_of_a_commit_when_even_undoing_failed(database: SqliteDatabase) -> None:
    def write_and_break(tx: Transaction) -> None:
        add(tx, 1)
        refuse_the_end(tx)

    with busy(database) as go:  # so that those below share a commit
        threading.Timer(0.05, go.set).start()
        outcomes = in_threads(
            [
                lambda: database.write(write_and_break),
                *(lambda n=n: database.write(lambda tx: add(tx, n)) for n in (2, 3)),
            ]
        )
    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 3
    assert count(database) == 0


def test_a_connection_whose_undoing_failed_is_used_again_once_it_can_be_undone(database: SqliteDatabase) -> None:
    raw: list[sqlite3.Connection] = []

    def write_and_break(tx: Transaction) -> None:
        add(tx, 1)
        raw.append(tx.raw)  # type: ignore[attr-defined]
        refuse_the_end(tx)

    with pytest.raises(StorageUnavailable):
        database.write(write_and_break)
    raw[0].set_authorizer(None)
    database.write(lambda tx: add(tx, 2))
    assert [row["id"] for row in database.query("SELECT id FROM changes")] == [2]


def test_writing_from_inside_work_is_refused_and_stops_nobody(database: SqliteDatabase) -> None:
    [nested, after] = (
        in_threads([lambda: database.write(lambda _: database.write(lambda tx: add(tx, 1)))])[0],
        in_threads([lambda: database.write(lambda tx: add(tx, 2))])[0],
    )
    assert isinstance(nested, RuntimeError)
    assert after is None
    assert count(database) == 1


def test_an_interrupted_writer_that_waits_takes_its_work_back(database: SqliteDatabase) -> None:
    with busy(database), interruptible():
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            database.write(lambda tx: add(tx, 1))
    assert in_threads([lambda: database.write(lambda tx: add(tx, 2))]) == [None]
    assert count(database) == 1


def test_a_writer_interrupted_when_it_was_just_told_to_lead_still_leads(database: SqliteDatabase) -> None:
    """The pen is handed over while the signal is being handled: the interrupt reaches a thread that others already count on."""
    with busy(database) as go:
        followers: list[threading.Thread] = []

        def interrupt(number: int, frame: FrameType | None) -> None:
            follower = threading.Thread(target=lambda: database.write(lambda tx: add(tx, 2)), daemon=True)
            follower.start()
            followers.append(follower)
            go.set()
            time.sleep(0.05)
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGUSR1, interrupt)
        try:
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()
            with pytest.raises(KeyboardInterrupt):
                database.write(lambda tx: add(tx, 1))
        finally:
            signal.signal(signal.SIGUSR1, before)
    followers[0].join(5)
    assert count(database) == 2


@pytest.fixture
def patient(database: SqliteDatabase) -> Iterator[SqliteDatabase]:
    """The same file, opened by one who waits so long that a busy machine does not blur who came first."""
    with closing(SqliteDatabase(database.path, wait_seconds=PATIENCE_SECONDS)) as opened:
        yield opened


def test_who_queued_behind_a_failing_leader_waits_no_longer_than_anybody(patient: SqliteDatabase) -> None:
    def timed(delay_seconds: float) -> float:
        time.sleep(delay_seconds)
        started = time.monotonic()
        with pytest.raises(StorageUnavailable):
            patient.write(lambda tx: add(tx, 1))
        return time.monotonic() - started

    with locked(patient.path):
        waited = in_threads([lambda part=part: timed(part * PATIENCE_SECONDS) for part in (0.0, 0.5, 0.9)])  # type: ignore[misc]
    assert all(isinstance(seconds, float) and seconds < 1.5 * PATIENCE_SECONDS for seconds in waited), waited


def test_the_young_are_written_though_an_elder_gave_up(patient: SqliteDatabase) -> None:
    """The first gives up after its patience; the file is free a little later; who came in the midst of that may wait longer still."""

    def lock() -> None:
        with locked(patient.path):
            held.set()
            time.sleep(1.3 * PATIENCE_SECONDS)

    def later() -> None:
        time.sleep(0.6 * PATIENCE_SECONDS)
        patient.write(lambda tx: add(tx, 2))

    held = threading.Event()
    holder = threading.Thread(target=lock)
    holder.start()
    held.wait(5)
    first, second = in_threads([lambda: patient.write(lambda tx: add(tx, 1)), later])
    holder.join()
    assert isinstance(first, StorageUnavailable)
    assert second is None
    assert [row["id"] for row in patient.query("SELECT id FROM changes")] == [2]


def test_no_wake_up_is_lost_among_many_writers_that_fail_and_meet_a_locked_file(impatient: SqliteDatabase) -> None:
    ended = threading.Event()

    def lock_now_and_then() -> None:
        draw = random.Random(1)
        while not ended.wait(draw.uniform(0.0, 0.05)):
            try:
                with locked(impatient.path):
                    time.sleep(draw.choice((0.001, 0.02, 0.1)))
            except sqlite3.OperationalError:
                continue

    def write_many(seed: int) -> set[int]:
        draw, written = random.Random(seed), set[int]()
        for number in range(seed * 100, seed * 100 + 20):
            fails = draw.random() < 0.2

            def work(tx: Transaction, number: int = number, fails: bool = fails) -> None:
                add(tx, number)
                if fails:
                    raise LookupError

            try:
                impatient.write(work)
            except (LookupError, StorageUnavailable):
                continue
            written.add(number)
        return written

    holder = threading.Thread(target=lock_now_and_then)
    holder.start()
    try:
        outcomes = in_threads([lambda seed=seed: write_many(seed) for seed in range(1, 33)])  # type: ignore[misc]
    finally:
        ended.set()
        holder.join()
    told = set().union(*(outcome for outcome in outcomes if isinstance(outcome, set)))
    assert {row["id"] for row in impatient.query("SELECT id FROM changes")} == told
    assert len(told) > 100
