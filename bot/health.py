"""Is it alive, and can it do its work: ``/healthz`` and ``/readyz``."""

from typing import cast

from flask import Blueprint, Response, current_app, jsonify

from bot import service
from bot.delivery.keeping import Keeper
from storage import outbox
from storage.errors import StorageError
from storage.migrations import check_current

KEEPER = "zhaohu-keeper"  # where an application that was told to run a worker keeps its keeper
MOST_OVERDUE_SECONDS = 60.0

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """Answer as long as the process can answer at all."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """Answer 200 when it can do its work, else 503 with what is wrong and what to do.

    A late outbox is told with 200 and ``degraded``: messages are answered all the same, and must not be kept away for what another may have to send.
    """
    problems = [*_of_database(), *_of_worker()]
    if problems:
        return jsonify(status="unavailable", problems=problems), 503
    late = _of_outbox()
    return jsonify(status="degraded" if late else "ok", problems=late), 200


_Problem = dict[str, str]


def _of_database() -> list[_Problem]:
    try:
        database = service.current().database
        check_current(database)
        database.write(lambda tx: tx.one("SELECT 1 AS one"))
    except StorageError as error:
        return [{"part": "database", "problem": type(error).__name__, "advice": "zhaohu doctor"}]
    return []


def _of_worker() -> list[_Problem]:
    keeper = cast(Keeper | None, current_app.extensions.get(KEEPER))
    if keeper is None or keeper.is_running:
        return []
    advice = "it is started again by itself; if this lasts, look for 'the worker failed' in the log"
    return [{"part": "worker", "problem": "not running", "advice": advice}]


def _of_outbox() -> list[_Problem]:
    running = service.current()
    try:
        overdue_seconds = outbox.depth(running.database).overdue_seconds(running.clock())
    except StorageError as error:
        return [{"part": "outbox", "problem": type(error).__name__, "advice": "zhaohu doctor"}]
    if overdue_seconds <= MOST_OVERDUE_SECONDS:
        return []
    advice = "run zhaohu worker (or serve --with-worker); if one runs, its log says what it meets"
    return [{"part": "outbox", "problem": f"a message is overdue by {overdue_seconds:.0f} s", "advice": advice}]
