"""What codes of the record are called at the desk, in the reader's language."""

from bot.desk.errors import Absent, CannotSay, DeskError, Done, NotTheirs
from bot.web.languages import language
from bot.web.words import gettext
from bot.wechat.outcomes import sentence
from storage.members import Member


def reason_words(reason: str) -> str:
    """Say why a person is needed."""
    known = {
        "asked": gettext("用户要求人工"),
        "complaint": gettext("投诉"),
        "misses": gettext("三次未听懂"),
        "left_message": gettext("留言"),
        "lapsed": gettext("客服久未处理"),
        "agent": gettext("客服主动接入"),
        "taken_over": gettext("主管接管"),
    }
    return known.get(reason, reason)


def source_words(source: str) -> str:
    """Say how a member came to us; a QR code by its name."""
    known = {"follow": gettext("搜索关注"), "message": gettext("直接发来消息"), "event": gettext("菜单或事件")}
    return known.get(source, source)


def kind_words(kind: str) -> str:
    """Name a kind of message."""
    known = {
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
    }
    return known.get(kind, kind)


def event_words(kind: str, text: str) -> str:
    """Say what happened, in one line."""
    known = {
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
    }
    words = known.get(kind, kind)
    return gettext("%(event)s：%(detail)s", event=words, detail=text) if text else words


def rule_words(rule: str) -> str:
    """Name a step of the card of reasons."""
    known = {
        "normalise": gettext("整理文字"),
        "slots": gettext("找到信息"),
        "exact": gettext("与例句相同"),
        "keyword": gettext("关键词"),
        "fuzzy": gettext("与例句相近"),
        "place": gettext("只说了地点"),
        "pending": gettext("回答上一个问题"),
        "choice": gettext("选了一项"),
        "menu": gettext("点了选项"),
        "route": gettext("消息类型"),
        "guard": gettext("说了不要"),
        "decide": gettext("决定"),
    }
    return known.get(rule, rule)


def found_words(rule: str, found: str) -> str:
    """Say what a step found; the matcher's own remarks in the reader's language, anything else as it is."""
    if rule not in ("decide", "place", "normalise"):
        return found
    known = {
        "answer: sure, and ahead of the next": gettext("直接回答：有把握，且领先第二名"),
        "answer: sure, and the next may not be offered": gettext("直接回答：有把握，第二名不便提供"),
        "answer: a rule decided": gettext("直接回答：规则说了算"),
        "ask back: too close": gettext("反问：几个意思太接近"),
        "ask back: not sure": gettext("反问：没有把握"),
        "ask back: several intents have this phrase": gettext("反问：几个意图都有这句话"),
        "nothing is near": gettext("没听懂：没有相近的例句"),
        "not understood: too far from everything": gettext("没听懂：和哪句都不像"),
        "nothing but a place was said": gettext("只说了地点"),
        "no words": gettext("没有文字"),
    }
    return known.get(found, found)


def ledger_words(kind: str) -> str:
    """Say why points came or went."""
    known = {"checkin": gettext("签到"), "welcome": gettext("关注礼"), "manual": gettext("人工调整")}
    return known.get(kind, kind)


def case_words(kind: str) -> str:
    """Name a kind of case."""
    return {"suggestion": gettext("建议"), "complaint": gettext("投诉"), "message": gettext("留言")}.get(kind, kind)


def status_words(state: str) -> str:
    """Say how far a message of an agent got."""
    known = {
        "queued": gettext("排队中"),
        "ready": gettext("排队中"),
        "sending": gettext("发送中"),
        "sent": gettext("已发送"),
        "failed": gettext("没有发出"),
        "dead": gettext("没有发出"),
        "unknown": gettext("不确定是否送达"),
    }
    return known.get(state, state)


def outcome_words(outcome: str) -> str:
    """Say what came of sending, and what to do."""
    return sentence(outcome, language())


def member_words(member: Member) -> str:
    """Call a member by what we know: the name, else the short code."""
    return member.name or member.short_code


def trouble_words(error: DeskError) -> tuple[int, str]:
    """Return the status and the sentence for what stood in the way; an empty sentence means the general one."""
    if isinstance(error, Absent):
        return 404, ""
    if isinstance(error, NotTheirs):
        if error.owner:
            return 409, gettext("这段对话现在由%(owner)s负责。", owner=error.owner)
        return 409, gettext("这段对话现在不归您负责，请先接入。")
    if isinstance(error, CannotSay):
        return 409, outcome_words(error.outcome)
    if isinstance(error, Done):
        return 409, gettext("已经有人处理过了。")
    return 409, gettext("这一次点击已经发出了另一段文字，这段没有发。请核对后再发。")
