"""The one way to the database: ``Database`` and the two views of it that the rest of storage is written against.

All SQL lives in ``storage``, is portable to SQLite and PostgreSQL, and names its parameters ``:like_this``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from storage.records import immutable

Parameters = Mapping[str, Any]
Result = TypeVar("Result")

MOST_SHARING_A_COMMIT = 64


class Row(Protocol):
    """One row: a column by its name or, quicker, by its place."""

    def __getitem__(self, key: str | int, /) -> Any:
        """Return a column's value."""
        ...

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        ...


class Queries(Protocol):
    """What can be read: the database itself, or an open transaction."""

    def query(self, sql: str, parameters: Parameters = ...) -> list[Row]:
        """Return every row of a SELECT."""
        ...

    def one(self, sql: str, parameters: Parameters = ...) -> Row | None:
        """Return the first row of a SELECT, or None."""
        ...


class Transaction(Queries, Protocol):
    """An open writing transaction; ends with the work that was given to ``Database.write``."""

    def execute(self, sql: str, parameters: Parameters = ...) -> int:
        """Run one INSERT, UPDATE or DELETE and return how many rows it changed."""
        ...

    def lock(self, sql: str, parameters: Parameters = ..., /) -> bool:
        """Keep the rows of a SELECT from changing until the transaction ends, waiting for whoever is changing them.

        What is to be read of them is read afterwards. Returns False when there is none to keep: what was not committed yet is none, though it may be by the
        next statement. On an engine with one writer, nobody else ever changes them, nothing is done, and it is always True.
        """
        ...

    def query_unlocked(self, sql: str, parameters: Parameters = ...) -> list[Row]:
        """Return the rows of a SELECT that no other transaction has locked, and lock them."""
        ...

    def alone(self, name: str, /) -> None:
        """Wait until no other transaction that called this with the same name is open; for rules that no condition on rows can hold."""
        ...

    def announce(self, name: str, /) -> None:
        """Wake those in other processes who listen for ``name``, once this transaction is committed (see ``Database.listen``)."""
        ...

    def at_commit(self, name: str, work: Callable[[], object], /) -> None:
        """Do ``work`` at the end of this transaction, alone among those that have any by this name, and announce it; with one writer, at once."""
        ...

    def take_time(self) -> None:
        """Let the statements from here on take as long as they need; a message waits for none of them."""
        ...

    def give_way(self) -> None:
        """From here on wait only a moment for what others hold, as all who come later would wait behind: then HeldByOthers is raised."""
        ...


@immutable(frozen=True, slots=True)
class Written(Generic[Result]):
    """What came of one of several works: what it returned or, when it failed, the error and nothing of it in the database."""

    result: Result | None = None
    error: BaseException | None = None


class Database(Queries, Protocol):
    """A store that outlives the process."""

    def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run ``work`` in one writing transaction and return what it returned, once that is on disk.

        The work of threads that wait together shares one commit, each inside its own savepoint, and may be run again from the start (after a
        serialisation failure): it must do nothing that cannot be undone but through the transaction. An exception undoes the work and is raised.

        Raises StorageUnavailable when the database cannot be written (locked too long, disk full, gone), and CommitUnknown when a server is lost in the
        middle of a commit: the work may yet be there, and whoever tries again finds it by its key.
        """
        ...

    def listen(self, name: str, wake: Callable[[], object], /) -> bool:
        """Have ``wake`` called, in another thread, whenever a transaction of any process that announced ``name`` was committed.

        Returns False when the engine cannot tell: then look often. A call may be lost with a connection, so look now and then in any case.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


@runtime_checkable
class Embedded(Database, Protocol):
    """A store inside the process, where writing never waits for a far side."""

    def write_now(self, works: Sequence[Callable[[Transaction], Result]]) -> Sequence[Written[Result]] | None:
        """Run some works as ``write`` runs those that wait together, if that can be done without waiting for anybody; else do nothing and return None.

        For an event loop, which must not stand still: what it gets None for it has written by threads. At most MOST_SHARING_A_COMMIT works.
        """
        ...
