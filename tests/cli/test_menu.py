"""``zhaohu menu``: from a file to the platform and back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.brand import demo_menu
from storage import menus
from storage.database import Database
from tests.cli.conftest import Zhaohu
from tests.wechat_api import FarSide, far_side

CREATE, GET, DELETE = "/cgi-bin/menu/create", "/cgi-bin/menu/get", "/cgi-bin/menu/delete"


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    with far_side() as far:
        far.answers[GET] = {"errcode": 46003, "errmsg": "menu no exist"}
        monkeypatch.setenv("WECHAT_API_URL", far.url)
        yield far


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "menu.json"
    path.write_text(json.dumps(demo_menu(), ensure_ascii=False), "utf-8")
    return path


def created(far: FarSide) -> list[dict[str, Any]]:
    """The menus that the far side was asked to show."""
    return [json.loads(body) for body in far.bodies if b"button" in body]


def test_a_file_is_published_after_its_difference_and_not_again(
    zhaohu: Zhaohu, brand: Database, far: FarSide, file: Path
) -> None:
    result = zhaohu("menu", "publish", str(file), "--note", "开业", "--yes")
    assert result.exit_code == 0, result.output
    assert "+    每日签到 → click ZH_MENU_CHECKIN" in result.output
    assert created(far) == [demo_menu()]
    assert "每日签到".encode() in b"".join(far.bodies)
    published = menus.published(brand)
    assert (published and published.version) == 1
    far.answers[GET] = {"menu": demo_menu()}
    assert "nothing to publish" in zhaohu("menu", "publish", str(file), "--yes").output
    assert far.calls[CREATE] == 1
    assert "开业\tpublished" in zhaohu("menu", "versions").output


def test_the_way_back_is_publishing_an_earlier_version(
    zhaohu: Zhaohu, brand: Database, far: FarSide, file: Path
) -> None:
    zhaohu("menu", "publish", str(file), "--yes")
    other = {"button": [{"type": "click", "name": "帮助", "key": "help"}]}
    file.write_text(json.dumps(other), "utf-8")
    far.answers[GET] = {"menu": demo_menu()}
    zhaohu("menu", "publish", str(file), "--yes")
    far.answers[GET] = {"menu": other}
    assert zhaohu("menu", "publish", "--version", "1", "--yes").exit_code == 0
    assert created(far) == [demo_menu(), other, demo_menu()]
    assert "there is no version 9" in zhaohu("menu", "publish", "--version", "9", "--yes").output


def test_a_bad_file_is_told_line_by_line_and_never_sent(
    zhaohu: Zhaohu, brand: Database, far: FarSide, file: Path
) -> None:
    file.write_text('{"button": [{"type": "click", "name": "一二三四五六", "key": ""}]}', "utf-8")
    for command in (("check",), ("publish", "--yes")):
        result = zhaohu("menu", *command, str(file))
        assert result.exit_code == 1
        assert "第 1 个按钮：名称“一二三四五六”太长：18 字节" in result.stderr
        assert "problems found: 2" in result.stderr
    assert created(far) == []
    assert menus.newest(brand) is None
    file.write_bytes(b"\xff{")
    assert "the file is not JSON" in zhaohu("menu", "check", str(file)).stderr
    file.write_bytes(b" " * 70_000)
    assert "too large" in zhaohu("menu", "check", str(file)).stderr


def test_a_key_that_leads_nowhere_is_told(zhaohu: Zhaohu, brand: Database, file: Path) -> None:
    file.write_text('{"button": [{"type": "click", "name": "?", "key": "NOWHERE"}]}', "utf-8")
    result = zhaohu("menu", "check", str(file))
    assert (result.exit_code, result.stdout) == (0, f"{file}: good\n")
    assert "the key NOWHERE leads to no intent" in result.stderr


def test_what_is_live_is_shown_compared_and_taken_away(
    zhaohu: Zhaohu, brand: Database, far: FarSide, file: Path
) -> None:
    assert zhaohu("menu", "show").output == "no menu\n"
    far.answers[GET] = {"menu": demo_menu()}
    assert "    我的券 → click ZH_MENU_MY_COUPONS" in zhaohu("menu", "show").output
    assert json.loads(zhaohu("menu", "show", "--json").output) == demo_menu()
    same = zhaohu("menu", "diff", str(file))
    assert (same.exit_code, same.output) == (0, "no difference\n")
    assert zhaohu("menu", "delete", "--yes").exit_code == 0
    assert far.calls[DELETE] == 1
    published = menus.published(brand)
    assert (published and published.version) == menus.NONE


def test_a_refusal_of_the_platform_is_one_line_and_nothing_is_noted(
    zhaohu: Zhaohu, brand: Database, far: FarSide, file: Path
) -> None:
    far.answers[CREATE] = {"errcode": 48001, "errmsg": "api unauthorized"}
    result = zhaohu("menu", "publish", str(file), "--yes")
    assert result.exit_code == 1
    assert "48001" in result.stderr
    assert menus.published(brand) is None
