"""A migration is carried out while the release before serves: no message fails, and a process that has to wait for it waits."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count

import psycopg
import pytest
from flask import Flask

from storage import exchanges
from storage.database import Database, Transaction
from storage.errors import HeldByOthers, SchemaTooNew
from storage.migrations import Migration, all_migrations, carry_out, check_not_newer, migrate
from storage.opening import open_database
from tests.phone import Phone

NEXT = all_migrations()[-1].number + 1
EXPANDING = Migration(
    NEXT,
    "expanding",
    (
        "CREATE TABLE badges (id BIGINT PRIMARY KEY, member_id BIGINT NOT NULL, name TEXT NOT NULL)",
        "ALTER TABLE members ADD COLUMN nickname TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE conversations ADD COLUMN mood INTEGER",
        "ALTER TABLE exchanges ADD COLUMN channel TEXT NOT NULL DEFAULT 'wechat'",
        "ALTER TABLE outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX exchanges_channel ON exchanges (channel, id)",
    ),
)


@pytest.fixture
def database_url(empty_url: str) -> str:
    """A database of its own: what is done to its schema would stay for the tests after."""
    with closing(open_database(empty_url)) as opened:
        migrate(opened)
    return empty_url


def test_the_release_before_answers_while_the_next_migration_is_carried_out_and_after_it(
    app: Flask, phone: Phone, database: Database, database_url: str
) -> None:
    answers: list[str] = []
    failures: list[BaseException] = []
    enough = threading.Event()

    def talk(number: int) -> None:
        try:
            for times in count():
                if enough.is_set():
                    return
                # Somebody else every ten times: who says more than twenty things in ten seconds is not answered.
                answers.append(phone.named(f"oTalker{number}x{times // 10}").says("签到"))
        except BaseException as error:  # noqa: BLE001 (shown by the test)
            failures.append(error)

    talkers = [threading.Thread(target=talk, args=(number,)) for number in range(3)]
    for talker in talkers:
        talker.start()
    other = open_database(database_url)
    try:
        wait_until(lambda: len(answers) >= 10)
        assert carry_out(other, (EXPANDING,)) == [EXPANDING]
        before = len(answers)
        wait_until(lambda: len(answers) >= before + 10)
    finally:
        enough.set()
        for talker in talkers:
            talker.join()
        other.close()
    assert failures == []
    assert all(answers)
    assert len(list(exchanges.every(database))) == 2 * len(answers)
    with pytest.raises(SchemaTooNew):
        check_not_newer(database)


@pytest.mark.parametrize("engine", ["postgresql"])  # readers of the other engine keep nobody waiting
def test_messages_do_not_queue_behind_a_migration_that_waits_for_somebody_who_reads_for_long(
    phone: Phone, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.migrations._PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("storage.postgres._NO_QUEUE", "SET LOCAL lock_timeout = 300")
    with (
        psycopg.connect(database_url) as reader,
        ThreadPoolExecutor() as threads,
        closing(open_database(database_url)) as other,
    ):
        reader.execute("SELECT count(*) FROM members")  # as a copy does; it holds the table until the transaction ends
        with pytest.raises(HeldByOthers, match="run `zhaohu migrate` again"):
            carry_out(other, (EXPANDING,), patience_seconds=0)
        migrating = threads.submit(carry_out, other, (EXPANDING,))
        wait_until(lambda: waits_for_a_table(database))
        assert "签到" in phone.says("签到")
        assert not migrating.done()
        reader.rollback()
        assert migrating.result() == [EXPANDING]
    assert phone.says("你好")


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_migration_that_gets_in_the_way_of_messages_again_and_again_is_tried_for_as_long_as_it_takes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.migrations._PAUSE_SECONDS", 0.01)
    database.write(lambda tx: tx.execute("CREATE SEQUENCE tries"))  # it counts what was undone as well
    deadlocks = "IF nextval('tries') < 10 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;"
    unlucky = Migration(NEXT, "unlucky", (f"DO $$ BEGIN {deadlocks} END $$",))
    with pytest.raises(HeldByOthers, match="run `zhaohu migrate` again"):
        carry_out(database, (unlucky,), patience_seconds=0)
    assert carry_out(database, (unlucky,)) == [unlucky]


def waits_for_a_table(database: Database) -> bool:
    return database.one("SELECT 1 AS one FROM pg_locks WHERE NOT granted AND locktype = 'relation'") is not None


def wait_until(done: Callable[[], bool], *, seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_a_migration_killed_half_way_leaves_nothing_and_is_carried_out_by_the_next(database: Database) -> None:
    class Killed(BaseException):
        pass

    def half(tx: Transaction) -> None:
        for statement in EXPANDING.statements[:3]:
            tx.execute(statement)
        raise Killed

    with pytest.raises(Killed):
        database.write(half)
    assert carry_out(database, (EXPANDING,)) == [EXPANDING]
    assert carry_out(database, (EXPANDING,)) == []
