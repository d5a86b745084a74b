"""The real app, people at and around the desk, and a member who asked for a person."""

from dataclasses import dataclass

import pytest
from flask import Flask

from storage.conversations import Conversation, conversation_of
from storage.database import Database
from storage.exchanges import Exchange, timeline
from storage.members import member_ids_by_openid
from storage.outbox import OutboxMessage, page
from storage.sessions import start_session
from storage.users import RoleName, User
from tests.conftest import Clock
from tests.phone import Phone
from tests.web.conftest import Browser, add_user

PEOPLE: tuple[tuple[str, RoleName], ...] = (
    ("alice", "agent"),
    ("bob", "agent"),
    ("susan", "supervisor"),
    ("charlie", "editor"),
    ("adam", "admin"),
)


class Colleague(Browser):
    """The browser of somebody who is signed in."""

    def token(self) -> str:
        return self.get("/account").text.partition('csrf_token" value="')[2].partition('"')[0]


@dataclass
class Desk:
    """The desk and who works there; what is remembered is read from the database, not from pages."""

    app: Flask
    database: Database
    clock: Clock
    users: dict[str, User]
    browsers: dict[str, Colleague]

    def __getitem__(self, name: str) -> Colleague:
        """Return the browser of a person, signed in."""
        if name not in self.browsers:
            user, now = self.users[name], self.clock()
            token = self.database.write(lambda tx: start_session(tx, user.id, now))
            self.browsers[name] = Colleague(self.app.test_client())
            self.browsers[name].client.set_cookie("zhaohu", token)
        return self.browsers[name]

    def member(self, openid: str = "oAlice") -> int:
        [member_id] = member_ids_by_openid(self.database, openid)
        return member_id

    def conversation(self, openid: str = "oAlice") -> Conversation:
        found = conversation_of(self.database, self.member(openid))
        assert found is not None
        return found

    def said(self, openid: str = "oAlice") -> list[Exchange]:
        return timeline(self.database, self.member(openid))

    def posted(self, openid: str = "oAlice") -> list[OutboxMessage]:
        return page(self.database, member_id=self.member(openid))

    def at(self, openid: str = "oAlice") -> str:
        """Return the address of a member's dialogue."""
        return f"/desk/m/{self.member(openid)}"


@pytest.fixture
def desk(app: Flask, database: Database, clock: Clock) -> Desk:
    users = {name: add_user(database, clock(), name, role) for name, role in PEOPLE}
    return Desk(app, database, clock, users, {})


@pytest.fixture
def waiting(desk: Desk, phone: Phone) -> Desk:
    """The desk when a member has just asked for a person."""
    phone.follows("table_7")
    phone.says("人工")
    assert desk.conversation().state == "waiting"
    return desk


@pytest.fixture
def taken(waiting: Desk) -> Desk:
    """The desk when Alice has just taken that member."""
    assert waiting["alice"].post(f"{waiting.at()}/take").status == 302
    return waiting
