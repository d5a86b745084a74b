"""A small app with the shared pages and a few rooms, people of every role, and browsers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from bot.settings import Settings
from bot.web.install import install
from bot.web.passwords import hash_password
from storage import users
from storage.database import Database, Transaction
from storage.users import ROLE_NAMES, RoleName, User
from tests.conftest import Clock
from tests.web.rooms import machine, rooms

PASSWORD = "correct horse on a stapled battery"
PASSWORD_HASH = hash_password(PASSWORD)
SETTINGS = Settings(secret_key="a secret that is only for tests, long enough", brand_name="山茶咖啡", live_streams=2)


@dataclass(frozen=True, slots=True)
class Service:
    """What pages need of the service."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    status: int
    text: str
    headers: Headers

    @property
    def location(self) -> str:
        """Where the browser was sent."""
        return self.headers.get("Location", "")

    @property
    def cookies(self) -> list[str]:
        """The cookies that were set, as written."""
        return self.headers.getlist("Set-Cookie")


@dataclass
class Browser:
    """A browser: keeps cookies, and sends forms with the token of the page it looks at."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Page:
        """Open a page."""
        return self._page(self.client.get(path, headers=self._headers(headers)))

    def post(self, path: str, form: dict[str, str] | None = None, *, token: str | None = None, **headers: str) -> Page:
        """Send a form, with the token that forms carry now unless another is given (empty for none)."""
        token = self.token() if token is None else token
        data = {**(form or {}), **({"csrf_token": token} if token else {})}
        return self._page(self.client.post(path, data=data, headers=self._headers(headers)))

    def token(self) -> str:
        """Return the token that forms carry now."""
        return self.get("/open").text.partition('csrf_token" value="')[2].partition('"')[0]

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Page:
        """Fill in the form at the door."""
        return self.post("/login", {"name": name, "password": password, **more})

    def cookie(self, name: str = "zhaohu") -> str:
        """Return the value of a cookie, empty when there is none."""
        kept = self.client.get_cookie(name)
        return kept.value if kept is not None else ""

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {**self.headers, **{name.replace("_", "-"): value for name, value in more.items()}}

    @staticmethod
    def _page(response: TestResponse) -> Page:
        with response:
            return Page(response.status_code, response.get_data(as_text=True), response.headers)


def make_app(database: Database, clock: Callable[[], datetime], settings: Settings = SETTINGS) -> Flask:
    """Build an app with the shared pages, a few rooms and a machine."""
    app = Flask("tests")
    install(app, Service(settings, database, clock), machines={"machine"})
    app.register_blueprint(rooms())
    app.register_blueprint(machine())
    return app


def add_user(database: Database, now: datetime, name: str, role: RoleName) -> User:
    """Add a user who has the password of all tests."""

    def work(tx: Transaction) -> User:
        user = users.add_user(tx, name, role, "", now)
        users.set_password_hash(tx, user.id, PASSWORD_HASH)
        return user

    return database.write(work)


@pytest.fixture
def app(database: Database, clock: Clock) -> Flask:
    return make_app(database, clock)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def staff(database: Database, clock: Clock) -> dict[RoleName, User]:
    """One user of each role, called by it."""
    return {role: add_user(database, clock(), role, role) for role in ROLE_NAMES}


SignIn = Callable[[RoleName], Browser]


@pytest.fixture
def signed_in(app: Flask, staff: dict[RoleName, User]) -> SignIn:
    """Give a new browser in which the user of a role is signed in."""

    def sign_in(role: RoleName) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(role).status == 302
        return browser

    return sign_in
