"""Is it alive, and can it do its work: ``/healthz`` and ``/readyz``."""

from flask import Blueprint, Response, jsonify

from bot import service
from storage.errors import StorageError
from storage.migrations import check_current

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """Answer as long as the process can answer at all."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """Answer 200 when messages can be answered and recorded, else 503 with what is wrong and what to do."""
    try:
        database = service.current().database
        check_current(database)
        database.write(lambda tx: tx.one("SELECT 1 AS one"))
    except StorageError as error:
        return jsonify(
            status="unavailable",
            problems=[{"part": "database", "problem": type(error).__name__, "advice": "zhaohu doctor"}],
        ), 503
    return jsonify(status="ok", problems=[]), 200
