"""Migrations: a fresh database gets them all, a current one none, a newer one is left alone; and scripts are split rightly."""

from collections.abc import Iterator
from importlib import resources

import pytest

from storage.database import Database, Queries, Transaction
from storage.errors import Conflict, SchemaTooNew, SchemaTooOld, StorageError
from storage.migrations import all_migrations, applied_number, check_current, check_not_newer, migrate
from storage.opening import open_database
from storage.sqlite import SqliteDatabase
from tests.storage.people import at_once

NEWEST = all_migrations()[-1].number


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    """A database that has nothing yet."""
    opened = open_database(empty_url)
    yield opened
    opened.close()


def tables(queries: Queries) -> set[str]:
    if isinstance(queries, SqliteDatabase):
        return {row["name"] for row in queries.query("SELECT name FROM sqlite_master WHERE type = 'table'")}
    found = queries.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    return {row["table_name"] for row in found}


def columns(queries: Queries, table: str) -> set[str]:
    if isinstance(queries, SqliteDatabase):
        return {row["name"] for row in queries.query(f"PRAGMA table_info({table})")}
    found = queries.query(
        "SELECT column_name FROM information_schema.columns WHERE table_name = :table", {"table": table}
    )
    return {row["column_name"] for row in found}


def pretend(database: Database, number: int) -> None:
    """Make the database one whose newest migration was this."""

    def work(tx: Transaction) -> None:
        tx.execute("INSERT INTO schema_migrations (number, name) VALUES (:n, 'x')", {"n": number})

    database.write(work)


def test_an_empty_database_has_had_none(empty: Database) -> None:
    assert applied_number(empty) == 0
    assert tables(empty) == set()


def test_a_fresh_database_gets_them_all_in_order(empty: Database) -> None:
    assert migrate(empty) == list(all_migrations())
    assert applied_number(empty) == NEWEST
    assert {"members", "exchanges", "outbox", "ledger"} <= tables(empty)
    check_current(empty)


def test_migrating_again_does_nothing_and_keeps_what_is_there(empty: Database) -> None:
    migrate(empty)
    empty.write(lambda tx: tx.execute("INSERT INTO members (id, created_at) VALUES (1, 0)"))
    assert migrate(empty) == []
    assert len(empty.query("SELECT id FROM members")) == 1


def test_processes_that_migrate_at_once_do_it_once(empty_url: str) -> None:
    def work() -> int:
        opened = open_database(empty_url)
        done = len(migrate(opened))
        opened.close()
        return done

    assert sorted(at_once([work] * 3)) == [0, 0, len(all_migrations())]


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    pretend(database, NEWEST + 1)
    before = tables(database)
    for refuse in (migrate, check_current, check_not_newer):
        with pytest.raises(SchemaTooNew, match="install the newer release"):
            refuse(database)
    assert (tables(database), applied_number(database)) == (before, NEWEST + 1)


def test_an_older_database_says_what_to_do(empty: Database) -> None:
    with pytest.raises(SchemaTooOld, match="zhaohu migrate"):
        check_current(empty)
    check_not_newer(empty)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Database) -> None:
    empty.write(lambda tx: tx.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY)"))
    with pytest.raises(StorageError):
        migrate(empty)
    assert tables(empty) == {"outbox"}
    assert applied_number(empty) == 0


def test_every_file_of_the_schema_is_a_migration_with_a_number_and_a_name_of_its_own() -> None:
    files = [file.name for file in resources.files("storage.schema").iterdir() if file.name.endswith(".sql")]
    numbers = [one.number for one in all_migrations()]
    assert len(files) == len(numbers)
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1
    assert len({one.name for one in all_migrations()}) == len(files)


def test_scripts_are_split_into_whole_statements() -> None:
    for migration in all_migrations():
        for statement in migration.statements:
            assert statement.split()[0] in {"CREATE", "ALTER", "INSERT", "UPDATE", "DELETE", "DROP"}, statement
            assert statement.count("(") == statement.count(")"), statement
            assert ";" not in statement[:-1]
            assert "--" not in statement


def test_every_statement_of_the_scripts_is_there() -> None:
    for migration in all_migrations():
        script = (resources.files("storage.schema") / f"{migration.number:04}_{migration.name}.sql").read_text("utf-8")
        code = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--"))
        assert len(migration.statements) == code.count(";")


def test_references_are_held_from_the_first(database: Database) -> None:
    with pytest.raises(Conflict):
        database.write(lambda tx: tx.execute("INSERT INTO balances (member_id, points) VALUES (404, 1)"))


def test_every_table_that_grows_with_members_says_whose_its_rows_are(database: Database) -> None:
    of_the_brand = {
        *("quarantine", "stores", "campaigns", "access_tokens", "revisions", "reply_versions", "replies", "members"),
        *("scripted_intents", "users", "setup_links", "sessions", "login_failures", "api_tokens", "audit"),
        *("simulated_deliveries", "schema_migrations", "platform_lists", "sentiment_bursts", "window_figures"),
        "mass_sends",
        *("model_builds", "missed_decisions", "missed_wordings", "strictness_versions"),
        *("menu_versions", "menu_published", "qr_spots", "follower_syncs", "platform_tags", "message_templates"),
    }
    grow = {table for table in tables(database) if not table.startswith("sqlite") and table not in of_the_brand}
    assert grow
    for table in grow:
        assert "member_id" in columns(database, table), table
