"""One consumer's messages at the same instant: met one after the other, each with what the one before left behind."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import create_app
from bot.service import service_of
from bot.settings import Settings, read_settings
from bot.wechat.outbound_push import Element, Push, message_fields
from storage import conversations, coupons, exchanges, points
from storage.database import Database
from storage.opening import open_database
from tests.conftest import ENVIRONMENT, Clock
from tests.phone import Phone, shown
from tests.storage.people import at_once, campaign

MANY = 12


@pytest.fixture
def settings() -> Settings:
    return read_settings({**ENVIRONMENT, "MEMBER_RATE_LIMIT": "0"})


def message(phone: Phone, clock: Clock, words: str) -> dict[str, Element]:
    return dict(message_fields(phone.push.account, phone.openid, "text", clock(), Content=words))


def deliver(app: Flask, push: Push, clock: Clock, fields: dict[str, Element]) -> str:
    query, body = push.of(fields, clock())
    answer = Client(app).post(f"/wechat?{query}", data=body)
    assert answer.status_code == 200
    return shown(push.heard(answer.data))


def test_one_message_of_somebody_new_delivered_many_times_is_met_once_and_each_delivery_gets_its_reply(
    app: Flask, phone: Phone, clock: Clock, database: Database
) -> None:
    for number in range(10):
        fields = message(phone.named(f"oNew{number}"), clock, "签到")
        answers = at_once([partial(deliver, app, phone.push, clock, fields)] * 6)
        assert len(set(answers)) == 1
        assert "签到" in answers[0]
    assert Counter(one.direction for one in exchanges.every(database)) == {"in": 10, "out": 10}
    assert len(database.query("SELECT id FROM members")) == 10
    assert len(database.query("SELECT id FROM ledger")) == 10
    assert points.reconcile(database) == []


def test_different_messages_of_somebody_new_make_one_member(
    app: Flask, phone: Phone, clock: Clock, database: Database
) -> None:
    sent = [message(phone, clock, "你好") for _ in range(MANY)]
    at_once([partial(deliver, app, phone.push, clock, fields) for fields in sent])
    assert len(database.query("SELECT id FROM members")) == 1
    assert len(database.query("SELECT id FROM exchanges")) == 2 * MANY


def test_nothing_counted_in_the_conversation_is_lost(
    app: Flask, phone: Phone, clock: Clock, database: Database
) -> None:
    phone.says("转人工")
    [waiting] = conversations.open_conversations(database)
    sent = [message(phone, clock, "量子纠缠") for _ in range(MANY)]
    at_once([partial(deliver, app, phone.push, clock, fields) for fields in sent])
    after = conversations.conversation_of(database, waiting.member_id)
    assert after is not None
    assert after.unread - waiting.unread == MANY
    assert after.rate_count - waiting.rate_count == MANY


def test_checking_in_many_times_at_once_counts_once_whichever_process_it_reaches(
    app: Flask, settings: Settings, phone: Phone, clock: Clock, database: Database, database_url: str
) -> None:
    other = open_database(database_url)
    apps = (app, create_app(settings, other, clock=clock))
    sent = [message(phone, clock, "签到") for _ in range(MANY)]
    answers = at_once(
        [partial(deliver, apps[number % 2], phone.push, clock, fields) for number, fields in enumerate(sent)]
    )
    service_of(apps[1]).database.close()
    assert sum("签到成功" in answer for answer in answers) == 1
    assert [row["amount"] for row in database.query("SELECT amount FROM ledger")] == [5]
    assert points.reconcile(database) == []


def test_a_hot_campaign_gives_out_exactly_what_it_has(
    app: Flask, phone: Phone, clock: Clock, database: Database
) -> None:
    campaign(database, stock=10, starts_at=clock() - timedelta(days=1), ends_at=clock() + timedelta(days=1))
    sent = [message(phone.named(f"oClaims{number}"), clock, "领优惠券") for number in range(40)]
    at_once([partial(deliver, app, phone.push, clock, fields) for fields in sent])
    assert len(database.query("SELECT id FROM coupons")) == 10
    assert coupons.reconcile(database) == []
