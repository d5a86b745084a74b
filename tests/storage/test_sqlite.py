"""The embedded engine: what it promises of commits, savepoints and errors."""

import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from storage.database import Database, Transaction
from storage.errors import Conflict, StorageUnavailable
from storage.migrations import all_migrations, applied_number, migrate
from storage.opening import UnknownDatabase, open_database
from storage.sqlite import SqliteDatabase


@pytest.fixture
def engine() -> str:
    """These are matters of the embedded engine alone."""
    return "sqlite"


def test_a_new_database_is_for_its_owner_alone_and_one_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "new" / "brand.db"
    for mode in (0o600, 0o640):
        with closing(SqliteDatabase(path)) as opened:
            migrate(opened)
            files = {file: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert set(files.values()) == {mode}, files
        assert len(files) == 3  # the logs beside it too
        path.chmod(0o640)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file as another process would."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def impatient(database: SqliteDatabase) -> Iterator[SqliteDatabase]:
    """The same file, opened by one who waits a short time only."""
    opened = SqliteDatabase(database.path, wait_seconds=0.1)
    yield opened
    opened.close()


def count(database: Database) -> int:
    row = database.one("SELECT count(*) AS n FROM changes")
    assert row is not None
    return int(row["n"])


def add(tx: Transaction, number: int) -> None:
    tx.execute("INSERT INTO changes (id, topic, member_id, created_at) VALUES (:id, 't', 1, 0)", {"id": number})


def test_a_write_is_there_for_other_connections_once_it_returns(database: SqliteDatabase) -> None:
    database.write(lambda tx: add(tx, 1))
    assert sqlite3.connect(database.path).execute("SELECT count(*) FROM changes").fetchone() == (1,)


def test_full_durability_is_on(database: SqliteDatabase) -> None:
    assert dict(database.query("PRAGMA synchronous")[0]) == {"synchronous": 2}
    assert dict(database.query("PRAGMA journal_mode")[0]) == {"journal_mode": "wal"}


def test_failed_work_leaves_nothing_and_its_error_reaches_the_caller(database: Database) -> None:
    def fail(tx: Transaction) -> None:
        add(tx, 1)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        database.write(fail)
    assert count(database) == 0


def test_threads_that_share_a_commit_fail_alone(database: Database) -> None:
    failures: list[int] = []

    def work(number: int) -> None:
        def job(tx: Transaction) -> None:
            add(tx, number)
            if number % 5 == 0:
                raise ValueError(number)

        try:
            database.write(job)
        except ValueError as error:
            failures.append(error.args[0])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(failures) == list(range(0, 100, 5))
    assert count(database) == 80


def test_a_broken_rule_is_a_conflict(database: Database) -> None:
    database.write(lambda tx: add(tx, 1))
    with pytest.raises(Conflict):
        database.write(lambda tx: add(tx, 1))


def test_a_locked_file_is_unavailable_and_recovers(database: Database, impatient: SqliteDatabase) -> None:
    with locked(impatient.path), pytest.raises(StorageUnavailable, match="locked"):
        impatient.write(lambda tx: add(tx, 1))
    impatient.write(lambda tx: add(tx, 1))
    assert count(database) == 1


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database) == []
    assert applied_number(database) == all_migrations()[-1].number


def test_a_url_of_another_kind_is_refused_with_what_it_should_be() -> None:
    with pytest.raises(UnknownDatabase, match="sqlite:///data/zhaohu"):
        open_database("mysql://localhost/x")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        open_database(f"sqlite:///{tmp_path}/file/below/x.db")


def test_text_that_is_not_utf8_is_an_error_of_ours(database: SqliteDatabase) -> None:
    with pytest.raises(StorageUnavailable):
        database.query("SELECT CAST(x'ff' AS TEXT) AS broken")
    with pytest.raises(StorageUnavailable):
        database.one("SELECT CAST(x'ff' AS TEXT) AS broken")


def use_until_closed(database: SqliteDatabase, number: int, written: list[int]) -> None:
    with suppress(StorageUnavailable):
        while True:
            database.write(lambda tx: tx.execute("INSERT INTO said (who) VALUES (:who)", {"who": number}))
            written.append(number)
            database.one("SELECT count(*) AS n FROM said")


@pytest.mark.parametrize("round_", range(10))
def test_closed_in_the_middle_of_use_it_loses_nothing_and_everybody_hears_of_it(tmp_path: Path, round_: int) -> None:
    """A connection that is closed under another thread takes the whole process along."""
    database = SqliteDatabase(tmp_path / "closed.db")
    database.write(lambda tx: tx.execute("CREATE TABLE said (who INTEGER)"))
    written: list[int] = []
    with ThreadPoolExecutor(5) as pool:
        using = [pool.submit(use_until_closed, database, number, written) for number in range(5)]
        while len(written) < 10 + round_:
            time.sleep(0.001)
        database.close()
        for one in using:
            one.result()
    with closing(SqliteDatabase(tmp_path / "closed.db")) as again:
        row = again.one("SELECT count(*) AS n FROM said")
    assert row is not None
    assert row["n"] == len(written)
