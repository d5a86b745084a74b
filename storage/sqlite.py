"""The embedded engine: one SQLite file in WAL mode, reached through sqlite-utils.

Durability is full: a commit returns after the log reached the disk. Writers of one process queue here, not at SQLite's lock: whoever finds no
one writing writes for all who wait, in one transaction with a savepoint each, so that one sync pays for many turns, then passes the pen to
the first of those who came meanwhile. Processes meet at SQLite's lock, and look often whether it is free: SQLite's own wait looks ten times a second,
and a busy process would keep the others out for seconds.
"""

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, cast

import sqlite_utils

from storage.database import MOST_SHARING_A_COMMIT, Parameters, Result, Row, Transaction, Written
from storage.errors import Conflict, StorageError, StorageUnavailable
from storage.placeholders import Values, numbered
from storage.private_files import make_private

WAIT_SECONDS = 4.0  # from asking to giving up; the platform gives a turn 5 s, and waiting beats refusing, as its retries come within a second
# Between looks whether another process has let go of the file; drawn anew, so that they don't march in step.
_LOOK_AGAIN_SECONDS = (0.001, 0.005)
_READ_WAIT_SECONDS = 4.0  # readers never wait for writers, only (rarely) for a file that is being opened or recovered
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


@lru_cache(maxsize=1024)
def _statement(sql: str) -> tuple[str, Values]:
    """Return a statement as SQLite takes it quickest."""
    if sql.startswith("CREATE TABLE"):  # only so spelt is a key the row's own number, without an index of its own
        sql = sql.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
    return numbered(sql, "?")


