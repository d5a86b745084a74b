"""What codes of the record are called on every page, in the reader's language: kinds, statuses, reasons, and the lines of a card.

A code without a word here is shown as it is.
"""

import re

from bot.web.words import gettext

Label = tuple[str, str]  # the words, and the tone of ui.badge


def status_label(status: str) -> Label:
    """Return what the status of an exchange, or the state of a delivery, is called."""
    return {
        "answered": (gettext("已回答"), "green"),
        "missed": (gettext("没听懂"), "red"),
        "held": (gettext("留给人工"), "yellow"),
        "silent": (gettext("无需回答"), "secondary"),
        "limited": (gettext("太频繁，未回答"), "yellow"),
        "awaited": (gettext("正在查询"), "azure"),
        "replied": (gettext("已回复"), "green"),
        "queued": (gettext("待发送"), "azure"),
        "ready": (gettext("待发送"), "azure"),
        "sending": (gettext("发送中"), "azure"),
        "sent": (gettext("已发送"), "green"),
        "failed": (gettext("没有发出"), "red"),
        "unknown": (gettext("不确定是否送达"), "yellow"),
        "dead": (gettext("没有发出"), "red"),
    }.get(status, (status, "secondary"))


def handoff_label(reason: str) -> str:
    """Return why a person is needed."""
    return {
        "asked": gettext("用户要求人工"),
        "complaint": gettext("投诉"),
        "misses": gettext("三次未听懂"),
        "upset": gettext("很不满，没听懂"),
        "left_message": gettext("留言"),
        "limited": gettext("发得太快，有话没回"),
        "lapsed": gettext("客服久未处理"),
        "agent": gettext("客服主动接入"),
        "taken_over": gettext("主管接管"),
    }.get(reason, reason)


def source_label(source: str) -> str:
    """Return how a member first came to us; a QR code by its own name."""
    return {
        "": gettext("未知"),
        "follow": gettext("直接关注"),
        "message": gettext("先发来消息"),
        "event": gettext("先有动作"),
        "sync": gettext("同步得知"),
        "ADD_SCENE_SEARCH": gettext("搜索公众号"),
        "ADD_SCENE_PROFILE_CARD": gettext("名片分享"),
        "ADD_SCENE_QR_CODE": gettext("扫公众号的码"),
        "ADD_SCENE_PROFILE_LINK": gettext("文章里的名称"),
        "ADD_SCENE_PROFILE_ITEM": gettext("文章右上角菜单"),
        "ADD_SCENE_PAID": gettext("支付后关注"),
        "ADD_SCENE_WECHAT_ADVERTISEMENT": gettext("微信广告"),
        "ADD_SCENE_REPRINT": gettext("他人转载"),
        "ADD_SCENE_LIVESTREAM": gettext("视频号直播"),
        "ADD_SCENE_CHANNELS": gettext("视频号"),
        "ADD_SCENE_WXA": gettext("小程序"),
        "ADD_SCENE_ACCOUNT_MIGRATION": gettext("账号迁移"),
    }.get(source, gettext("扫码：%(scene)s", scene=source))


def kind_label(kind: str) -> str:
    """Return what a kind of message or reply is called, and of an event what happened."""
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
        "transfer": gettext("转交微信客服"),
        "msgmenu": gettext("选项"),
        "mpnewsarticle": gettext("公众号文章"),
        "template": gettext("模板消息"),
        "notice": gettext("订阅通知"),
        "once": gettext("一次性订阅消息"),
        "event.subscribe": gettext("关注了公众号"),
        "event.unsubscribe": gettext("取消了关注"),
        "event.scan": gettext("扫了二维码"),
        "event.click": gettext("点了菜单"),
        "event.view": gettext("打开了菜单里的网页"),
        "event.menu_scan": gettext("从菜单扫了码"),
        "event.menu_pictures": gettext("从菜单发图片"),
        "event.menu_location": gettext("从菜单发位置"),
        "event.location": gettext("上报了位置"),
        "event.agent_session": gettext("微信客服会话有变化"),
        "event.delivery": gettext("送达回执"),
        "event.consent": gettext("授权有变化"),
        "event.card": gettext("卡券事件"),
    }.get(kind, kind)


def event_label(kind: str, text: str) -> str:
    """Return what happened, in one line with its detail."""
    words = kind_label(kind)
    return gettext("%(event)s：%(detail)s", event=words, detail=text) if text else words


def case_label(kind: str) -> Label:
    """Return what a kind of case is called."""
    return {
        "suggestion": (gettext("建议"), "azure"),
        "complaint": (gettext("投诉"), "red"),
        "message": (gettext("留言"), "yellow"),
    }.get(kind, (kind, "secondary"))


def coupon_label(state: str) -> Label:
    """Return what the state of a coupon is called."""
    return {
        "usable": (gettext("可用"), "green"),
        "used": (gettext("已核销"), "secondary"),
        "expired": (gettext("已过期"), "secondary"),
    }.get(state, (state, "secondary"))


