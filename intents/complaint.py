"""Complaint: recorded with a number, and a person is called at once, whether or not it was said already what happened."""

import re

from intents.said import content_beyond
from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.cases import Case, cases_of, open_case

_WISH = re.compile(r"投诉|举报|差评|电话|渠道|入口|商家|门店|店家|店|客服|服务|维权|是?多少|打")
_PROGRESS = re.compile(
    _WISH.pattern + "|怎么样|咋样|进度|进展|结果|到哪儿?|一?步|处理|解决|回复|回应|好|完|多久|什么时候|还|没有?|没人"
    "|上次|之前|昨天|前天|刚才|刚刚|今天|现在|那个|这个|那条|查|看|c[0-9]{6}[0-9a-z]{4}"
)
PROGRESS = ("complaint_progress",)
_QUESTION = "发生了什么、在哪家门店？"


def handle(turn: Turn) -> Reply:
    """Record the complaint and give its number, ask what happened, or say how an earlier one stands; hand over to a person either way."""
    values = _values(turn)
    text = content_beyond(turn, _WISH)
    asks_after = bool(text) and "text" not in turn.slots and not content_beyond(turn, _PROGRESS)
    if asks_after and (earlier := _last_complaint(turn)):
        return progress(turn, earlier)
    if asks_after or not text:
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


def _last_complaint(turn: Turn) -> Case | None:
    return next((case for case in cases_of(turn.tx, turn.member.id) if case.kind == "complaint"), None)


def progress(turn: Turn, case: Case) -> Reply:
    """Say how a complaint stands that was recorded before; a person is reminded of one that is still open."""
    done = case.status == "done"
    told = {"number": case.number, "recorded_at": case.created_at.astimezone(turn.brand.zone), "done": done}
    return Reply("complaint_progress", {**_values(turn), **told}, handoff=None if done else "complaint")


def _values(turn: Turn) -> dict[str, object]:
    return {
        "brand": turn.brand.name,
        "desk_open": turn.brand.desk_is_open(turn.now),
        "desk_hours": turn.brand.desk_hours_text,
    }


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
        "吃出头发来了",
        "喝完拉肚子了",
        "吃坏肚子了",
        "等了一个小时没人理",
        "饮品质量有问题",
        "太难喝了",
        "真难吃",
        "卫生太差了",
        "店里又脏又乱",
        "我对这次服务非常不满",
        "咖啡酸掉了",
        "买的咖啡坏了",
        "我的单做错了没人管",
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
    replies=("complaint_ask", "complaint_recorded", *PROGRESS),
)
