"""``/metrics``: every figure is there, and says what happened."""

from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from bot.service import service_of
from bot.web.live import places_of
from storage import access_tokens
from storage.database import Database
from tests.conftest import Clock
from tests.delivery.people import Outgoing
from tests.phone import Phone

HERE = {"REMOTE_ADDR": "127.0.0.1"}


def figures(app: Flask) -> dict[str, float]:
    answer = Client(app).get("/metrics", environ_overrides=HERE)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_turns_are_told_by_outcome_and_by_the_rule_that_understood_them(app: Flask, phone: Phone) -> None:
    phone.says("签到")
    phone.says("我要签到啦")
    phone.says("量子色动力学")
    phone.follows()
    told = figures(app)
    assert told["zhaohu_turns_total{outcome=answered,rule=exact}"] == 1
    assert told["zhaohu_turns_total{outcome=answered,rule=keyword}"] == 1
    assert told["zhaohu_turns_total{outcome=answered,rule=route}"] == 1
    assert told["zhaohu_turns_total{outcome=missed,rule=none}"] == 1
    assert told["zhaohu_turn_failures_total"] == 0


def test_a_redelivery_is_no_second_turn(app: Flask, phone: Phone) -> None:
    phone.says("签到")
    phone.sends_again()
    told = figures(app)
    assert told["zhaohu_turns_total{outcome=answered,rule=exact}"] == 1
    assert told["zhaohu_webhook_seconds_count"] == 2


def test_answers_are_told_by_time_and_refusals_by_reason(app: Flask, phone: Phone) -> None:
    phone.says("你好")
    assert Client(app).post("/wechat?signature=1").status_code == 403
    told = figures(app)
    assert told["zhaohu_webhook_refusals_total{reason=unsigned}"] == 1
    assert told["zhaohu_webhook_seconds_count"] == told["zhaohu_webhook_seconds_bucket{le=+Inf}"] == 1
    assert 0 < told["zhaohu_webhook_seconds_sum"] < 60
    buckets = [value for name, value in told.items() if name.startswith("zhaohu_webhook_seconds_bucket")]
    assert buckets == sorted(buckets)


def test_what_is_not_sent_is_told(app: Flask, database: Database, clock: Clock) -> None:
    outgoing = Outgoing(database, clock)
    for _ in range(2):
        outgoing.say(outgoing.member())
    database.write(lambda tx: tx.execute("UPDATE outbox SET outcome = '45009: reach max api daily quota limit'"))
    clock.forward(minutes=2)
    told = figures(app)
    assert told["zhaohu_outbox_messages{state=ready}"] == 2
    assert told["zhaohu_outbox_overdue_seconds"] == 120
    assert told["zhaohu_outbox_outcomes{code=45009}"] == 2


def test_windows_conversations_pages_and_the_token_are_told(
    app: Flask, database: Database, clock: Clock, phone: Phone
) -> None:
    phone.says("转人工")
    phone.named("oBob").says("你好")
    app_id, until = service_of(app).settings.wechat_app_id, clock() + timedelta(seconds=20)

    def fetch(tx: object) -> None:
        access_tokens.begin_refresh(tx, app_id, known_token="", now=clock(), until=until)  # type: ignore[arg-type]
        lasts = clock() + timedelta(hours=2)
        access_tokens.end_refresh(
            tx,  # type: ignore[arg-type]
            app_id,
            began_until=until,
            token="t",
            expires_at=lasts,
            refresh_after=lasts,
        )

    database.write(fetch)
    place = places_of(app).take()
    told = figures(app)
    assert told["zhaohu_reply_windows_open"] == 2
    assert told["zhaohu_conversations_open{state=waiting}"] == 1
    assert told["zhaohu_access_token_seconds_left"] == 7200
    assert told["zhaohu_access_token_failing"] == 0
    assert (told["zhaohu_live_pages"], told["zhaohu_live_pages_limit"]) == (1, 64)
    assert place is not None
    place.give_back()
    assert figures(app)["zhaohu_live_pages"] == 0
    clock.forward(days=3)
    assert figures(app)["zhaohu_reply_windows_open"] == 0


def test_a_database_that_cannot_be_read_leaves_the_figures_of_the_process(
    app: Flask, phone: Phone, database: Database
) -> None:
    phone.says("签到")
    database.write(lambda tx: tx.execute("DROP TABLE outbox"))
    told = figures(app)
    assert told["zhaohu_database_up"] == 0
    assert told["zhaohu_turns_total{outcome=answered,rule=exact}"] == 1
    assert "zhaohu_outbox_overdue_seconds" not in told


def test_the_process_itself_is_told(app: Flask) -> None:
    told = figures(app)
    assert told["process_resident_memory_bytes"] > 0
    assert told["process_open_fds"] > 0
    assert told["zhaohu_database_up"] == 1


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_nothing_personal_is_told(app: Flask, phone: Phone, path: str) -> None:
    marker = phone.named("oMarkerMarkerMarkerMarkerMar")
    marker.says("记号MARKER 13800138000")
    assert Client(app).post("/wechat?signature=1&nonce=MARKER").status_code == 403
    answer = Client(app).get(path, environ_overrides=HERE).text
    assert "arker" not in answer
    assert "MARKER" not in answer
    assert "138" not in answer
