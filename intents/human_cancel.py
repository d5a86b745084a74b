"""Leaving the queue: no person is needed any more."""

from intents.offering import choices
from intents.types import Intent, Keyword, Reply, Turn
from storage.conversations import cancel_waiting


def handle(turn: Turn) -> Reply:
    """Take the conversation out of the queue, and say so; or say that it was not in it."""
    left = cancel_waiting(turn.tx, turn.member.id, note="cancelled by the member", now=turn.now)
    offered = choices(turn, "help", "human")
    return Reply("human_cancelled" if left else "human_not_waiting", {"brand": turn.brand.name}, choices=offered)


INTENT = Intent(
    name="human_cancel",
    title="取消排队",
    handler=handle,
    interrupts=True,
    phrases=(
        "取消排队",
        "不排队了",
        "不用人工了",
        "不需要人工了",
        "不要人工了",
        "取消人工",
        "退出排队",
        "不等客服了",
        "不找客服了",
        "不用客服了",
        "不用转人工了",
        "客服不用来了",
        "我自己来就行",
        "不等了",
        "我不等了",
        "不等人工了",
    ),
    # Above "人工" itself, which stands inside each of them.
    keywords=(
        Keyword("取消排队", 10),
        Keyword("不用人工", 10),
        Keyword("不需要人工", 10),
        Keyword("取消人工", 10),
        Keyword("不用转人工", 10),
    ),
    offered=False,
    replies=("human_cancelled", "human_not_waiting"),
)
