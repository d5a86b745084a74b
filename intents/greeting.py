"""Greeting: a hello by the time of day, and what to do next."""

from intents.offering import choices
from intents.types import Intent, Reply, Turn

_GREETINGS = (
    (5, "夜深了"),
    (11, "早上好"),
    (13, "中午好"),
    (18, "下午好"),
    (23, "晚上好"),
    (24, "夜深了"),
)  # until this hour


def handle(turn: Turn) -> Reply:
    """Greet by the brand's clock, and by name when it is known."""
    hour = turn.now.astimezone(turn.brand.zone).hour
    moment = next(greeting for until, greeting in _GREETINGS if hour < until)
    values = {"brand": turn.brand.name, "moment": moment, "name": turn.member.name}
    return Reply("greeting", values, choices=choices(turn, "coupon_list", "store_nearest", "help"))


INTENT = Intent(
    name="greeting",
    title="打招呼",
    handler=handle,
    phrases=(
        "你好",
        "您好",
        "你好呀",
        "在吗",
        "在不在",
        "有人吗",
        "嗨",
        "喂",
        "哈喽",
        "hello",
        "hi",
        "早",
        "早上好",
        "上午好",
        "中午好",
        "下午好",
        "晚上好",
        "我来了",
        "吃了吗",
        "新年好",
        "你是谁",
        "你叫什么名字",
        "请问",
        "问一下",
        "想问一下",
        "我想问一下",
        "咨询一下",
    ),
    offered=False,
    replies=("greeting",),
)
