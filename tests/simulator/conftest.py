"""The whole app with the pocket WeChat switched on, some stores, a phone, and a browser that sends forms as the page does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from bot.app import account_of
from bot.demo.brand import demo_stores
from bot.settings import Settings, read_settings
from bot.simulator.phone import SimulatedPhone
from bot.simulator.wechat_api import ROOT
from storage import coupons, exchanges, members
from storage.database import Database, Transaction
from storage.exchanges import Exchange
from storage.stores import import_stores
from tests.conftest import ENVIRONMENT, Clock

OPENID = "oPhoneOfTheTests"
ON = {"SIMULATOR": "on", "WECHAT_MODE": "compatible", "WECHAT_CHOICE_LINKS": "on", "DESK_HOURS": "00:00-24:00"}


@dataclass
class Pocket:
    """The page of one phone, as a browser without eyes."""

    client: Client
    openid: str = OPENID

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open something below the phone's address."""
        return self.client.get(f"/simulator/{self.openid}{path}", headers=headers, buffered=path != "/live")

    def does(self, **form: str) -> TestResponse:
        """Send the form of a deed, with the token of the page."""
        return self.post(f"/simulator/{self.openid}/push", form)

    def post(self, path: str, form: Mapping[str, str]) -> TestResponse:
        """Send a form."""
        page = self.get("").text
        token = page.partition('"X-CSRF-Token": "')[2].partition('"')[0]
        headers = {"X-CSRF-Token": token, "Accept": "text/plain"}
        return self.client.post(path, data=form, headers=headers, buffered=True)

    def screen(self) -> str:
        """Return what the phone shows, as HTML."""
        return self.get("/news").text


@dataclass
class Api:
    """A caller of the stand-in for the platform's API."""

    client: Client
    settings: Settings

    def token(self) -> str:
        """Fetch the access token."""
        return str(self.ask_token()["access_token"])

    def ask_token(self, **changes: object) -> dict[str, Any]:
        """Ask for the access token, with some things other than they should be."""
        asked = {
            "grant_type": "client_credential",
            "appid": self.settings.wechat_app_id,
            "secret": self.settings.wechat_app_secret,
            "force_refresh": False,
        }
        return self.post("/cgi-bin/stable_token", {**asked, **changes})

    def call(self, path: str, body: object) -> dict[str, Any]:
        """Call with a good token."""
        return self.post(f"{path}?access_token={self.token()}", body)

    def send(self, body: object) -> dict[str, Any]:
        """Send a customer-service message."""
        return self.call("/cgi-bin/message/custom/send", body)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Post JSON and return the JSON that came back; the status is 200 whatever happened."""
        answer = self.client.post(ROOT + path, json=body, buffered=True)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.get_json()
        return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({**ENVIRONMENT, **ON, "MEDIA_FOLDER": str(tmp_path / "media")})


@pytest.fixture
def stores(database: Database) -> None:
    database.write(lambda tx: import_stores(tx, demo_stores()))


@pytest.fixture
def campaign(database: Database, clock: Clock) -> None:
    """One coupon to claim."""

    def work(tx: Transaction) -> None:
        coupons.add_campaign(
            tx,
            code="NEW",
            name="新客立减",
            offer="满 30 元减 10 元",
            terms="",
            kind="claim",
            state="running",
            stock=10,
            valid_days=7,
            starts_at=clock(),
            ends_at=clock().replace(month=12),
            now=clock(),
        )

    database.write(work)


@pytest.fixture
def hand(app: Flask, settings: Settings, database: Database, clock: Clock) -> SimulatedPhone:
    """A pretended phone in somebody's hand."""
    return SimulatedPhone(app, account_of(settings), database, clock, OPENID)


@pytest.fixture
def pocket(app: Flask) -> Pocket:
    return Pocket(Client(app))


@pytest.fixture
def api(app: Flask, settings: Settings) -> Api:
    return Api(Client(app), settings)


Said = Callable[[], list[Exchange]]


@pytest.fixture
def recorded(database: Database) -> Said:
    """Give everything that is recorded of the phone's member."""

    def read() -> list[Exchange]:
        found = members.member_ids_by_openid(database, OPENID)
        return exchanges.timeline(database, found[0]) if found else []

    return read
