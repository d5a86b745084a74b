"""``zhaohu move``: what it says, and what it refuses before touching anything."""

from collections.abc import Iterator

import pytest

from storage.database import Database
from tests.cli.conftest import Zhaohu
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
    assert "was moved before" in str(again.exception)


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
