"""The stand-in's mass sending: onto every pretended phone whose owner follows, once a clientmsgid, with the report a moment later.

Source: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html, read 2026-03.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response

from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.messages import ApiError, shown_by
from bot.simulator.platform import Answer
from bot.simulator.reports import report_on_mass_send
from storage import members, simulated_deliveries
from storage.ids import new_id

_MOST_PHONES = 500

mass_api = addresses("simulator_mass_api")


@mass_api.post("/cgi-bin/message/mass/preview")
def preview() -> Response:
    """Show it on one phone."""
    return answered(lambda: platform().send(token(), _as_message(body(), str(body().get("touser", "")))))


@mass_api.post("/cgi-bin/message/mass/sendall")
def send_all() -> Response:
    """Show it on every phone, and report."""
    return answered(_send_all)


def _send_all() -> Answer:
    playing, asked = platform(), body()
    playing.check_token(token())
    key = asked.get("clientmsgid")
    if not isinstance(key, str) or len(key.encode()) > 64:
        raise ApiError(45067, "clientmsgid size out of limit")
    shown_by(_as_message(asked, ""))
    if key in playing.mass_keys:
        raise ApiError(45065, "clientmsgid exist")
    playing.mass_keys[key] = msg_id = new_id()
    reached = sum(
        _reached(asked, openid) for openid in simulated_deliveries.phones(playing.database, limit=_MOST_PHONES)
    )
    report_on_mass_send(msg_id, reached)
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id, "msg_data_id": msg_id}


def _reached(asked: Mapping[str, Any], openid: str) -> bool:
    database = platform().database
    found = members.member_ids_by_openid(database, openid)
    member = members.member_by_id(database, found[0]) if found else None
    if member is None or not member.subscribed:
        return False
    platform().deliver(openid, member.id, shown_by(_as_message(asked, openid)))
    return True


def _as_message(asked: Mapping[str, Any], openid: str) -> dict[str, Any]:
    """Return the customer-service message that shows the same; an article is shown as one."""
    kind = asked.get("msgtype")
    if kind == "mpnews":
        inner = asked.get("mpnews")
        media_id = inner.get("media_id") if isinstance(inner, dict) else None
        return {"touser": openid, "msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": media_id}}
    return {"touser": openid, "msgtype": kind, str(kind): asked.get(str(kind))}
