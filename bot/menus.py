"""The menu under the chat, between our versions and the platform: what is live, saving, publishing, taking away.

    MenuError
    ├── BadMenu         the platform would not take it; ``problems`` say why
    └── LiveChanged     the live menu is not the one that was looked at

The platform is asked outside any transaction, and what it shows is noted after it said yes. When we die in between, the live menu and our note
differ, and the next look shows it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.wechat import menu as menus
from bot.wechat.client import WeChatClient
from bot.wechat.menu import MenuProblem
from bot.wechat.outcomes import CallFailed, outcome_of
from intents.types import Intent
from storage import audit
from storage import menus as versions
from storage.database import Database, Transaction
from storage.menus import NONE, NoSuchMenu

CREATE, GET, DELETE = "/cgi-bin/menu/create", "/cgi-bin/menu/get", "/cgi-bin/menu/delete"
NO_MENU = "46003"
MOST_FILE_BYTES = 64 * 1024


class MenuError(Exception):
    """Base."""


class BadMenu(MenuError):
    """The platform would not take the menu."""

    def __init__(self, problems: list[MenuProblem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class LiveChanged(MenuError):
    """Somebody changed the live menu since it was looked at."""


def from_bytes(content: bytes) -> dict[str, Any]:
    """Return the menu of a file's content, tidied; the shape that the platform gives back, ``{"menu": …}``, is taken as well. Raises BadMenu."""
    if len(content) > MOST_FILE_BYTES:
        raise BadMenu([MenuProblem(0, 0, "文件太大，菜单不会超过 64 KB。", "the file is too large for a menu (64 KB)")])
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadMenu([MenuProblem(0, 0, "不是 JSON 文件。", "the file is not JSON")]) from None
    if isinstance(found, dict) and isinstance(found.get("menu"), dict):
        found = found["menu"]
    if problems := menus.check(found):
        raise BadMenu(problems)
    return menus.tidied(found)


def live_menu(client: WeChatClient) -> dict[str, Any]:
    """Return the menu the platform shows, tidied; one without buttons when it shows none. Raises CallFailed."""
    try:
        answer = client.call(GET)
    except CallFailed as error:
        if outcome_of(error.outcome).code == NO_MENU:
            return menus.tidied(menus.EMPTY)
        raise
    found = answer.get("menu")
    return menus.tidied(found if isinstance(found, dict) else menus.EMPTY)


def fingerprint(menu: Mapping[str, Any]) -> str:
    """Return a short text that differs for menus that differ."""
    return hashlib.sha256(to_json(menu).encode()).hexdigest()[:16]


def to_json(menu: Mapping[str, Any]) -> str:
    """Return the menu as the JSON it is kept as."""
    return json.dumps(menus.tidied(menu), ensure_ascii=False)


def save(database: Database, menu: Mapping[str, Any], *, author: str, note: str = "", now: datetime) -> int:
    """Save a menu as a version and return its number; it need not be publishable yet. Raises StorageError."""

    def work(tx: Transaction) -> int:
        version = versions.add_version(tx, to_json(menu), author=author, note=note, now=now)
        audit.record(tx, author, "menu.saved", str(version), note, now)
        return version

    return database.write(work)


def publish(
    client: WeChatClient, database: Database, version: int, *, by: str, now: datetime, seen: str | None = None
) -> None:
    """Have the platform show a version; ``seen`` is the fingerprint of the live menu that was looked at before.

    Raises NoSuchMenu, BadMenu, LiveChanged (then nothing was changed), CallFailed.
    """
    found = versions.version_of(database, version)
    if found is None:
        raise NoSuchMenu(version)
    menu = json.loads(found.menu)
    if problems := menus.check(menu):
        raise BadMenu(problems)
    if seen is not None and fingerprint(live_menu(client)) != seen:
        raise LiveChanged("the live menu was changed meanwhile: look again")
    client.call(CREATE, menu)
    _note(database, version, by, "menu.published", now)


def take_away(client: WeChatClient, database: Database, *, by: str, now: datetime) -> None:
    """Have the platform show no menu. Raises CallFailed."""
    client.call(DELETE)
    _note(database, NONE, by, "menu.deleted", now)


def unknown_keys(menu: Mapping[str, Any], intents: Mapping[str, Intent]) -> list[str]:
    """Return the keys in a menu that lead to no intent; a tap on one gets the help."""
    known = {key for intent in intents.values() for key in (intent.name, *intent.menu_keys)}
    keys = (str(button["key"]) for _, _, button in menus.buttons_of(menus.tidied(menu)) if "key" in button)
    return list(dict.fromkeys(key for key in keys if key not in known))


def _note(database: Database, version: int, by: str, action: str, now: datetime) -> None:
    def work(tx: Transaction) -> None:
        versions.set_published(tx, version, by=by, now=now)
        audit.record(tx, by, action, str(version), "", now)

    database.write(work)
