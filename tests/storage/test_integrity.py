"""Whether damage, lost references and lax commits are seen."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backups import NotEmbedded, back_up
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.integrity import damage_in, faults_in_file, is_durable, newest_written_at, orphans_in, tables_of_file
from storage.opening import open_database, sqlite_path
from tests.storage.people import people


@pytest.fixture
def engine() -> str:
    """These are matters of the embedded engine alone."""
    return "sqlite"


def test_a_sound_database_has_no_faults(database: Database) -> None:
    people(database, 3)
    assert (damage_in(database), orphans_in(database), is_durable(database)) == ([], [], True)
    assert newest_written_at(database) is None


def test_commits_that_a_power_cut_may_take_back_are_seen(database: Database) -> None:
    database.query("PRAGMA synchronous = NORMAL")
    assert not is_durable(database)


def test_noise_in_the_file_is_seen(database: Database, tmp_path: Path) -> None:
    people(database, 500)
    copy = tmp_path / "copy.db"
    back_up(database, copy)
    good = copy.read_bytes()
    copy.write_bytes(good[:-8192] + b"\xa5" * 8192)
    assert faults_in_file(copy)
    with closing(open_database(f"sqlite:///{copy}")) as opened:
        assert damage_in(opened)


def test_rows_that_point_at_nothing_are_seen(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "test.db")) as raw:  # which does not look after references
        raw.execute("INSERT INTO balances (member_id, points) VALUES (1, 1)")
        raw.commit()
    assert orphans_in(database) == ["balances"]


def test_looking_at_a_file_leaves_it_as_it_is(database: Database, tmp_path: Path) -> None:
    copy = tmp_path / "folder?#%41" / "copy.db"
    copy.parent.mkdir()
    back_up(database, copy)
    before = copy.read_bytes()
    assert faults_in_file(copy) == []
    assert "members" in tables_of_file(copy)
    assert copy.read_bytes() == before
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        tables_of_file(tmp_path / "absent.db")
    assert not list(tmp_path.iterdir())


class Elsewhere:
    """A database that is no file."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def test_only_a_file_is_copied(tmp_path: Path) -> None:
    elsewhere: Database = Elsewhere()  # type: ignore[assignment]
    with pytest.raises(NotEmbedded):
        back_up(elsewhere, tmp_path / "copy.db")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/brand.db", "data/brand.db"),
        ("sqlite:////var/brand%20one.db", "/var/brand one.db"),
        ("sqlite://host/brand.db", None),
        ("sqlite:///", None),
        ("postgresql://host/brand", None),
    ],
)
def test_the_file_that_a_url_names(url: str, path: str | None) -> None:
    assert sqlite_path(url) == (None if path is None else Path(path))
