"""QR codes for spots: asked of the platform, kept with the spot they belong to.

    BadSpot         what was given cannot be a code; says why in both languages

Limits from https://developers.weixin.qq.com/doc/service/api/qrcode/qrcodes/api_createqrcode.html, read 2026-03.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wechat.client import WeChatClient
from intents.scenes import STORE_PREFIX
from storage import audit, coupons, qr_spots, stores
from storage.database import Database, Queries, Transaction

CREATE = "/cgi-bin/qrcode/create"
MOST_DAYS = 30  # of a temporary code
_SCENE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
LONGEST_NAME, LONGEST_CAPTION = 30, 40
_DAY_SECONDS = 86_400


class BadSpot(Exception):
    """What was given cannot be a code."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.chinese = chinese
        self.english = english


@dataclass(frozen=True, slots=True)
class Wanted:
    """A code to make: the spot's name, the words below the picture, the scene (empty: that of the store), and for how many days (None: for good)."""

    name: str
    caption: str = ""
    scene: str = ""
    store_code: str = ""
    campaign_code: str = ""
    days: int | None = None


def scene_of(wanted: Wanted) -> str:
    """Return the scene a code will carry: the one given, else that of the store, which greets in the store's name."""
    return wanted.scene or (f"{STORE_PREFIX}{wanted.store_code}" if wanted.store_code else "")


def make(client: WeChatClient, database: Database, wanted: Wanted, *, by: str, now: datetime) -> int:
    """Have the platform make a code, keep it, and return its id.

    Raises BadSpot, SceneTaken (then the platform was not asked), CallFailed.
    """
    _check(database, wanted)
    scene = scene_of(wanted)
    known = qr_spots.spot_by_scene(database, scene)
    if known is not None and not known.expired(now):
        raise qr_spots.SceneTaken(scene)
    asked: dict[str, object] = {"action_info": {"scene": {"scene_str": scene}}, "action_name": "QR_LIMIT_STR_SCENE"}
    expires_at = None
    if wanted.days is not None:
        asked |= {"action_name": "QR_STR_SCENE", "expire_seconds": wanted.days * _DAY_SECONDS}
        expires_at = now + timedelta(days=wanted.days)
    made = client.call(CREATE, asked)

    def work(tx: Transaction) -> int:
        spot_id = qr_spots.add_spot(
            tx,
            scene=scene,
            name=wanted.name,
            caption=wanted.caption,
            store_code=wanted.store_code,
            campaign_code=wanted.campaign_code,
            ticket=str(made.get("ticket", "")),
            url=str(made.get("url", "")),
            expires_at=expires_at,
            made_by=by,
            now=now,
        )
        audit.record(tx, by, "qr.made", scene, "", now)
        return spot_id

    return database.write(work)


def _check(queries: Queries, wanted: Wanted) -> None:
    """Raise BadSpot for the first thing that is wrong."""
    if not wanted.name or len(wanted.name) > LONGEST_NAME:
        raise BadSpot(
            f"请写上位置名称，最多 {LONGEST_NAME} 个字。", f"give the spot a name of at most {LONGEST_NAME} characters"
        )
    if len(wanted.caption) > LONGEST_CAPTION:
        raise BadSpot(f"图下文字最多 {LONGEST_CAPTION} 个字。", f"the caption may have {LONGEST_CAPTION} characters")
    if wanted.store_code and stores.store_by_code(queries, wanted.store_code) is None:
        raise BadSpot(f"没有编号为 {wanted.store_code} 的门店。", f"there is no store {wanted.store_code}")
    if wanted.campaign_code and coupons.campaign_by_code(queries, wanted.campaign_code) is None:
        raise BadSpot(f"没有编号为 {wanted.campaign_code} 的活动。", f"there is no campaign {wanted.campaign_code}")
    if not _SCENE.fullmatch(scene_of(wanted)):
        raise BadSpot(
            "场景值要有 1 到 64 个字母、数字、下划线、点或短横线；选了门店可以不填。",
            "the scene must be 1 to 64 letters, digits, _ . or -; with a store it may be left out",
        )
    if wanted.days is not None and not 1 <= wanted.days <= MOST_DAYS:
        raise BadSpot(f"临时码的有效期是 1 到 {MOST_DAYS} 天。", f"a temporary code lasts 1 to {MOST_DAYS} days")
