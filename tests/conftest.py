"""What every test may use: a fresh database in a file, a clock that stands still until told, the whole app, and a phone to talk to it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.settings import Settings, read_settings
from bot.wechat.outbound_push import Push
from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database
from tests.crm_api import Crm, certificate_of, crm_api
from tests.phone import Phone

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

    def forward(self, **parts: float) -> None:
        """Move by a timedelta given in parts (``seconds=5``)."""
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once: copying it is ten times as fast as migrating a new one."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    opened = open_database(f"sqlite:///{file}")
    migrate(opened)
    opened.close()
    return file


@pytest.fixture
def database(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{shutil.copyfile(migrated_file, tmp_path / 'test.db')}")
    yield opened
    opened.close()


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    with crm_api(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate_of(tmp_path)))
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({**ENVIRONMENT, "SPOOL_FOLDER": str(tmp_path / "spool")})


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> Flask:
    return create_app(settings, database, clock=clock)


@pytest.fixture
def phone(app: Flask, settings: Settings, clock: Clock) -> Phone:
    return Phone(Client(app), Push(account_of(settings)), clock)
