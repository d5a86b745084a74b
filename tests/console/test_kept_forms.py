"""What somebody typed into a form outlives the door: a session that ended, a password that was asked for again, a page too old."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from storage.database import Database
from storage.sessions import end_session, hash_token, start_session
from storage.users import RoleName, User
from tests.browser import WIDE, Complaints, new_page, served
from tests.conftest import Clock
from tests.console.conftest import PASSWORD

pytestmark = pytest.mark.browser
Enter = Callable[[RoleName, str], tuple[Page, Callable[[], None]]]


@pytest.fixture
def enter(
    chromium: Browser, app: Flask, staff: dict[RoleName, User], database: Database, clock: Clock, complaints: Complaints
) -> Iterator[Enter]:
    """Open a page as somebody who is signed in; gives what ends their session as well."""
    opened: list[Page] = []
    with served(app) as address:

        def open_page(name: RoleName, path: str) -> tuple[Page, Callable[[], None]]:
            token = database.write(lambda tx: start_session(tx, staff[name].id, clock()))
            page = new_page(chromium, complaints, WIDE, address=address, session=token)
            opened.append(page)
            page.goto(address + path)
            return page, lambda: database.write(lambda tx: end_session(tx, hash_token(token)))

        yield open_page
        for page in opened:
            page.context.close()


def come_back(page: Page, name: str) -> None:
    expect(page.locator("[data-kept-note]")).to_be_visible()
    if page.locator("#f-name").count():
        page.fill("#f-name", name)
    page.fill("#f-password", PASSWORD)
    page.keyboard.press("Enter")


def type_into_reply(page: Page, words: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(words)


def test_words_of_a_reply_are_there_again_after_signing_in(enter: Enter, complaints: Complaints) -> None:
    page, end = enter("editor", "/console/replies/thanks")
    type_into_reply(page, "😀 这句写了很久")
    end()
    page.keyboard.press("Control+s")
    come_back(page, "editor")

    expect(page.locator("#toasts")).to_contain_text("请再提交一次")
    expect(page.locator(".cm-content")).to_contain_text("😀 这句写了很久")
    page.locator("[data-save]").click()
    expect(page.locator(".notice-success")).to_contain_text("草稿已保存")
    page.reload()
    expect(page.locator(".cm-content")).to_contain_text("😀 这句写了很久")
    expect(page.locator("#toasts .notice")).to_have_count(0)
    assert complaints.heard == []


def test_a_form_that_was_refused_first_is_found_again_as_well(enter: Enter) -> None:
    page, end = enter("editor", "/console/replies/thanks")
    type_into_reply(page, "{{ nobody }}")
    page.locator("[data-open-dialog]").click()
    page.locator("#publish-dialog [type=submit]").click()
    expect(page.locator(".notice-danger")).to_contain_text("没有发布")
    end()
    page.locator("[data-save]").click()
    come_back(page, "editor")
    expect(page.locator(".cm-content")).to_contain_text("{{ nobody }}")


def test_a_part_of_a_page_keeps_what_was_typed(enter: Enter) -> None:
    page, end = enter("editor", "/console/intents/")
    page.fill("[name=text]", "楼下能停车吗")
    end()
    page.keyboard.press("Enter")
    come_back(page, "editor")
    expect(page.locator("[name=text]")).to_have_value("楼下能停车吗")


def test_a_password_asked_for_again_costs_nothing(enter: Enter, clock: Clock, complaints: Complaints) -> None:
    page, _ = enter("admin", "/console/users/")
    clock.forward(minutes=11)
    page.fill("#f-name", "xiaoming")
    page.fill("#f-display_name", "小明")
    page.keyboard.press("Enter")
    come_back(page, "admin")
    expect(page.locator("#f-name")).to_have_value("xiaoming")
    expect(page.locator("#f-display_name")).to_have_value("小明")
    page.locator("#f-display_name").press("Enter")
    expect(page.locator("#content")).to_contain_text("/setup/")
    assert complaints.heard == []


def test_a_page_too_old_gives_back_what_was_typed(enter: Enter) -> None:
    page, end = enter("editor", "/console/replies/thanks")
    type_into_reply(page, "另一页里又登录了一次")
    end()
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#f-name", "editor")
    other.fill("#f-password", PASSWORD)
    other.keyboard.press("Enter")
    expect(other.locator(".cm-content")).to_be_visible()

    page.keyboard.press("Control+s")
    expect(page.locator(".trouble")).to_contain_text("页面已经过期")
    expect(page.locator("[data-kept-note]")).to_be_visible()
    page.locator("[data-go-back]").click()
    expect(page.locator(".cm-content")).to_contain_text("另一页里又登录了一次")
    page.locator("[data-save]").click()
    expect(page.locator(".notice-success")).to_contain_text("草稿已保存")


def test_nobody_else_sees_what_was_typed(enter: Enter) -> None:
    page, end = enter("editor", "/console/replies/thanks")
    type_into_reply(page, "只给我自己看")
    end()
    page.keyboard.press("Control+s")
    come_back(page, "admin")
    expect(page.locator(".cm-content")).to_be_visible()
    expect(page.locator(".cm-content")).not_to_contain_text("只给我自己看")
    assert page.evaluate("sessionStorage.getItem('kept-form')") is None


def test_what_was_saved_is_not_given_back(enter: Enter) -> None:
    page, end = enter("editor", "/console/replies/thanks")
    type_into_reply(page, " 存好了")
    page.keyboard.press("Control+s")
    expect(page.locator(".notice-success")).to_contain_text("草稿已保存")
    end()
    page.reload()
    expect(page.locator("#f-password")).to_be_visible()
    expect(page.locator("[data-kept-note]")).to_be_hidden()
