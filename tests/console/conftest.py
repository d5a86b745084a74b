"""The whole app with staff of every role, and browsers in which they are signed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from bot.settings import Settings, read_settings
from bot.web.passwords import hash_password
from storage import members, sessions, users
from storage.database import Database, Transaction
from storage.users import ROLE_NAMES, RoleName, User
from tests.conftest import ENVIRONMENT, Clock
from tests.wechat_api import closed_port_url

PASSWORD = "correct horse on a stapled battery"
PASSWORD_HASH = hash_password(PASSWORD)


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
    def words(self) -> str:
        """The page with entities resolved, to look for what people read."""
        return unescape(self.text)


@dataclass
class Browser:
    """A browser that keeps cookies and sends forms as the pages do."""

    client: FlaskClient
    name: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, fragment: bool = False) -> Page:
        """Open a page, or ask for a part of one."""
        headers = {"HX-Request": "true"} if fragment else {}
        answer = self.client.get(path, headers=headers)
        return Page(answer.status_code, answer.get_data(as_text=True), answer.headers)

    def post(self, path: str, form: Mapping[str, object] | None = None, *, token: str | None = None) -> Page:
        """Send a form with the token of the pages, unless another is given."""
        token = self.token() if token is None else token
        answer = self.client.post(path, data={**(form or {}), "csrf_token": token})
        return Page(answer.status_code, answer.get_data(as_text=True), answer.headers)

    def token(self) -> str:
        """Return the token that forms carry."""
        if "form" not in self.tokens:
            text = self.get("/account" if self.name else "/login").text
            self.tokens["form"] = text.partition('csrf_token" value="')[2].partition('"')[0]
        return self.tokens["form"]


def add_user(database: Database, now: datetime, name: str, role: RoleName) -> User:
    """Add a user who has the password of all tests."""

    def work(tx: Transaction) -> User:
        user = users.add_user(tx, name, role, "", now)
        users.set_password_hash(tx, user.id, PASSWORD_HASH)
        return user

    return database.write(work)


@pytest.fixture
def settings() -> Settings:
    """A desk that is open whenever the tests run, and a platform that is away."""
    return read_settings({**ENVIRONMENT, "DESK_HOURS": "00:00-24:00", "WECHAT_API_URL": closed_port_url()})


@pytest.fixture
def clock() -> Clock:
    """A clock that starts at the real time: ids are made of it, and the figures of a day are ranges of ids."""
    return Clock.at_real_time()


@pytest.fixture
def staff(database: Database, clock: Clock) -> dict[RoleName, User]:
    """One user of each role, called by it."""
    return {role: add_user(database, clock(), role, role) for role in ROLE_NAMES}


SignIn = Callable[[str], Browser]


@pytest.fixture
def signed_in(app: Flask, staff: dict[RoleName, User], database: Database, clock: Clock) -> SignIn:
    """Give a new browser that holds a session of the user of this name; the door itself is tested with the shared pages."""

    def sign_in(name: str) -> Browser:
        user = users.find_user_by_name(database, name)
        assert user is not None
        token = database.write(lambda tx: sessions.start_session(tx, user.id, clock()))
        browser = Browser(app.test_client(), name)
        browser.client.set_cookie("zhaohu", token)
        return browser

    return sign_in


@pytest.fixture
def editor(signed_in: SignIn) -> Browser:
    """The browser of an editor."""
    return signed_in("editor")


def member_id_of(database: Database, openid: str) -> int:
    """Return the member behind an openid."""
    [member_id] = members.member_ids_by_openid(database, openid)
    return member_id
