"""Both engines; and a database that many examples of one property share: each adds members of its own."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database
from tests.conftest import ENGINES
from tests.postgres_server import clean_database


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session", params=ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "postgresql":
        with clean_database() as made, closing(open_database(made.empty())) as opened:
            yield opened
    else:
        with closing(open_database(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'shared.db'}")) as opened:
            migrate(opened)
            yield opened
