"""The embedded engine: one SQLite file in WAL mode, reached through sqlite-utils.

Durability is full: a commit returns after the log reached the disk. Writers of one process queue here, not at SQLite's lock: whoever finds no
one writing writes for all who wait, in one transaction with a savepoint each, so that one sync pays for many turns, then passes the pen to
the first of those who came meanwhile.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, cast

import sqlite_utils

from storage.database import Parameters, Result, Row, Transaction
from storage.errors import Conflict, StorageError, StorageUnavailable

BUSY_TIMEOUT_SECONDS = 4.0  # the platform gives a turn 5 s; waiting beats refusing, as its retries come within a second
MOST_SHARING_A_COMMIT = 64
_NO_PARAMETERS: Parameters = {}


def _translated(error: sqlite3.Error) -> StorageError:
    """Return storage's own error for one of the driver's."""
    return (Conflict if isinstance(error, sqlite3.IntegrityError) else StorageUnavailable)(str(error))


@contextmanager
def translated() -> Iterator[None]:
    """Raise storage's own errors in place of the driver's."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error) from error


class _Connection:
    """One connection; also the open transaction of whoever writes through it."""

    def __init__(self, path: Path) -> None:
        # The connection passes between threads, but only the holder of the writing turn (or the one reading thread) uses it at a time.
        raw = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        raw.row_factory = sqlite3.Row
        self.raw = raw
        self.utils = sqlite_utils.Database(raw)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
            "mmap_size=268435456",
        ):
            raw.execute(f"PRAGMA {pragma}")

    def query(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        return cast(list[Row], self._run(sql, parameters).fetchall())

    def one(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> Row | None:
        return cast(Row | None, self._run(sql, parameters).fetchone())

    def execute(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> int:
        if sql.startswith("CREATE TABLE"):  # only so spelt is a key the row's own number, without an index of its own
            sql = sql.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
        return self._run(sql, parameters).rowcount

    def _run(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        try:
            return self.utils.execute(sql, cast(dict[str, Any], parameters))
        except sqlite3.Error as error:
            raise _translated(error) from error


class _Job(Generic[Result]):
    """Work that waits to be written; ``turn`` is free once it is done, or once its own thread has to write."""

    __slots__ = ("error", "finished", "result", "turn", "work")

    def __init__(self, work: Callable[[Transaction], Result]) -> None:
        self.work = work
        self.turn = threading.Lock()
        self.turn.acquire()
        self.finished = False
        self.result: Result | None = None
        self.error: BaseException | None = None


class SqliteDatabase:
    """A Database in one file."""

    def __init__(self, path: Path) -> None:
        """Open the file at ``path`` (made, with its folder, when absent). Raises StorageUnavailable when it cannot be opened."""
        self.path = path
        self._idle_readers: deque[_Connection] = deque()
        self._waiting: deque[_Job[Any]] = deque()
        self._queue = threading.Lock()  # guards the two around it, never held while writing
        self._written = False  # whether some thread writes, or was told to
        with translated():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageUnavailable(f"{path.parent}: {error.strerror}") from error
            self._writer = _Connection(path)

    def query(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        """Return every row of a SELECT, as last committed."""
        with self._reading() as connection:
            return connection.query(sql, parameters)

    def one(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> Row | None:
        """Return the first row of a SELECT, or None."""
        with self._reading() as connection:
            return connection.one(sql, parameters)

    def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work`` in a writing transaction, sharing its commit with the threads that wait (see Database.write)."""
        job = _Job(work)
        with self._queue:
            self._waiting.append(job)
            mine, self._written = not self._written, True
        if not mine:
            job.turn.acquire()
        if not job.finished:
            self._write_together()
        if job.error is not None:
            raise job.error
        return cast(Result, job.result)

    def backup_to(self, target: Path) -> None:
        """Write a consistent copy of the whole database to ``target``, which must not exist yet, while others go on writing."""
        with translated(), self._reading() as connection:
            connection.raw.execute("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        """Close every connection; call it when no thread uses the database any more."""
        for connection in (*self._idle_readers, self._writer):
            connection.raw.close()

    @contextmanager
    def _reading(self) -> Iterator[_Connection]:
        """Lend a connection that no other thread uses meanwhile; as many are made as threads ever read at once."""
        try:
            connection = self._idle_readers.pop()
        except IndexError:
            with translated():
                connection = _Connection(self.path)
        try:
            yield connection
        finally:
            self._idle_readers.append(connection)

    def _write_together(self) -> None:
        """Carry out the jobs that wait in one transaction, wake their threads, and let the first that came meanwhile write next."""
        with self._queue:
            jobs = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_SHARING_A_COMMIT))]
        try:
            self._commit(jobs)
        finally:
            with self._queue:
                self._written = bool(self._waiting)
                following = self._waiting[0] if self._waiting else None
            for job in jobs:
                job.finished = True
                job.turn.release()
            if following is not None:
                following.turn.release()

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        raw = self._writer.raw
        try:
            raw.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._run(job)
            raw.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 (raised again in the thread of each job)
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            for job in jobs:
                job.error = job.error or _as_storage_error(error)

    def _run(self, job: _Job[Any]) -> None:
        raw = self._writer.raw
        raw.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._writer)
        except BaseException as error:
            job.error = error
            if not raw.in_transaction:  # the failure took the whole transaction with it (disk full, for one)
                raise
            raw.execute("ROLLBACK TO job")
        raw.execute("RELEASE job")


def _as_storage_error(error: BaseException) -> StorageError:
    if isinstance(error, StorageError):
        return error
    failure = StorageUnavailable(str(error))
    failure.__cause__ = error
    return failure
