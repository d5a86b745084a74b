"""``zhaohu backup`` and ``zhaohu restore``: the drill, and what is refused."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.settings import read_settings
from bot.wechat.outbound_push import Push
from storage.backups import FileInTheWay, InUse, NotABackup, restore
from storage.coupons import reconcile
from storage.database import Database
from storage.errors import SchemaTooNew
from storage.exchanges import every
from storage.members import add_member, member_ids_by_openid
from storage.opening import open_database
from tests.cli.conftest import Zhaohu
from tests.conftest import ENVIRONMENT, Clock
from tests.phone import Phone


def phone_of(database: Database) -> Phone:
    settings, clock = read_settings(ENVIRONMENT), Clock()
    return Phone(Client(create_app(settings, database, clock=clock)), Push(account_of(settings)), clock)


@contextmanager
def many_talking(database: Database) -> Iterator[list[str]]:
    """Let people talk from three threads meanwhile; yields what was answered so far."""
    answered: list[str] = []
    stop = threading.Event()
    started = threading.Semaphore(0)

    def talk(openid: str) -> None:
        anybody, number = phone_of(database), 0
        while not stop.is_set():
            number += 1
            # Somebody else every ten times: who says more than twenty things in ten seconds is not answered.
            assert anybody.named(f"{openid}x{number // 10}").says(f"您好 {number}")
            answered.append(f"{openid} {number}")
            started.release()

    threads = [threading.Thread(target=talk, args=(f"oTalker{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        started.acquire()
    try:
        yield answered
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_the_drill(brand: Database, zhaohu: Zhaohu, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with many_talking(brand) as answered:
        before = len(answered)
        done = zhaohu("backup", "copy.db")
        assert done.exit_code == 0, done.stderr
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere/brand.db")
    done = zhaohu("restore", "copy.db")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.endswith("copy.db is now the database elsewhere/brand.db\n")
    with closing(open_database(f"sqlite:///{folder / 'elsewhere' / 'brand.db'}")) as restored:
        kept = list(every(restored))
        asked = {exchange.id for exchange in kept if exchange.direction == "in"}
        assert len(asked) >= before
        assert {exchange.in_reply_to for exchange in kept if exchange.direction == "out"} == asked  # no half turns
        assert kept == list(every(brand))[: len(kept)]
        assert reconcile(restored) == []
        assert phone_of(restored).says("您好")


def test_a_copy_is_private_and_never_written_over_anything(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    assert zhaohu("backup", "copy.db").exit_code == 0
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600
    before = (folder / "copy.db").read_bytes()
    assert isinstance(zhaohu("backup", "copy.db").exception, FileInTheWay)
    assert (folder / "copy.db").read_bytes() == before
    assert "nowhere" in str(zhaohu("backup", "nowhere/copy.db").exception)


def test_a_database_that_holds_data_is_set_aside_only_when_told(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    zhaohu("backup", "empty.db")
    brand.write(lambda tx: add_member(tx, account_id="gh_1", openid="oAlice", source="follow", now=Clock()()))
    brand.close()
    assert isinstance(zhaohu("restore", "empty.db").exception, FileInTheWay)
    done = zhaohu("restore", "--force", "empty.db")
    assert done.exit_code == 0, done.exception
    [former] = folder.glob("brand.db.before-*")
    assert former.name in done.stdout
    for path, known in ((folder / "brand.db", 0), (former, 1)):
        with closing(open_database(f"sqlite:///{path}")) as opened:
            assert len(member_ids_by_openid(opened, "oAlice")) == known


def test_an_empty_database_may_be_replaced(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    zhaohu("backup", "copy.db")
    brand.close()
    assert zhaohu("restore", "copy.db").exit_code == 0
    assert not list(folder.glob("brand.db.*"))


def test_a_running_service_is_not_robbed_of_its_database(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    zhaohu("backup", "copy.db")
    brand.write(lambda tx: add_member(tx, account_id="gh_1", openid="oAlice", source="follow", now=Clock()()))
    with pytest.raises(InUse, match="stop the service"):
        restore(folder / "copy.db", folder / "brand.db", replace=True, now=Clock()())
    assert member_ids_by_openid(brand, "oAlice")
    assert sorted(file.name for file in folder.glob("brand.db*")) == ["brand.db", "brand.db-shm", "brand.db-wal"]


def damaged(good: bytes) -> bytes:
    """Return a database whose second half of pages is noise."""
    return good[: len(good) // 2] + b"\xa5" * (len(good) - len(good) // 2)


@pytest.mark.parametrize("kind", ["words", "empty", "cut", "damaged", "other"])
def test_a_file_that_cannot_be_trusted_changes_nothing(
    brand: Database, zhaohu: Zhaohu, folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    zhaohu("backup", "copy.db")
    good, bad = (folder / "copy.db").read_bytes(), folder / "bad.db"
    contents = {"words": b"not a database " * 99, "empty": b"", "cut": good[:20_000], "damaged": damaged(good)}
    if kind == "other":
        with closing(open_database(f"sqlite:///{bad}")) as other:
            other.write(lambda tx: tx.execute("CREATE TABLE notes (id BIGINT PRIMARY KEY)"))
    else:
        bad.write_bytes(contents[kind])
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere/brand.db")
    done = zhaohu("restore", "bad.db")
    assert isinstance(done.exception, NotABackup), done.exception
    assert not (folder / "elsewhere" / "brand.db").exists()
    assert not list(folder.rglob("*.restoring*"))


def test_rows_that_point_at_nothing_are_found(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    zhaohu("backup", "copy.db")
    with closing(sqlite3.connect(folder / "copy.db")) as raw:  # which does not look after references
        raw.execute("INSERT INTO balances (member_id, points) VALUES (1, 1)")
        raw.commit()
    with pytest.raises(NotABackup, match="rows of balances point at nothing"):
        restore(folder / "copy.db", folder / "new.db", replace=False, now=Clock()())


def test_a_copy_of_a_newer_release_is_refused(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    brand.write(lambda tx: tx.execute("INSERT INTO schema_migrations (number, name) VALUES (9999, 'later')"))
    assert isinstance(zhaohu("backup", "copy.db").exception, SchemaTooNew)
    copy = folder / "later.db"
    brand.backup_to(copy)  # type: ignore[attr-defined]
    with pytest.raises(SchemaTooNew):
        restore(copy, folder / "new.db", replace=False, now=Clock()())
    assert not (folder / "new.db").exists()


def test_a_database_in_use_is_no_copy(brand: Database, folder: Path) -> None:
    with pytest.raises(NotABackup, match="zhaohu backup"):
        restore(folder / "brand.db", folder / "new.db", replace=False, now=Clock()())


def test_figures_that_do_not_agree_are_told(
    brand: Database, zhaohu: Zhaohu, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = brand.write(lambda tx: add_member(tx, account_id="gh_1", openid="oA", source="", now=Clock()()))
    brand.write(lambda tx: tx.execute("INSERT INTO balances (member_id, points) VALUES (:id, 7)", {"id": member}))
    zhaohu("backup", "copy.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere.db")
    done = zhaohu("restore", "copy.db")
    assert done.exit_code == 0
    assert done.stderr == f"attention: sum of entries = balance does not hold for {member}: 0 against 7\n"
