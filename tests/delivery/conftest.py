"""Both engines, a far side for every test of sending, and people to write to."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.wechat.client import WeChatClient
from storage.database import Database
from tests.conftest import ENGINES
from tests.delivery.people import Outgoing
from tests.wechat_api import FarSide, far_side


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def real_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def client(far: FarSide, database: Database) -> Iterator[WeChatClient]:
    with WeChatClient(far.settings, database, real_clock, connect_seconds=1.0, read_seconds=2.0) as made:
        yield made


@pytest.fixture
def outgoing(database: Database) -> Outgoing:
    return Outgoing(database, real_clock)


@pytest.fixture
def environment(database_url: str, far: FarSide) -> dict[str, str]:
    """The environment of a process that works on the test's database and far side."""
    return far.environment(database_url, log_level="DEBUG")
