"""A brand with a little of everything in its database, and programs that ask the API about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from bot.api.routes import SCOPES
from storage import outbox, quarantine
from storage.api_tokens import add_token
from storage.conversations import ask_for_person
from storage.coupons import claim
from storage.database import Database, Transaction
from storage.ids import new_id
from storage.members import member_ids_by_openid, update_profile
from storage.points import add_points
from tests.conftest import Clock
from tests.phone import Phone
from tests.storage.people import campaign

PHONE = "13800138000"


@dataclass(frozen=True, slots=True)
class Program:
    """Another system of the brand, with its token."""

    client: Client
    token: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask, and return the whole answer."""
        return self.client.get(path, headers={"Authorization": f"Bearer {self.token}", **headers}, buffered=True)

    def json(self, path: str) -> Any:
        """Ask, and return what a good answer holds."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def data(self, path: str) -> list[dict[str, Any]]:
        """Ask, and return the records of a page."""
        found: list[dict[str, Any]] = self.json(path)["data"]
        return found


Hire = Callable[..., Program]


@pytest.fixture
def hire(app: Flask, database: Database, clock: Clock) -> Hire:
    """Make a program whose token has these scopes."""

    def make(*scopes: str, name: str = "crm") -> Program:
        return Program(Client(app), database.write(lambda tx: add_token(tx, name, scopes, clock())))

    return make


@pytest.fixture
def crm(hire: Hire) -> Program:
    return hire(*SCOPES, name="all-of-it")


@pytest.fixture
def filled(database: Database, clock: Clock, phone: Phone) -> dict[str, int]:
    """Let Alice and Bob talk, and give Alice one record of every other kind; return their ids by openid."""
    phone.follows("table-7")
    phone.says("您好")
    phone.named("oBob").says("几点开门")
    ids = {openid: member_ids_by_openid(database, openid)[0] for openid in ("oAlice", "oBob")}
    gift = campaign(database)

    def more(tx: Transaction) -> None:
        alice, now = ids["oAlice"], clock()
        update_profile(tx, alice, name="爱丽丝", phone=PHONE, city="上海", remark="=cmd()", tags=["常客", "拿铁"])
        claim(tx, gift.id, alice, cause="m:1", now=now)
        add_points(tx, alice, 5, kind="checkin", cause="day:1", now=now)
        add_points(tx, alice, -2, kind="correction", cause="by hand", now=now)
        ask_for_person(tx, alice, reason="asked", now=now)
        post = {"member_id": alice, "openid": "oAlice", "exchange_id": new_id(), "content": '{"kind": "text"}'}
        outbox.add(tx, **post, cause="c:1", author="agent:小林", due_at=now, now=now)  # type: ignore[arg-type]
        quarantine.keep(tx, reason="unknown MsgType", body="<xml>?</xml>", openid="oAlice", now=now)

    database.write(more)
    return ids


def pages(program: Program, path: str, limit: int) -> Sequence[list[dict[str, Any]]]:
    """Return every page of a listing."""
    found, cursor = [], ""
    while True:
        answer = program.json(f"{path}?limit={limit}{cursor}")
        found.append(answer["data"])
        if answer["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer['next_cursor']}"
