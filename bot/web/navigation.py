"""The rooms in the side bar: each blueprint offers its own, the layout shows those the person may enter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Flask, current_app, request, url_for
from flask.blueprints import BlueprintSetupState

from bot.web.auth import can
from bot.web.roles import Permission

_EXTENSION = "zhaohu_navigation"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One room: where it is, what it is called (translated when shown), its icon of the sprite, who may enter, and its place (small is first).

    ``badge_id`` is the id of an empty element after the label, which a page may fill (how many wait, say).
    """

    endpoint: str
    label: object
    icon: str
    permission: Permission
    order: int = 100
    badge_id: str = ""


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One room as the current page shows it."""

    label: str
    icon: str
    url: str
    active: bool
    badge_id: str


def offer(blueprint: Blueprint, *items: NavItem) -> None:
    """Put rooms into the side bar of every app that the blueprint is registered with."""

    def add(state: BlueprintSetupState) -> None:
        _items(cast(Flask, state.app)).extend(items)

    blueprint.record_once(add)


def shown_items() -> Sequence[ShownItem]:
    """Return the rooms that the person signed in may enter, in order; the one whose address is the longest start of this page's is active."""
    items = sorted((item for item in _items(current_app) if can(item.permission)), key=lambda item: item.order)
    urls = {item: url_for(item.endpoint) for item in items}
    here = max((url for url in urls.values() if _leads_here(url)), key=len, default="")
    return [ShownItem(str(item.label), item.icon, urls[item], urls[item] == here, item.badge_id) for item in items]


def home_url() -> str:
    """Return the first room of the person signed in; their own account when they may enter none."""
    items = shown_items()
    return items[0].url if items else url_for("web.account")


def _leads_here(url: str) -> bool:
    return request.path == url or request.path.startswith(url.rstrip("/") + "/")


def _items(app: Flask) -> list[NavItem]:
    return cast(list[NavItem], app.extensions.setdefault(_EXTENSION, []))
