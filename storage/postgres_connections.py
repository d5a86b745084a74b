"""Connections to PostgreSQL as this program wants them, and the driver's errors in our own words."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper
from psycopg_pool import ConnectionPool

from storage.errors import Conflict, HeldByOthers, StorageError, StorageUnavailable

MOST_CONNECTIONS = 20  # a process; more threads than that only wait for each other
_LOCK_MILLISECONDS = 3000  # waiting for another's row; a message is given up 4 s after it came
_READ_MILLISECONDS = 30_000  # a page that counts much may take its time
_GONE_MILLISECONDS = 4000  # a machine that answers nothing for so long is gone
_OPTIONS = (
    "-c synchronous_commit=on "  # whatever the server's own setting: a commit is on disk when it returns
    f"-c lock_timeout={_LOCK_MILLISECONDS} -c statement_timeout={_READ_MILLISECONDS} "
    "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c default_transaction_isolation=read\\ committed"
)
_NETWORK: dict[str, str | int | None] = {
    "connect_timeout": 3,
    "tcp_user_timeout": _GONE_MILLISECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "application_name": "zhaohu",
    "client_encoding": "UTF8",  # else a database made as SQL_ASCII (a server set up without a locale) would give bytes for text
}

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # whoever gets no connection tells of it, once

Raw = psycopg.Connection["PlacedRow"]


class Repeatable(HeldByOthers):
    """The transaction got in another's way, and may do better when it runs again."""


class ConnectionLost(StorageUnavailable):
    """The connection is gone; another may be better."""


class PlacedRow(tuple[Any, ...]):
    """A row: a column by its place or its name. Made by classes that know the places."""

    __slots__ = ()
    places: dict[str | int, int] = {}  # noqa: RUF012 (each class has its own)

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, key if key.__class__ is int else self.places[key])

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        return [str(name) for name in self.places]


@lru_cache(maxsize=2048)
def _row_class(columns: tuple[bytes | None, ...]) -> type[PlacedRow]:
    names = tuple(column.decode() for column in columns if column is not None)
    places = {name: place for place, name in reversed(list(enumerate(names)))}  # of two of one name, the first
    return type("PlacedRow", (PlacedRow,), {"__slots__": (), "places": {name: places[name] for name in names}})


def _placed_rows(cursor: "psycopg.Cursor[PlacedRow]") -> "psycopg.rows.RowMaker[PlacedRow]":
    """Return what makes rows of a result; its own columns' names are asked for, as ``description`` would make a record of each first."""
    result = cursor.pgresult
    return _row_class(tuple(map(result.fname, range(result.nfields))) if result else ())


def conninfo_of(url: str) -> str:
    """Return what the driver wants to know, from our URL; what the URL says itself stands. Raises StorageUnavailable when it says nonsense."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise StorageUnavailable("DATABASE_URL is no address of a PostgreSQL database") from error
    options = f"{_OPTIONS} {given.pop('options', None) or ''}".strip()
    return make_conninfo("", **{**_NETWORK, **given, "options": options})


def why_not_connected(url: str) -> str:
    """Try to connect once, and return what is in the way in the driver's words, which never have the password; nothing when it works."""
    try:
        psycopg.connect(conninfo_of(url)).close()
    except psycopg.Error as error:
        return str(error).partition("\n")[0].removeprefix("connection failed: ").removeprefix("connection is bad: ")
    return ""


def prepare(raw: "psycopg.Connection[Any]") -> None:
    """Make a new connection ready: values of one kind always go as one type, so that a statement is prepared once."""
    raw.adapters.register_dumper(int, Int8Dumper)
    raw.adapters.register_dumper(str, StrDumper)
    raw.prepare_threshold = 2
    raw.prepared_max = 500


def new_pool(url: str) -> "ConnectionPool[Raw]":
    """Return a pool that begins to connect; it mends itself within seconds after the server was away."""
    return ConnectionPool(
        conninfo_of(url),
        kwargs={"autocommit": True, "row_factory": _placed_rows, "cursor_factory": psycopg.RawCursor},
        min_size=1,
        max_size=MOST_CONNECTIONS,
        max_idle=300.0,
        reconnect_timeout=0.0,  # it does not try again by itself, later and later, but whenever somebody asks
        num_workers=2,
        configure=prepare,
        open=True,
        name="zhaohu",
    )


def translation_of(error: psycopg.Error, raw: "psycopg.Connection[Any] | None" = None) -> StorageError:
    """Return storage's own error for one of the driver's; the server's hints stay out, as they quote what people wrote."""
    words = error.diag.message_primary or str(error).partition("\n")[0]
    if isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
        return Repeatable(words)
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return HeldByOthers(words)
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError | psycopg.errors.ProgramLimitExceeded):
        return Conflict(words)  # the last: too long for an index; trying again would not help
    if raw is not None and raw.closed:
        return ConnectionLost(words)
    return StorageUnavailable(words)


@contextmanager
def translated(raw: "psycopg.Connection[Any] | None" = None) -> Iterator[None]:
    """Raise storage's own errors in place of the driver's."""
    try:
        yield
    except psycopg.Error as error:
        raise translation_of(error, raw) from error


def fetch(raw: Raw, sql: str, values: Sequence[Any]) -> "psycopg.Cursor[PlacedRow]":
    """Run one statement and return its cursor."""
    try:
        return raw.execute(sql, values)
    except psycopg.Error as error:
        raise translation_of(error, raw) from error
