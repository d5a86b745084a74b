"""A small app with the shared pages and a few of its own, and people of every role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from flask import Blueprint, Flask, abort, request
from flask.testing import FlaskClient

from bot.settings import Settings
from bot.web.install import install
from bot.web.live import event, stream
from bot.web.navigation import NavItem, offer
from bot.web.passwords import hash_password
from bot.web.roles import Permission, open_to_all, requires
from storage import users
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.users import ROLE_NAMES, RoleName, User
from tests.conftest import Clock

PASSWORD = "correct horse on a stapled battery"
PASSWORD_HASH = hash_password(PASSWORD)
SECRET = "a secret that is only for tests, long enough"


@dataclass(frozen=True, slots=True)
class Service:
    """What pages need of the service."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]


@dataclass
class Browser:
    """A browser: keeps cookies, sends forms with the token of the page it looks at."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> "Page":
        """Open a page."""
        response = self.client.get(path, headers={**self.headers, **headers})
        return Page(
            response.status_code,
            response.get_data(as_text=True),
            dict(response.headers),
            response.headers.getlist("Set-Cookie"),
        )

    def post(
        self, path: str, data: dict[str, str] | None = None, *, token: str | None = None, **headers: str
    ) -> "Page":
        """Send a form, with the token of the page at the door unless one is given (empty for none)."""
        if token is None:
            token = self.token()
        form = {**(data or {}), **({"csrf_token": token} if token else {})}
        response = self.client.post(path, data=form, headers={**self.headers, **headers})
        return Page(
            response.status_code,
            response.get_data(as_text=True),
            dict(response.headers),
            response.headers.getlist("Set-Cookie"),
        )

    def token(self) -> str:
        """Return the token that forms carry now."""
        page = self.client.get("/open")
        return page.get_data(as_text=True).partition('csrf_token" value="')[2].partition('"')[0]

    def sign_in(self, name: str, password: str = PASSWORD, path: str = "/login", **more: str) -> "Page":
        """Fill in the form at the door."""
        return self.post(path, {"name": name, "password": password, **more})

    def cookie(self, name: str) -> str:
        """Return the value of a cookie, empty when there is none."""
        kept = self.client.get_cookie(name)
        return kept.value if kept is not None else ""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]
    set_cookies: list[str]

    @property
    def location(self) -> str:
        """Where the browser was sent."""
        return self.headers.get("Location", "")


def rooms() -> Blueprint:
    """Make a few pages such as other rooms have."""
    pages = Blueprint("rooms", __name__)
    offer(pages, NavItem("rooms.reports", "概览", "dashboard", Permission.REPORTS_READ, order=10))
    offer(pages, NavItem("rooms.desk", "客服台", "headset", Permission.CONVERSATIONS_OWN, order=20, badge_id="waiting"))
    offer(pages, NavItem("rooms.people", "用户", "users", Permission.USERS_MANAGE, order=90))

    @pages.get("/open")
    @open_to_all
    def door() -> str:
        from flask import render_template_string

        return render_template_string('{% import "web/macros.html" as ui with context %}{{ ui.csrf() }}')

    @pages.get("/reports")
    @requires(Permission.REPORTS_READ)
    def reports() -> str:
        from flask import render_template_string

        return render_template_string('{% extends "web/layout.html" %}{% block title %}概览{% endblock %}')

    @pages.get("/desk")
    @requires(Permission.CONVERSATIONS_OWN)
    def desk() -> str:
        return "desk"

    @pages.post("/desk")
    @requires(Permission.CONVERSATIONS_OWN)
    def answer() -> str:
        return f"answered {request.form.get('text', '')}"

    @pages.get("/people")
    @requires(Permission.USERS_MANAGE)
    def people() -> str:
        return "people"

    @pages.post("/people")
    @requires(Permission.USERS_MANAGE, fresh=True)
    def change_people() -> str:
        return "changed"

    @pages.get("/unmarked")
    def unmarked() -> str:
        return "nobody should read this"

    @pages.get("/fails/<what>")
    @open_to_all
    def fails(what: str) -> str:
        if what == "storage":
            raise StorageUnavailable("the disk is full")
        if what == "code":
            raise RuntimeError("a fault of ours")
        abort(int(what))

    @pages.get("/live")
    @requires(Permission.REPORTS_READ)
    def live() -> object:
        def events() -> Iterator[str]:
            for number in range(3):
                yield event("news", f"line {number}\nand more", str(number))

        return stream(events())

    return pages


def machine() -> Blueprint:
    """Make a page for programs, which looks after itself."""
    pages = Blueprint("machine", __name__)

    @pages.post("/machine")
    def take() -> str:
        return "taken"

    return pages


def make_app(database: Database, clock: Clock, **settings: object) -> Flask:
    """Build an app with the shared pages, a few rooms and a machine."""
    app = Flask(__name__)
    chosen = {"secret_key": SECRET, "brand_name": "山茶咖啡", "live_streams": 2, **settings}
    install(app, Service(Settings(**chosen), database, clock), machines={"machine"})
    app.register_blueprint(rooms())
    app.register_blueprint(machine())
    return app


@pytest.fixture
def app(database: Database, clock: Clock) -> Flask:
    return make_app(database, clock)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def add_user(database: Database, clock: Clock, name: str, role: RoleName) -> User:
    """Add a user who has the password of all tests."""

    def work(tx: object) -> User:
        user = users.add_user(tx, name, role, "", clock())
        users.set_password_hash(tx, user.id, PASSWORD_HASH)
        return user

    return database.write(work)


@pytest.fixture
def staff(database: Database, clock: Clock) -> dict[str, User]:
    """One user of each role, called by it."""
    return {role: add_user(database, clock, role, role) for role in ROLE_NAMES}


@pytest.fixture
def signed_in(app: Flask, staff: dict[str, User]) -> Callable[[str], Browser]:
    """Give a browser in which the user of this role is signed in."""

    def sign_in(role: str) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(role).status == 302
        return browser

    return sign_in
