"""The pocket WeChat in a real browser, as wide as a desk and as narrow as a phone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from bot.app import create_app
from bot.delivery import posting
from bot.delivery.worker import Worker
from bot.settings import Settings
from bot.simulator.wechat_api import ROOT
from bot.wechat.client import WeChatClient
from storage import members
from storage.database import Database
from templates.content import Content
from tests.browser import NARROW, WIDE, Complaints, fits, new_page, served

pytestmark = pytest.mark.browser
on_both = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
MARKUP = '<script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a>'


def utc_now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def app(settings: Settings, database: Database, stores: None, campaign: None) -> Flask:
    """The app in the present time; the coupon of the tests can be claimed until the end of 2026 or far longer."""
    database.write(lambda tx: tx.execute("UPDATE campaigns SET ends_at = 9999999999999"))
    return create_app(settings, database, clock=utc_now)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, address: str, complaints: Complaints, size: tuple[int, int]) -> Iterator[Page]:
    """A phone nobody has used."""
    page = new_page(chromium, complaints, size)
    page.goto(f"{address}/simulator/")
    yield page
    assert complaints.heard == []
    assert fits(page)
    page.context.close()


@pytest.fixture
def size() -> tuple[int, int]:
    """How large the window is; what looks another way on a narrow one is tried on both."""
    return WIDE


def follow(page: Page) -> None:
    page.get_by_role("button", name="关注公众号").click()
    expect(page.locator(".row-them .bubble")).to_contain_text("欢迎关注")


def say(page: Page, text: str) -> None:
    if page.locator("[data-foot=typing]").is_visible():
        page.locator("[data-foot=typing]").click()
    answers = page.locator(".row-them").count()
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".row-them")).to_have_count(answers + 1)
    expect(page.locator("#text")).to_have_value("")


def last_answer(page: Page) -> str:
    return page.locator(".row-them .bubble").last.inner_text()


def openid_of(page: Page) -> str:
    return page.url.rpartition("/")[2]


@on_both
def test_from_following_to_a_coupon_and_a_tapped_choice(page: Page) -> None:
    follow(page)
    expect(page.locator("#welcome")).to_be_hidden()
    say(page, "领券")
    assert "券码" in last_answer(page)
    page.locator(".choice", has_text="签到").first.click()
    expect(page.locator(".row-them .bubble").last).to_contain_text("签到成功")
    assert "签到" in page.locator(".row-me .bubble").last.inner_text()
    page.reload()
    expect(page.locator(".row-me")).to_have_count(2)
    expect(page.locator(".when").first).to_be_visible()


def test_a_message_delivered_again_doubles_nothing(page: Page) -> None:
    say(page, "领券")
    rows = page.locator(".row-me, .row-them").count()
    page.locator(".row-me").last.hover()
    page.locator(".row-me [title=再送一次]").last.click()
    expect(page.locator(".again-good")).to_have_text("又送达一次：回复一样，没有重复记账")
    assert page.locator(".row-me, .row-them").count() == rows


def test_markup_is_shown_as_the_text_it_is(page: Page, address: str, database: Database, settings: Settings) -> None:
    say(page, MARKUP)
    assert page.locator(".row-me .bubble").inner_text() == MARKUP
    page.locator("#plus").click()
    page.locator("[data-plus-open=places]").click()
    for name, value in (("latitude", "31.2"), ("longitude", "121.4"), ("label", MARKUP)):
        page.locator(f"#places [name={name}]").fill(value)
    page.locator("#places [type=submit]").click()
    expect(page.locator(".sheet-place .sheet-title")).to_have_text(MARKUP)
    page.locator("#plus").click()
    page.locator("[data-plus-open=link]").click()
    page.locator("#link [name=title]").fill(MARKUP)
    page.locator("#link [name=description]").fill(MARKUP)
    page.locator("#link [type=submit]").click()
    expect(page.locator(".sheet-link .sheet-title")).to_have_text(MARKUP)
    answer_as_agent(page, address, database, settings, MARKUP)
    expect(page.locator(".row-them .bubble").last).to_have_text(MARKUP)
    page.reload()
    expect(page.locator(".row-me .bubble")).to_have_text(MARKUP)
    assert page.locator("#talk script, #talk img, #happened img").count() == 0


def test_an_agents_answer_appears_by_itself(page: Page, address: str, database: Database, settings: Settings) -> None:
    say(page, "人工")
    answer_as_agent(page, address, database, settings, "您好，我是林夏")
    expect(page.locator(".row-them .bubble").last).to_have_text("您好，我是林夏")


def answer_as_agent(page: Page, address: str, database: Database, settings: Settings, text: str) -> None:
    """Put an answer in the outbox, and send it as the worker does."""
    member_id = members.member_ids_by_openid(database, openid_of(page))[0]
    identity = members.identities_of(database, [member_id])[member_id]
    content, now = Content("text", text), utc_now()
    database.write(
        lambda tx: posting.post(tx, identity=identity, content=content, author="agent:linxia", cause="t", now=now)
    )
    with WeChatClient(replace(settings, wechat_api_url=address + ROOT), database, utc_now) as client:
        assert Worker(database, client, utc_now).send_next()


@on_both
def test_the_menu_and_its_sub_menus_work_by_keyboard(page: Page) -> None:
    follow(page)
    if page.locator("[data-foot=menu]").is_visible():
        page.locator("[data-foot=menu]").press("Enter")
    top = page.locator("[data-sub]").first
    top.press("Enter")
    expect(top).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(top).to_have_attribute("aria-expanded", "false")
    top.press("Enter")
    page.locator(".sub button", has_text="每日签到").press("Enter")
    expect(page.locator(".row-them .bubble").last).to_contain_text("签到成功")
    expect(page.locator(".row-click .note")).to_have_text("点了菜单：每日签到")


def test_the_menu_asks_for_a_place(page: Page) -> None:
    follow(page)
    if page.locator("[data-foot=menu]").is_visible():
        page.locator("[data-foot=menu]").click()
    page.locator("[data-sub]", has_text="门店").click()
    page.locator("[data-pick-place]").click()
    page.locator("[data-place]", has_text="上海").click()
    expect(page.locator(".row-location_select .note")).to_have_text("从菜单选了位置")
    expect(page.locator(".row-location")).to_have_count(1)
    expect(page.locator(".row-them .bubble").last).to_contain_text("店")


@on_both
def test_what_happened_is_beside_the_phone_or_a_tap_away(page: Page) -> None:
    say(page, "签到")
    if page.locator(".phone-why").is_visible():
        page.locator(".phone-why").click()
    happened = page.locator("#happened")
    expect(happened).to_be_visible()
    expect(happened).to_contain_text("checkin_done")
    expect(happened).to_contain_text("<Content><![CDATA[签到]]></Content>")
    page.keyboard.press("Escape")


@on_both
def test_following_and_encryption_can_be_switched(page: Page) -> None:
    controls = page.locator("[data-panel=controls]")
    narrow = controls.is_visible()
    if narrow:
        controls.click()
    page.locator("label", has_text="加密模式").click()
    page.locator("#controls").get_by_role("button", name="关注", exact=True).click()
    expect(page.locator(".row-them .bubble")).to_contain_text("欢迎")
    expect(page.locator("#happened")).to_contain_text("安全模式")
    if narrow:
        controls.click()
    expect(page.locator("#controls").get_by_role("button", name="取消关注")).to_be_visible()
