"""Two transactions that overlap in a fixed order: what the second does while the first has not ended."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, cast

from storage.database import Database, Transaction
from storage.sqlite import SqliteDatabase

_PATIENCE_SECONDS = 30.0
_WAITING = "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def done_or_waiting(database: Database, other: "Future[Any]") -> None:
    """Return once what another thread writes is committed, or waits for a transaction that is still open; on one writer's engine it waits in any case."""
    if isinstance(database, SqliteDatabase):
        return
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not other.done() and not database.query(_WAITING)[0]["n"]:
        assert time.monotonic() < ends
        time.sleep(0.005)


class Interrupted:
    """A transaction in which something happens once, just before its first change of a row."""

    def __init__(self, tx: Transaction, then: Callable[[], object]) -> None:
        self._tx, self._then = tx, [then]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def execute(self, *asked: Any) -> int:
        """Let it happen, then change what was to be changed."""
        while self._then:
            self._then.pop()()
        return self._tx.execute(*asked)


def interrupted(tx: Transaction, then: Callable[[], object]) -> Transaction:
    """Return a transaction in which ``then`` happens just before its first change."""
    return cast(Transaction, Interrupted(tx, then))


class Interrupting:
    """A database in whose next write something happens once, just before its first change of a row."""

    def __init__(self, database: Database, then: Callable[[], object]) -> None:
        self._database, self._then = database, [then]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        """Do the work, interrupted the first time."""
        if not self._then:
            return self._database.write(work)
        then = self._then.pop()
        return self._database.write(lambda tx: work(interrupted(tx, then)))
