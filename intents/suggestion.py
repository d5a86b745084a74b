"""Suggestion: an idea or a wish, recorded, with a receipt."""

import re

from intents.said import content_beyond
from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.cases import open_case

_WISH = re.compile(r"意见|建议|反馈|提议|吐槽|问题|提")
_QUESTION = "您想提的建议是什么呢？"


def handle(turn: Turn) -> Reply:
    """Record the suggestion and give its number, or ask what it is."""
    text = content_beyond(turn, _WISH)
    if not text:
        return Reply("suggestion_ask", {"brand": turn.brand.name}, ask=Ask("text", _QUESTION))
    case = open_case(
        turn.tx,
        turn.member.id,
        kind="suggestion",
        text=text,
        cause=turn.cause,
        now=turn.now.astimezone(turn.brand.zone),
    )
    return Reply("suggestion_recorded", {"brand": turn.brand.name, "number": case.number})


INTENT = Intent(
    name="suggestion",
    title="意见建议",
    handler=handle,
    phrases=(
        "我有个建议",
        "提个意见",
        "意见反馈",
        "在哪里提建议",
        "想给你们反馈一个问题",
        "给你们提个小建议",
        "建议增加座位",
        "建议你们换包装",
        "希望你们出无糖的",
        "希望延长营业时间",
        "希望增加热饮",
        "能不能多开几家店",
        "要是有小杯就好了",
        "小程序不好用建议改进",
        "菜单字太小了建议改大",
        "要是能多放点音乐就更好了",
        "我要表扬店员",
        "店员特别好要表扬",
        "表扬一下你们的员工",
    ),
    keywords=(Keyword("建议"), Keyword("意见"), Keyword("反馈"), Keyword("希望")),
    menu_keys=("ZH_MENU_FEEDBACK",),
    replies=("suggestion_ask", "suggestion_recorded"),
)
