"""Carrying an embedded database over to PostgreSQL: table by table, in pieces, again from where it stopped, compared at the end.

While it moves, nobody can write to the file: what consumers write meanwhile is kept by the web process like in any other absence of the database.
Once everything is there and proved the same, the file is closed for good by giving one table another name, so that a process still running on it
goes on keeping messages for the one that will run on the new database, instead of writing where nobody looks any more.

MoveError
├── TargetNotEmpty    the target holds something that no move of ours put there
├── SourceMoved       the file was moved before
├── SourceLocked      somebody writes to the file without pause
└── NotTheSame        what arrived is not what is there
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from storage.database import Database
from storage.errors import StorageError, StorageUnavailable
from storage.migrations import check_current, migrate
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase

PIECE = 5000  # rows that are carried, and counted as carried, in one transaction
CLOSED_TABLE, CLOSED_NAME = "conversations", "conversations_moved"
_NOT_CARRIED = frozenset({"schema_migrations"})  # the target's own
_FILLED_AT_FIRST = frozenset({"revisions", *_NOT_CARRIED})  # not empty in a new database either
_WAIT_SECONDS = 10.0
_WORD = 2**64
_BOOKMARKS = "moving"
_NUMBER = "rowid"

Progress = Callable[[int], None]


class MoveError(StorageError):
    """A database cannot be moved."""


class TargetNotEmpty(MoveError):
    """The target holds something that no move of ours put there."""


class SourceMoved(MoveError):
    """The file was moved before."""


class SourceLocked(MoveError):
    """Somebody writes to the file without pause."""


class NotTheSame(MoveError):
    """What arrived is not what is there."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the source: its columns, and how many rows it has."""

    name: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What both sides of a table come to: how many rows, and the sum of what is in them whatever their order."""

    rows: int
    checksum: int


def move(source: Path, url: str, progress: Callable[[Sequence[Table]], Progress]) -> dict[str, Proof]:
    """Carry everything in the file ``source`` to the empty PostgreSQL database at ``url``, or go on with that; return what was proved of each table.

    ``progress`` gets the tables and returns what is called with every number of rows done: each row is carried, and then compared.
    Raises MoveError, SchemaTooOld, SchemaTooNew, StorageUnavailable.
    """
    with _translated(), _held(source) as file:
        tables = _tables(file)
        _make_ready(url, tables)
        done = progress(tables)
        with psycopg.connect(url) as target:
            for table in tables:
                done(_carry(file, target, table))
            proofs = {table.name: _prove(file, target, table, done) for table in tables}
            target.execute(f"DROP TABLE {_BOOKMARKS}")
        file.execute(f"ALTER TABLE {CLOSED_TABLE} RENAME TO {CLOSED_NAME}")
        file.execute("COMMIT")
    return proofs


def check_not_moved(database: Database) -> None:
    """Raise SourceMoved when the database is a file whose contents were carried elsewhere: what is written to it, nobody looks at."""
    if isinstance(database, SqliteDatabase) and database.one(
        "SELECT 1 FROM sqlite_master WHERE name = :name", {"name": CLOSED_NAME}
    ):
        raise SourceMoved(
            f"{database.path} was moved to PostgreSQL before (its table {CLOSED_NAME} says so): set DATABASE_URL to the new address"
        )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, psycopg.OperationalError) as error:
        raise StorageUnavailable(str(error).partition("\n")[0]) from error
    except psycopg.Error as error:
        raise NotTheSame(f"the target refused a row: {error.diag.message_primary or type(error).__name__}") from error


@contextmanager
def _held(source: Path) -> Iterator[sqlite3.Connection]:
    """Lend the file with nobody else writing to it; what the lender does not commit is undone."""
    if not source.exists():
        raise MoveError(f"there is no database at {source}")
    with closing(sqlite3.connect(source, isolation_level=None, timeout=_WAIT_SECONDS)) as file:
        with closing(SqliteDatabase(source)) as opened:
            check_not_moved(opened)
            check_current(opened)
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise SourceLocked(f"{source} is being written to without pause: stop the service, then move") from error
        yield file


def _tables(file: sqlite3.Connection) -> list[Table]:
    """Return the tables, each after those that its rows refer to."""
    found = file.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    names = [row[0] for row in found if row[0] not in _NOT_CARRIED]
    needs = {name: {row[2] for row in file.execute(f"PRAGMA foreign_key_list({name})")} - {name} for name in names}
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += [name for name in names if name not in ordered and needs[name] <= set(ordered)]
    return [_table(file, name) for name in ordered]


def _table(file: sqlite3.Connection, name: str) -> Table:
    columns = tuple(row[1] for row in file.execute(f"PRAGMA table_info({name})"))
    return Table(name, columns, file.execute(f"SELECT count(*) FROM {name}").fetchone()[0])


def _make_ready(url: str, tables: Iterable[Table]) -> None:
    """Give the target its schema and its bookmarks, unless a move that was interrupted did. Raises TargetNotEmpty."""
    with closing(PostgresDatabase(url)) as opened:
        migrate(opened)
    with psycopg.connect(url) as target:
        if _exists(target, _BOOKMARKS):
            return
        for table in tables:
            if table.name in _FILLED_AT_FIRST:
                target.execute(_with_names("DELETE FROM {0}", table.name))
            elif target.execute(_with_names("SELECT 1 FROM {0} LIMIT 1", table.name)).fetchone():
                raise TargetNotEmpty(f"the target has rows in {table.name} already: move to an empty database")
        target.execute(f"CREATE TABLE {_BOOKMARKS} (name TEXT PRIMARY KEY, last BIGINT NOT NULL)")


def _exists(target: "psycopg.Connection[tuple[object, ...]]", name: str) -> bool:
    found = target.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    return bool(found and found[0])


def _carry(file: sqlite3.Connection, target: "psycopg.Connection[tuple[object, ...]]", table: Table) -> int:
    """Carry what is still missing of a table, and return how many rows an interrupted move had carried and this one did."""
    found = target.execute(f"SELECT last FROM {_BOOKMARKS} WHERE name = %s", (table.name,)).fetchone()
    last = int(str(found[0])) if found else -(2**63)
    while rows := _rows_after(file, table, last):
        with target.transaction():
            copy_in = _with_names("COPY {0} ({1}) FROM STDIN", table.name, *table.columns)
            with target.cursor() as cursor, cursor.copy(copy_in) as copy:
                for row in rows:
                    copy.write_row(row[1:])
            last = rows[-1][0]
            target.execute(
                f"INSERT INTO {_BOOKMARKS} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET last = excluded.last",
                (table.name, last),
            )
        target.commit()
    return table.rows


def _rows_after(file: sqlite3.Connection, table: Table, last: int) -> list[tuple[Any, ...]]:
    columns = ", ".join((_NUMBER, *table.columns))
    return file.execute(
        f"SELECT {columns} FROM {table.name} WHERE {_NUMBER} > ? ORDER BY {_NUMBER} LIMIT {PIECE}", (last,)
    ).fetchall()


def _prove(
    file: sqlite3.Connection, target: "psycopg.Connection[tuple[object, ...]]", table: Table, done: Progress
) -> Proof:
    """Count and sum up both sides. Raises NotTheSame."""
    here = _proof(file.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}"))
    with target.cursor(name="proof") as cursor:  # on the server, as a table may be larger than memory
        cursor.itersize = PIECE
        there = _proof(cursor.execute(_with_names("SELECT {1} FROM {0}", table.name, *table.columns)))
    if here != there:
        raise NotTheSame(
            f"{table.name}: {here.rows} rows here and {there.rows} there, or not the same ones; was the file written to since the move began? "
            "Empty the target and move again"
        )
    done(table.rows)
    return here


def _proof(rows: Iterable[Sequence[object]]) -> Proof:
    count = checksum = 0
    for row in rows:
        digest = hashlib.blake2b(repr(tuple(row)).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        checksum = (checksum + int.from_bytes(digest)) % _WORD
        count += 1
    return Proof(count, checksum)


def _with_names(text: LiteralString, table: str, *columns: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
