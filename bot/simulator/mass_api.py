"""The stand-in's mass sending: onto every pretended phone whose owner follows, once a clientmsgid, with the report a moment later.

Source: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html, read 2026-03.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from flask import Response

from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.messages import ApiError, shown_by
from bot.simulator.people import followers, with_tag
from bot.simulator.platform import Answer
from bot.simulator.reports import report_on_mass_send
from storage.ids import new_id
from storage.members import Member

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
    audience = _audience(asked.get("filter"))
    playing.mass_keys[key] = msg_id = new_id()
    for openid, member in audience.items():
        playing.deliver(openid, member.id, shown_by(_as_message(asked, openid)))
    report_on_mass_send(msg_id, len(audience))
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id, "msg_data_id": msg_id}


def _audience(wanted: object) -> dict[str, Member]:
    """Return whom it is for, by openid: everybody who follows, or those with a tag; as many as the stand-in plays."""
    if not isinstance(wanted, dict):
        raise ApiError(47001, "data format error")
    found = followers()
    if not wanted.get("is_to_all"):
        tagged = with_tag(wanted.get("tag_id"))
        found = {openid: member for openid, member in found.items() if openid in tagged}
    return dict(islice(found.items(), _MOST_PHONES))


def _as_message(asked: Mapping[str, Any], openid: str) -> dict[str, Any]:
    """Return the customer-service message that shows the same; an article is shown as one."""
    kind = asked.get("msgtype")
    if kind == "mpnews":
        inner = asked.get("mpnews")
        media_id = inner.get("media_id") if isinstance(inner, dict) else None
        return {"touser": openid, "msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": media_id}}
    return {"touser": openid, "msgtype": kind, str(kind): asked.get(str(kind))}
