"""How coupons are used, and what to do when one has expired or is refused."""

from intents.coupons import coupon_values
from intents.offering import choices
from intents.said import words_of
from intents.types import Intent, Keyword, Reply, Turn
from storage.coupons import coupons_of

_OVER = ("过期", "失效", "作废", "超时")


def handle(turn: Turn) -> Reply:
    """Explain, with the member's own coupon at hand when there is one."""
    held = coupons_of(turn.tx, turn.member.id, turn.now)
    usable = [coupon for coupon in held if coupon.state == "usable"]
    name = turn.slots.get("campaign", "")
    named = next((coupon for coupon in usable if coupon.name == name), None)
    shown = named or next(iter(usable), None)
    own = coupon_values(shown, turn.brand.zone) if shown else None
    if any(word in words_of(turn) for word in _OVER):
        expired = max((one for one in held if one.state == "expired"), key=lambda one: one.expires_at, default=None)
        values = {"coupon": own, "expired": coupon_values(expired, turn.brand.zone) if expired else None}
        return Reply("coupon_usage_expired", values, choices=choices(turn, "coupon_claim"))
    return Reply("coupon_usage", {"coupon": own, "named": named is not None})


INTENT = Intent(
    name="coupon_usage",
    title="优惠券怎么用",
    handler=handle,
    phrases=(
        "券怎么用",
        "优惠券怎么使用",
        "这个券咋用啊",
        "券用不了",
        "优惠券不能用是怎么回事",
        "付款的时候没给我减",
        "券可以叠加吗",
        "两张券能一起用吗",
        "券过期了怎么办",
        "过期的券能延期吗",
        "优惠券失效了",
        "店员说我的券不能用",
        "券码无效",
        "券有什么使用限制",
        "所有门店都能用这张券吗",
        "外卖能用券吗",
        "核销不了",
        "优惠券没抵扣",
        "券没生效",
        "优惠券用不了",
        "付款的时候券没有减钱",
        "下单选不了券",
        "使用优惠券失败",
        "优惠券显示不可用",
        "不满足使用条件是什么意思",
        "券能转给朋友吗",
        "一次能用两张券吗",
        "线上能用吗",
        "我不会用这个券",
    ),
    keywords=(
        Keyword("怎么用券", 4),
        Keyword("券怎么用", 4),
        Keyword("券怎么使用", 4),
        Keyword("券咋用", 4),
        Keyword("卷怎么用", 4),
        Keyword("劵怎么用", 4),
        Keyword("券用不了", 4),
        Keyword("卷用不了", 4),
        Keyword("券不能用", 4),
        Keyword("券不好用", 4),
        Keyword("券没法用", 4),
        Keyword("券过期", 4),
        Keyword("卷过期", 4),
        Keyword("过期的券", 4),
        Keyword("券失效", 4),
        Keyword("券码无效", 4),
        Keyword("券叠加", 4),
        Keyword("核销", 3),
        Keyword("没减钱", 3),
        Keyword("没抵扣", 3),
    ),
    menu_keys=("ZH_MENU_COUPON_USAGE",),
    replies=("coupon_usage", "coupon_usage_expired"),
)
