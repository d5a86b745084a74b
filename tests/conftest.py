"""What every test may use: a fresh database in a file, a clock that stands still until told, the whole app, and a phone to talk to it."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.conversation import knowledge
from bot.settings import Settings, read_settings
from bot.wechat.outbound_push import Push
from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database
from tests import postgres_server
from tests.crm_api import Crm, certificate_of, crm_api
from tests.phone import Phone
from tests.postgres_server import CleanDatabase
from tests.quick_apps import compile_once, learn_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser import Complaints

# How long one example takes says nothing on a machine that others use as well; what must be quick is measured where it is tested.
hypothesis_settings.register_profile("any-machine", deadline=None)
hypothesis_settings.load_profile("any-machine")

knowledge.PATIENCE_SECONDS = 60.0  # learning is a matter of a second, but not on a machine that others use as well

ENGINES = ("sqlite", "postgresql")
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"])  # for what looks into the file
ENVIRONMENT = {
    "SECRET_KEY": "a-key-for-tests-that-is-long-enough",
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_APP_SECRET": "secret-of-the-tests",
    "WECHAT_TOKEN": "token4tests",
    "WECHAT_ENCODING_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "WECHAT_MODE": "plain",
    "WECHAT_ACCOUNT_ID": "gh_000000000001",
    "BRAND_NAME": "山茶咖啡",
    "BASE_URL": "",
}


class Clock:
    """A clock that moves only when told: Thursday, 1 January 2026, 10:00 in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    @classmethod
    def at_real_time(cls) -> "Clock":
        """Return a clock that starts now: ids are made of the real time, and spans of time are ranges of ids."""
        clock = cls()
        clock.now = datetime.now(UTC).replace(microsecond=0)
        return clock

    def forward(self, **parts: float) -> None:
        """Move by a timedelta given in parts (``seconds=5``)."""
        self.now += timedelta(**parts)


class Seconds:
    """A steady clock, in seconds, that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pytest_configure(config: pytest.Config) -> None:
    compile_once()
    learn_once()
    if not hasattr(config, "workerinput"):  # the process that leads the others
        postgres_server.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres_server.end_run()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once: copying it is ten times as fast as migrating a new one."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    opened = open_database(f"sqlite:///{file}")
    migrate(opened)
    opened.close()
    return file


@pytest.fixture(scope="session")
def on_server() -> Iterator[CleanDatabase]:
    """A database on the server of this run, for this process alone."""
    with postgres_server.clean_database() as made:
        yield made


@pytest.fixture
def engine() -> str:
    """Which engine a test runs on; a folder whose tests run on each of ENGINES parametrises it. TEST_ENGINE names another for all the rest."""
    return os.environ.get("TEST_ENGINE", "sqlite")


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database with the schema of this release."""
    if engine == "postgresql":
        on_server: CleanDatabase = request.getfixturevalue("on_server")
        return on_server.empty()
    migrated_file: Path = request.getfixturevalue("migrated_file")
    folder: Path = request.getfixturevalue("tmp_path")
    return f"sqlite:///{shutil.copyfile(migrated_file, folder / 'test.db')}"


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database that has nothing yet, not even a schema."""
    if engine == "postgresql":
        on_server: CleanDatabase = request.getfixturevalue("on_server")
        with on_server.server.new_database("empty") as url:
            yield url
    else:
        yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'empty.db'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    with crm_api(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate_of(tmp_path)))
        yield running


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A Chromium, for one module: while it is open, no test may run an event loop of its own; it starts in a fifth of a second."""
    from tests.browser import launched  # what drives it takes long to import, and few tests need it

    with launched() as browser:
        yield browser


@pytest.fixture
def complaints() -> "Complaints":
    """What the pages of a test complain about."""
    from tests.browser import Complaints

    return Complaints()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        {**ENVIRONMENT, "SPOOL_FOLDER": str(tmp_path / "spool"), "MEDIA_FOLDER": str(tmp_path / "media")}
    )


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> Flask:
    return create_app(settings, database, clock=clock)


@pytest.fixture
def phone(app: Flask, settings: Settings, clock: Clock) -> Phone:
    return Phone(Client(app), Push(account_of(settings)), clock)
