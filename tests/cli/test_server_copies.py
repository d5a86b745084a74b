"""``zhaohu backup``, ``restore`` and ``drill`` with PostgreSQL: a real dump of a store in use, by the programs that come with the server."""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from click.testing import Result

from storage import coupons, exchanges, points, postgres_programs
from storage.backups import FileInTheWay, InUse, NotABackup
from storage.database import Database
from storage.errors import SchemaTooNew
from storage.migrations import migrate
from storage.opening import open_database
from storage.postgres_copies import NotEmpty
from storage.postgres_programs import ProgramMissing, ProgramTooOld
from tests.cli.conftest import Zhaohu
from tests.cli.test_backup import many_talking, phone_of
from tests.conftest import Clock
from tests.postgres_server import GUARDED, CleanDatabase, PostgresServer, programs
from tests.storage.people import campaign

PASSWORD = "hush & %'\" hush"


@pytest.fixture
def engine() -> str:
    return "postgresql"


@pytest.fixture(autouse=True)
def on_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have only the server's own programs found."""
    assert folder.exists()
    monkeypatch.setattr(postgres_programs, "_SIDE_BY_SIDE", ())
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}/usr/bin:/bin")


@pytest.fixture
def brand(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A store with members, exchanges, coupons and a ledger, at DATABASE_URL."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    now = Clock()()
    campaign(database, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=9))
    anybody = phone_of(database)
    for number in range(4):
        phone = anybody.named(f"oKept{number}")
        for words in ("签到", "领优惠券", "👩‍👩‍👧 𠮷野家\t\\N \\. 'x' \"y\"", "转人工"):
            phone.says(words)
    return database


@pytest.fixture
def target(on_server: CleanDatabase) -> Iterator[str]:
    with on_server.server.new_database("restored") as url:
        yield url


@pytest.fixture
def guarded(on_server: CleanDatabase) -> Iterator[str]:
    """A user who needs a password and may make databases, as it goes into a URL."""
    with on_server.guarded_user(PASSWORD):
        yield f"{GUARDED}:{quote(PASSWORD, safe='')}"


def contents(url: str) -> dict[str, tuple[object, ...]]:
    """Return how many rows each table has, and a checksum of all of them."""
    with psycopg.connect(url) as raw:
        found = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        sums = "SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {} t"
        return {name: raw.execute(sums.format(name).encode()).fetchall()[0] for (name,) in found}


