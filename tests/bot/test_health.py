"""What ``/readyz`` tells: only what is so, in a sentence, with what to do; and only to those who may know."""

import errno
import io
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.delivery.keeping import Keeper
from bot.health import KEEPER
from bot.logs import start_logging
from bot.service import service_of
from bot.settings import Settings
from bot.wechat.outbound_push import Push, message_fields
from bot.wechat.spool import Spooled
from storage import access_tokens
from storage.database import Database
from storage.migrations import all_migrations
from tests.conftest import Clock
from tests.delivery.people import Outgoing
from tests.web.conftest import add_user

HERE = {"REMOTE_ADDR": "127.0.0.1"}


def readiness(app: Flask) -> tuple[int, str, list[str]]:
    answer = Client(app).get("/readyz", environ_overrides=HERE)
    assert answer.json is not None
    assert all(problem["problem"] and problem["advice"] for problem in answer.json["problems"])
    return answer.status_code, answer.json["status"], [problem["part"] for problem in answer.json["problems"]]


def fail(stop: threading.Event) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("run", "told"), [(fail, (503, "unavailable", ["worker"])), (threading.Event.wait, (200, "ok", []))]
)
def test_a_worker_that_should_run_and_does_not_is_told(app: Flask, run: object, told: tuple[object, ...]) -> None:
    keeper = Keeper(run, threading.Event(), pause_seconds=10)  # type: ignore[arg-type]
    app.extensions[KEEPER] = keeper
    keeper.start()
    for _ in range(100):
        if keeper.is_running != (run is fail):
            break
        threading.Event().wait(0.01)
    assert readiness(app) == told
    keeper.stop(5)


def test_a_service_that_runs_no_worker_misses_none(app: Flask) -> None:
    assert readiness(app) == (200, "ok", [])


def test_a_message_that_is_late_by_more_than_a_minute_is_told(app: Flask, database: Database, clock: Clock) -> None:
    outgoing = Outgoing(database, clock)
    outgoing.say(outgoing.member())
    clock.forward(seconds=60)
    assert readiness(app) == (200, "ok", [])
    clock.forward(seconds=1)
    assert readiness(app) == (200, "degraded", ["outbox"])


def migrated_to(database: Database, number: int) -> None:
    def work(tx: object) -> None:
        tx.execute("DELETE FROM schema_migrations")  # type: ignore[attr-defined]
        tx.execute("INSERT INTO schema_migrations (number, name) VALUES (:n, 'x')", {"n": number})  # type: ignore[attr-defined]

    database.write(work)


def test_an_older_schema_is_of_no_use_and_a_newer_one_is(app: Flask, database: Database) -> None:
    newest = all_migrations()[-1].number
    migrated_to(database, newest - 1)
    assert readiness(app) == (503, "unavailable", ["migration"])
    migrated_to(database, newest + 1)
    assert readiness(app) == (200, "degraded", ["migration"]), "migrations only add while this release still runs"


def test_a_database_that_is_gone_is_told_and_alive_is_still_alive(app: Flask, database: Database) -> None:
    database.close()
    assert readiness(app)[:2] == (503, "unavailable")
    assert "database" in readiness(app)[2]
    assert Client(app).get("/healthz").json == {"status": "ok"}


def test_little_room_on_the_disk_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.diagnosis.surroundings._LEAST_FREE_BYTES", 2**70)
    assert set(readiness(app)[2]) == {"disk"}
    assert readiness(app)[:2] == (200, "degraded")


def test_messages_in_the_spool_are_told_and_taken_in(app: Flask, settings: Settings, clock: Clock) -> None:
    shelter = service_of(app).shelter
    push = Push(account_of(settings))
    query, body = push.of(message_fields(push.account, "oAlice", "text", clock(), Content="你好"), clock())
    shelter.spool.keep(Spooled(query, body, clock()))
    shelter.spool.set_aside(Spooled(query, body, clock()))
    assert readiness(app) == (200, "degraded", ["spool", "spool"])
    assert shelter.wait_until_empty(10)
    assert readiness(app) == (200, "degraded", ["spool"])


def test_a_token_that_cannot_be_renewed_is_told_in_a_sentence(app: Flask, database: Database, clock: Clock) -> None:
    app_id = service_of(app).settings.wechat_app_id
    until = clock() + timedelta(seconds=60)

    def refuse(tx: object) -> None:
        access_tokens.begin_refresh(tx, app_id, known_token="", now=clock(), until=until)  # type: ignore[arg-type]
        access_tokens.fail_refresh(
            tx,  # type: ignore[arg-type]
            app_id,
            began_until=until,
            failure="40164: invalid ip 10.0.0.1",
            refresh_after=until,
        )

    database.write(refuse)
    assert readiness(app) == (200, "degraded", ["token"])


