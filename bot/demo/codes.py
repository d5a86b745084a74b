"""The demo brand's menu, saved but not published, and its QR codes with the addresses that the pocket WeChat gives."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.demo.brand import demo_menu, demo_scenes
from intents.scenes import store_of_scene
from storage import menus, qr_spots
from storage.database import Transaction
from storage.stores import Store

_CAPTION = "扫码领券"


def add_menu_and_codes(tx: Transaction, stores: Sequence[Store], now: datetime) -> None:
    """Add the menu as a first version, and a code for each place where the demo brand has one."""
    menus.add_version(tx, json.dumps(demo_menu(), ensure_ascii=False), author="system", note="", now=now)
    for scene in demo_scenes(stores):
        store = store_of_scene(tx, scene.name)
        qr_spots.add_spot(
            tx,
            scene=scene.name,
            name=scene.title,
            caption=_CAPTION,
            store_code=store.code if store else "",
            campaign_code="",
            ticket="",
            url=f"http://weixin.qq.com/q/{scene.name}",
            expires_at=None,
            made_by="system",
            now=now,
        )
