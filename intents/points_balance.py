"""How many points the member has."""

from intents.types import Intent, Keyword, Reply, Turn
from storage.points import balance_of


def handle(turn: Turn) -> Reply:
    """Tell the balance."""
    values = {"balance": balance_of(turn.tx, turn.member.id), "checkin_points": turn.brand.checkin_points}
    return Reply("points_balance", values)


INTENT = Intent(
    name="points_balance",
    title="我的积分",
    handler=handle,
    phrases=(
        "积分",
        "我的积分",
        "查积分",
        "我有多少积分",
        "还剩多少分",
        "积分余额",
        "看看我几分了",
        "我攒了多少积分了",
        "积分怎么查",
        "怎么看我的积分",
        "帮我查下积分",
        "现在有几分",
        "我的分还有多少",
        "积分够不够",
        "会员积分是多少",
    ),
    keywords=(
        Keyword("我的积分", 1),
        Keyword("查积分", 1),
        Keyword("积分余额", 1),
    ),
    menu_keys=("ZH_MENU_POINTS",),
    replies=("points_balance",),
)
