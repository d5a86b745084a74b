"""Help: what one can do here, as choices."""

from intents.types import Choice, Intent, Reply, Turn

MOST_CHOICES = 9  # one digit each, and together well within the length of a message
PERSON = "human"


def handle(turn: Turn) -> Reply:
    """Offer the intents in the order of the registry, a person always last."""
    offered = [
        intent for intent in turn.intents.values() if intent.offered and intent.name not in (INTENT.name, PERSON)
    ]
    people = [turn.intents[PERSON]] if PERSON in turn.intents else []
    shown = [*offered[: MOST_CHOICES - len(people)], *people]
    return Reply("help", {"brand": turn.brand.name}, choices=tuple(Choice(one.title, one.name) for one in shown))


INTENT = Intent(
    name="help",
    title="帮助",
    handler=handle,
    phrases=(
        "帮助",
        "功能",
        "菜单",
        "功能菜单",
        "使用帮助",
        "你能做什么",
        "你会什么",
        "你能干嘛",
        "你能干什么",
        "你都有哪些功能",
        "有什么功能",
        "怎么玩",
        "不会用",
        "使用说明",
        "新手指南",
        "能帮我做什么",
        "help",
    ),
    menu_keys=("ZH_MENU_HELP",),
    replies=("help",),
)