@pytest.mark.parametrize("wrong", [timedelta(minutes=10), timedelta(days=1)])
@pytest.mark.parametrize("ahead", [1, -1])
def test_a_wrong_clock_is_told_by_the_times_that_the_platform_signs(
    app: Flask, settings: Settings, clock: Clock, wrong: timedelta, ahead: int
) -> None:
    push, client, real = Push(account_of(settings)), Client(app), clock.now
    clock.now += ahead * wrong
    for number in range(5):
        query, body = push.of(message_fields(push.account, f"o{number}", "text", real, Content="你好"), real)
        assert client.post(f"/wechat?{query}", data=body).status_code in (200, 403)
    answer = client.get("/readyz", environ_overrides=HERE)
    assert answer.json is not None
    [problem] = answer.json["problems"]
    assert problem["part"] == "clock"
    which = "ahead of" if ahead > 0 else "behind"
    assert problem["problem"] == f"this machine's clock is {wrong.total_seconds():.0f} s {which} WeChat's"


def test_an_old_request_that_somebody_repeats_says_nothing_about_the_clock(
    app: Flask, settings: Settings, clock: Clock
) -> None:
    push, client = Push(account_of(settings)), Client(app)
    old = push.of(message_fields(push.account, "oAlice", "text", clock(), Content="你好"), clock())
    clock.forward(days=1)
    for number in range(8):
        query, body = push.of(message_fields(push.account, f"o{number}", "text", clock(), Content="你好"), clock())
        assert client.post(f"/wechat?{query}", data=body).status_code == 200
    for _ in range(7):
        assert client.post(f"/wechat?{old[0]}", data=old[1]).status_code == 403
    assert readiness(app) == (200, "ok", [])


class Sink(io.StringIO):
    """Where a log goes; at first its disk is full."""

    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


@pytest.fixture
def root_log() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    quiet = {name: logging.getLogger(name).level for name in ("urllib3", "werkzeug", "_granian", "PIL")}
    yield root
    root.setLevel(level)
    root.handlers[:] = handlers
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


def test_a_log_that_cannot_be_written_is_told_and_stops_nothing(
    app: Flask, settings: Settings, root_log: logging.Logger
) -> None:
    sink = Sink()
    start_logging(settings, sink)
    for _ in range(3):
        logging.getLogger("tests").error("one more line")
    assert readiness(app) == (200, "degraded", ["log"])
    sink.full = False
    logging.getLogger("tests").error("there is room again")
    assert readiness(app) == (200, "ok", [])
    assert "there is room again" in sink.getvalue()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "the-monitoring-token"}])
def test_details_are_for_those_with_the_token(
    settings: Settings, database: Database, clock: Clock, headers: dict[str, str]
) -> None:
    app = create_app(replace(settings, monitoring_token="the-monitoring-token"), database, clock=clock)
    client = Client(app)
    assert client.get("/readyz", headers=headers, environ_overrides=HERE).json == {"status": "ok"}
    assert client.get("/metrics", headers=headers, environ_overrides=HERE).status_code == 403
    known = {"Authorization": "Bearer the-monitoring-token"}
    assert client.get("/readyz", headers=known).json == {"status": "ok", "problems": []}
    assert client.get("/metrics", headers=known).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers", "sees"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.9", {}, False),
        ("", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"X-Real-IP": "203.0.113.9"}, False),
    ],
)
def test_without_a_token_details_are_for_this_machine_and_not_through_a_proxy_on_it(
    app: Flask, address: str, headers: dict[str, str], sees: bool
) -> None:
    answer = Client(app).get("/readyz", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.json is not None
    assert ("problems" in answer.json) == sees


@pytest.mark.parametrize(("role", "sees"), [("admin", True), ("supervisor", True), ("agent", False)])
def test_details_are_for_administrators_who_are_signed_in(
    app: Flask, database: Database, clock: Clock, role: str, sees: bool
) -> None:
    add_user(database, clock(), "wang", role)  # type: ignore[arg-type]
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = page.partition('csrf_token" value="')[2].partition('"')[0]
    form = {"name": "wang", "password": "correct horse on a stapled battery", "csrf_token": token}
    assert client.post("/login", data=form).status_code == 302
    answer = client.get("/readyz", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.json is not None
    assert ("problems" in answer.json) == sees
