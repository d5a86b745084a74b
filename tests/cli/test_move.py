"""``zhaohu move``: what it says, and what it refuses before touching anything."""

from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from bot.app import create_app
from bot.settings import Settings
from storage.database import Database
from storage.moving import CLOSED_NAME, CLOSED_TABLE
from tests.cli.conftest import Zhaohu
from tests.conftest import Clock
from tests.faults.web_process import free_port
from tests.postgres_server import CleanDatabase
from tests.storage.people import people


@pytest.fixture
def target(on_server: CleanDatabase) -> Iterator[str]:
    with on_server.server.new_database("target") as url:
        yield url


def test_it_says_what_was_moved_and_what_to_do_next(brand: Database, zhaohu: Zhaohu, target: str) -> None:
    people(brand, 3)
    result = zhaohu("move", "--to", target)
    assert result.exit_code == 0, result.output
    assert "moved, counts and checksums are the same" in result.output
    assert "DATABASE_URL" in result.output
    again = zhaohu("move", "--to", target)
    assert again.exit_code == 1
    assert "was moved to PostgreSQL before" in str(again.exception)


def test_nobody_goes_on_with_a_file_that_was_moved(
    brand: Database, zhaohu: Zhaohu, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(create_app(settings, brand, clock=clock))
    monkeypatch.setenv("PORT", str(free_port()))
    brand.write(lambda tx: tx.execute(f"ALTER TABLE {CLOSED_TABLE} RENAME TO {CLOSED_NAME}"))
    for words in (
        ["serve"],
        ["worker"],
        ["token", "list"],
        ["user", "add", "mei", "--role", "agent"],
        ["backup", "copy"],
    ):
        result = zhaohu(*words)
        assert result.exit_code == 1
        assert "was moved to PostgreSQL before" in str(result.exception)
        assert "set DATABASE_URL to the new address" in str(result.exception)
    assert "was moved to PostgreSQL before" in zhaohu("doctor", "--offline").output
    answer = client.get("/readyz", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code == 503
    assert "was moved to PostgreSQL before" in answer.text


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///other.db", ""])
def test_only_postgresql_can_be_moved_to(brand: Database, zhaohu: Zhaohu, url: str) -> None:
    result = zhaohu("move", "--to", url)
    assert result.exit_code != 0
    assert "postgresql://user:password@host/name" in result.stderr


def test_what_is_no_file_cannot_be_moved(zhaohu: Zhaohu, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", target)
    result = zhaohu("move", "--to", target)
    assert result.exit_code == 1
    assert "nothing to move" in result.stderr
