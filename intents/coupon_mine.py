"""The member's own coupons: the codes that can still be used, and what became of the others."""

from intents.coupons import MOST_LISTED, coupon_values
from intents.offering import choices
from intents.types import Intent, Keyword, Reply, Turn
from storage.coupons import coupons_of


def handle(turn: Turn) -> Reply:
    """List the usable coupons, the soonest to expire first; tell how to get one when there is none."""
    held = coupons_of(turn.tx, turn.member.id, turn.now)
    usable = [coupon for coupon in held if coupon.state == "usable"]
    counts = {
        "used": sum(coupon.state == "used" for coupon in held),
        "expired": sum(coupon.state == "expired" for coupon in held),
    }
    if not usable:
        return Reply("coupon_mine_none", counts, choices=choices(turn, "coupon_claim"))
    listed = [coupon_values(coupon, turn.brand.zone) for coupon in usable[:MOST_LISTED]]
    return Reply("coupon_mine", {"coupons": listed, "count": len(usable), "remind_link": turn.remind_link, **counts})


INTENT = Intent(
    name="coupon_mine",
    title="我的优惠券",
    handler=handle,
    phrases=(
        "我的券",
        "我的优惠券",
        "看下我的券",
        "我有几张券",
        "我有券吗",
        "我有没有券",
        "我还有没有券",
        "查一下我的优惠券",
        "我领的券去哪了",
        "之前领的券找不到了",
        "券码发我一下",
        "我的券码是多少",
        "卡券包",
        "卡包里有什么券",
        "我的券哪天到期",
        "我那张券还在吗",
        "我账户里的优惠券",
        "已经领的券在哪儿看",
        "优惠券在哪看",
        "领完的券放哪里了",
        "我都有哪些券",
        "券领了但是找不到",
        "卡包里的券怎么看",
        "领到了没有",
        "我刚领的券码发我",
        "有效期到什么时候",
        "我的券什么时候过期",
    ),
    keywords=(
        Keyword("我的券", 3),
        Keyword("我的卷", 3),
        Keyword("我的劵", 3),
        Keyword("我的优惠券", 3),
        Keyword("我的优惠卷", 3),
        Keyword("我的优惠劵", 3),
        Keyword("卡券包", 3),
        Keyword("券包", 2),
        Keyword("我领的券", 3),
        Keyword("领了的券", 3),
        Keyword("领的优惠券", 2),
        Keyword("几张券", 2),
        Keyword("几张优惠券", 2),
        Keyword("券码", 1),
    ),
    menu_keys=("ZH_MENU_MY_COUPONS",),
    replies=("coupon_mine", "coupon_mine_none"),
)
