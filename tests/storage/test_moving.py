"""Moving to PostgreSQL: all of it, once, also when interrupted; nothing is written beside it, and what differs is told."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.settings import Settings
from bot.wechat.outbound_push import Push
from storage import coupons, exchanges, members, moving, points
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.moving import MoveError, NotTheSame, SourceMoved, Table, TargetNotEmpty, move
from storage.opening import open_database
from storage.sqlite import SqliteDatabase
from tests.conftest import Clock
from tests.phone import Phone
from tests.postgres_server import CleanDatabase
from tests.storage.people import campaign

FACES = "👩‍👩‍👧 𠮷野家\t\\N \\. 'x' \"y\" \u202e"


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def source(database: Database, settings: Settings, tmp_path: Path, clock: Clock) -> Path:
    """A file in which people talked, checked in and took coupons."""
    campaign(database, starts_at=clock() - timedelta(days=1), ends_at=clock() + timedelta(days=9))
    anybody = phone_on(database, settings, clock)
    for number in range(6):
        phone = anybody.named(f"oMoves{number}")
        for words in ("你好", "签到", "领优惠券", FACES, "转人工"):
            phone.says(words)
    return tmp_path / "test.db"


@pytest.fixture
def target(on_server: CleanDatabase) -> Iterator[str]:
    with on_server.server.new_database("target") as url:
        yield url


def phone_on(database: Database, settings: Settings, clock: Clock) -> Phone:
    return Phone(Client(create_app(settings, database, clock=clock)), Push(account_of(settings)), clock)


def quietly(_tables: Sequence[Table]) -> Callable[[int], None]:
    return lambda rows: None


def interrupting(after: int, _tables: Sequence[Table]) -> Callable[[int], None]:
    """Be interrupted once so many tables were carried."""
    calls = []

    def done(_rows: int) -> None:
        calls.append(1)
        if len(calls) > after:
            raise KeyboardInterrupt

    return done


def test_everything_arrives_and_the_account_goes_on_where_it_was(
    source: Path, target: str, database: Database, settings: Settings, clock: Clock
) -> None:
    before = list(exchanges.every(database))
    proofs = move(source, target, quietly)
    assert proofs["exchanges"].rows == len(before)
    assert proofs["coupons"].rows == 6
    with closing(open_database(target)) as moved:
        assert list(exchanges.every(moved)) == before
        assert any(FACES in one.text for one in before)
        assert members.count_members(moved) == 6
        assert [coupons.reconcile(moved), points.reconcile(moved)] == [[], []]
        phone = phone_on(moved, settings, clock).named("oMoves0")
        phone.says("不用了")
        assert "已" in phone.says("签到")
        assert members.count_members(moved) == 6


@pytest.mark.parametrize("after", [0, 5, 11])
def test_interrupted_it_goes_on_and_nothing_comes_twice(
    source: Path, target: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PIECE", 7)
    with pytest.raises(KeyboardInterrupt):
        move(source, target, partial(interrupting, after))
    proofs = move(source, target, quietly)
    assert proofs["exchanges"].rows == 60
    with closing(open_database(target)) as moved, pytest.raises(StorageUnavailable):
        moved.query("SELECT name FROM moving")


def test_interrupted_within_a_table_it_goes_on_within_it(
    source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = []
    read = moving._rows_after

    def read_and_be_interrupted(file: object, table: Table, last: int) -> list[tuple[object, ...]]:
        if table.name == "exchanges":
            pieces.append(last)
            if len(pieces) == 3:
                raise KeyboardInterrupt
        return read(file, table, last)  # type: ignore[arg-type]

    monkeypatch.setattr(moving, "PIECE", 7)
    monkeypatch.setattr(moving, "_rows_after", read_and_be_interrupted)
    with pytest.raises(KeyboardInterrupt):
        move(source, target, quietly)
    with closing(open_database(target)) as half:
        assert len(half.query("SELECT id FROM exchanges")) == 14
    assert move(source, target, quietly)["exchanges"].rows == 60
    assert pieces[3] == pieces[2], "what had arrived was not read again"


def test_a_target_that_holds_something_is_refused_and_left_alone(
    source: Path, database_url: str, on_server: CleanDatabase
) -> None:
    url = on_server.empty()
    with closing(open_database(url)) as other:
        other.write(lambda tx: tx.execute("INSERT INTO members (id, created_at) VALUES (1, 0)"))
        with pytest.raises(TargetNotEmpty, match="members"):
            move(source, url, quietly)
        assert members.count_members(other) == 1
        assert exchanges.newest_id(other) == 0


def test_what_changed_since_an_interruption_is_told(source: Path, target: str, database: Database) -> None:
    with pytest.raises(KeyboardInterrupt):
        move(source, target, partial(interrupting, 40))
    database.write(lambda tx: tx.execute("UPDATE members SET city = '上海'"))
    with pytest.raises(NotTheSame, match="members: 6 rows here and 6 there"):
        move(source, target, quietly)
    assert members.count_members(database) == 6, "the file is as usable as it was"


def test_while_it_moves_nobody_writes_and_afterwards_the_file_is_closed(
    source: Path, target: str, database: Database, settings: Settings, clock: Clock
) -> None:
    refused = []

    def try_to_write(_tables: Sequence[Table]) -> Callable[[int], None]:
        with closing(SqliteDatabase(source, wait_seconds=0)) as other, pytest.raises(StorageUnavailable) as error:
            other.write(lambda tx: tx.execute("DELETE FROM audit"))
        refused.append(error)
        return lambda rows: None

    move(source, target, try_to_write)
    assert refused
    with pytest.raises(StorageUnavailable):
        database.write(lambda tx: tx.execute("UPDATE conversations SET unread = 1"))
    with pytest.raises(SourceMoved):
        move(source, target, quietly)
    answer = phone_on(database, settings, clock).named("oMoves1")
    with pytest.raises(
        AssertionError
    ):  # nothing but `success`: the message is kept for the process on the new database
        assert answer.says("你好")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, target: str) -> None:
    with pytest.raises(MoveError, match="no database"):
        move(tmp_path / "none.db", target, quietly)
    assert not (tmp_path / "none.db").exists()


def test_a_server_that_is_away_is_unavailable_and_the_file_stays_open(source: Path, database: Database) -> None:
    with pytest.raises(StorageUnavailable):
        move(source, "postgresql://nobody@127.0.0.1:1/none", quietly)
    database.write(lambda tx: tx.execute("UPDATE conversations SET unread = 1"))
