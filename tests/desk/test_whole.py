"""From the phone to an agent and back, with a real worker and the far side of the wire."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from bot.app import create_app
from bot.delivery.worker import Worker
from bot.settings import Settings
from bot.wechat.client import WeChatClient
from storage.database import Database
from tests.conftest import Clock
from tests.desk.conftest import Desk
from tests.phone import Phone
from tests.wechat_api import APP_ID, SECRET, FarSide, far_side


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, far: FarSide) -> Settings:
    return replace(settings, wechat_api_url=far.url, wechat_app_id=APP_ID, wechat_app_secret=SECRET)


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> Iterator[Flask]:
    """The app with a worker beside it."""
    made, stop = create_app(settings, database, clock=clock), threading.Event()
    with WeChatClient(settings, database, clock, connect_seconds=1.0, read_seconds=2.0) as client:
        wake = made.extensions["zhaohu"].outbox_wake
        worker = threading.Thread(target=Worker(database, client, clock, wake=wake, threads=2).run, args=(stop,))
        worker.start()
        yield made
        stop.set()
        worker.join(10)


def settle(desk: Desk, status: str) -> None:
    """Wait until the newest words have this status."""
    pause = threading.Event()
    for _ in range(100):
        if desk.said()[-1].status == status:
            return
        pause.wait(0.05)
    raise AssertionError(f"{desk.said()[-1].status}, not {status}")


def test_person_answers_once_and_the_bot_is_silent_until_handed_back(desk: Desk, phone: Phone, far: FarSide) -> None:
    phone.follows()
    assert "人工" in phone.says("人工")
    assert desk["alice"].post(f"{desk.at()}/take").status == 302
    assert phone.says("我的积分有多少") == ""
    desk["alice"].post(f"{desk.at()}/send", {"text": "您好，我是小爱。", "client_id": "click-0001"})
    settle(desk, "sent")
    desk["alice"].post(f"{desk.at()}/send", {"text": "您好，我是小爱。", "client_id": "click-0001"})
    assert far.texts() == ["您好，我是小爱。"]
    assert "已发送" in desk["alice"].get(desk.at()).text
    assert "还可发 4 条" in desk["alice"].get(desk.at()).text
    desk["alice"].post(f"{desk.at()}/hand-back", {"note": "说清楚了"})
    assert "积分" in phone.says("我的积分有多少")
    assert far.texts() == ["您好，我是小爱。"]


def test_unsure_delivery_is_shown_and_sent_again_only_by_a_person(desk: Desk, phone: Phone, far: FarSide) -> None:
    phone.follows()
    phone.says("人工")
    desk["alice"].post(f"{desk.at()}/take")
    far.next_failures.append("reset")
    desk["alice"].post(f"{desk.at()}/send", {"text": "收到了吗", "client_id": "click-0001"})
    settle(desk, "unknown")
    page = desk["alice"].get(desk.at()).text
    assert "不确定" in page
    assert "重发" in page
    [message] = desk.posted()
    assert desk["alice"].post(f"{desk.at()}/again", {"message": str(message.id)}).status == 302
    settle(desk, "sent")
    assert far.texts() == ["收到了吗", "收到了吗"]
    refused = desk["alice"].post(f"{desk.at()}/again", {"message": str(message.id)}, HX_Request="true")
    assert refused.status == 409


def test_refusal_of_the_platform_is_said_in_a_sentence(desk: Desk, phone: Phone, far: FarSide) -> None:
    phone.says("人工")
    desk["alice"].post(f"{desk.at()}/take")
    far.next_failures.append(45015)
    desk["alice"].post(f"{desk.at()}/send", {"text": "在吗", "client_id": "click-0001"})
    settle(desk, "failed")
    page = desk["alice"].get(desk.at()).text
    assert "没有发出" in page
    assert "等对方再发来消息" in page
    assert 'data-closed="window_spent"' in page
