"""The engine for many processes and machines: PostgreSQL, reached through psycopg and its pool.

Transactions run at READ COMMITTED, where each statement sees what was committed before it. What must not change under a transaction's feet is
locked first (``Transaction.lock``) or written by a statement that carries its own condition. A transaction that met another's in a deadlock runs
again as a whole, as does one whose connection broke before its commit was asked for; if the connection breaks during the commit, nobody knows
whether it counts, and the caller is told that it failed: doing the same again is harmless, as causes and keys are unique.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import PoolClosed, PoolTimeout

from storage.database import Parameters, Result, Row, Transaction
from storage.errors import CommitUnknown, StorageUnavailable
from storage.placeholders import numbered
from storage.postgres_connections import MOST_CONNECTIONS, ConnectionLost, Raw, Repeatable, fetch, new_pool, translated
from storage.postgres_listener import CHANNEL, Listener

WAIT_SECONDS = 4.0  # from asking to giving up, as with the embedded engine
MOST_REPETITIONS = 3
_STATEMENT_MILLISECONDS = 3500
_BEGIN = f"BEGIN; SET LOCAL statement_timeout = {_STATEMENT_MILLISECONDS}"
_ASK_AGAIN_SECONDS = 0.2
_NO_HURRY = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"
_NO_QUEUE = "SET LOCAL lock_timeout = 2000"  # ms; longer than a deadlock is left alone (1 s), shorter than a message waits for a lock
_LOCK_SEED = 2_048_051_379  # tells our advisory locks from those of other programs in the same database
_NO_PARAMETERS: Parameters = {}


class _Connection:
    """One connection; also the open transaction of whoever writes through it."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._at_commit: dict[str, list[Callable[[], object]]] = {}
        self._announced: set[str] = set()

    def query(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        cursor = self._fetch(sql, parameters)
        with translated(self._raw):
            return list(cursor.fetchall())

    def one(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> Row | None:
        return self._fetch(sql, parameters).fetchone()

    def execute(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> int:
        return self._fetch(sql, parameters).rowcount

    def lock(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> bool:
        return self._fetch(f"{sql} FOR NO KEY UPDATE", parameters).rowcount > 0

    def query_unlocked(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        return list(self._fetch(f"{sql} FOR NO KEY UPDATE SKIP LOCKED", parameters).fetchall())

    def alone(self, name: str) -> None:
        self.execute("SELECT pg_advisory_xact_lock(hashtextextended(:name, :seed))", {"name": name, "seed": _LOCK_SEED})

    def take_time(self) -> None:
        with translated(self._raw):
            self._raw.execute(_NO_HURRY)

    def give_way(self) -> None:
        with translated(self._raw):
            self._raw.execute(_NO_QUEUE)

    def announce(self, name: str) -> None:
        self._announced.add(name)

    def at_commit(self, name: str, work: Callable[[], object]) -> None:
        self._announced.add(name)
        self._at_commit.setdefault(name, []).append(work)

    def do_what_is_left(self) -> None:
        """Do what was kept for the end, each kind of it alone among all transactions."""
        for name, works in sorted(self._at_commit.items()):
            self.alone(name)
            for work in works:
                work()

    def commit(self) -> None:
        """End the transaction, and tell who listens."""
        told = "".join(f"NOTIFY {CHANNEL}, '{name}'; " for name in sorted(self._announced))
        try:
            self._raw.execute(f"{told}COMMIT")
        except psycopg.Error as error:
            with suppress(psycopg.Error):
                self._raw.execute("ROLLBACK")
            raise CommitUnknown("the connection broke during a commit: it is not known whether it counts") from error

    def _fetch(self, sql: str, parameters: Parameters) -> "psycopg.Cursor[Any]":
        statement, values = numbered(sql, "$")
        return fetch(self._raw, statement, values(parameters))


class PostgresDatabase:
    """A Database on a server."""

    def __init__(self, url: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Begin to connect to what ``postgresql://…`` names; whoever gets no connection for ``wait_seconds`` gives up.

        Raises StorageUnavailable when the URL makes no sense; a server that is away is met later.
        """
        self.url = url
        self._wait_seconds = wait_seconds
        self._pool = new_pool(url)
        self._places = threading.BoundedSemaphore(
            MOST_CONNECTIONS
        )  # whoever has one is sure of a connection, if there are any
        self._listener = Listener(url)
        self._this_thread = threading.local()

    def query(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> list[Row]:
        """Return every row of a SELECT, as last committed."""
        return self._read(lambda connection: connection.query(sql, parameters))

    def one(self, sql: str, parameters: Parameters = _NO_PARAMETERS) -> Row | None:
        """Return the first row of a SELECT, or None."""
        return self._read(lambda connection: connection.one(sql, parameters))

    def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work`` in a writing transaction (see Database.write)."""
        if getattr(self._this_thread, "writes", False):
            raise RuntimeError("write() was called from inside work that is being written: use that work's transaction")
        deadline = time.monotonic() + self._wait_seconds
        self._this_thread.writes = True
        try:
            return self._write_again(work, deadline)
        finally:
            self._this_thread.writes = False

    def listen(self, name: str, wake: Callable[[], object]) -> bool:
        """Have ``wake`` called whenever ``name`` was announced (see Database.listen)."""
        self._listener.add(name, wake)
        return True

    def close(self) -> None:
        """Close every connection; call it when no thread uses the database any more."""
        self._listener.close()
        self._pool.close()

    def _read(self, work: Callable[[_Connection], Result]) -> Result:
        """Read on one connection after the other until one works."""
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                with self._connection(deadline) as raw:
                    return work(_Connection(raw))
            except ConnectionLost:
                if time.monotonic() >= deadline:
                    raise

    def _write_again(self, work: Callable[[Transaction], Result], deadline: float) -> Result:
        repetitions = 0
        while True:
            try:
                with self._connection(deadline) as raw:
                    return _carry_out(work, raw)
            except ConnectionLost:  # before the commit: nothing of it is there
                if time.monotonic() >= deadline:
                    raise
            except Repeatable:
                repetitions += 1
                if repetitions > MOST_REPETITIONS:
                    raise

    @contextmanager
    def _connection(self, deadline: float) -> Iterator[Raw]:
        """Lend a connection that no other thread uses meanwhile. Raises StorageUnavailable when there is none in time."""
        if not self._places.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise StorageUnavailable("every connection to the database was in use for too long")
        try:
            raw = self._borrowed(deadline)
            try:
                yield raw
            finally:
                self._pool.putconn(raw)
        finally:
            self._places.release()

    def _borrowed(self, deadline: float) -> Raw:
        """Ask for a connection again and again, as asking is what makes the pool try to connect."""
        while True:
            left_seconds = deadline - time.monotonic()
            try:
                return self._pool.getconn(timeout=max(0.01, min(_ASK_AGAIN_SECONDS, left_seconds)))
            except PoolTimeout as error:
                if left_seconds <= _ASK_AGAIN_SECONDS:
                    raise StorageUnavailable("no connection to the database could be had in time") from error
            except PoolClosed as error:
                raise StorageUnavailable("the database was closed") from error


def _carry_out(work: Callable[[Transaction], Result], raw: Raw) -> Result:
    """Run the work from BEGIN to COMMIT."""
    connection = _Connection(raw)
    try:
        with translated(raw):
            raw.execute(_BEGIN)
        result = work(connection)
        connection.do_what_is_left()
        if raw.info.transaction_status is not TransactionStatus.INTRANS:
            raise StorageUnavailable("a statement failed, and its error was passed over")
    except BaseException:
        with suppress(psycopg.Error):
            raw.execute("ROLLBACK")
        raise
    connection.commit()
    return result
