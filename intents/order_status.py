"""Order status: looked up in the brand's own system, which may take its time; where there is none, the way to the order page."""

from collections.abc import Sequence

from intents.types import Found, Intent, Keyword, Later, Reply, Turn

WORK = "orders"  # asked with ``openid`` and ``phone``; finds ``orders``: texts ``number``, ``status``, ``item``, ``updated``, newest first


def handle(turn: Turn) -> Reply | Later:
    """Have the member's orders looked up, by openid and the phone number said or known; say where to look when they cannot be."""
    if not turn.brand.orders_known:
        return Reply("order_status_elsewhere", {"brand": turn.brand.name})
    phone = turn.slots.get("phone", "") or turn.member.phone
    return Later(WORK, {"openid": turn.message.openid, "phone": phone})


def late(found: Found | None) -> Reply:
    """Tell how far the orders are, that there is none, or that there was no answer."""
    if found is None:
        return Reply("order_status_unavailable")
    orders = found["orders"]
    if not isinstance(orders, Sequence) or not orders:
        return Reply("order_status_none")
    return Reply("order_status", {"orders": orders})


INTENT = Intent(
    name="order_status",
    title="查订单",
    handler=handle,
    late=late,
    phrases=(
        "我的订单",
        "查订单",
        "查一下我的订单",
        "订单状态",
        "订单进度",
        "订单处理到哪一步了",
        "我的订单做到哪一步了",
        "我的订单到哪了",
        "我的单子怎么样了",
        "看下我的订单进度",
        "我买的东西到哪了",
        "物流到哪了",
        "查物流",
        "查快递",
        "发货了没",
        "我昨天下的单发货了吗",
        "订单做好了吗",
        "我的单还要等多久",
        "怎么看我的订单",
        "催单",
        "催一下",
        "催一下我的单",
        "怎么还没送到",
        "我的外卖还没送到",
        "单子还没到",
    ),
    keywords=(
        Keyword("我的订单", 2),
        Keyword("查订单", 2),
        Keyword("订单状态", 2),
        Keyword("订单进度", 2),
        Keyword("查物流", 2),
        Keyword("物流"),
        Keyword("发货"),
        Keyword("订单"),
    ),
    slots=("phone",),
    menu_keys=("ZH_MENU_ORDERS",),
    replies=("order_status", "order_status_none", "order_status_unavailable", "order_status_elsewhere"),
)