def restored_to(url: str, zhaohu: Zhaohu, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("DATABASE_URL", url)
    return zhaohu("restore", *words)


def test_everything_is_there_again_and_the_bot_answers(
    brand: Database, zhaohu: Zhaohu, folder: Path, database_url: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = zhaohu("backup", "copy")
    assert done.exit_code == 0, done.exception
    assert done.stdout == f"{(folder / 'copy').stat().st_size:,} bytes written to copy, checked\n"
    assert stat.S_IMODE((folder / "copy").stat().st_mode) == 0o600
    assert isinstance(zhaohu("backup", "copy").exception, FileInTheWay)
    before = contents(database_url)
    assert all(before[table][0] for table in ("members", "exchanges", "coupons", "ledger", "balances"))
    done = restored_to(target, zhaohu, monkeypatch, "copy")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "copy is now the database that DATABASE_URL names\n", "")
    assert contents(target) == before
    with closing(open_database(target)) as restored:
        assert migrate(restored) == []
        assert coupons.reconcile(restored) == points.reconcile(restored) == []
        anybody = phone_of(restored)
        assert "已经签过" in anybody.named("oKept0").says("签到")
        assert anybody.named("oNew").says("您好")
    assert isinstance(restored_to(target, zhaohu, monkeypatch, "copy").exception, NotEmpty)


def test_a_copy_made_while_people_talk_has_no_half_turns(
    brand: Database, zhaohu: Zhaohu, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    talked = len(list(exchanges.every(brand)))
    with many_talking(brand) as answered:
        before = len(answered)
        assert zhaohu("backup", "copy").exit_code == 0
    assert restored_to(target, zhaohu, monkeypatch, "copy").exit_code == 0
    with closing(open_database(target)) as restored:
        said = list(exchanges.every(restored))
    asked = {one.id for one in said if one.direction == "in"}
    assert len(said) >= talked + 2 * before
    assert {one.in_reply_to for one in said if one.direction == "out"} == asked
    assert {one.id for one in said} <= {one.id for one in exchanges.every(brand)}


def telling(folder: Path, *names: str) -> Path:
    """Make programs that write down what they are called with and then are the real ones; return where they write."""
    told = folder / "told"
    for name in names:
        script = folder / name
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" >> {told}\nexec {programs() / name} "$@"\n')
        script.chmod(0o755)
    return told


def test_the_drill_restores_to_a_database_of_its_own_and_the_password_shows_nowhere(
    brand: Database,
    zhaohu: Zhaohu,
    folder: Path,
    on_server: CleanDatabase,
    guarded: str,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = telling(folder, "pg_dump", "pg_restore")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    on_server.admin.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {GUARDED}".encode())
    mine = database_url.replace("//postgres@", f"//{guarded}@")
    monkeypatch.setenv("DATABASE_URL", mine)
    before, databases = contents(database_url), names_of_databases(on_server.server)
    assert zhaohu("backup", "copy").exit_code == 0
    done = zhaohu("drill", "copy")
    assert done.exit_code == 0, done.exception
    restored, figures, answers = done.stdout.splitlines()
    assert restored.startswith("✓ restored: every page and every reference is sound, 0 migrations")
    assert figures.startswith("✓ coupons and points add up")
    assert answers.startswith("✓ the service answers on it: ")
    assert contents(database_url) == before
    assert names_of_databases(on_server.server) == databases
    assert f"user={GUARDED}" in told.read_text()
    assert "hush" not in told.read_text() + done.output


def names_of_databases(server: PostgresServer) -> set[str]:
    with psycopg.connect(server.url()) as raw:
        return {str(name) for (name,) in raw.execute("SELECT datname FROM pg_database WHERE datname LIKE 'zhaohu%'")}


def test_a_user_who_may_not_make_a_database_is_told_what_to_do(
    brand: Database, zhaohu: Zhaohu, on_server: CleanDatabase, guarded: str, database_url: str
) -> None:
    assert zhaohu("backup", "copy").exit_code == 0
    on_server.server.run(f"ALTER ROLE {GUARDED} NOCREATEDB")
    done = zhaohu("drill", "copy", "--server", database_url.replace("//postgres@", f"//{guarded}@"))
    assert f"ALTER ROLE {GUARDED} CREATEDB" in str(done.exception)


def test_a_database_in_use_or_of_another_program_is_not_touched(
    brand: Database, zhaohu: Zhaohu, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert zhaohu("backup", "copy").exit_code == 0
    assert "createdb" in restored_to(target, zhaohu, monkeypatch, "--force", "copy").output
    with psycopg.connect(target, autocommit=True) as raw:
        raw.execute("CREATE TABLE notes (id BIGINT PRIMARY KEY)")
        other = restored_to(target, zhaohu, monkeypatch, "copy").exception
        assert isinstance(other, NotEmpty)
        assert "another program" in str(other)
        raw.execute("DROP TABLE notes")
    with closing(open_database(target)) as running:
        migrate(running)
        assert isinstance(restored_to(target, zhaohu, monkeypatch, "copy").exception, InUse)
    wait_until_nobody_is_connected(target)
    done = restored_to(target, zhaohu, monkeypatch, "copy")
    assert done.exit_code == 0, "a database that was only migrated is empty"


def wait_until_nobody_is_connected(url: str) -> None:
    """Wait for the server to notice that a connection was closed."""
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'zhaohu'"
    with psycopg.connect(url, autocommit=True) as raw:
        while raw.execute(others).fetchone():
            pass


def test_a_damaged_file_or_another_one_changes_nothing(
    brand: Database, zhaohu: Zhaohu, folder: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = folder / "copy"
    assert zhaohu("backup", "copy").exit_code == 0
    good = copy.read_bytes()
    for bad in (b"not a copy " * 99, b"", good[: len(good) // 2], noise_in(good)):
        copy.write_bytes(bad)
        assert isinstance(restored_to(target, zhaohu, monkeypatch, "copy").exception, NotABackup)
        assert contents(target) == {}


def test_a_copy_of_another_program_or_a_newer_release_is_refused(
    brand: Database, zhaohu: Zhaohu, on_server: CleanDatabase, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand.write(lambda tx: tx.execute("INSERT INTO schema_migrations (number, name) VALUES (9999, 'later')"))
    for name, url in (("other", on_server.server.url()), ("newer", os.environ["DATABASE_URL"])):
        postgres_programs.run(programs() / "pg_dump", "--format=custom", f"--file={name}", url=url)
    assert isinstance(zhaohu("backup", "copy").exception, SchemaTooNew)
    assert isinstance(restored_to(target, zhaohu, monkeypatch, "newer").exception, SchemaTooNew)
    assert isinstance(restored_to(target, zhaohu, monkeypatch, "other").exception, NotABackup)
    assert contents(target) == {}


def test_rows_that_point_at_nothing_are_found_and_what_they_hold_is_not_told(
    brand: Database, zhaohu: Zhaohu, on_server: CleanDatabase, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_server.admin.execute("SET session_replication_role = replica; DELETE FROM members")
    assert zhaohu("backup", "copy").exit_code == 0
    told = str(restored_to(target, zhaohu, monkeypatch, "copy").exception)
    assert "nothing of it is there: pg_restore: could not execute query: ERROR:  insert or update on table" in told
    assert "violates foreign key constraint" in told
    assert "Key (" not in told
    assert contents(target) == {}


def noise_in(good: bytes) -> bytes:
    """Return a copy whose second half is noise."""
    return good[: len(good) // 2] + b"\xa5" * (len(good) - len(good) // 2)


def test_a_copy_of_one_engine_is_not_put_into_the_other(
    brand: Database, zhaohu: Zhaohu, folder: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert zhaohu("backup", "copy").exit_code == 0
    done = restored_to("sqlite:///brand.db", zhaohu, monkeypatch, "copy")
    assert "copy of a PostgreSQL database" in done.output
    assert "--server URL" in zhaohu("drill", "copy").output
    with closing(open_database("sqlite:///brand.db")) as embedded:
        migrate(embedded)
    assert zhaohu("backup", "embedded").exit_code == 0
    assert "zhaohu move" in str(restored_to(target, zhaohu, monkeypatch, "embedded").exception)


def test_programs_that_are_missing_or_too_old_are_told_with_what_to_install(
    brand: Database, zhaohu: Zhaohu, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    missing = zhaohu("backup", "copy").exception
    assert isinstance(missing, ProgramMissing)
    assert "pg_dump is not on this machine: install the client programs of PostgreSQL 18" in str(missing)
    old = folder / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    too_old = zhaohu("backup", "copy").exception
    assert isinstance(too_old, ProgramTooOld)
    assert "of PostgreSQL 9, older than the server: install the client programs of PostgreSQL 18" in str(too_old)
    assert not (folder / "copy").exists()


def test_of_several_versions_the_nearest_that_is_not_older_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (15, 17, 18, 19):
        place = folder / str(version) / "bin"
        place.mkdir(parents=True)
        (place / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.3 (Debian)'\n")
        (place / "pg_dump").chmod(0o755)
    monkeypatch.setattr(postgres_programs, "_SIDE_BY_SIDE", ((folder, "*/bin"),))
    monkeypatch.setenv("PATH", "/nowhere")
    chosen = [postgres_programs.program("pg_dump", version).parts[-3] for version in (14, 15, 16, 17, 18, 19)]
    assert chosen == ["15", "15", "17", "17", "18", "19"]


def test_a_failed_dump_leaves_no_file_and_tells_why(
    brand: Database,
    zhaohu: Zhaohu,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_server: CleanDatabase,
    guarded: str,
) -> None:
    url = os.environ["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", url.replace("//postgres@", f"//{guarded}@"))
    on_server.admin.execute(f"GRANT SELECT ON schema_migrations TO {GUARDED}".encode())
    done = zhaohu("backup", "copy")
    assert "pg_dump: query failed: ERROR:  permission denied for table" in str(done.exception)
    assert "hush" not in str(done.exception)
    assert not (folder / "copy").exists()


def test_a_command_that_finds_a_schema_of_another_release_leaves_no_connection_behind(
    brand: Database, zhaohu: Zhaohu
) -> None:
    brand.write(lambda tx: tx.execute("UPDATE schema_migrations SET number = 9999 WHERE number = 1"))
    before = set(threading.enumerate())
    refused = zhaohu("user", "list")
    assert isinstance(refused.exception, SchemaTooNew)
    assert set(threading.enumerate()) <= before  # a pool has threads of its own
