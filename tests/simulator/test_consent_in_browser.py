"""A one-time subscription in a real browser: the link in a bubble, the platform's sheet, our page, and the one message that comes of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from bot.consumer.pages import MOST_FORGED
from bot.conversation.knowledge import PublishedReplies
from bot.delivery.worker import Worker
from bot.settings import Settings, read_settings
from bot.simulator.once import ONCE_TEMPLATE
from bot.simulator.wechat_api import ROOT
from bot.wechat.client import WeChatClient
from bot.wechat.consent_links import LASTS
from bot.working import chores_of
from storage import members, permits
from storage.database import Database
from tests.browser import NARROW, WIDE, Complaints, fits, new_page, served
from tests.conftest import ENVIRONMENT, Clock
from tests.faults.web_process import free_port
from tests.simulator.conftest import ON

pytestmark = pytest.mark.browser
BOTH_SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
REMINDER = "您的券快到期了"


@pytest.fixture
def size() -> tuple[int, int]:
    """Where consumers are: on their phones."""
    return NARROW


@pytest.fixture
def clock() -> Clock:
    return Clock.at_real_time()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with the port known before the app is made: our links say where the platform leads to."""
    once = {"COUPON_ONCE_TEMPLATE": ONCE_TEMPLATE, "COUPON_NOTICE_DAYS": "3", "PORT": str(free_port())}
    return read_settings({**ENVIRONMENT, **ON, **once, "MEDIA_FOLDER": str(tmp_path / "media")})


@pytest.fixture
def address(app: Flask, settings: Settings, database: Database, campaign: None) -> Iterator[str]:
    database.write(lambda tx: tx.execute("UPDATE campaigns SET ends_at = 9999999999999"))
    with served(app, settings.port) as address:
        assert address == settings.public_url
        yield address


@pytest.fixture
def phone(chromium: Browser, address: str, complaints: Complaints, size: tuple[int, int]) -> Iterator[Page]:
    """A phone that has just claimed a coupon, which is good for seven days."""
    page = new_page(chromium, complaints, size)
    page.goto(f"{address}/simulator/")
    page.get_by_role("button", name="关注公众号").click()
    expect(page.locator(".row-them .bubble")).to_contain_text("欢迎关注")
    if page.locator("[data-foot=typing]").is_visible():
        page.locator("[data-foot=typing]").click()
    page.locator("#text").fill("领券")
    page.keyboard.press("Enter")
    expect(link(page)).to_be_visible()
    yield page
    assert complaints.heard == []
    assert fits(page)
    page.context.close()


def link(phone: Page) -> Locator:
    return phone.get_by_role("link", name="到期前提醒我")


def opened(phone: Page, complaints: Complaints) -> Page:
    """Tap the link, and return the sheet that opens beside the phone."""
    with phone.expect_popup() as popup:
        link(phone).click()
    sheet = popup.value
    complaints.listen(sheet)
    expect(sheet.get_by_role("heading", name="申请给您发送一条消息")).to_be_visible()
    return sheet


def changed(phone: Page, part: str, by: str) -> None:
    """Make the link in the bubble another one, as somebody does who tries what happens."""
    link(phone).evaluate("(a, [part, by]) => { a.href = a.href.replace(new RegExp(part), by); }", [part, by])


def check_not_taken(phone: Page, complaints: Complaints, heading: str, advice: str) -> None:
    """Allow it, and see that it comes to nothing, why, and what to do."""
    sheet = opened(phone, complaints)
    sheet.get_by_role("button", name="允许").click()
    expect(sheet.get_by_role("heading", name=heading)).to_be_visible()
    expect(sheet.locator("main")).to_contain_text(advice)
    assert fits(sheet)


def reminder(phone: Page) -> Locator:
    return phone.locator(".row-them .sheet")


