"""The console in a real browser: an editor's way from the list to the phone, members, and every page on a wide screen and a phone."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from storage import examples, members
from storage.database import Database
from storage.sessions import start_session
from storage.users import RoleName, User
from tests.browser import NARROW, WIDE, Complaints, fits, new_page, served, sideways
from tests.conftest import Clock
from tests.console.conftest import member_id_of
from tests.phone import Phone

pytestmark = pytest.mark.browser
SCRIPT = "<img src=https://evil.example/x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}</textarea></template>"


@pytest.fixture
def address(app: Flask, staff: dict[RoleName, User]) -> Iterator[str]:
    with served(app) as address:
        yield address


Enter = Callable[..., Page]


@pytest.fixture
def enter(
    chromium: Browser,
    address: str,
    complaints: Complaints,
    staff: dict[RoleName, User],
    database: Database,
    clock: Clock,
) -> Iterator[Enter]:
    """Open a page of the console as somebody who is signed in."""
    opened: list[Page] = []

    def open_page(name: RoleName, path: str, size: tuple[int, int] = WIDE) -> Page:
        session = database.write(lambda tx: start_session(tx, staff[name].id, clock()))
        page = new_page(chromium, complaints, size, address=address, session=session)
        opened.append(page)
        page.goto(address + path)
        return page

    yield open_page
    for page in opened:
        page.context.close()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_an_editor_finds_a_reply_changes_it_and_the_phone_says_it(
    enter: Enter, complaints: Complaints, phone: Phone, size: tuple[int, int]
) -> None:
    page = enter("editor", "/console/replies/", size)
    searches: list[str] = []
    page.on("request", lambda request: searches.append(request.url) if "q=thanks" in request.url else None)
    with page.expect_response(lambda answer: "q=thanks" in answer.url):  # what stands there before is replaced
        page.fill("input[name=q]", "thanks")
    page.locator("#replies").get_by_text("thanks", exact=True).last.click()
    page.locator(".cm-content").click()
    assert len(searches) == 1, "the list was replaced under the hand that went to it"
    page.keyboard.press("Control+End")
    page.keyboard.type(" 祝您今天顺顺利利")
    expect(page.locator("#check .phone-bubble")).to_contain_text("祝您今天顺顺利利")
    assert sideways(page) == 0

    page.keyboard.press("Control+s")
    expect(page.locator(".notice-success")).to_contain_text("草稿已保存")
    assert "顺顺利利" not in phone.says("谢谢")

    page.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#publish-dialog")).to_be_visible()
    page.fill("#f-note", "祝福")
    page.keyboard.press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("已经发布")
    assert phone.says("谢谢").endswith("祝您今天顺顺利利")
    assert complaints.heard == []


def test_a_mistake_is_marked_where_it_is_while_typing(enter: Enter, complaints: Complaints) -> None:
    page = enter("editor", "/console/replies/thanks")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("{{ nobody }}")
    expect(page.locator(".remark-error")).to_contain_text("变量“nobody”不存在")
    expect(page.locator(".cm-lintRange-error")).to_have_count(1)
    page.locator("[data-go-line]").first.click()
    expect(page.locator(".check-verdict")).to_contain_text("还不能发布")
    assert complaints.heard == []


def test_a_variable_is_put_where_the_cursor_is(enter: Enter, complaints: Complaints) -> None:
    page = enter("editor", "/console/replies/points_balance")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.get_by_role("button", name="{{ checkin_points }}").click()
    expect(page.locator("#reply-source")).to_have_value(re.compile(r"\{\{ checkin_points \}\}$"))
    page.select_option("#person", "newcomer")
    expect(page.locator("#check .phone-bubble")).to_contain_text("5")
    assert complaints.heard == []


def test_unsaved_words_are_not_left_without_a_question(enter: Enter, complaints: Complaints) -> None:
    page = enter("editor", "/console/replies/thanks")
    page.locator(".cm-content").click()
    page.keyboard.type("x")
    page.locator(".rooms-list a").first.click(no_wait_after=True)
    expect(page.locator("#reply-form")).to_be_visible()
    assert page.url.endswith("/thanks")
    assert [heard.partition(":")[0] for heard in complaints.heard] == ["dialog"]


def test_a_member_is_searched_and_looked_at(
    enter: Enter, complaints: Complaints, phone: Phone, database: Database
) -> None:
    phone.says("你好")
    phone.says("优惠券怎么用")
    member_id = member_id_of(database, "oAlice")
    database.write(
        lambda tx: members.update_profile(
            tx, member_id, name="林晓", phone="13812345678", city="上海", remark="", tags=("老客",)
        )
    )
    page = enter("supervisor", "/console/members/", NARROW)
    page.fill("input[name=q]", "林")
    page.wait_for_url("**q=*")
    page.locator("#members").get_by_text("林晓").click()
    expect(page.locator(".dialogue")).to_contain_text("优惠券怎么用")
    assert fits(page)
    page.get_by_text("看完整号码").click()
    page.fill("#phone-number input[name=reason]", "回电确认退款")
    page.get_by_role("button", name="看一次").click()
    expect(page.locator("#phone-number")).to_contain_text("13812345678")
    page.get_by_text("为什么这样回答").last.click()
    expect(page.locator(".reasons")).to_contain_text("决定")
    assert fits(page)
    assert complaints.heard == []


def test_a_sentence_is_tried(enter: Enter, complaints: Complaints) -> None:
    page = enter("editor", "/console/intents/", NARROW)
    page.fill("input[name=text]", "优惠券怎么用")
    page.keyboard.press("Enter")
    expect(page.locator("#attempt")).to_contain_text("直接回答")
    assert fits(page)
    assert complaints.heard == []


def test_missed_questions_are_dealt_with_by_keyboard(enter: Enter, complaints: Complaints, phone: Phone) -> None:
    for number, words in enumerate(("你们放电影吗", "电影票怎么买", "有插座吗")):
        phone.named(f"oFan{number}").says(words)
    page = enter("editor", "/console/gym/")
    assert fits(page)
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(page.locator(".gym-group").first).to_contain_text("会答上 2 / 2 条")
    page.keyboard.press("x")
    expect(page.locator(".gym-done")).to_contain_text("与我们无关")
    assert fits(page)
    page.keyboard.press("j")
    expect(page.locator(".gym-group").nth(1)).to_be_focused()
    page.locator(".gym-done").get_by_role("button", name="撤销").click()
    expect(page.locator(".notice-success")).to_contain_text("已撤销：“电影”")
    assert complaints.heard == []


def test_no_page_runs_what_a_member_wrote_nor_grows_sideways(
    enter: Enter, address: str, complaints: Complaints, phone: Phone, database: Database
) -> None:
    phone.follows(SCRIPT[:60])
    for words in (SCRIPT, f"建议 {SCRIPT}", "人工", SCRIPT):
        phone.says(words)
    member_id = member_id_of(database, "oAlice")
    database.write(
        lambda tx: members.update_profile(
            tx, member_id, name=SCRIPT, phone=SCRIPT, city=SCRIPT, remark=SCRIPT, tags=(SCRIPT, "长" * 200)
        )
    )
    page = enter("admin", "/console/")
    seen, waiting = set[str](), ["/console/", f"/console/members/{member_id}", "/console/members/"]
    while waiting and len(seen) < 24:
        path = waiting.pop(0)
        kind = re.sub(r"\d{5,}|(?<=replies/|intents/)\w+", "x", path.partition("?")[0])
        if kind in seen:
            continue
        seen.add(kind)
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, path
        assert fits(page), path
        found = page.eval_on_selector_all(
            "main a[href^='/console'], nav a[href^='/console']", "all => all.map(a => a.getAttribute('href'))"
        )
        waiting += [one for one in found if ".csv" not in one]
    assert len(seen) >= 10
    assert complaints.heard == []


def test_examples_are_decided_by_keyboard_one_after_the_other(
    enter: Enter, complaints: Complaints, database: Database, clock: Clock
) -> None:
    said = ["给爷整一个", "券券在哪呀", SCRIPT[:60], "你们老板是谁"]
    for number, text in enumerate(said, start=1):
        intent = "human" if number == len(said) else "coupon_claim"
        example = {"text": text, "intent": intent, "member_id": number, "exchange_id": number, "offered": ("help",)}
        database.write(lambda tx, example=example: examples.propose(tx, source="tap", now=clock(), **example))  # type: ignore[misc]
    page = enter("editor", "/console/examples/")
    assert fits(page)
    page.keyboard.press("ArrowDown")
    for done, key in enumerate(("y", "x", "o", "n"), start=1):
        expect(page.locator("[data-example]:focus")).to_be_visible()
        page.keyboard.press(key)
        if key == "o":
            page.locator("select:focus").select_option("coupon_mine")
            page.keyboard.press("Enter")
        expect(page.locator(".example-told")).to_have_count(done)
    assert fits(page)
    confirmed = {one.intent for one in examples.list_examples(database, status="confirmed")}
    assert confirmed == {"coupon_claim", "coupon_mine", None}
    assert len(examples.list_examples(database, status="refused")) == 1
    assert complaints.heard == []
