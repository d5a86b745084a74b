"""What the platform takes as a menu, counted as it counts, and what makes two menus the same."""

from typing import Any

import pytest

from bot.demo.brand import demo_menu
from bot.wechat.menu import as_text, check, tidied


def click(name: str = "签到", **changes: object) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": "ZH_MENU_CHECKIN", **changes}


def menu(*buttons: object) -> dict[str, Any]:
    return {"button": list(buttons)}


def test_the_demo_menu_is_good() -> None:
    assert check(demo_menu()) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([], "it must be an object"),
        ({"button": {}}, "it must be an object"),
        ({"button": ["x"]}, "it must be an object"),
        (menu(), "a menu has 1 to 3 buttons"),
        (menu(*[click()] * 4), "a menu has 1 to 3 buttons"),
        (menu(click("一二三四五六")), "button 1: the name “一二三四五六” is too long: 18 bytes, at most 16"),
        (menu(click("  ")), "button 1: it has no name"),
        (menu(click(type="clikc")), "its type “clikc” is unknown"),
        (menu(click(key="")), "button 1: its key is missing"),
        (menu(click(key="键" * 43)), "its key is too long: 129 bytes, at most 128"),
        (menu({"type": "view", "name": "网", "url": "ftp://x"}), "its url must begin with https://"),
        (menu({"type": "view", "name": "网", "url": "https://x/" + "a" * 1015}), "its url is too long: 1025 bytes"),
        (menu({"type": "miniprogram", "name": "小", "url": "https://x", "appid": "wx1"}), "its pagepath is missing"),
        (menu({"name": "多", "sub_button": [click()] * 6}), "it may have 5 items, it has 6"),
        (menu(click(), {"name": "深", "sub_button": [click(), {"name": "更深", "sub_button": [click()]}]}),
         "button 2, item 2: an item cannot have items of its own"),
        (menu({"name": "串", "sub_button": [1]}), "button 1, item 1: it must be an object"),
    ],
)  # fmt: skip
def test_what_the_platform_would_refuse_is_named_with_its_place(bad: object, said: str) -> None:
    [problem] = check(bad)
    assert said in str(problem)
    assert problem.in_chinese()


def test_sixty_bytes_fit_in_an_item_and_sixteen_in_the_bar() -> None:
    assert check(menu({"name": "五个字呢" + "abcd", "sub_button": [click("二" * 20)]})) == []
    assert len(check(menu({"name": "多", "sub_button": [click("二" * 20 + "a")]}))) == 1


def test_what_the_platform_gives_back_is_the_same_menu() -> None:
    given = menu(click(sub_button=[]), {"name": "店", "sub_button": {"list": [click(sub_button=[])]}, "type": ""})
    assert tidied(given) == menu(click(), {"name": "店", "sub_button": [click()]})


def test_a_menu_is_read_line_by_line() -> None:
    shown = as_text(menu({"name": "店", "sub_button": [click()]}, {"type": "view", "name": "网", "url": "https://x/"}))
    assert shown == "店\n    签到 → click ZH_MENU_CHECKIN\n网 → view https://x/"
