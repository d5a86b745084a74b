"""``zhaohu drill``: a copy is proved by using it, and nothing else is touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.backups import NotABackup
from storage.database import Database
from storage.exchanges import every
from storage.members import add_member
from storage.points import add_points
from tests.cli.conftest import Zhaohu
from tests.conftest import Clock


def test_a_good_copy_is_restored_adds_up_and_answers(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    now = Clock()()

    def work(tx: object) -> None:
        member_id = add_member(tx, account_id="gh_1", openid="oAlice", source="follow", now=now)  # type: ignore[arg-type]
        add_points(tx, member_id, 5, kind="gift", cause="one", now=now)  # type: ignore[arg-type]

    brand.write(work)
    assert zhaohu("backup", "copy.db").exit_code == 0
    before = (folder / "copy.db").read_bytes()
    done = zhaohu("drill", "copy.db")
    assert done.exit_code == 0, done.exception
    restored, figures, answers = done.stdout.splitlines()
    assert restored.startswith("✓ restored: every page and every reference is sound")
    assert figures.startswith("✓ coupons and points add up")
    assert answers.startswith("✓ the service answers on it: ")
    assert (folder / "copy.db").read_bytes() == before
    assert list(every(brand)) == []
    assert sorted(file.name for file in folder.iterdir()) == ["brand.db", "brand.db-shm", "brand.db-wal", "copy.db"]


def test_a_copy_whose_figures_do_not_add_up_fails_the_drill(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    brand.write(lambda tx: add_member(tx, account_id="gh_1", openid="oAlice", source="follow", now=Clock()()))
    brand.write(lambda tx: tx.execute("INSERT INTO balances (member_id, points) SELECT id, 7 FROM members"))
    assert zhaohu("backup", "copy.db").exit_code == 0
    done = zhaohu("drill", "copy.db")
    assert done.exit_code == 1
    assert "1 figures do not add up" in done.stderr


def test_a_damaged_copy_fails_the_drill(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    zhaohu("backup", "copy.db")
    with closing(sqlite3.connect(folder / "copy.db")) as raw:
        raw.execute("DROP TABLE schema_migrations")
    assert isinstance(zhaohu("drill", "copy.db").exception, NotABackup)
