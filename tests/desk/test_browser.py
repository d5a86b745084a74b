"""The desk in a real browser: an agent's whole day in small, on a wide screen and on a phone, and hostile words everywhere."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.desk import live
from bot.media import Media
from bot.web import live as streams
from bot.wechat.outbound_push import Element, message_fields
from storage.members import update_profile
from storage.sessions import start_session
from tests.bot.test_pictures import picture
from tests.browser import NARROW, WIDE, Complaints, new_page, served, sideways
from tests.desk.conftest import Desk
from tests.phone import Phone

pytestmark = pytest.mark.browser
SCRIPT = "<img src=https://evil.example/x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}</textarea></template>"
ADDRESSES = ("javascript:alert(3)", 'https://evil.example/"onmouseover="alert(4)', "http://evil.example/plain")


@pytest.fixture
def address(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(live, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.0)  # a stream whose page was closed ends at its next step
    with served(desk.app) as address:
        yield address


Enter = Callable[..., Page]


@pytest.fixture
def enter(chromium: Browser, address: str, complaints: Complaints, desk: Desk) -> Iterator[Enter]:
    """Open the desk as Alice."""
    opened: list[Page] = []

    def open_page(size: tuple[int, int] = WIDE, path: str = "/desk/") -> Page:
        session = desk.database.write(lambda tx: start_session(tx, desk.users["alice"].id, desk.clock()))
        page = new_page(chromium, complaints, size, address=address, session=session)
        opened.append(page)
        page.goto(address + path)
        expect(page.locator("#desk-live")).to_have_text("实时")
        return page

    yield open_page
    for page in opened:
        page.context.close()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_agent_takes_answers_and_hands_back(
    enter: Enter, complaints: Complaints, desk: Desk, phone: Phone, size: tuple[int, int]
) -> None:
    page = enter(size)
    expect(page.locator("[data-list=waiting]")).to_contain_text("没有人在排队")
    phone.follows("table_7")
    phone.says("人工")  # appears by itself
    line = page.locator("[data-list=waiting] .line")
    expect(line).to_contain_text("用户要求人工")
    expect(page).to_have_title("(1) 客服台 · 山茶咖啡")
    line.click()
    page.click("#take")
    expect(page.locator(".dialogue-state")).to_contain_text("由您负责")
    assert sideways(page) == 0
    phone.says("我的券不见了")
    expect(page.locator("#timeline .said-in").last).to_contain_text("我的券不见了")
    page.fill("#words", "您好，我来看看。")
    page.press("#words", "Enter")
    expect(page.locator("#timeline .by-agent")).to_contain_text("您好，我来看看。")
    expect(page.locator("#words")).to_have_value("")
    expect(page.locator("#budget")).to_contain_text("还可发 4 条")
    page.click("[data-open-dialog=hand-back-dialog]")
    page.fill("#f-note", "券已找回")
    page.click("#hand-back-dialog .btn-primary")
    expect(page.locator("#desk")).to_have_attribute("data-view", "queue")
    expect(page.locator("#toasts .notice")).to_have_text(["已交还给机器人，小结已记下。"])
    assert desk.conversation().state == "bot"
    assert [one.text for one in desk.said() if one.author == "agent:alice"] == ["您好，我来看看。"]
    assert complaints.heard == []


def test_keys_alone_are_enough(enter: Enter, complaints: Complaints, waiting: Desk, phone: Phone) -> None:
    waiting.clock.forward(minutes=1)
    phone.named("oSecond").says("人工")
    page = enter()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#dialogue")).to_have_attribute("data-member", str(waiting.member("oSecond")))
    page.keyboard.press("t")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    page.keyboard.press("Enter")
    expect(page.locator("#timeline .by-agent .said-text")).to_have_text("第一行\n第二行")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("谢")
    expect(page.locator(".phrase:visible").first).to_contain_text("谢")
    page.keyboard.press("Enter")
    expect(page.locator("#words")).not_to_have_value("")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#nothing-open")).to_be_visible()
    assert len(waiting.posted("oSecond")) == 1  # what was typed into the search went nowhere
    assert complaints.heard == []


def test_the_kind_of_a_case_keeps_to_one_line_in_english(enter: Enter, desk: Desk, phone: Phone) -> None:
    phone.says("我要投诉，咖啡是凉的")
    page = enter(path=desk.at())
    page.goto(f"{page.url}?lang=en")
    kind = page.locator(".profile .row-top .tag").first
    expect(kind).to_have_text("Complaint")
    box = kind.bounding_box()
    assert box is not None
    assert box["height"] < 26


def test_draft_survives_a_look_elsewhere(enter: Enter, complaints: Complaints, taken: Desk, phone: Phone) -> None:
    phone.named("oSecond").says("人工")
    page = enter()
    page.click("[data-show=mine]")
    page.click("[data-list=mine] .line")
    page.fill("#words", "写到一半")
    page.click("[data-show=waiting]")
    page.click("[data-list=waiting] .line")
    expect(page.locator("#dialogue")).to_have_attribute("data-member", str(taken.member("oSecond")))
    page.go_back()
    expect(page.locator("#words")).to_have_value("写到一半")
    assert complaints.heard == []


def test_agent_whose_dialogue_was_taken_over_is_told_at_once(enter: Enter, taken: Desk) -> None:
    page = enter()
    page.click("[data-show=mine]")
    with page.expect_response(
        lambda answer: "live?member=" in answer.url
    ):  # from now on the page hears of this dialogue
        page.click("[data-list=mine] .line")
    expect(page.locator("#words")).to_be_visible()
    taken["susan"].post(f"{taken.at()}/take-over", {"from_agent": str(taken.users["alice"].id)})
    expect(page.locator("#toasts")).to_contain_text("susan接手了")
    expect(page.locator("#nothing-open")).to_be_visible()
    page.evaluate("toast('一句话'); toast('一句话')")
    expect(page.locator("#toasts .notice", has_text="一句话")).to_have_count(1)


def test_nothing_that_anybody_wrote_becomes_script_or_request(
    enter: Enter, address: str, complaints: Complaints, desk: Desk, phone: Phone
) -> None:
    poison(desk, phone)
    page = enter()
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(address) else None)
    page.evaluate(
        "document.addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective}`))"
    )
    page.click("[data-show=mine]")
    page.click("[data-list=mine] .line")
    expect(page.locator("#timeline")).to_contain_text("alert(2)")
    for why in page.locator("details.why summary").all():
        why.click()
    page.click("#edit-profile summary")
    page.fill("#words", SCRIPT)
    page.press("#words", "Enter")
    expect(page.locator("#timeline .by-agent").last).to_contain_text("alert(2)")
    phone.says(SCRIPT + "一次")
    expect(page.locator("#timeline .said-in").last).to_contain_text("一次")
    page.reload()
    expect(page.locator("#desk-live")).to_have_text("实时")
    links = page.locator("#timeline a").evaluate_all("links => links.map((a) => [a.href, a.rel])")
    foreign_links = [(href, rel) for href, rel in links if not href.startswith(f"{address}/desk/m/")]
    assert len(foreign_links) == 2  # the place on the map, and the one https address
    assert all(href.startswith("https://") and rel == "noopener noreferrer" for href, rel in foreign_links)
    assert page.locator("#timeline script, .profile :is(img, script), #queue :is(img, script)").count() == 0
    pictures = page.locator("#timeline img").evaluate_all("pictures => pictures.map((one) => one.src)")
    assert all(source.startswith(f"{address}/desk/m/") for source in pictures)
    assert "49" not in page.locator("#timeline").inner_text().replace("{{7*7}}", "")
    # The pictures cannot be fetched, as there is no platform here; nothing else may be wrong.
    assert (foreign, [said for said in complaints.heard if "status of 503" not in said]) == ([], [])


def poison(desk: Desk, phone: Phone) -> None:
    """Put hostile words into every field that a consumer or an agent can fill."""
    phone.follows(SCRIPT[:60])
    phone.says(SCRIPT)
    phone.says("人工")
    phone.shares_location(31.2, 121.4, SCRIPT)
    for number, url in enumerate(ADDRESSES):
        fields: dict[str, Element] = {"Title": SCRIPT, "Description": SCRIPT, "Url": url}
        desk.clock.forward(seconds=30)
        phone.sends(message_fields(phone.push.account, phone.openid, "link", desk.clock(), **fields))
        picture: dict[str, Element] = {"PicUrl": ADDRESSES[0], "MediaId": f"{SCRIPT}{number}"}
        phone.sends(message_fields(phone.push.account, phone.openid, "image", desk.clock(), **picture))
    desk["bob"].post(f"{desk.at()}/take")
    desk["bob"].post(f"{desk.at()}/hand-back", {"note": SCRIPT})
    desk.clock.forward(minutes=1)
    phone.says("人工")
    desk["alice"].post(f"{desk.at()}/take")
    desk.database.write(
        lambda tx: update_profile(
            tx, desk.member(), name=SCRIPT, phone=SCRIPT, city=SCRIPT, remark=SCRIPT, tags=[SCRIPT, SCRIPT[5:]]
        )
    )


def test_a_picture_is_chosen_looked_at_and_sent(
    enter: Enter, complaints: Complaints, taken: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Media, "upload_picture", lambda *_: "m-up")
    monkeypatch.setattr(Media, "picture", lambda *_: picture())
    page = enter(path=taken.at())
    page.click("[data-open-dialog=picture-dialog]")
    page.set_input_files("#picture-file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    expect(page.locator("#picture-preview")).to_be_visible()
    page.click("#send-picture")
    expect(page.locator("#picture-dialog")).to_be_hidden()
    shown = page.locator("#timeline .by-agent .said-picture img")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 40)  # a string polled in the page would be stopped by its policy
    assert len(taken.posted()) == 1
    assert complaints.heard == []


def test_a_picture_that_cannot_be_had_is_said_in_words(enter: Enter, taken: Desk, phone: Phone) -> None:
    phone.sends(message_fields(phone.push.account, phone.openid, "image", phone.clock(), PicUrl="x", MediaId="m-1"))
    page = enter(NARROW, taken.at())
    expect(page.locator(".said-gone")).to_be_visible()
    expect(page.locator(".said-picture img")).to_be_hidden()
    assert sideways(page) == 0


def test_with_a_closed_window_only_what_may_wait_can_be_sent(
    enter: Enter, complaints: Complaints, desk: Desk, phone: Phone
) -> None:
    phone.says("人工")
    desk["alice"].post(f"{desk.at()}/take")
    desk.database.write(lambda tx: tx.execute("UPDATE conversations SET window_left = 1"))
    page = enter(NARROW, desk.at())
    expect(page.locator("#budget")).to_contain_text("最后一条")
    page.fill("#words", "您好，正在查")
    page.press("#words", "Enter")
    expect(page.locator("#budget")).to_contain_text("现在发不了")
    expect(page.locator("#send")).to_be_disabled()
    page.fill("#words", "查到了")
    page.check("#wait")
    expect(page.locator("#send")).to_be_enabled()
    page.press("#words", "Enter")
    expect(page.locator("#timeline .by-agent")).to_have_count(2)
    expect(page.locator("#wait")).to_be_checked()
    assert [bool(message.wait_until) for message in desk.posted()] == [False, True]
    assert sideways(page) == 0
    assert complaints.heard == []
