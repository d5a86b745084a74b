"""The shared pages in a real browser, wide and narrow, light and dark: nothing is refused, nothing sticks out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.web import live
from storage import users
from storage.database import Database
from tests.browser import NARROW, WIDE, Complaints, fits, new_page, served
from tests.web.conftest import PASSWORD, add_user, make_app

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    add_user(database, datetime.now(UTC), "admin", "admin")
    with served(make_app(database, lambda: datetime.now(UTC))) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, complaints: Complaints) -> Iterator[OpenPage]:
    """Give an empty page of a new person."""
    opened: list[Page] = []

    def open_one(size: tuple[int, int] = WIDE) -> Page:
        opened.append(new_page(chromium, complaints, size))
        return opened[-1]

    yield open_one
    for page in opened:
        page.context.close()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#f-name", "admin")
    page.fill("#f-password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{address}/reports")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_and_nothing_is_refused(
    open_page: OpenPage, address: str, complaints: Complaints, theme: Literal["light", "dark"]
) -> None:
    page = open_page()
    page.emulate_media(color_scheme=theme)
    page.goto(f"{address}/login")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert fits(page)
    sign_in(page, address)
    for path in ("/console/patterns", "/account", "/confirm"):
        page.goto(address + path)
        if path == "/console/patterns":
            expect(page.locator(".chart canvas")).to_be_visible()
        assert fits(page), path
    assert complaints.heard == []


def test_editor_and_chart_are_there(open_page: OpenPage, address: str, complaints: Complaints) -> None:
    page = open_page()
    sign_in(page, address)
    page.goto(f"{address}/console/patterns")
    expect(page.locator(".chart canvas")).to_be_visible()
    line = page.locator(".code-editor .cm-line").first
    expect(line).to_be_visible()
    keyword = page.evaluate(
        "getComputedStyle(document.querySelector('.code-editor').shadowRoot.querySelector('.cm-line span')).color"
    )
    assert keyword != page.evaluate("getComputedStyle(document.body).color")  # its style sheet was let through
    line.click()
    page.keyboard.type("早上好，")
    assert "早上好，" in page.locator("textarea[data-code-editor]").input_value()
    assert complaints.heard == []


def test_byte_meter_follows_the_typing(open_page: OpenPage, address: str) -> None:
    page = open_page()
    sign_in(page, address)
    page.goto(f"{address}/console/patterns")
    page.fill("#f-reply", "您好🎈")
    meter = page.locator("[data-watch=f-reply]")
    assert meter.locator("b").inner_text() == "10"
    page.fill("#f-reply", "字" * 700)
    assert "over" in (meter.get_attribute("class") or "")


def test_chosen_theme_is_kept(open_page: OpenPage, address: str) -> None:
    page = open_page()
    page.goto(f"{address}/login")
    page.click("[data-theme-choice=dark]")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"


def test_rooms_are_a_drawer_on_a_phone(open_page: OpenPage, address: str) -> None:
    page = open_page(NARROW)
    sign_in(page, address)
    assert not page.locator(".room").first.is_visible()
    page.click("[data-open-rooms]")
    page.locator(".room", has_text="用户").click()
    assert page.url == f"{address}/people"


def test_logging_out_from_the_menu(open_page: OpenPage, address: str, complaints: Complaints) -> None:
    page = open_page(NARROW)
    sign_in(page, address)
    page.click(".person")
    page.click("text=退出登录")
    page.wait_for_url(f"{address}/login")
    assert complaints.heard == []


def test_open_page_of_a_disabled_user_leads_to_the_door(
    open_page: OpenPage, address: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SESSION_SECONDS", 0.1)
    add_user(database, datetime.now(UTC), "boss", "admin")
    page = open_page()
    sign_in(page, address)
    with page.expect_response("**/live/quiet"):  # the page follows before its session ends
        page.goto(f"{address}/watching")
    user = users.find_user_by_name(database, "admin")
    assert user is not None
    database.write(lambda tx: users.disable_user(tx, user.id))
    page.wait_for_url(f"{address}/login?next=/watching", timeout=30_000)


def test_inline_script_does_not_run(open_page: OpenPage, address: str, complaints: Complaints) -> None:
    page = open_page()
    page.goto(f"{address}/login")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\"><p style=\"color:red\" id=styled>x</p>')"
    )
    page.wait_for_timeout(50)
    assert page.title() == "登录 · 山茶咖啡"
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    assert any("Content Security Policy" in text for text in complaints.heard)
