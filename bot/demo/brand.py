"""The demo brand's fixed things: its name, staff, stores, menu and QR codes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from bot.stores_file import read_stores
from intents.scenes import STORE_PREFIX
from storage.stores import Store
from storage.users import RoleName

NAME = "汀禾咖啡"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the brand's staff, by the name they log in with."""

    name: str
    display_name: str
    role: RoleName


@dataclass(frozen=True, slots=True)
class Scene:
    """A parametric QR code: its parameter, and in words where it hangs."""

    name: str
    title: str


STAFF = (
    Person("linxia", "林夏", "agent"),
    Person("zhouheng", "周衡", "agent"),
    Person("shumo", "舒墨", "editor"),
    Person("heqing", "何青", "supervisor"),
    Person("admin", "管理员", "admin"),
)
AGENTS = tuple(person for person in STAFF if person.role == "agent")
_OTHER_SCENES = (
    Scene("flyer_spring", "春季传单"),
    Scene("box_takeaway", "外带杯套"),
    Scene("bag_gift", "礼品袋"),
    Scene("poster_metro", "地铁海报"),
    Scene("event_latte", "拉花体验课"),
)


def demo_stores() -> list[Store]:
    """Return the demo brand's stores; addresses are invented, phone numbers cannot exist, coordinates are those of the neighbourhood."""
    return read_stores((resources.files("bot.demo") / "stores.csv").read_bytes())


def demo_menu() -> dict[str, Any]:
    """Return the menu under the chat, in the shape that WeChat's API takes."""
    menu: dict[str, Any] = json.loads((resources.files("bot.demo") / "menu.json").read_text("utf-8"))
    return menu


def demo_scenes(stores: Sequence[Store]) -> tuple[Scene, ...]:
    """Return the QR codes: one on the tables of each store, and those on paper."""
    return (*(Scene(f"{STORE_PREFIX}{store.code}", f"{store.name}桌贴") for store in stores), *_OTHER_SCENES)
