"""A database that is locked, broken, full or closed: every function of this room says so with an error of this room, and nothing is half done.

The functions are found, not listed: each is called with arguments made up from the types it asks for. A new type needs a line in ``EXAMPLES``.
"""

import importlib
import inspect
import os
import pkgutil
import sqlite3
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import storage
from storage.audit import record
from storage.backups import NotABackup, back_up, restore
from storage.database import Database, Queries, Transaction
from storage.errors import StorageError, StorageUnavailable
from storage.integrity import faults_in_file, tables_of_file
from storage.listing import Listing, list_members
from storage.migrations import migrate
from storage.sqlite import SqliteDatabase
from tests.storage.people import NOW, people


@pytest.fixture
def engine() -> str:
    """These are matters of the embedded engine alone."""
    return "sqlite"


EXAMPLES: Mapping[object, object] = {
    int: 1,
    str: "xx",
    float: 31.2,
    bool: True,
    datetime: NOW,
    date: NOW.date(),
    timedelta: timedelta(minutes=5),
    Path: Path("/dev/null"),
    Listing: list_members,
}
ASKED_BY_PEOPLE = {"integrity"}  # whose answer is what is broken


def example(kind: Any) -> object:
    """Return a value of this type; fails for a type nobody thought of yet."""
    if kind in EXAMPLES:
        return EXAMPLES[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return parts[0]
    if origin in (UnionType, typing.Union):
        return example(next(part for part in parts if part is not NoneType))
    if origin is tuple:
        return tuple(example(part) for part in parts if part is not ...)
    if origin is not None and issubclass(origin, frozenset):
        return frozenset({example(parts[0])})
    if origin is not None and hasattr(origin, "__iter__"):
        return [example(parts[0])]
    if is_dataclass(kind) and isinstance(kind, type):
        needed = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
        return kind(**{name: example(get_type_hints(kind)[name]) for name in needed})
    pytest.fail(f"EXAMPLES lacks a {kind}")


def functions_that_begin_with(kind: object) -> dict[str, Callable[..., Any]]:
    """Return the public functions of storage whose first parameter is of this type, by module and name."""
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(storage.__path__):
        if module.name in ASKED_BY_PEOPLE or module.ispkg:
            continue
        loaded = importlib.import_module(f"storage.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if name.startswith("_") or function.__module__ != loaded.__name__:
                continue
            first = next(iter(inspect.signature(function).parameters), None)
            if first is not None and get_type_hints(function).get(first) is kind:
                found[f"{module.name}.{name}"] = function
    return found


READING = functions_that_begin_with(Queries)
WRITING = functions_that_begin_with(Transaction)
LOCKING = {"conversations.hold"}  # touches nothing where one writes at a time


def called(function: Callable[..., Any], first: object) -> object:
    """Call a function with examples of all it asks for, and read what it yields to the end."""
    kinds = get_type_hints(function)
    given: dict[str, object] = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if parameter.default is inspect.Parameter.empty:
            given[name] = example(kinds[name])
    result = function(first, **given)
    return list(result) if inspect.isgenerator(result) else result


@pytest.fixture(scope="module")
def locked(migrated_copy: Callable[[str], SqliteDatabase]) -> Iterator[SqliteDatabase]:
    """A database in which another process writes all the time."""
    opened = migrated_copy("locked")
    other = sqlite3.connect(opened.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield opened
    other.close()


@pytest.fixture(scope="module")
def damaged(migrated_copy: Callable[[str], SqliteDatabase]) -> SqliteDatabase:
    """A database whose file was overwritten with noise, but for its first page, while it was open."""
    opened = migrated_copy("damaged")
    opened.query("SELECT id FROM members")  # so that a reader knows the tables
    with opened.path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    return opened


@pytest.fixture(scope="module")
def migrated_copy(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[Callable[[str], SqliteDatabase]]:
    opened: list[SqliteDatabase] = []

    def copy(name: str) -> SqliteDatabase:
        path = tmp_path_factory.mktemp(name) / "test.db"
        path.write_bytes(migrated_file.read_bytes())
        opened.append(SqliteDatabase(path, wait_seconds=0))
        return opened[-1]

    yield copy
    for one in opened:
        one.close()


def test_the_functions_of_the_room_were_found() -> None:
    assert len(READING) > 60
    assert len(WRITING) > 50
    assert {"members.member_by_id", "turns.stored_reply", "listing.list_ledger"} <= set(READING)
    assert {"members.add_member", "outbox.finish", "users.add_setup_link"} <= set(WRITING)


@pytest.mark.parametrize("name", WRITING)
def test_writing_to_a_locked_database_is_unavailable(locked: SqliteDatabase, name: str) -> None:
    with pytest.raises(StorageUnavailable, match="locked"):
        locked.write(lambda tx: called(WRITING[name], tx))


@pytest.mark.parametrize("name", READING)
def test_reading_from_a_locked_database_works(locked: SqliteDatabase, name: str) -> None:
    with suppress(ValueError):  # that there is nothing in it is an answer too
        called(READING[name], locked)


@pytest.mark.parametrize("name", READING)
def test_reading_from_a_damaged_file_is_unavailable(damaged: SqliteDatabase, name: str) -> None:
    with pytest.raises(StorageUnavailable):
        called(READING[name], damaged)


@pytest.mark.parametrize("name", sorted(WRITING.keys() - LOCKING))
def test_writing_to_a_damaged_file_is_refused(damaged: SqliteDatabase, name: str) -> None:
    with pytest.raises(StorageError):
        damaged.write(lambda tx: called(WRITING[name], tx))


@pytest.mark.parametrize("name", WRITING)
def test_what_the_data_refuses_is_no_error_of_the_driver(database: Database, name: str) -> None:
    with suppress(StorageError, ValueError):  # nobody is there whom an example could be about
        database.write(lambda tx: called(WRITING[name], tx))
    assert database.query("SELECT 1 AS one")


def test_a_locked_database_is_good_again_once_it_is_free(database: SqliteDatabase) -> None:
    impatient = SqliteDatabase(database.path, wait_seconds=0)
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable):
        people(impatient, 1)
    other.execute("ROLLBACK")
    assert len(people(impatient, 1)) == 1
    other.close()
    impatient.close()


def test_a_full_disk_is_unavailable_and_nothing_is_half_written(database: SqliteDatabase) -> None:
    pages = database.write(lambda tx: tx.query("PRAGMA page_count"))[0]["page_count"]
    database.write(lambda tx: tx.query(f"PRAGMA max_page_count = {pages}"))

    def work(tx: Transaction) -> None:
        for number in range(200):
            record(tx, "cli", "user.added", f"u{number}", "x" * 1000, NOW)

    with pytest.raises(StorageUnavailable, match="full"):
        database.write(work)
    assert database.query("SELECT id FROM audit") == []
    database.write(lambda tx: tx.query(f"PRAGMA max_page_count = {pages * 10}"))
    database.write(work)
    assert len(database.query("SELECT id FROM audit")) == 200


def test_a_closed_database_is_unavailable(database: Database) -> None:
    people(database, 1)
    database.close()
    with pytest.raises(StorageUnavailable):
        people(database, 1)


def test_a_file_that_is_no_database_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "noise.db").write_bytes(b"\xa5" * 8192)
    with pytest.raises(StorageUnavailable):
        SqliteDatabase(tmp_path / "noise.db")


def test_a_folder_in_the_place_of_the_file_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        SqliteDatabase(tmp_path)


@pytest.mark.parametrize("look", [tables_of_file, faults_in_file])
def test_a_file_that_is_not_there_cannot_be_looked_at(tmp_path: Path, look: Callable[[Path], object]) -> None:
    with pytest.raises(StorageUnavailable, match=r"nowhere\.db"):
        look(tmp_path / "nowhere.db")


def test_migrating_a_locked_or_damaged_database_is_unavailable(locked: SqliteDatabase, damaged: SqliteDatabase) -> None:
    for broken in (locked, damaged):
        with pytest.raises(StorageUnavailable):
            migrate(broken)


def test_no_copy_is_left_of_a_damaged_database(damaged: SqliteDatabase, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        back_up(damaged, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_noise_is_not_put_in_the_place_of_a_database(database: SqliteDatabase, tmp_path: Path) -> None:
    people(database, 1)
    (tmp_path / "noise.db").write_bytes(b"\xa5" * 8192)
    with pytest.raises(NotABackup):
        restore(tmp_path / "noise.db", database.path, replace=True, now=NOW)
    assert len(database.query("SELECT id FROM members")) == 1
