"""Human: someone asks for a person. While people are at the desk, a place in the queue; otherwise a message can be left, and is kept."""

from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.cases import open_case
from storage.conversations import count_waiting

_QUESTION = "想留给客服的话是什么？"


def handle(turn: Turn) -> Reply:
    """Put the conversation in the queue; outside the desk's hours ask for a message as well, and record the one that was left."""
    left = turn.slots.get("text", "").strip()
    if left:
        return _keep_message(turn, left)
    values: dict[str, object] = {"brand": turn.brand.name, "desk_hours": turn.brand.desk_hours_text}
    if turn.brand.desk_is_open(turn.now):
        ahead = count_waiting(turn.tx, before=turn.conversation.waiting_since)
        waiting = turn.conversation.asked_for_person
        return Reply("human_queue", {**values, "ahead": ahead, "waiting": waiting}, handoff="asked")
    return Reply(
        "human_off_hours",
        {**values, "opens": turn.brand.desk_opens},
        ask=Ask("text", _QUESTION),
        handoff="left_message",
    )


def _keep_message(turn: Turn, text: str) -> Reply:
    local = turn.now.astimezone(turn.brand.zone)
    case = open_case(turn.tx, turn.member.id, kind="message", text=text, cause=turn.cause, now=local)
    values = {"brand": turn.brand.name, "number": case.number, "desk_hours": turn.brand.desk_hours_text}
    return Reply("human_message_kept", values, handoff="left_message")


INTENT = Intent(
    name="human",
    title="人工客服",
    handler=handle,
    phrases=(
        "人工",
        "转人工",
        "人工客服",
        "人工服务",
        "接人工服务",
        "我要找客服",
        "联系客服",
        "客服在吗",
        "客服电话多少",
        "帮我转接客服",
        "能不能找个真人",
        "有活人吗",
        "跟人说话",
        "不要机器人",
        "我要和真人聊",
        "怎么联系你们",
        "别跟我用机器人说话",
        "叫你们经理来",
        "找你们负责人",
        "找个人来跟我说",
        "叫个人来帮我",
        "有没有人管",
        "人呢",
        "能不能说人话",
        "怎么没人理我",
        "给我打个电话",
    ),
    keywords=(
        Keyword("转人工", 9),
        Keyword("人工", 9),
        Keyword("真人", 9),
        Keyword("活人", 9),
        Keyword("找客服", 9),
        Keyword("客服"),
    ),
    menu_keys=("ZH_MENU_HUMAN",),
    replies=("human_queue", "human_off_hours", "human_message_kept"),
)
