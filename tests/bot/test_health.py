"""What ``/readyz`` tells: only what is so, and what to do."""

import threading

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.delivery.keeping import Keeper
from bot.health import KEEPER
from storage.database import Database
from tests.conftest import Clock
from tests.delivery.people import Outgoing


def readiness(app: Flask) -> tuple[int, str, list[str]]:
    answer = Client(app).get("/readyz")
    assert answer.json is not None
    assert all(problem["advice"] for problem in answer.json["problems"])
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
