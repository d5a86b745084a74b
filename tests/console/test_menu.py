"""The menu in the console: written, compared with what is live, published, taken back."""

import io
import json
from collections.abc import Iterator

import pytest

from bot.demo.brand import demo_menu
from bot.settings import Settings, read_settings
from storage import audit, menus
from storage.database import Database
from tests.conftest import ENVIRONMENT
from tests.console.conftest import Browser, SignIn
from tests.wechat_api import FarSide, far_side

CREATE, GET, DELETE = "/cgi-bin/menu/create", "/cgi-bin/menu/get", "/cgi-bin/menu/delete"
PAGE = "/console/menu/"
FORM = {"b1_name": "签到", "b1_kind": "click", "b1_value": "ZH_MENU_CHECKIN", "b2_name": "门店", "b2_kind": "",
        "b2_1_name": "附近", "b2_1_kind": "location_select", "b2_1_value": "ZH_MENU_STORES",
        "b2_2_name": "外卖", "b2_2_kind": "miniprogram", "b2_2_value": "https://e.com", "b2_2_appid": "wx1", "b2_2_pagepath": "p"}  # fmt: skip
WRITTEN = {
    "button": [
        {"type": "click", "name": "签到", "key": "ZH_MENU_CHECKIN"},
        {
            "name": "门店",
            "sub_button": [
                {"type": "location_select", "name": "附近", "key": "ZH_MENU_STORES"},
                {"type": "miniprogram", "name": "外卖", "url": "https://e.com", "appid": "wx1", "pagepath": "p"},
            ],
        },
    ]
}


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        far.answers[GET] = {"errcode": 46003, "errmsg": "menu no exist"}
        yield far


@pytest.fixture
def settings(far: FarSide) -> Settings:
    return read_settings({**ENVIRONMENT, "WECHAT_API_URL": far.url})


def seen(browser: Browser, version: int) -> str:
    """The fingerprint of the live menu that the page of a version shows."""
    return browser.get(f"{PAGE}{version}").text.partition('name="seen" value="')[2].partition('"')[0]


def test_a_menu_is_written_compared_and_published(editor: Browser, database: Database, far: FarSide) -> None:
    assert editor.post(PAGE, {**FORM, "note": "夏天"}).location == f"{PAGE}1"
    page = editor.get(f"{PAGE}1")
    assert "附近 → location_select ZH_MENU_STORES" in page.words
    assert editor.post(f"{PAGE}1/publish", {"seen": seen(editor, 1)}).location == PAGE
    assert [json.loads(body) for body in far.bodies if b"button" in body] == [WRITTEN]
    published = menus.published(database)
    assert published is not None
    assert (published.version, published.published_by) == (1, "user:editor")
    assert [entry.action for entry in audit.list_audit(database, 9)] == ["menu.published", "menu.saved"]
    far.answers[GET] = {"menu": WRITTEN}
    assert "和线上一样" in editor.get(f"{PAGE}1").words


def test_the_editor_shows_again_what_was_written(editor: Browser) -> None:
    editor.post(PAGE, FORM)
    text = editor.get(PAGE).words
    for value in FORM.values():
        assert f'value="{value}"' in text
    assert json.loads(editor.get(f"{PAGE}1.json").text) == WRITTEN
    editor.post(PAGE, {**FORM, "b1_name": "每日签到"})
    assert 'value="每日签到"' in editor.get(PAGE).words
    assert 'value="每日签到"' not in editor.get(f"{PAGE}?version=1").words
    assert editor.get(f"{PAGE}?version=7").status == 404


def test_without_a_version_the_live_menu_is_what_is_edited(editor: Browser, far: FarSide) -> None:
    far.answers[GET] = {"menu": demo_menu()}
    assert 'value="ZH_MENU_FEEDBACK"' in editor.get(PAGE).text


def test_a_live_menu_that_changed_meanwhile_is_not_overwritten_unseen(
    editor: Browser, database: Database, far: FarSide
) -> None:
    editor.post(PAGE, FORM)
    old = seen(editor, 1)
    far.answers[GET] = {"menu": demo_menu()}
    assert editor.post(f"{PAGE}1/publish", {"seen": old}).location == f"{PAGE}1"
    assert "刚刚被人改过" in editor.get(f"{PAGE}1").words
    assert far.calls[CREATE] == 0
    assert menus.published(database) is None


def test_what_the_platform_would_refuse_is_kept_but_cannot_be_published(editor: Browser, far: FarSide) -> None:
    editor.post(PAGE, {**FORM, "b1_name": "一二三四五六"})
    page = editor.get(f"{PAGE}1")
    assert "第 1 个按钮：名称“一二三四五六”太长：18 字节，最多 16 字节（5 个汉字）。" in page.words
    assert "/publish" not in page.text
    editor.post(f"{PAGE}1/publish", {"seen": "x"})
    assert far.calls[CREATE] == 0


def test_a_file_becomes_a_version_or_says_why_not(editor: Browser, database: Database) -> None:
    def sends(content: bytes) -> str:
        form = {"csrf_token": editor.token(), "file": (io.BytesIO(content), "menu.json")}
        return editor.client.post(f"{PAGE}file", data=form).headers["Location"]

    assert sends(json.dumps({"menu": demo_menu()}).encode()) == f"{PAGE}1"
    assert sends(b"[]") == PAGE
    assert "格式不对" in editor.get(PAGE).words
    assert [one.note for one in menus.versions(database)] == ["menu.json"]


def test_the_live_menu_is_taken_away_by_whoever_gave_their_password_just_now(
    signed_in: SignIn, database: Database, far: FarSide
) -> None:
    far.answers[GET] = {"menu": demo_menu()}
    admin = signed_in("admin")
    assert admin.post(f"{PAGE}delete").location == PAGE
    assert far.calls[DELETE] == 1
    published = menus.published(database)
    assert published is not None
    assert published.version == menus.NONE


def test_when_the_platform_cannot_be_asked_the_page_says_so_and_offers_nothing(editor: Browser, far: FarSide) -> None:
    editor.post(PAGE, FORM)
    far.always = 48001
    for path in (PAGE, f"{PAGE}1"):
        page = editor.get(path)
        assert page.status == 200
        assert "现在问不到微信" in page.words
        assert "/publish" not in page.text
    editor.post(f"{PAGE}1/publish", {"seen": ""})
    assert far.calls[CREATE] == 0


def test_who_may_only_read_finds_nothing_to_press(signed_in: SignIn, editor: Browser) -> None:
    editor.post(PAGE, FORM)
    page = signed_in("agent").get(PAGE)
    assert "存为新版本并对比" not in page.words
    assert "readonly" in page.text
