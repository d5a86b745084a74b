"""While the database is away messages are kept and acknowledged; when it is back each is met once, and the answer goes out through the outbox."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.delivery.window import budget
from bot.service import service_of
from bot.settings import Settings
from bot.shelter import Shelter
from bot.wechat.outbound_push import Push, message_fields
from storage import conversations, exchanges, outbox, points, quarantine
from storage.database import Database, Transaction
from storage.exchanges import Exchange
from storage.opening import open_database, sqlite_path
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from tests.conftest import ENGINES, Clock
from tests.phone import Phone


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database of the other tests, given up on sooner."""
    path = sqlite_path(database_url)
    more = "&" if "?" in database_url else "?"
    impatient = f"{database_url}{more}options=-c%20lock_timeout%3D100"
    opened = SqliteDatabase(path, wait_seconds=0.1) if path else open_database(impatient)
    yield opened
    opened.close()


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Keep everybody else from writing."""
    if isinstance(database, SqliteDatabase):
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        assert isinstance(database, PostgresDatabase)
        with psycopg.connect(database.url) as holder:
            holder.execute(
                "LOCK TABLE members, identities, conversations, exchanges, revisions, quarantine IN EXCLUSIVE MODE"
            )
            yield


@pytest.fixture
def shelter(app: Flask, database: Database, settings: Settings, clock: Clock) -> Shelter:
    return service_of(app).shelter


def said(database: Database) -> list[Exchange]:
    return list(exchanges.every(database))


def test_a_message_that_meets_a_locked_database_is_answered_once_through_the_outbox(
    phone: Phone, shelter: Shelter, database: Database, clock: Clock
) -> None:
    phone.says("你好")
    with held(database):
        assert phone.says("签到") == ""
        sent_at, key = clock.now, f"m:{phone.last['MsgId']}"
        clock.forward(seconds=1)
        assert phone.sends_again() is None
        assert said(database)[2:] == []
        clock.forward(minutes=10)
    assert shelter.wait_until_empty(10)
    _, _, incoming, reply = said(database)
    assert (incoming.message_key, incoming.created_at, incoming.status) == (key, sent_at, "answered")
    assert (reply.in_reply_to, reply.status) == (incoming.id, "queued")
    [waiting] = outbox.page(database)
    assert (waiting.exchange_id, waiting.author, waiting.cause) == (reply.id, "bot", f"reply:{key}")
    assert waiting.due_at <= clock.now
    conversation = conversations.conversation_of(database, incoming.member_id)
    assert conversation is not None
    assert budget(conversation, clock.now).seconds_left == (timedelta(hours=48) - (clock.now - sent_at)).total_seconds()
    assert points.balance_of(database, incoming.member_id) == 5
    assert phone.sends_again() is None, "its answer comes the other way"
    assert len(outbox.page(database)) == 1


def test_why_messages_wait_is_told_once_not_at_every_look(
    phone: Phone, shelter: Shelter, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    looks = 0
    write = database.write

    def counted(work: Callable[[Transaction], object]) -> object:
        nonlocal looks
        looks += 1
        return write(work)

    with pytest.MonkeyPatch.context() as patch, held(database):
        phone.says("签到")
        patch.setattr(database, "write", counted)
        while looks < 4:
            time.sleep(0.01)
    assert shelter.wait_until_empty(10)
    told = [line for line in caplog.messages if line.startswith("the spool waits: ")]
    assert len(told) == 1
    assert "lock" in told[0], "the cause in the engine's words"


def test_messages_are_taken_in_in_the_order_they_came_and_judged_as_of_then(
    phone: Phone, shelter: Shelter, database: Database, clock: Clock
) -> None:
    with held(database):
        for number in range(30):
            clock.forward(seconds=2)
            phone.says(f"第{number}句")
    assert shelter.wait_until_empty(10)
    incoming = [exchange for exchange in said(database) if exchange.direction == "in"]
    assert [exchange.text for exchange in incoming] == [f"第{number}句" for number in range(30)]
    assert "limited" not in {exchange.status for exchange in incoming}, "they were not typed all at once"


def test_what_is_not_understood_is_put_in_quarantine_then(phone: Phone, shelter: Shelter, database: Database) -> None:
    with held(database):
        assert phone.sends(message_fields(phone.push.account, "oAlice", "hologram", phone.clock())) is None
    assert shelter.wait_until_empty(10)
    assert quarantine.count(database) == 1


def test_a_redelivery_that_is_answered_first_leaves_nothing_to_post(
    phone: Phone, shelter: Shelter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelter, "begin", lambda: None)  # as if this process had no thread to spare just now
    with held(database):
        phone.says("签到")
    shelter.away = False
    assert "签到" in phone.sends_again().text  # type: ignore[union-attr]
    monkeypatch.undo()
    shelter.begin()
    assert shelter.wait_until_empty(10)
    assert len(said(database)) == 2
    assert outbox.page(database) == []


def test_a_reply_that_the_platform_did_not_hear_goes_out_through_the_outbox_once(
    phone: Phone, shelter: Shelter, database: Database, clock: Clock
) -> None:
    assert "签到" in phone.says("签到")  # but the connection is cut, so the platform sends again
    for _ in range(2):
        clock.forward(seconds=5)
        with held(database):
            assert phone.sends_again() is None
        assert shelter.wait_until_empty(10)
    incoming, reply = said(database)
    [waiting] = outbox.page(database)
    assert (waiting.exchange_id, reply.in_reply_to, reply.status) == (reply.id, incoming.id, "queued")
    assert points.balance_of(database, incoming.member_id) == 5


def test_while_the_database_is_known_to_be_away_nobody_waits_for_it(
    phone: Phone, shelter: Shelter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(database):
        phone.says("你好")
        monkeypatch.setattr(type(database), "write", None)  # asking it would fail
        assert phone.says("你好") == ""
        monkeypatch.undo()
    assert shelter.wait_until_empty(10)
    assert len(said(database)) == 4
    assert phone.says("你好"), "it is answered directly again"


def test_what_a_process_left_behind_is_taken_in_by_the_next(
    phone: Phone,
    shelter: Shelter,
    database: Database,
    settings: Settings,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shelter, "begin", lambda: None)  # it dies
    with held(database):
        phone.says("签到")
    following = service_of(create_app(settings, database, clock=clock)).shelter
    following.begin()
    assert following.wait_until_empty(10)
    assert len(said(database)) == 2


def test_what_another_process_took_in_at_once_leaves_this_one_answering(
    phone: Phone,
    shelter: Shelter,
    database: Database,
    settings: Settings,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, begin = service_of(create_app(settings, database, clock=clock)).shelter, shelter.begin

    def begin_when_it_is_back_and_another_was_quicker() -> None:
        away.close()
        other.begin()
        assert other.wait_until_empty(10)
        begin()

    monkeypatch.setattr(shelter, "begin", begin_when_it_is_back_and_another_was_quicker)
    with ExitStack() as away:
        away.enter_context(held(database))
        phone.says("签到")
    assert shelter.wait_until_empty(10)
    assert len(said(database)) == 2
    assert phone.says("你好"), "not kept for later once more"


def test_one_that_can_never_be_taken_in_is_set_aside(
    app: Flask, phone: Phone, shelter: Shelter, database: Database, clock: Clock, settings: Settings
) -> None:
    stranger = Push(account_of(settings))
    query, body = stranger.of(message_fields(stranger.account, "oAlice", "text", clock(), Content="你好"), clock())
    shelter.spool.folder.mkdir(parents=True)
    with held(database):
        shelter.keep(query.replace("signature=", "signature=0"), body)  # as after a change of token
        phone.says("你好")
    assert shelter.wait_until_empty(10)
    assert len(said(database)) == 2
    assert shelter.spool.aside_bytes() > 0


def test_without_disk_the_platform_is_told_to_send_again(
    app: Flask, phone: Phone, shelter: Shelter, database: Database, clock: Clock
) -> None:
    shelter.spool.folder.write_text("a file in the way")
    query, body = phone.push.of(message_fields(phone.push.account, "oAlice", "text", clock(), Content="签到"), clock())
    with held(database):
        assert Client(app).post(f"/wechat?{query}", data=body).status_code == 503
    assert said(database) == []
    assert Client(app).post(f"/wechat?{query}", data=body).status_code == 200
