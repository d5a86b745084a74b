"""Is an embedded database sound: damage, rows that point at nothing, and whether its commits reach the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from storage.database import Queries
from storage.errors import StorageUnavailable
from storage.times import from_ms

_MOST_REMARKS = 5
_FULL = 2  # PRAGMA synchronous


def damage_in(queries: Queries) -> list[str]:
    """Return what is broken in the file, in the engine's words, at most a few; looks at every page, but not at every index."""
    _see_all_tables(queries)
    try:
        rows = queries.query(f"PRAGMA quick_check({_MOST_REMARKS})")
    except StorageUnavailable as error:  # so broken that the check itself fails
        return [str(error)]
    return [row["quick_check"] for row in rows if row["quick_check"] != "ok"]


def orphans_in(queries: Queries) -> list[str]:
    """Return tables with rows whose reference leads nowhere."""
    _see_all_tables(queries)
    return sorted({row["table"] for row in queries.query("PRAGMA foreign_key_check")})


def is_durable(queries: Queries) -> bool:
    """Return whether a commit is on disk when it returns, and readers never stop writers."""
    journal, synchronous = queries.one("PRAGMA journal_mode"), queries.one("PRAGMA synchronous")
    return (
        journal is not None
        and synchronous is not None
        and journal["journal_mode"] == "wal"
        and synchronous["synchronous"] >= _FULL
    )


def newest_written_at(queries: Queries) -> datetime | None:
    """Return when the newest exchange was recorded, by the clock of then; None when there is none."""
    row = queries.one("SELECT created_at FROM exchanges ORDER BY id DESC LIMIT 1")
    return from_ms(row["created_at"]) if row else None


def faults_in_file(path: Path) -> list[str]:
    """Return what is broken in a database file that nobody has open, having read all of it and changed nothing.

    Raises StorageUnavailable when it cannot be opened.
    """
    with _untouched(path) as raw:
        if damage := _damage(raw):  # what is read beyond it may fail
            return damage
        orphans = sorted({row[0] for row in raw.execute("PRAGMA foreign_key_check")})
        return [f"rows of {table} point at nothing" for table in orphans]


def tables_of_file(path: Path) -> set[str]:
    """Return the names of the tables in a database file that nobody has open. Raises StorageUnavailable."""
    with _untouched(path) as raw:
        return {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _damage(raw: sqlite3.Connection) -> list[str]:
    try:
        return [row[0] for row in raw.execute(f"PRAGMA integrity_check({_MOST_REMARKS})") if row[0] != "ok"]
    except sqlite3.DatabaseError as error:  # so broken that the check itself fails
        return [str(error)]


def _see_all_tables(queries: Queries) -> None:
    """Make the connection notice tables made since it was opened: a PRAGMA, unlike a SELECT, goes by what the connection last knew."""
    queries.one("SELECT name FROM sqlite_master LIMIT 1")


@contextmanager
def _untouched(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as raw:
            yield raw
    except sqlite3.DatabaseError as error:
        raise StorageUnavailable(f"{path}: {error}") from error
