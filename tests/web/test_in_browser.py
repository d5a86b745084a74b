"""The shared pages in a real browser, wide and narrow, light and dark: nothing is refused, nothing sticks out."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.web import live
from storage import users
from storage.database import Database
from tests.browser import Complaints, launch, served, sideways
from tests.web.conftest import PASSWORD, add_user, make_app

pytestmark = pytest.mark.browser
SIZES = [(1280, 860), (390, 844)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    add_user(database, datetime.now(UTC), "admin", "admin")
    with served(make_app(database, lambda: datetime.now(UTC))) as address:
        yield address


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


def open_page(chromium: Browser, complaints: Complaints, width: int, height: int, theme: str = "light") -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if theme == "dark" else "light", locale="zh-CN"
    )
    page = context.new_page()
    complaints.listen(page)
    return page


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#f-name", "admin")
    page.fill("#f-password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{address}/reports")


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_and_nothing_is_refused(
    chromium: Browser, address: str, complaints: Complaints, width: int, height: int, theme: str
) -> None:
    page = open_page(chromium, complaints, width, height, theme)
    page.goto(f"{address}/login")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert sideways(page) == 0
    sign_in(page, address)
    for path in ("/console/patterns", "/account", "/confirm"):
        page.goto(address + path, wait_until="networkidle")
        assert sideways(page) == 0, path
    assert complaints.heard == []
    page.context.close()


def test_editor_and_chart_are_there(chromium: Browser, address: str, complaints: Complaints) -> None:
    page = open_page(chromium, complaints, 1280, 860)
    sign_in(page, address)
    page.goto(f"{address}/console/patterns", wait_until="networkidle")
    assert page.locator(".chart canvas").count() == 1
    line = page.locator(".code-editor .cm-line").first
    assert line.is_visible()
    keyword = page.evaluate(
        "getComputedStyle(document.querySelector('.code-editor').shadowRoot.querySelector('.cm-line span')).color"
    )
    assert keyword != page.evaluate("getComputedStyle(document.body).color")  # its style sheet was let through
    line.click()
    page.keyboard.type("早上好，")
    assert "早上好，" in page.locator("textarea[data-code-editor]").input_value()
    assert complaints.heard == []
    page.context.close()


def test_byte_meter_follows_the_typing(chromium: Browser, address: str, complaints: Complaints) -> None:
    page = open_page(chromium, complaints, 1280, 860)
    sign_in(page, address)
    page.goto(f"{address}/console/patterns")
    page.fill("#f-reply", "您好🎈")
    meter = page.locator("[data-watch=f-reply]")
    assert meter.locator("b").inner_text() == "10"
    page.fill("#f-reply", "字" * 700)
    assert "over" in (meter.get_attribute("class") or "")
    page.context.close()


def test_chosen_theme_is_kept(chromium: Browser, address: str, complaints: Complaints) -> None:
    page = open_page(chromium, complaints, 1280, 860)
    page.goto(f"{address}/login")
    page.click("[data-theme-choice=dark]")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"
    page.context.close()


def test_rooms_are_a_drawer_on_a_phone(chromium: Browser, address: str, complaints: Complaints) -> None:
    page = open_page(chromium, complaints, 390, 844)
    sign_in(page, address)
    assert not page.locator(".room").first.is_visible()
    page.click("[data-open-rooms]")
    page.locator(".room", has_text="用户").click()
    assert page.url == f"{address}/people"
    page.context.close()


def test_logging_out_from_the_menu(chromium: Browser, address: str, complaints: Complaints) -> None:
    page = open_page(chromium, complaints, 390, 844)
    sign_in(page, address)
    page.click(".person")
    page.click("text=退出登录")
    page.wait_for_url(f"{address}/login")
    assert complaints.heard == []
    page.context.close()


def test_open_page_of_a_disabled_user_leads_to_the_door(
    chromium: Browser, address: str, complaints: Complaints, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SESSION_SECONDS", 0.1)
    add_user(database, datetime.now(UTC), "boss", "admin")
    page = open_page(chromium, complaints, 1280, 860)
    sign_in(page, address)
    with page.expect_response("**/live/quiet"):  # the page follows before its session ends
        page.goto(f"{address}/watching")
    user = users.find_user_by_name(database, "admin")
    assert user is not None
    database.write(lambda tx: users.disable_user(tx, user.id))
    page.wait_for_url(f"{address}/login?next=/watching", timeout=30_000)
    page.context.close()


def test_inline_script_does_not_run(chromium: Browser, address: str, complaints: Complaints) -> None:
    page = open_page(chromium, complaints, 1280, 860)
    page.goto(f"{address}/login")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\"><p style=\"color:red\" id=styled>x</p>')"
    )
    page.wait_for_timeout(50)
    assert page.title() == "登录 · 山茶咖啡"
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    assert any("Content Security Policy" in text for text in complaints.heard)
    page.context.close()
