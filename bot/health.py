"""Is it alive, and can it do its work: ``/healthz`` and ``/readyz``."""

from typing import cast

from flask import Blueprint, Response, current_app, jsonify

from bot import service
from bot.delivery.keeping import Keeper
from bot.logs import line_handler
from bot.monitors import is_monitor
from bot.readiness import examine
from bot.web.live import places_of
from bot.wechat.webhook import Webhook

KEEPER = "zhaohu-keeper"  # where an application that was told to run a worker keeps its keeper
WEBHOOK = "zhaohu-webhook"  # where it keeps what answers the platform

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """Answer as long as the process can answer at all."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """Answer 200 when it can do its work (``degraded`` when a person should look), else 503; what is wrong and what to do is for monitors alone."""
    findings = list(
        examine(
            service.current(),
            keeper=cast(Keeper | None, current_app.extensions.get(KEEPER)),
            skew_seconds=cast(Webhook, current_app.extensions[WEBHOOK]).clock_skew_seconds,
            log=line_handler(),
            stopping=places_of(current_app).closed,
        )
    )
    bad = any(finding.state == "failed" for finding in findings)
    status = "unavailable" if bad else "degraded" if findings else "ok"
    if not is_monitor():
        return jsonify(status=status), 503 if bad else 200
    problems = [{"part": finding.check, "problem": finding.message, "advice": finding.advice} for finding in findings]
    return jsonify(status=status, problems=problems), 503 if bad else 200
