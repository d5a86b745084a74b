"""The words and colours of states and marks, in the reader's language."""

from bot.web.words import gettext

Label = tuple[str, str]  # the words, and the tone of ui.badge


def value_label(value: str | None) -> Label:
    """Return what a reply's value tag is called."""
    return {
        "discount": (gettext("优惠"), "red"),
        "info": (gettext("信息"), "azure"),
        "service": (gettext("服务"), "primary"),
        "fun": (gettext("乐趣"), "yellow"),
        "none": (gettext("无价值"), "secondary"),
    }.get(value or "", (gettext("未填价值"), "secondary"))


def status_label(status: str) -> Label:
    """Return what the status of an exchange is called."""
    return {
        "answered": (gettext("已回答"), "green"),
        "missed": (gettext("没听懂"), "red"),
        "held": (gettext("留给人工"), "yellow"),
        "silent": (gettext("无需回答"), "secondary"),
        "limited": (gettext("太频繁，未回答"), "yellow"),
        "awaited": (gettext("正在查询"), "azure"),
        "replied": (gettext("已回复"), "green"),
        "ready": (gettext("待发送"), "azure"),
        "sending": (gettext("发送中"), "azure"),
        "sent": (gettext("已发送"), "green"),
        "failed": (gettext("发送失败"), "red"),
        "unknown": (gettext("不确定是否送达"), "yellow"),
        "dead": (gettext("放弃发送"), "red"),
    }.get(status, (status, "secondary"))


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


def coupon_label(state: str) -> Label:
    """Return what the state of a coupon is called."""
    return {
        "usable": (gettext("可用"), "green"),
        "used": (gettext("已核销"), "secondary"),
        "expired": (gettext("已过期"), "secondary"),
    }.get(state, (state, "secondary"))


def case_label(kind: str) -> Label:
    """Return what a kind of case is called."""
    return {
        "suggestion": (gettext("建议"), "azure"),
        "complaint": (gettext("投诉"), "red"),
        "message": (gettext("留言"), "yellow"),
    }.get(kind, (kind, "secondary"))


def rule_label(rule: str) -> str:
    """Return what a rule of the matcher is called on a card."""
    return {
        "normalise": gettext("整理文字"),
        "slots": gettext("找出信息"),
        "menu": gettext("点了选项"),
        "choice": gettext("选了第几项"),
        "pending": gettext("回答了我们的提问"),
        "exact": gettext("与例句一字不差"),
        "keyword": gettext("含有关键词"),
        "place": gettext("只说了地点"),
        "fuzzy": gettext("与例句相近"),
        "learned": gettext("从例句学到的"),
        "guard": gettext("不算数"),
        "route": gettext("按消息类型"),
        "decide": gettext("决定"),
    }.get(rule, rule)


def decision_label(found: str) -> str:
    """Return the matcher's own words for its decision in the reader's language."""
    return {
        "answer: a rule decided": gettext("直接回答：规则已经确定"),
        "answer: sure, and ahead of the next": gettext("直接回答：把握够，且领先第二名"),
        "answer: sure, and the next may not be offered": gettext("直接回答：把握够，没有别的可供选择"),
        "ask back: too close": gettext("反问：前几名太接近"),
        "ask back: not sure": gettext("反问：把握不够"),
        "ask back: several intents have this phrase": gettext("反问：几个意图有同一句"),
        "not understood: too far from everything": gettext("没听懂：和谁都不像"),
        "no words": gettext("没有文字"),
        "nothing but a place was said": gettext("只说了一个地点"),
    }.get(found, found)


def kind_label(kind: str) -> str:
    """Return what a kind of message or reply is called."""
    return {
        "text": gettext("文字"),
        "image": gettext("图片"),
        "voice": gettext("语音"),
        "video": gettext("视频"),
        "shortvideo": gettext("小视频"),
        "location": gettext("位置"),
        "link": gettext("链接"),
        "miniprogrampage": gettext("小程序"),
        "file": gettext("文件"),
        "music": gettext("音乐"),
        "news": gettext("图文"),
        "transfer": gettext("转微信客服"),
        "event.subscribe": gettext("关注"),
        "event.unsubscribe": gettext("取消关注"),
        "event.scan": gettext("扫码"),
        "event.click": gettext("点菜单"),
        "event.view": gettext("打开菜单链接"),
        "event.location": gettext("上报位置"),
    }.get(kind, kind)


def ledger_label(kind: str) -> str:
    """Return what a kind of points entry is called."""
    return {"checkin": gettext("签到"), "redeem": gettext("兑换"), "adjust": gettext("调整")}.get(kind, kind)
