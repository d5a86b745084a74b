"""The daily check-in: once a day in the brand's own calendar, with points, and more for every full week."""

from intents.said import words_of
from intents.types import Intent, Keyword, Reply, Turn
from storage.checkins import BONUS_POINTS, check_in

_MAKE_UP = ("补签", "补卡", "漏签", "断签", "断了", "忘了签", "忘记签")


def handle(turn: Turn) -> Reply:
    """Check the member in for today, or say that it was done; someone who asks to make up for a missed day hears about that too."""
    today = turn.now.astimezone(turn.brand.zone).date()
    done = check_in(turn.tx, turn.member.id, day=today, base_points=turn.brand.checkin_points, now=turn.now)
    values = {
        "streak": done.streak,
        "lost_streak": done.lost_streak,
        "earned": done.points_earned,
        "balance": done.balance,
        "days_to_bonus": done.days_to_bonus,
        "got_bonus": done.got_bonus,
        "bonus": BONUS_POINTS,
        "asks_to_make_up": any(word in words_of(turn) for word in _MAKE_UP),
    }
    return Reply("checkin_done" if done.first_today else "checkin_already", values)


INTENT = Intent(
    name="checkin",
    title="每日签到",
    handler=handle,
    phrases=(
        "签到",
        "我要签到",
        "今日签到",
        "打卡",
        "来打个卡",
        "今天还没签到",
        "帮我签一下到",
        "签到在哪里",
        "怎么签到呀",
        "签到领积分",
        "早起打卡",
        "签到有什么奖励",
        "连续签到送什么",
        "昨天忘了签到能补吗",
        "可以补签吗",
        "漏签了怎么办",
        "昨天忘记签了怎么办",
        "今天签到了没有",
        "打卡拿积分",
        "打卡签到",
        "我连续签了几天了",
    ),
    keywords=(
        Keyword("签到", 2),
        Keyword("补签", 2),
        Keyword("漏签", 2),
        Keyword("断签", 2),
        Keyword("打卡"),
        Keyword("签个到", 2),
    ),
    menu_keys=("ZH_MENU_CHECKIN",),
    replies=("checkin_done", "checkin_already"),
)
