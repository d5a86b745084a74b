"""One message to many, as the platform's calls want it.

Source: https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html, read 2026-03.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed, Unknown
from bot.wechat.quotas import PLATFORM_ZONE
from intents.messages import DeliveryEvent

SEND_ALL, PREVIEW, TAGS = "/cgi-bin/message/mass/sendall", "/cgi-bin/message/mass/preview", "/cgi-bin/tags/get"
ALREADY = "45065"  # the platform has this clientmsgid: what we wanted is done
_GOOD = ("send success", "sendsuccess")
_FIGURES = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the account, and how many people have it."""

    id: int
    name: str
    people: int


def tags_of(client: WeChatClient) -> list[Tag]:
    """Return the account's tags. Raises CallFailed."""
    found = client.call(TAGS).get("tags", [])
    if not isinstance(found, list):
        raise CallFailed(Unknown("not_json"))
    return [
        Tag(int(each["id"]), str(each.get("name", "")), int(each.get("count", 0))) for each in found if "id" in each
    ]


def body_of(content: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of a call that says what is sent; ``content`` has ``kind`` and ``text`` or ``media_id``."""
    kind = content["kind"]
    inner = {"content": content["text"]} if kind == "text" else {"media_id": content["media_id"]}
    return {"msgtype": kind, kind: inner}


def preview(client: WeChatClient, openid: str, content: Mapping[str, str]) -> None:
    """Send it to one follower alone, to look at. Raises CallFailed."""
    client.call(PREVIEW, {"touser": openid, **body_of(content)})


def send_all(client: WeChatClient, content: Mapping[str, str], tag_id: int | None, client_msg_id: str) -> str:
    """Send it to everyone, or to those with a tag, and return the platform's id of it; the same ``client_msg_id`` is taken once.

    That the platform has it already is no failure. Raises CallFailed.
    """
    to = {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
    asked = {"filter": to, **body_of(content), "clientmsgid": client_msg_id, "send_ignore_reprint": 0}
    answer = client.call(SEND_ALL, asked, good_codes=frozenset({"0", ALREADY}))
    return str(answer.get("msg_id", ""))


def figures_of(message: DeliveryEvent) -> tuple[bool, dict[str, str]]:
    """Return whether the platform reports success, and its figures: how many in all, after filtering, reached, failed."""
    figures = {name: str(message.extra[name]) for name in _FIGURES if str(message.extra.get(name, "")).isdigit()}
    return message.status.lower() in _GOOD, figures


def month_begins(now: datetime) -> datetime:
    """Return when the platform's calendar month began: the allowance is counted by it."""
    return now.astimezone(PLATFORM_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
