"""The words and colours of what the console alone shows: values of replies, campaigns, coupons."""

from bot.web.labels import Label
from bot.web.words import gettext


def value_label(value: str | None) -> Label:
    """Return what a reply's value tag is called."""
    return {
        "discount": (gettext("优惠"), "red"),
        "info": (gettext("信息"), "azure"),
        "service": (gettext("服务"), "primary"),
        "fun": (gettext("乐趣"), "yellow"),
        "none": (gettext("无价值"), "secondary"),
    }.get(value or "", (gettext("未填价值"), "secondary"))


def campaign_label(state: str) -> Label:
    """Return what the state of a campaign is called; ``coming`` and ``over`` are running ones outside their days."""
    return {
        "draft": (gettext("草稿"), "secondary"),
        "running": (gettext("进行中"), "green"),
        "paused": (gettext("已暂停"), "yellow"),
        "ended": (gettext("已结束"), "secondary"),
        "coming": (gettext("未开始"), "azure"),
        "sold_out": (gettext("已领完"), "red"),
    }.get(state, (state, "secondary"))
