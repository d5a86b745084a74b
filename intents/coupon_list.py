"""What offers are on now: their names, what they give, until when, how many are left."""

from intents.coupons import MOST_LISTED, campaign_values, open_campaigns
from intents.types import Choice, Intent, Keyword, Reply, Turn
from storage.coupons import running_campaigns

MOST_CHOICES = 3


def handle(turn: Turn) -> Reply:
    """List what can be claimed now, each to be had by one tap."""
    running = running_campaigns(turn.tx, turn.now)
    if not running:
        return Reply("coupon_list_none")
    listed = [campaign_values(one, turn.brand.zone) for one in running[:MOST_LISTED]]
    to_claim = open_campaigns(running, turn.now)
    choices = tuple(Choice(f"领券：{one.name}", "coupon_claim") for one in to_claim[:MOST_CHOICES])
    return Reply("coupon_list", {"campaigns": listed, "claimable": len(to_claim)}, choices=choices)


INTENT = Intent(
    name="coupon_list",
    title="优惠活动",
    handler=handle,
    phrases=(
        "最近有什么优惠",
        "有啥活动吗",
        "现在搞什么活动",
        "今天有打折吗",
        "优惠活动",
        "近期活动有哪些",
        "这周有什么福利",
        "有没有促销",
        "买一送一还有吗",
        "会员日有什么优惠",
        "周末有优惠不",
        "活动到什么时候结束",
        "新品有折扣吗",
        "打几折呀",
        "看看有哪些优惠",
        "老年人有没有优惠",
        "学生有优惠吗",
        "有没有买一送一",
        "有什么新优惠",
    ),
    keywords=(
        Keyword("优惠活动", 1),
        Keyword("有什么优惠"),
        Keyword("有啥优惠"),
        Keyword("什么活动"),
        Keyword("啥活动"),
        Keyword("打折"),
        Keyword("促销"),
    ),
    menu_keys=("ZH_MENU_OFFERS",),
    replies=("coupon_list", "coupon_list_none"),
)
