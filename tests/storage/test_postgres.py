"""What is PostgreSQL's own: transactions that meet, connections that break, a server that goes away and comes back, its errors in our words."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import psycopg
import pytest

from storage import changes
from storage.database import Database, Transaction
from storage.errors import CommitUnknown, Conflict, StorageUnavailable
from storage.opening import open_database
from storage.postgres import MOST_REPETITIONS, PostgresDatabase
from storage.postgres_connections import Repeatable
from tests.postgres_server import own_server, shared_server
from tests.storage.people import NOW, at_once, people

HEALTHY_SECONDS = 5.0


@pytest.fixture
def engine() -> str:
    return "postgresql"


@pytest.fixture
def onlooker(database_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Somebody else who is connected to the same database."""
    with psycopg.connect(database_url) as raw:
        yield raw


def cut(tx: Transaction, onlooker: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Break the connection of an open transaction."""
    row = tx.one("SELECT pg_backend_pid() AS pid")
    assert row is not None
    onlooker.execute("SELECT pg_terminate_backend(%s)", (row["pid"],))
    time.sleep(0.01)


def points_of(database: Database, member_id: int) -> int:
    row = database.one("SELECT points FROM balances WHERE member_id = :id", {"id": member_id})
    assert row is not None
    return int(row["points"])


def test_rows_are_read_by_name_and_by_place(database: Database) -> None:
    row = database.one("SELECT :one AS one, :two AS two", {"one": 1, "two": "zwei", "three": None})
    assert row is not None
    assert (row[0], row["one"], row[1], row["two"]) == (1, 1, "zwei", "zwei")
    assert list(row.keys()) == ["one", "two"]
    assert dict(row) == {"one": 1, "two": "zwei"}
    with pytest.raises(KeyError):
        row["three"]


def test_a_commit_is_on_disk_whatever_the_server_is_set_to(database: Database) -> None:
    row = database.one(
        "SELECT current_setting('synchronous_commit') AS kept, current_setting('transaction_isolation') AS seen"
    )
    assert row is not None
    assert (row["kept"], row["seen"]) == ("on", "read committed")


def test_two_who_lock_in_opposite_order_both_succeed(database: Database) -> None:
    pair = people(database, 2)
    for member in pair:
        database.write(lambda tx, member=member: tx.execute("INSERT INTO balances VALUES (:m, 0)", {"m": member}))  # type: ignore[misc]
    meeting, met = threading.Barrier(2, timeout=5), threading.Event()

    def work(order: list[int], tx: Transaction) -> None:
        for member in order:
            tx.execute("UPDATE balances SET points = points + 1 WHERE member_id = :m", {"m": member})
            if not met.is_set():
                meeting.wait()  # each has the first row, and wants the other's
                met.set()

    at_once([partial(database.write, partial(work, order)) for order in (pair, pair[::-1])])
    assert [points_of(database, member) for member in pair] == [2, 2]


def test_what_goes_on_failing_is_given_up_after_three_repetitions(database: Database) -> None:
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(1)
        tx.execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")

    with pytest.raises(StorageUnavailable):
        database.write(work)
    assert len(runs) == 1 + MOST_REPETITIONS


def test_work_whose_connection_breaks_runs_again_as_a_whole(
    database: Database, onlooker: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    runs = []

    def work(tx: Transaction) -> int:
        people_before = tx.query("SELECT id FROM members")
        tx.execute("INSERT INTO members (id, created_at) VALUES (1, 0)")
        runs.append(1)
        if len(runs) == 1:
            cut(tx, onlooker)
        tx.execute("INSERT INTO members (id, created_at) VALUES (2, 0)")
        return len(people_before)

    assert database.write(work) == 0
    assert [row["id"] for row in database.query("SELECT id FROM members ORDER BY id")] == [1, 2]
    assert len(runs) == 2


def test_a_connection_that_breaks_at_the_commit_is_not_taken_for_success_or_tried_again(
    database: Database, onlooker: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(1)
        tx.execute("INSERT INTO members (id, created_at) VALUES (1, 0)")
        cut(tx, onlooker)

    with pytest.raises(CommitUnknown):
        database.write(work)
    assert len(runs) == 1


def test_an_error_passed_over_undoes_the_work_and_is_not_taken_for_success(database: Database) -> None:
    def work(tx: Transaction) -> None:
        tx.execute("INSERT INTO members (id, created_at) VALUES (1, 0)")
        with pytest.raises(Conflict):
            tx.execute("INSERT INTO members (id, created_at) VALUES (1, 0)")

    with pytest.raises(StorageUnavailable, match="passed over"):
        database.write(work)
    assert database.query("SELECT id FROM members") == []


def test_nobody_waits_for_a_lock_or_a_statement_until_the_platform_gives_up(database: Database) -> None:
    def limits(tx: Transaction) -> list[str]:
        names = ("lock_timeout", "statement_timeout")
        return [tx.query("SELECT current_setting(:name) AS limit_now", {"name": name})[0][0] for name in names]

    assert database.write(limits) == ["3s", "3500ms"]
    assert database.query("SELECT current_setting('statement_timeout') AS limit_now")[0][0] == "30s"

    def unhurried(tx: Transaction) -> list[str]:
        tx.take_time()
        return limits(tx)

    assert database.write(unhurried) == ["0", "0"]

    def giving_way(tx: Transaction) -> list[str]:
        tx.take_time()
        tx.give_way()
        return limits(tx)

    assert database.write(giving_way) == ["2s", "0"]
    assert database.write(limits) == ["3s", "3500ms"]


def test_a_row_that_somebody_keeps_locked_is_unavailable(database: Database, database_url: str) -> None:
    member = people(database, 1)[0]
    locked, done = threading.Event(), threading.Event()
    sql = "SELECT member_id FROM conversations WHERE member_id = :member"

    def hold(tx: Transaction) -> None:
        tx.lock(sql, {"member": member})
        locked.set()
        done.wait(10)

    holder = threading.Thread(target=database.write, args=(hold,))
    holder.start()
    assert locked.wait(5)
    assert database.write(lambda tx: tx.query_unlocked(sql, {"member": member})) == []
    with (
        closing(open_database(f"{database_url}&options=-c%20lock_timeout%3D100")) as impatient,
        pytest.raises(StorageUnavailable, match="lock timeout"),
    ):
        impatient.write(lambda tx: tx.lock(sql, {"member": member}))
    done.set()
    holder.join()


def test_one_of_those_who_ask_to_be_alone_waits_for_the_other(database: Database) -> None:
    inside: list[int] = []

    def work(tx: Transaction) -> int:
        tx.alone("test")
        inside.append(1)
        time.sleep(0.005)
        alone = len(inside)
        inside.pop()
        return alone

    assert at_once([partial(database.write, work)] * 8) == [1] * 8


def test_who_listens_is_woken_by_what_another_process_commits_and_by_nothing_else(
    database: Database, database_url: str
) -> None:
    heard: queue.Queue[str] = queue.Queue()
    assert database.listen("news", lambda: heard.put("news"))
    assert database.listen("gossip", lambda: heard.put("gossip"))
    assert sorted(heard.get(timeout=5) for _ in range(2)) == ["gossip", "news"], (
        "once it listens, it may have missed both"
    )
    with closing(open_database(database_url)) as other:
        with pytest.raises(ZeroDivisionError):
            other.write(announcing("gossip", then_fail=True))
        other.write(announcing("news"))
        assert heard.get(timeout=5) == "news"
        other.write(lambda tx: changes.note(tx, "queue", 1, NOW))
        other.write(announcing("news"))
        assert heard.get(timeout=5) == "news"
    assert heard.empty()


def announcing(name: str, *, then_fail: bool = False) -> Callable[[Transaction], float]:
    def work(tx: Transaction) -> float:
        tx.announce(name)
        return 1 / (not then_fail)

    return work


def test_after_the_listening_connection_broke_everybody_is_woken(
    database: Database, onlooker: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    heard: queue.Queue[str] = queue.Queue()
    database.listen("news", lambda: heard.put("news"))
    assert heard.get(timeout=5) == "news"
    onlooker.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    assert heard.get(timeout=5) == "news"


def test_writing_from_inside_work_is_refused(database: Database) -> None:
    with pytest.raises(RuntimeError, match="inside work"):
        database.write(lambda tx: database.write(lambda other: None))
    database.write(lambda tx: None)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_no_row_can_hold_is_refused(database: Database, text: str) -> None:
    with pytest.raises((Conflict, UnicodeEncodeError)):
        database.write(
            lambda tx: tx.execute("INSERT INTO members (id, name, created_at) VALUES (1, :n, 0)", {"n": text})
        )
    assert database.query("SELECT id FROM members") == []


def test_the_words_of_an_error_do_not_quote_what_people_wrote(database: Database) -> None:
    def twice(tx: Transaction) -> None:
        for number in (1, 2):
            tx.execute(
                "INSERT INTO quarantine (id, reason, body, body_hash, created_at) VALUES (:id, '', '', 'secret words', 0)",
                {"id": number},
            )

    with pytest.raises(Conflict) as refused:
        database.write(twice)
    assert "secret words" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/none", "postgresql://postgres@/none?host=/tmp/no-such-folder"]
)
def test_a_server_that_is_not_there_is_unavailable(url: str) -> None:
    with closing(PostgresDatabase(url, wait_seconds=0.2)) as opened:
        began = time.monotonic()
        with pytest.raises(StorageUnavailable):
            opened.query("SELECT 1")
        with pytest.raises(StorageUnavailable):
            opened.write(lambda tx: None)
        assert time.monotonic() - began < 2.0


def test_text_comes_back_as_text_from_a_database_that_was_made_without_an_encoding() -> None:
    server = shared_server()
    server.run("CREATE DATABASE made_without_encoding ENCODING 'SQL_ASCII' TEMPLATE template0")
    try:
        with closing(open_database(server.url("made_without_encoding"))) as opened:
            row = opened.one("SELECT :said AS said", {"said": "你好☀️"})
    finally:
        server.run("DROP DATABASE made_without_encoding WITH (FORCE)")
    assert row is not None
    assert row["said"] == "你好☀️"


def test_an_address_that_makes_no_sense_is_refused_at_once_without_being_repeated() -> None:
    with pytest.raises(StorageUnavailable) as refused:
        open_database("postgresql://me:secret@host/db?nonsense=1")
    assert "secret" not in str(refused.value)


def test_after_the_server_was_away_everything_works_again_within_seconds_without_a_restart() -> None:
    with own_server(durable=True) as server, closing(PostgresDatabase(server.url(), wait_seconds=0.3)) as database:
        database.write(lambda tx: tx.execute("CREATE TABLE kept (id BIGINT PRIMARY KEY)"))
        at_once([partial(database.query, "SELECT pg_sleep(0.1)")] * 8)  # so that several connections are open
        database.write(lambda tx: tx.execute("INSERT INTO kept VALUES (1)"))
        server.stop("immediate")
        for _ in range(5):
            with pytest.raises(StorageUnavailable):
                database.write(lambda tx: tx.execute("INSERT INTO kept VALUES (2)"))
        server.start()
        back = time.monotonic()
        while True:
            try:
                database.write(lambda tx: tx.execute("INSERT INTO kept VALUES (3)"))
                break
            except StorageUnavailable:
                assert time.monotonic() - back < HEALTHY_SECONDS
        assert [row["id"] for row in database.query("SELECT id FROM kept ORDER BY id")] == [1, 3]


def test_a_restart_while_nobody_waits_is_not_even_noticed() -> None:
    with own_server(durable=False) as server, closing(PostgresDatabase(server.url())) as database:
        at_once([partial(database.query, "SELECT pg_sleep(0.1)")] * 4)
        server.stop()
        server.start()
        results = at_once([partial(database.query, "SELECT 1 AS one")] * 8)
        assert [rows[0]["one"] for rows in results] == [1] * 8


def test_a_repeatable_failure_is_unavailability_to_everybody_else() -> None:
    assert issubclass(Repeatable, StorageUnavailable)


def test_changes_noted_before_other_work_cannot_keep_two_from_each_other(database: Database) -> None:
    """Each notes a change first and then wants the row that the other has: without care for the order, they would wait for each other."""
    pair, runs = people(database, 2), []

    def work(member: int, tx: Transaction) -> None:
        runs.append(member)
        changes.note(tx, "queue", member, NOW)
        for _ in range(3):
            tx.execute("UPDATE conversations SET unread = unread + 1 WHERE member_id = :m", {"m": member})

    at_once([partial(database.write, partial(work, pair[number % 2])) for number in range(20)])
    assert len(runs) == 20, "who met a deadlock would have run again"
    assert len(changes.after(database, 0)) == 20