def consents(database: Database, phone: Page) -> list[str]:
    [member_id] = members.member_ids_by_openid(database, phone.url.rpartition("/")[2])
    return [one.state for one in permits.of_member(database, member_id)]


def plan_reminders(settings: Settings, database: Database, clock: Clock) -> None:
    """Let a worker plan what is due before the coupon's end, a while after the window for replies has closed."""
    clock.forward(days=4)
    [plan] = [one for one in chores_of(settings, PublishedReplies()) if one.name == "plan notices of coupons"]
    database.write(lambda tx: plan.work(tx, clock()))
    clock.forward(days=1)


def send(settings: Settings, database: Database, clock: Clock, address: str) -> None:
    """Let a worker send what it may."""
    with WeChatClient(replace(settings, wechat_api_url=address + ROOT), database, clock) as client:
        while Worker(database, client, clock).send_next():
            pass


@BOTH_SIZES
def test_who_allows_one_message_is_sent_one(
    phone: Page, complaints: Complaints, settings: Settings, database: Database, clock: Clock, address: str
) -> None:
    sheet = opened(phone, complaints)
    assert fits(sheet)
    sheet.get_by_role("button", name="允许").click()
    expect(sheet.get_by_role("heading", name="好的，到时候提醒您")).to_be_visible()
    assert sheet.url == f"{address}/subscribed/confirmed"
    assert fits(sheet)
    assert consents(database, phone) == ["open"]
    plan_reminders(settings, database, clock)
    send(settings, database, clock, address)
    expect(reminder(phone)).to_contain_text(REMINDER)
    assert consents(database, phone) == ["spent"]


def test_who_declines_is_sent_none_and_may_change_their_mind(
    phone: Page, complaints: Complaints, settings: Settings, database: Database, clock: Clock, address: str
) -> None:
    sheet = opened(phone, complaints)
    sheet.get_by_role("button", name="取消").click()
    expect(sheet.get_by_role("heading", name="好的，不打扰您")).to_be_visible()
    assert fits(sheet)
    plan_reminders(settings, database, clock)
    send(settings, database, clock, address)
    assert consents(database, phone) == []
    expect(reminder(phone)).to_have_count(0)
    sheet.close()
    again = opened(phone, complaints)
    again.get_by_role("button", name="允许").click()
    expect(again.get_by_role("heading", name="好的，到时候提醒您")).to_be_visible()
    send(settings, database, clock, address)
    expect(reminder(phone)).to_contain_text(REMINDER)


@BOTH_SIZES
@pytest.mark.parametrize("link_is", ["stale", "forged"])
def test_a_link_that_no_longer_holds_says_what_to_do(
    phone: Page, complaints: Complaints, database: Database, clock: Clock, link_is: str
) -> None:
    if link_is == "stale":
        clock.forward(seconds=LASTS.total_seconds())
    else:
        changed(phone, "reserved=.{4}", "reserved=0123")
    check_not_taken(phone, complaints, "这个链接已经失效", "回到公众号，重新查一次“我的优惠券”")
    assert consents(database, phone) == []


def test_a_link_that_the_platform_would_not_open_is_answered_by_a_page(phone: Page) -> None:
    changed(phone, "scene=101", "scene=x")
    with phone.expect_popup() as popup:
        link(phone).click()
    page = popup.value
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("链接里的 scene 或 reserved 不对。")
    assert fits(page)


def test_whoever_comes_from_where_forgeries_came_from_is_told_when_to_try_again(
    phone: Page, complaints: Complaints, database: Database
) -> None:
    link_of = dict(parse_qsl(urlsplit(link(phone).get_attribute("href") or "").query))
    for _ in range(MOST_FORGED):
        phone.request.get(link_of["redirect_url"], params={"reserved": "0" * 60})
    check_not_taken(phone, complaints, "这会儿没法确认", "过一刻钟")
    assert consents(database, phone) == []
    assert [heard for heard in complaints.heard if "429" not in heard] == []
    complaints.heard.clear()
