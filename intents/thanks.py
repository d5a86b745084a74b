"""Thanks and goodbye: a kind word back, nothing asked."""

import re

from intents.said import words_of
from intents.types import Intent, Reply, Turn

_PRAISE = re.compile(
    r"好喝|好吃|真好|[特超很]别?好|棒|喜欢|不错|可爱|yyds|awsl|绝绝子|爱了|给力|nice|great|love", re.IGNORECASE
)
_LEAVING = re.compile(r"再见|拜|回见|下次[再见]|晚安|先走|bye", re.IGNORECASE)


def handle(turn: Turn) -> Reply:
    """Answer thanks with a welcome, praise with thanks, goodbye with a goodbye."""
    words = words_of(turn)
    template = "goodbye" if _LEAVING.search(words) else "praise" if _PRAISE.search(words) else "thanks"
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
        "你们家咖啡真好喝",
        "服务特别好",
        "好喝",
        "太棒了",
        "你真可爱",
        "好滴",
        "好嘞",
        "钱到了",
        "行",
        "没问题",
        "不客气",
        "下次再来",
        "awsl",
        "xswl",
        "笑死",
        "哈哈开玩笑的",
        "晓得了",
        "好的我等着",
    ),
    offered=False,
    replies=("thanks", "praise", "goodbye"),
)
