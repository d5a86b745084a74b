"""A database that many examples of one property share: each adds members of its own."""

from collections.abc import Iterator

import pytest

from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'shared.db'}")
    migrate(opened)
    yield opened
    opened.close()
