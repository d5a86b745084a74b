"""The menu under the chat as the platform takes it: checked, tidied, and put into lines to compare. Pure.

Limits from https://developers.weixin.qq.com/doc/service/api/custommenu/api_createcustommenu.html, read 2026-03; bytes are those of UTF-8.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BUTTONS, MOST_SUB_BUTTONS = 3, 5
MOST_NAME_BYTES, MOST_SUB_NAME_BYTES = 16, 60
MOST_KEY_BYTES, MOST_URL_BYTES, MOST_ID_BYTES = 128, 1024, 128
EMPTY: Mapping[str, Any] = {"button": []}

_KEY = ("key",)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "click": _KEY,
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "scancode_push": _KEY,
    "scancode_waitmsg": _KEY,
    "pic_sysphoto": _KEY,
    "pic_photo_or_album": _KEY,
    "pic_weixin": _KEY,
    "location_select": _KEY,
    "media_id": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}
KINDS = tuple(FIELDS)
_MOST_BYTES = {"key": MOST_KEY_BYTES, "url": MOST_URL_BYTES, "pagepath": MOST_URL_BYTES}


@dataclass(frozen=True, slots=True)
class MenuProblem:
    """Something that is wrong with a menu: in which button (counted from 1; ``sub`` is 0 for a button of the bar itself, ``top`` for the whole)."""

    top: int
    sub: int
    chinese: str
    english: str

    def __str__(self) -> str:
        where = f"button {self.top}" + (f", item {self.sub}" if self.sub else "") + ": " if self.top else ""
        return f"{where}{self.english}"

    def in_chinese(self) -> str:
        """Return the problem with its place, in Chinese."""
        where = f"第 {self.top} 个按钮" + (f"第 {self.sub} 项" if self.sub else "") + "：" if self.top else ""
        return f"{where}{self.chinese}"


def check(menu: object) -> list[MenuProblem]:
    """Return everything the platform would refuse in a menu, none when it can be published."""
    buttons = menu.get("button") if isinstance(menu, dict) else None
    if not isinstance(buttons, list) or not all(isinstance(button, dict) for button in buttons):
        return [MenuProblem(0, 0, '格式不对，应为 {"button": [...]}。', 'it must be an object {"button": [...]}')]
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        return [MenuProblem(0, 0, f"菜单要有 1 到 {MOST_BUTTONS} 个按钮。", f"a menu has 1 to {MOST_BUTTONS} buttons")]
    return [problem for place, button in enumerate(buttons, 1) for problem in _check_top(place, button)]


def _check_top(top: int, button: Mapping[str, Any]) -> Iterator[MenuProblem]:
    yield from _check_name(top, 0, button, MOST_NAME_BYTES)
    items = sub_buttons(button)
    if not items:
        yield from _check_deed(top, 0, button)
    if len(items) > MOST_SUB_BUTTONS:
        zh = f"子菜单最多 {MOST_SUB_BUTTONS} 项，现在有 {len(items)} 项。"
        yield MenuProblem(top, 0, zh, f"it may have {MOST_SUB_BUTTONS} items, it has {len(items)}")
    for place, item in enumerate(items, 1):
        if not isinstance(item, dict):
            yield MenuProblem(top, place, "格式不对。", "it must be an object")
            continue
        yield from _check_name(top, place, item, MOST_SUB_NAME_BYTES)
        if sub_buttons(item):
            yield MenuProblem(top, place, "子菜单里不能再有子菜单。", "an item cannot have items of its own")
        else:
            yield from _check_deed(top, place, item)


def _check_name(top: int, sub: int, button: Mapping[str, Any], most_bytes: int) -> Iterator[MenuProblem]:
    name = button.get("name")
    if not isinstance(name, str) or not name.strip():
        yield MenuProblem(top, sub, "没有名称。", "it has no name")
    elif (size := _bytes(name)) > most_bytes:
        zh = f"名称“{name}”太长：{size} 字节，最多 {most_bytes} 字节（{most_bytes // 3} 个汉字）。"
        en = f"the name “{name}” is too long: {size} bytes, at most {most_bytes} ({most_bytes // 3} Chinese characters)"
        yield MenuProblem(top, sub, zh, en)


def _check_deed(top: int, sub: int, button: Mapping[str, Any]) -> Iterator[MenuProblem]:
    """Check what a button does when it is tapped."""
    kind = button.get("type")
    if not isinstance(kind, str) or kind not in FIELDS:
        said = kind if isinstance(kind, str) else ""
        yield MenuProblem(
            top, sub, f"不认识的类型“{said}”，也没有子菜单。", f"its type “{said}” is unknown, and it has no items"
        )
        return
    for field in FIELDS[kind]:
        value = button.get(field)
        most = _MOST_BYTES.get(field, MOST_ID_BYTES)
        if not isinstance(value, str) or not value.strip():
            yield MenuProblem(top, sub, f"没有填 {field}。", f"its {field} is missing")
        elif (size := _bytes(value)) > most:
            zh = f"{field} 太长：{size} 字节，最多 {most} 字节。"
            yield MenuProblem(top, sub, zh, f"its {field} is too long: {size} bytes, at most {most}")
        elif field == "url" and not value.startswith(("https://", "http://")):
            yield MenuProblem(top, sub, "网址要以 https:// 开头。", "its url must begin with https://")


def tidied(menu: Mapping[str, Any]) -> dict[str, Any]:
    """Return the menu with nothing but what counts, each field in its place: two menus that show the same are then the same.

    The platform gives back empty ``sub_button`` lists, or ones inside ``{"list": …}``, which it would not take.
    """
    buttons = menu.get("button")
    return {"button": [_tidied(button) for button in buttons] if isinstance(buttons, list) else []}


def _tidied(button: Any) -> Any:
    if not isinstance(button, dict):
        return button
    name = button.get("name", "")
    if items := sub_buttons(button):
        return {"name": name, "sub_button": [_tidied(item) for item in items]}
    kind = button.get("type", "")
    fields = FIELDS.get(kind, ()) if isinstance(kind, str) else ()
    return {"type": kind, "name": name, **{field: button[field] for field in fields if button.get(field)}}


def sub_buttons(button: Mapping[str, Any]) -> list[Any]:
    """Return the items of a button, in either shape in which the platform gives them."""
    items = button.get("sub_button")
    if isinstance(items, dict):
        items = items.get("list")
    return items if isinstance(items, list) else []


def buttons_of(menu: Mapping[str, Any]) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """Yield every button that does something, with its place as in ``MenuProblem``."""
    for top, button in enumerate(menu.get("button", []), 1):
        items = sub_buttons(button)
        if not items:
            yield top, 0, button
        for sub, item in enumerate(items, 1):
            yield top, sub, item


def as_text(menu: Mapping[str, Any]) -> str:
    """Return the menu a line for each button, for people to read and to compare."""
    lines = []
    for button in tidied(menu)["button"]:
        lines.append(_line(button))
        lines += [f"    {_line(item)}" for item in sub_buttons(button)]
    return "\n".join(lines)


def _line(button: Mapping[str, Any]) -> str:
    if "sub_button" in button:
        return f"{button['name']}"
    what = " ".join(str(button[field]) for field in FIELDS.get(button["type"], ()) if field in button)
    return f"{button['name']} → {button['type']} {what}".rstrip()


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