class _Connection:
    """One connection; also the open transaction of whoever writes through it."""

    def __init__(self, path: Path) -> None:
        # The connection passes between threads, but only the holder of the writing turn (or the one reading thread) uses it at a time.
        raw = sqlite3.connect(
            path, timeout=_READ_WAIT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
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
        text, values = _statement(sql)
        try:
            return cast(list[Row], self.utils.execute(text, values(parameters)).fetchall())
        except sqlite3.Error as error:
            raise _translated(error) from error

    def one(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> Row | None:
        text, values = _statement(sql)
        try:
            return cast(Row | None, self.utils.execute(text, values(parameters)).fetchone())
        except sqlite3.Error as error:
            raise _translated(error) from error

    def execute(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> int:
        text, values = _statement(sql)
        try:
            return self.utils.execute(text, values(parameters)).rowcount
        except sqlite3.Error as error:
            raise _translated(error) from error

    def lock(self, _sql: str, _parameters: Parameters = _NO_PARAMETERS, /) -> bool:
        return True  # who writes is alone

    def query_unlocked(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        return self.query(sql, parameters)

    def alone(self, _name: str, /) -> None:
        pass

    def announce(self, _name: str, /) -> None:
        pass

    def at_commit(self, _name: str, work: Callable[[], object], /) -> None:
        work()

    def take_time(self) -> None:
        pass

    def give_way(self) -> None:
        pass


class _Job(Generic[Result]):
    """Work to be written, and what came of it."""

    __slots__ = ("error", "result", "work")

    def __init__(self, work: Callable[[Transaction], Result]) -> None:
        self.work = work
        self.result: Result | None = None
        self.error: BaseException | None = None


class _WaitingJob(_Job[Result]):
    """A job that a thread waits for until ``deadline``; ``turn`` is freed once, when another thread has done it or its own thread is to lead."""

    __slots__ = ("deadline", "finished", "turn")

    def __init__(self, work: Callable[[Transaction], Result], deadline: float) -> None:
        super().__init__(work)
        self.deadline = deadline
        self.turn = threading.Lock()
        self.turn.acquire()
        self.finished = False


class SqliteDatabase:
    """A Database in one file."""

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Open the file at ``path`` (made for its owner alone, with its folder, when absent); a write gives up when the file is locked for ``wait_seconds``.

        Raises StorageUnavailable when it cannot be opened.
        """
        self.path = path
        self._wait_seconds = wait_seconds
        self._idle_readers: deque[_Connection] = deque()
        self._queue = threading.Lock()  # guards the next two, never held while writing
        # The leader's own job is the first, until it is taken out to be done.
        self._waiting: deque[_WaitingJob[Any]] = deque()
        self._leader: _Job[Any] | None = None  # whose thread writes, or was told to
        self._writing_thread: int | None = None
        self._closed = False
        with translated():
            make_private(path)
            self._writer = _Connection(path)
            self._writer.raw.execute("PRAGMA busy_timeout=0")

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
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("write() was called from inside work that is being written: use that work's transaction")
        job = _WaitingJob(work, time.monotonic() + self._wait_seconds)
        try:
            self._wait_for_turn(job)
        except BaseException:  # an interrupt: nobody would be there to lead when it is this job's turn
            self._withdraw(job)
            raise
        if not job.finished:
            self._lead(job)
        if job.error is not None:
            raise job.error
        return cast(Result, job.result)

    def listen(self, _name: str, _wake: Callable[[], object], /) -> bool:
        """Return False: nobody tells of what another process wrote to a file."""
        return False

    def write_now(self, works: Sequence[Callable[[Transaction], Result]]) -> Sequence[Written[Result]] | None:
        """Run some works in one transaction if nobody else is writing (see Embedded.write_now)."""
        jobs = [_Job(work) for work in works]
        with self._queue:
            if self._leader is not None:
                return None
            self._leader = jobs[0]
        self._writing_thread = threading.get_ident()
        try:
            self._begin(deadline=0.0)
            self._commit(jobs)
        except sqlite3.Error as error:
            if _is_busy(error):
                return None
            _fail(jobs, error)
        finally:
            self._pass_on()
        return [Written(job.result, job.error) for job in jobs]

    def backup_to(self, target: Path) -> None:
        """Write a consistent copy of the whole database to ``target``, which must not exist yet, while others go on writing."""
        with translated(), self._reading() as connection:
            connection.raw.execute("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        """Close every connection, the one that writes once nobody does: closed in use it would take the process along. Later use is StorageUnavailable."""
        if self._closed:
            return
        self._closed = True
        while self._idle_readers:
            with suppress(IndexError):
                self._idle_readers.pop().raw.close()
        if self._is_last_to_write():
            self._writer.raw.close()

    def _is_last_to_write(self) -> bool:
        """Wait until nobody writes, and let nobody any more; False when that takes too long."""
        deadline = time.monotonic() + self._wait_seconds
        while time.monotonic() < deadline:
            with self._queue:
                if self._leader is None:
                    self._leader = _Job(lambda _: None)  # which never passes on
                    return True
            time.sleep(_LOOK_AGAIN_SECONDS[0])
        return False

    @contextmanager
    def _reading(self) -> Iterator[_Connection]:
        """Lend a connection that no other thread uses meanwhile; as many are made as threads ever read at once."""
        self._check_open()
        try:
            connection = self._idle_readers.pop()
        except IndexError:
            with translated():
                connection = _Connection(self.path)
        try:
            yield connection
        finally:
            if self._closed:
                connection.raw.close()
            else:
                self._idle_readers.append(connection)

    def _check_open(self) -> None:
        if self._closed:
            raise StorageUnavailable("the database was closed")

    def _wait_for_turn(self, job: _WaitingJob[Any]) -> None:
        """Queue the job, and return when it is done or this thread has to lead."""
        with self._queue:
            self._check_open()
            self._waiting.append(job)
            if self._leader is None:
                self._leader = job
            leads = self._leader is job
        if not leads:
            job.turn.acquire()

    def _withdraw(self, job: _WaitingJob[Any]) -> None:
        """Take back a job whose thread no longer waits; when that thread was already told to lead, it does so first."""
        with self._queue:
            leads = self._leader is job
            if not leads and job in self._waiting:
                self._waiting.remove(job)
        if leads:
            self._lead(job)

    def _lead(self, own: _WaitingJob[Any]) -> None:
        """Carry out the jobs that wait in one transaction, wake their threads, and let the first that came meanwhile write next."""
        jobs: list[_WaitingJob[Any]] = []
        self._writing_thread = threading.get_ident()
        try:
            self._begin(own.deadline)
            jobs = self._next_jobs()
            self._commit(jobs)
        except sqlite3.Error as error:
            jobs = self._late_jobs() if _is_busy(error) else self._next_jobs()
            _fail(jobs, error)
        except BaseException as error:  # an interrupt
            _fail(jobs, error)
            raise
        finally:
            with self._queue:
                if own in self._waiting:
                    self._waiting.remove(own)
            for job in jobs:
                job.finished = True
                if job is not own:
                    job.turn.release()
            self._pass_on()

    def _pass_on(self) -> None:
        """Let the first of those who wait write next."""
        self._writing_thread = None
        with self._queue:
            self._leader = following = self._waiting[0] if self._waiting else None
        if following is not None:
            following.turn.release()

    def _next_jobs(self) -> list[_WaitingJob[Any]]:
        with self._queue:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_SHARING_A_COMMIT))]

    def _late_jobs(self) -> list[_WaitingJob[Any]]:
        """Take out the jobs that may wait no longer; the younger ones stay, in order, for the next to try."""
        now, late = time.monotonic(), []
        with self._queue:
            while self._waiting and self._waiting[0].deadline <= now:
                late.append(self._waiting.popleft())
        return late

    def _begin(self, deadline: float) -> None:
        """Open the transaction, trying until ``deadline``. Raises sqlite3.Error."""
        raw = self._writer.raw
        if raw.in_transaction:  # rolling back had failed
            raw.execute("ROLLBACK")
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise
            else:
                return
            time.sleep(random.uniform(*_LOOK_AGAIN_SECONDS))  # noqa: S311 (no secret)

    def _commit(self, jobs: Sequence[_Job[Any]]) -> None:
        raw = self._writer.raw
        try:
            if len(jobs) == 1 or not self._run_together(jobs):
                for job in jobs:
                    self._run(job)
            raw.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 (raised again in the thread of each job)
            _fail(jobs, error)  # first of all: if undoing fails too, nobody may be told that it is done
            with suppress(sqlite3.Error):
                if raw.in_transaction:
                    raw.execute("ROLLBACK")

    def _run_together(self, jobs: Sequence[_Job[Any]]) -> bool:
        """Do the jobs without a savepoint each, which would cost as much as two statements; when one fails undo them all and return False."""
        raw = self._writer.raw
        raw.execute("SAVEPOINT jobs")
        try:
            for job in jobs:
                job.result = job.work(self._writer)
        except Exception:
            if not raw.in_transaction:  # the failure took the whole transaction with it (disk full, for one)
                raise
            raw.execute("ROLLBACK TO jobs")
            return False
        return True

    def _run(self, job: _Job[Any]) -> None:
        raw = self._writer.raw
        raw.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._writer)
        except BaseException as error:
            job.error = error
            if not raw.in_transaction:  # as above
                raise
            raw.execute("ROLLBACK TO job")
        raw.execute("RELEASE job")


def _is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection holds the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _fail(jobs: Iterable[_Job[Any]], error: BaseException) -> None:
    for job in jobs:
        job.error = job.error or _as_storage_error(error)


def _as_storage_error(error: BaseException) -> StorageError:
    if isinstance(error, StorageError):
        return error
    failure = StorageUnavailable(str(error))
    failure.__cause__ = error
    return failure
