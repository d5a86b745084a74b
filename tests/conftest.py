"""What every test may use: a fresh database in a file, a clock that stands still until told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database


class Clock:
    """A clock that moves only when told: Thursday, 1 January 2026, 10:00 in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        """Move by a timedelta given in parts (``seconds=5``)."""
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(opened)
    yield opened
    opened.close()