def ledger_label(kind: str) -> str:
    """Return why points came or went."""
    return {
        "checkin": gettext("签到"),
        "welcome": gettext("关注礼"),
        "redeem": gettext("兑换"),
        "adjust": gettext("调整"),
        "manual": gettext("人工调整"),
    }.get(kind, kind)


def slot_label(slot: str) -> str:
    """Return what a kind of information found in a message is called."""
    return {
        "city": gettext("城市"),
        "district": gettext("区县"),
        "store": gettext("门店名"),
        "case": gettext("受理编号"),
        "phone": gettext("手机号"),
        "date": gettext("日期"),
        "time": gettext("时间"),
        "number": gettext("数字"),
        "order": gettext("订单号"),
        "coupon": gettext("券码"),
        "text": gettext("内容"),
        "choice": gettext("选项"),
    }.get(slot, slot)


def rule_label(rule: str) -> str:
    """Return what a rule on a card is called."""
    return {
        "normalise": gettext("整理文字"),
        "slots": gettext("找到信息"),
        "menu": gettext("点了选项"),
        "choice": gettext("选了一项"),
        "pending": gettext("回答了我们的提问"),
        "case": gettext("问受理编号"),
        "exact": gettext("与例句一字不差"),
        "keyword": gettext("含有关键词"),
        "place": gettext("只说了地点"),
        "fuzzy": gettext("与例句相近"),
        "learned": gettext("从例句学到的"),
        "clause": gettext("其中一句"),
        "context": gettext("接着上一问"),
        "carry": gettext("沿用上一问的信息"),
        "campaign": gettext("只说了活动名"),
        "queue": gettext("正在排队等人工"),
        "also": gettext("同时要问的"),
        "guard": gettext("说了不要"),
        "route": gettext("按消息类型"),
        "decide": gettext("决定"),
    }.get(rule, rule)


# The matcher remarks in English, as logs have it; what stands in brackets is kept.
_DECLINED = re.compile(r"(.+) is declined")
_PRIORITY = re.compile(r"(.+) \(priority (\d+)\)")
_SLOT = re.compile(r"(\w+)(?: = |: )(.*)", re.DOTALL)
_WORDS_OF_CONSUMERS = frozenset(
    {"exact", "fuzzy", "learned", "choice", "menu", "route", "pending", "clause", "campaign"}
)
_DIGIT = re.compile(r"\d answers a question, it asks none")


def found_label(rule: str, found: str) -> str:
    """Return what a step of a card found: remarks of the matcher in the reader's language, words of the consumer as they are."""
    if rule in ("slots", "pending", "carry") and (slot := _SLOT.fullmatch(found)):
        return gettext("%(slot)s：%(value)s", slot=slot_label(slot[1]), value=slot[2])
    if rule == "keyword" and (ranked := _PRIORITY.fullmatch(found)):
        return gettext("%(word)s（优先级 %(number)s）", word=ranked[1], number=ranked[2])
    if rule == "guard" and (declined := _DECLINED.fullmatch(found)):
        return gettext("不要：%(word)s", word=declined[1]) if declined[1] != "something" else gettext("整句是拒绝")
    if rule == "choice" and _DIGIT.fullmatch(found):
        return gettext("单个数字是在回答问题，不是提问")
    return _remark(found) if rule not in _WORDS_OF_CONSUMERS else found


def _remark(found: str) -> str:
    return {
        "leaves it": gettext("不等了"),
        "asks for the person": gettext("在问人来了没有"),
        "answer: a rule decided": gettext("直接回答：规则已经确定"),
        "answer: sure, and ahead of the next": gettext("直接回答：有把握，且领先第二名"),
        "answer: sure, and the next may not be offered": gettext("直接回答：有把握，第二名不便提供"),
        "answer: a clause is sure": gettext("直接回答：其中一句有把握"),
        "answer: the best guess, as we asked back just now": gettext("直接回答最像的：刚反问过，不再反问"),
        "answer: the last question, of something else": gettext("直接回答：换个条件再答上一问"),
        "the last question again": gettext("还是上一问"),
        "about what was answered last": gettext("说的是刚回答的事"),
        "hours of the place that is named": gettext("问的是点名那家的时间"),
        "answered in the same reply": gettext("同一条里一起回答了"),
        "offered beside the answer": gettext("附在后面供选"),
        "ask back: too close": gettext("反问：几个意思太接近"),
        "ask back: not sure": gettext("反问：没有把握"),
        "ask back: several intents have this phrase": gettext("反问：几个意图都有这句话"),
        "nothing is near": gettext("没听懂：没有相近的例句"),
        "not understood: too far from everything": gettext("没听懂：和哪句都不像"),
        "not understood: marked as none of ours": gettext("没听懂：已标为与我们无关"),
        "nothing but a place was said": gettext("整句只有一个地点"),
        "only asks after the number of a case": gettext("只问一个编号的进展"),
        "by its sound": gettext("听起来像关键词"),
        "no words": gettext("没有文字"),
    }.get(found, found)
