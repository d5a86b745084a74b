"""The stand-in makes parametric QR codes: it checks what is asked as the platform does, and gives a picture's address that the pocket phone knows."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Response

from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.messages import ApiError
from bot.simulator.platform import Answer

_LONGEST_SECONDS = 30 * 86_400
_MOST_SCENE_ID, _MOST_PERMANENT_ID = 2**32 - 1, 100_000
_SHORT_SECONDS = 60  # of a temporary code that names no time

codes = addresses("simulator_codes")


@codes.post("/cgi-bin/qrcode/create")
def create_code() -> Response:
    """Make a code."""
    return answered(_create)


def _create() -> Answer:
    platform().check_token(token())
    asked = body()
    name = asked.get("action_name")
    if name not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise ApiError(40053, "invalid action info")
    scene = _scene(asked, by_number=name in ("QR_SCENE", "QR_LIMIT_SCENE"), permanent="LIMIT" in name)
    made: Answer = {
        "ticket": _of("ticket", name, scene),
        "url": f"http://weixin.qq.com/q/02{_of('url', name, scene)[:32]}",
    }
    if "LIMIT" in name:
        return made
    seconds = asked.get("expire_seconds", _SHORT_SECONDS)
    if not isinstance(seconds, int) or not 1 <= seconds <= _LONGEST_SECONDS:
        raise ApiError(40053, "invalid expire_seconds")
    return {**made, "expire_seconds": seconds}


def _scene(asked: Mapping[str, Any], *, by_number: bool, permanent: bool) -> str:
    info = asked.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    given = (scene if isinstance(scene, dict) else {}).get("scene_id" if by_number else "scene_str")
    most = _MOST_PERMANENT_ID if permanent else _MOST_SCENE_ID
    if by_number and isinstance(given, int) and 1 <= given <= most:
        return str(given)
    if not by_number and isinstance(given, str) and 1 <= len(given) <= 64:
        return given
    raise ApiError(40053, "invalid scene")


def _of(what: str, name: str, scene: str) -> str:
    return hashlib.sha256(f"{what} {name} {scene}".encode("utf-8", "replace")).hexdigest()
