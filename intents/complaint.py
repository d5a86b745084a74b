"""Complaint: recorded with a number, and a person is called at once, whether or not it was said already what happened."""

import re

from intents.said import content_beyond
from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.cases import open_case

_WISH = re.compile(r"投诉|举报|差评|电话|渠道|入口|商家|门店|店家|店|客服|服务|维权|是?多少|打")
_QUESTION = "发生了什么、在哪家门店？"


def handle(turn: Turn) -> Reply:
    """Record the complaint and give its number, or ask what happened; hand over to a person either way."""
    values: dict[str, object] = {
        "brand": turn.brand.name,
        "desk_open": turn.brand.desk_is_open(turn.now),
        "desk_hours": turn.brand.desk_hours_text,
    }
    text = content_beyond(turn, _WISH)
    if not text:
        return Reply("complaint_ask", values, ask=Ask("text", _QUESTION), handoff="complaint")
    case = open_case(
        turn.tx,
        turn.member.id,
        kind="complaint",
        text=text,
        cause=turn.cause,
        now=turn.now.astimezone(turn.brand.zone),
    )
    return Reply("complaint_recorded", {**values, "number": case.number}, handoff="complaint")


INTENT = Intent(
    name="complaint",
    title="投诉",
    handler=handle,
    phrases=(
        "我要投诉",
        "投诉门店",
        "投诉电话是多少",
        "举报你们店",
        "给你们差评",
        "服务态度太差了",
        "你们的员工态度恶劣",
        "店员骂人",
        "在饮料里喝到异物",
        "喝完拉肚子了",
        "吃坏肚子了",
        "等了一个小时没人理",
        "饮品质量有问题",
        "太难喝了",
        "真难吃",
        "卫生太差了",
        "店里又脏又乱",
        "我对这次服务非常不满",
    ),
    keywords=(
        Keyword("投诉", 8),
        Keyword("举报", 6),
        Keyword("差评", 4),
        Keyword("态度"),
        Keyword("异物"),
        Keyword("虫子"),
        Keyword("太脏"),
    ),
    replies=("complaint_ask", "complaint_recorded"),
)
