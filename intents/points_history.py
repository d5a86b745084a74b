"""Where the member's points came from and went: the latest entries of the ledger."""

from intents.types import Intent, Keyword, Reply, Turn
from storage.points import LedgerEntry, balance_of, history

MOST_ENTRIES = 10
_KINDS = {"checkin": "签到", "purchase": "消费", "gift": "赠送", "exchange": "兑换", "correction": "更正"}


def handle(turn: Turn) -> Reply:
    """List the latest entries, newest first."""
    entries = history(turn.tx, turn.member.id, limit=MOST_ENTRIES)
    if not entries:
        return Reply("points_history_none", {"checkin_points": turn.brand.checkin_points})
    listed = [_values(entry, turn) for entry in entries]
    return Reply("points_history", {"entries": listed, "balance": balance_of(turn.tx, turn.member.id)})


def _values(entry: LedgerEntry, turn: Turn) -> dict[str, object]:
    return {
        "day": entry.created_at.astimezone(turn.brand.zone).date(),
        "reason": _KINDS.get(entry.kind, "其他"),
        "amount": entry.amount,
        "balance": entry.balance_after,
    }


INTENT = Intent(
    name="points_history",
    title="积分明细",
    handler=handle,
    phrases=(
        "积分明细",
        "积分记录",
        "我的积分怎么来的",
        "积分都用到哪了",
        "查下积分流水",
        "积分变动记录",
        "为什么我积分少了",
        "积分怎么变少了",
        "积分少了怎么回事",
        "积分怎么没了",
        "最近的积分变化",
        "哪天加的积分",
        "积分历史",
        "这次的积分到账了吗",
        "积分没到账",
        "看看积分账单",
    ),
    keywords=(
        Keyword("积分明细", 3),
        Keyword("积分记录", 3),
        Keyword("积分流水", 3),
        Keyword("积分历史", 3),
        Keyword("积分变动", 3),
        Keyword("积分少了", 3),
        Keyword("积分变少", 3),
        Keyword("积分没到账", 3),
        Keyword("积分没加上", 3),
        Keyword("积分账单", 3),
    ),
    menu_keys=("ZH_MENU_POINTS_HISTORY",),
    replies=("points_history", "points_history_none"),
)
