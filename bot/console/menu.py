"""The menu under the chat: written here, compared with what is live on the platform, published, and taken back to an earlier version."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import menus
from bot.console.differences import difference
from bot.console.form import fields, number
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat import menu as shape
from bot.wechat.outcomes import CallFailed, call_sentence
from storage import menus as versions
from storage.menus import MenuVersion

pages = Blueprint("menu", __name__, url_prefix="/menu")
_PARTS = ("name", "kind", "value", "appid", "pagepath")
_LONGEST = 1100  # characters; the limits themselves are in bytes and are told with the button
_SUB_PLACES = range(1, shape.MOST_SUB_BUTTONS + 1)


@dataclass(frozen=True, slots=True)
class Live:
    """What the platform shows now; ``menu`` is None and ``failure`` says why when it could not be asked."""

    menu: dict[str, Any] | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """The fields of one button in the editor: the beginning of their names, and what is in them."""

    prefix: str
    values: Mapping[str, str]
    most_name_bytes: int


@pages.get("/")
@requires(Permission.MENU_READ)
def index() -> str:
    """Show the editor with the newest version, or the one that the address names, and what is live."""
    database, live = current().database, _live()
    chosen = _asked_version()
    newest = chosen or versions.newest(database)
    menu = json.loads(newest.menu) if newest else live.menu or dict(shape.EMPTY)
    return render_template(
        "console/menu.html",
        columns=_columns(menu),
        version=newest,
        live=live,
        live_lines=shape.as_text(live.menu or shape.EMPTY).splitlines(),
        published=versions.published(database),
        versions=versions.versions(database),
        kinds=[(kind, _kind_label(kind)) for kind in shape.KINDS],
        keys=_keys(),
    )


@pages.post("/")
@requires(Permission.MENU_WRITE)
def save() -> BaseResponse:
    """Keep what the editor holds as a version, and go on to the comparison."""
    names = [f"{prefix}_{part}" for prefix in _prefixes() for part in _PARTS]
    given = fields("note", *names, longest=_LONGEST)
    version = menus.save(
        current().database, _menu_of(given), author=_author(), note=given["note"][:200], now=current().clock()
    )
    return redirect(url_for(".show", version=version))


@pages.post("/file")
@requires(Permission.MENU_WRITE)
def take_file() -> BaseResponse:
    """Keep the menu of a file as a version, or say why it cannot be one."""
    fields()
    sent = request.files.get("file")
    try:
        menu = menus.from_bytes(sent.read(menus.MOST_FILE_BYTES + 1) if sent else b"")
    except menus.BadMenu as error:
        for problem in _said(error.problems):
            flash(problem, "danger")
        return redirect(url_for(".index"))
    note = (sent.filename or "")[:200] if sent else ""
    version = menus.save(current().database, menu, author=_author(), note=note, now=current().clock())
    return redirect(url_for(".show", version=version))


@pages.get("/<int:version>")
@requires(Permission.MENU_READ)
def show(version: int) -> str:
    """Show what publishing a version would change, and whether it can be."""
    found, live = _version(version), _live()
    menu = json.loads(found.menu)
    return render_template(
        "console/menu_version.html",
        version=found,
        menu=menu,
        live=live,
        seen=menus.fingerprint(live.menu) if live.menu is not None else "",
        rows=difference(shape.as_text(live.menu or shape.EMPTY), shape.as_text(menu)),
        problems=_said(shape.check(menu)),
        unknown=menus.unknown_keys(menu, _intents()),
    )


@pages.get("/<int:version>.json")
@requires(Permission.MENU_READ)
def download(version: int) -> Response:
    """Hand out a version as the file that can be taken in again."""
    text = json.dumps(json.loads(_version(version).menu), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": f'attachment; filename="menu-{version}.json"'}
    return Response(text, mimetype="application/json", headers=headers)


@pages.post("/<int:version>/publish")
@requires(Permission.MENU_PUBLISH)
def publish(version: int) -> BaseResponse:
    """Have the platform show a version, if the live menu is still the one that was compared."""
    found, seen, parts = _version(version), fields("seen")["seen"], current()
    back = redirect(url_for(".show", version=version))
    try:
        menus.publish(parts.wechat, parts.database, found.version, by=_author(), now=parts.clock(), seen=seen)
    except menus.BadMenu:
        flash(gettext("没有发布，请先改好下面这些地方。"), "danger")
    except menus.LiveChanged:
        flash(gettext("没有发布：线上菜单刚刚被人改过，请看过下面的对比再发布。"), "danger")
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
    else:
        flash(gettext("已经发布。手机上最多五分钟后就能看到，重新进入对话会更快。"), "success")
        return redirect(url_for(".index"))
    return back


@pages.post("/delete")
@requires(Permission.MENU_PUBLISH, fresh=True)
def delete() -> BaseResponse:
    """Take the live menu away."""
    fields()
    parts = current()
    try:
        menus.take_away(parts.wechat, parts.database, by=_author(), now=parts.clock())
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
    else:
        flash(gettext("线上菜单已经撤下，存过的版本都还在。"), "success")
    return redirect(url_for(".index"))


def _kind_label(kind: str) -> str:
    return {
        "click": gettext("回复消息"),
        "view": gettext("打开网页"),
        "miniprogram": gettext("打开小程序"),
        "scancode_push": gettext("扫码"),
        "scancode_waitmsg": gettext("扫码后回复"),
        "pic_sysphoto": gettext("拍照发图"),
        "pic_photo_or_album": gettext("拍照或相册"),
        "pic_weixin": gettext("微信相册"),
        "location_select": gettext("发送位置"),
        "media_id": gettext("发送素材"),
        "article_id": gettext("发送文章"),
        "article_view_limited": gettext("打开文章"),
    }.get(kind, kind)


def _live() -> Live:
    try:
        return Live(menus.live_menu(current().wechat))
    except CallFailed as error:
        return Live(None, call_sentence(error.outcome, language()))


def _asked_version() -> MenuVersion | None:
    if "version" not in request.args:
        return None
    return _version(number(request.args["version"]) or 0)


def _version(version: int) -> MenuVersion:
    """Return the version; 404 when there is none."""
    found = versions.version_of(current().database, version) if version < 2**31 else None
    if found is None:
        abort(404)
    return found


def _author() -> str:
    return f"user:{signed_in_user().name}"


def _said(problems: list[shape.MenuProblem]) -> list[str]:
    return [problem.in_chinese() if language() == "zh" else str(problem) for problem in problems]


def _intents() -> Mapping[str, Any]:
    parts = current()
    return parts.engine.knowledge.newest(parts.database).intents


def _keys() -> list[tuple[str, str]]:
    """Return the keys a button may have, each with the title of the intent it leads to."""
    return [(key, one.title) for one in _intents().values() for key in one.menu_keys or (one.name,)]


def _prefixes() -> Iterator[str]:
    """Yield the beginnings of the names of all fields: ``b2`` for a button of the bar, ``b2_3`` for an item."""
    for top in range(1, shape.MOST_BUTTONS + 1):
        yield f"b{top}"
        yield from (f"b{top}_{sub}" for sub in _SUB_PLACES)


def _columns(menu: Mapping[str, Any]) -> list[tuple[Box, list[Box]]]:
    """Return the fields of the editor with a menu in them: a button of the bar and its items, for each."""
    buttons = [button for button in shape.tidied(menu)["button"] if isinstance(button, dict)]
    columns = []
    for top in range(1, shape.MOST_BUTTONS + 1):
        button = buttons[top - 1] if top <= len(buttons) else {}
        items = [item for item in shape.sub_buttons(button) if isinstance(item, dict)]
        boxes = [
            Box(f"b{top}_{sub}", _values(items[sub - 1] if sub <= len(items) else {}), shape.MOST_SUB_NAME_BYTES)
            for sub in _SUB_PLACES
        ]
        columns.append((Box(f"b{top}", _values(button), shape.MOST_NAME_BYTES), boxes))
    return columns


def _values(button: Mapping[str, Any]) -> dict[str, str]:
    kind = str(button.get("type", ""))
    first = shape.FIELDS.get(kind, ("key",))[0]
    found = {"name": button.get("name", ""), "kind": kind, "value": button.get(first, "")}
    return {
        name: str(value)
        for name, value in {**found, "appid": button.get("appid", ""), "pagepath": button.get("pagepath", "")}.items()
    }


def _menu_of(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the menu that the fields of the editor describe; buttons with nothing in them are left out."""
    buttons = []
    for top in range(1, shape.MOST_BUTTONS + 1):
        items = [item for sub in _SUB_PLACES if (item := _button_of(given, f"b{top}_{sub}"))]
        button = _button_of(given, f"b{top}")
        if items and not given[f"b{top}_kind"]:
            button = {"name": given[f"b{top}_name"], "sub_button": items}
        if button:
            buttons.append(button)
    return {"button": buttons}


def _button_of(given: Mapping[str, str], prefix: str) -> dict[str, Any]:
    name, kind, value = (given[f"{prefix}_{part}"] for part in ("name", "kind", "value"))
    if not name and not value:
        return {}
    found = {"type": kind, "name": name, shape.FIELDS.get(kind, ("key",))[0]: value}
    if kind == "miniprogram":
        found |= {"appid": given[f"{prefix}_appid"], "pagepath": given[f"{prefix}_pagepath"]}
    return found
