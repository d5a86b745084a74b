"""Thanks and goodbye: a kind word back, nothing asked."""

import re

from intents.said import words_of
from intents.types import Intent, Reply, Turn

_LEAVING = re.compile(r"再见|拜|回见|下次见|晚安|先走|bye", re.IGNORECASE)


def handle(turn: Turn) -> Reply:
    """Answer thanks with a welcome, goodbye with a goodbye."""
    template = "goodbye" if _LEAVING.search(words_of(turn)) else "thanks"
    return Reply(template, {"brand": turn.brand.name, "name": turn.member.name})


INTENT = Intent(
    name="thanks",
    title="感谢与道别",
    handler=handle,
    phrases=(
        "谢谢",
        "谢谢你",
        "谢谢啦",
        "多谢",
        "非常感谢",
        "太感谢了",
        "好的谢谢",
        "辛苦了",
        "麻烦你了",
        "解决了谢谢",
        "好",
        "好的",
        "好的知道了",
        "知道了",
        "收到",
        "嗯",
        "嗯嗯",
        "哦",
        "ok",
        "哈哈",
        "哈哈哈",
        "明白了",
        "再见",
        "拜拜",
        "下次见",
        "晚安",
        "thank you",
        "yyds",
        "绝绝子",
        "awsl",
        "xswl",
        "笑死",
        "哈哈开玩笑的",
        "晓得了",
        "好的我等着",
    ),
    offered=False,
    replies=("thanks", "goodbye"),
)
