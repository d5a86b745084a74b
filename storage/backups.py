"""Copies of an embedded database: taken while others write, checked before they are trusted, put back without losing what was there.

BackupError
├── NotEmbedded     the database is no file: see postgres_copies
├── FileInTheWay    there is something already where the copy should go
├── NotABackup      the file is damaged, of another program, or a database in use
└── InUse           a running process holds the database that would be replaced
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import coupons, points
from storage.database import Database, Queries
from storage.differences import Difference
from storage.errors import StorageError, StorageUnavailable
from storage.integrity import faults_in_file, tables_of_file
from storage.migrations import Migration, migrate
from storage.sqlite import SqliteDatabase

_SIDE_FILES = ("-wal", "-shm")
NO_CONTENT = frozenset({"schema_migrations", "revisions"})  # filled in every new database


class BackupError(StorageError):
    """A copy cannot be taken or put back."""


class NotEmbedded(BackupError):
    """The database is not kept in one file."""


class FileInTheWay(BackupError):
    """There is something already."""


class NotABackup(BackupError):
    """The file cannot be trusted."""


class InUse(BackupError):
    """Somebody has the database open."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: migrations carried out, where the former database went (None when there was none), and figures that do not agree."""

    migrations: tuple[Migration, ...]
    former: Path | None
    differences: tuple[Difference, ...]


def back_up(database: Database, target: Path) -> int:
    """Write a consistent copy to ``target``, readable to its owner alone, check it, and return its bytes. Raises BackupError."""
    if not isinstance(database, SqliteDatabase):
        raise NotEmbedded("this database is not a file")
    with new_private_file(target):
        database.backup_to(target)
        _check(target)
        wait_for_disk(target)
    return target.stat().st_size


@contextmanager
def new_private_file(target: Path) -> Iterator[None]:
    """Make an empty file, readable to its owner alone, to be filled meanwhile; it is removed when that fails. Raises BackupError."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise FileInTheWay(f"{target} exists already: name a new file") from error
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror}") from error
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def restore(source: Path, target: Path, *, replace: bool, now: datetime) -> Restored:
    """Put the copy ``source`` at ``target``, brought to the schema of this release.

    It is copied, checked and migrated beside the target first, so that a failure leaves everything as it was. With ``replace`` a target that
    holds anything is set aside under another name, never deleted. Raises BackupError, SchemaTooNew.
    """
    if any(_side(source, ending).exists() for ending in _SIDE_FILES):
        raise NotABackup(f"{source} is a database in use, not a copy: take one with `zhaohu backup FILE`")
    _check(source)
    kept = target.exists() and _holds_anything(target)
    if kept and not replace:
        raise FileInTheWay(f"{target} holds data: name another DATABASE_URL, or give --force to set it aside")
    with _draft_of(source, target) as draft:
        with closing(SqliteDatabase(draft)) as opened:
            migrations = tuple(migrate(opened))
            differences = (*coupons.reconcile(opened), *points.reconcile(opened))
        if _side(draft, "-wal").exists():
            raise StorageUnavailable(f"{draft}: not written to the end")
        _resemble(draft, target)
        wait_for_disk(draft)
        former = _make_way(target, _aside(target, now) if kept else None)
        draft.replace(target)
        wait_for_disk(target)
    return Restored(migrations, former, differences)


def _check(path: Path) -> None:
    """Raise NotABackup unless the file is a sound database of ours; it is only read."""
    try:
        known = "schema_migrations" in tables_of_file(path)
        faults = faults_in_file(path)
    except StorageUnavailable as error:
        raise NotABackup(str(error)) from error
    if faults:
        raise NotABackup(f"{path} is damaged: {'; '.join(faults)}")
    if not known:
        raise NotABackup(f"{path} is no copy of a database of this program")


def _holds_anything(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    try:
        with closing(SqliteDatabase(path)) as opened:
            return any(_has_rows(opened, table) for table in _tables(opened) - NO_CONTENT)
    except StorageUnavailable:  # not readable is not empty
        return True


def _tables(queries: Queries) -> set[str]:
    rows = queries.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return {row["name"] for row in rows}


def _has_rows(queries: Queries, table: str) -> bool:
    quoted = table.replace('"', '""')
    return queries.one(f'SELECT 1 AS one FROM "{quoted}" LIMIT 1') is not None


@contextmanager
def _draft_of(source: Path, target: Path) -> Iterator[Path]:
    """Lend a copy of the source beside the target, readable to its owner alone; whatever is left of it afterwards is removed."""
    draft = _side(target, ".restoring")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with source.open("rb") as original, open(draft, "xb", opener=_private) as copy:
            shutil.copyfileobj(original, copy)
        yield draft
    except OSError as error:
        raise BackupError(f"{error.filename or target}: {error.strerror}") from error
    finally:
        for ending in ("", *_SIDE_FILES):
            _side(draft, ending).unlink(missing_ok=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _resemble(draft: Path, target: Path) -> None:
    """Give the draft the rights and, as far as allowed, the owner of what it replaces, so that the service can go on using it."""
    if target.exists():
        shutil.copymode(target, draft)
        with suppress(PermissionError):
            shutil.chown(draft, target.stat().st_uid, target.stat().st_gid)


def _make_way(target: Path, aside: Path | None) -> Path | None:
    """Move what is at the target to ``aside``, or remove it when there is nothing in it. Raises InUse when a process has it open."""
    if not target.exists():
        return None
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as raw:
        try:
            raw.execute("PRAGMA locking_mode = EXCLUSIVE")
            raw.execute("BEGIN EXCLUSIVE")
            raw.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise InUse(f"{target} is in use: stop the service and its workers first") from error
        except sqlite3.DatabaseError:
            pass  # damaged, which may be why it is replaced
    for ending in ("", *_SIDE_FILES):
        if aside is None:
            _side(target, ending).unlink(missing_ok=True)
        elif _side(target, ending).exists():
            _side(target, ending).rename(_side(aside, ending))
    return aside


def _aside(target: Path, now: datetime) -> Path:
    return target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}")


def _side(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def wait_for_disk(path: Path) -> None:
    """Wait until a file and its name are on disk."""
    for place in (path, path.parent):
        opened = os.open(place, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
