"""What is said of a message to many: where it stands, and what the platform reported.

Source of the statuses: https://developers.weixin.qq.com/doc/service/guide/product/message/Batch_Sends.html, read 2026-03.
"""

from bot.web.labels import Label
from bot.web.languages import language
from bot.web.words import gettext
from bot.wechat.outcomes import call_sentence


def nobody_words(tag_name: str) -> str:
    """Say that nobody has the tag, and what to do."""
    return gettext("现在没有人有“%(name)s”这个标签，发不出去。请换一个标签，或先给会员打上它。", name=tag_name)


def outcome_words(outcome: str) -> str:
    """Say what came of it: a code of ours, or the status in the platform's report."""
    if not outcome.startswith(("err(", "send")):
        return call_sentence(outcome, language())
    suspected = {
        "err(10001)": gettext("广告"),
        "err(20001)": gettext("政治"),
        "err(20002)": gettext("色情"),
        "err(20004)": gettext("社会问题"),
        "err(20006)": gettext("违法犯罪"),
        "err(20008)": gettext("欺诈"),
        "err(20013)": gettext("版权"),
        "err(21000)": gettext("其他违规"),
        "err(22000)": gettext("互推"),
    }
    if outcome in suspected:
        return gettext(
            "微信没有发出：内容涉嫌%(what)s（%(status)s）。改过再发。", what=suspected[outcome], status=outcome
        )
    known = {
        "err(30001)": gettext("微信没有发出：原创校验出错（err(30001)）。过一会儿再发。"),
        "err(30002)": gettext("微信没有发出：原创校验没有通过（err(30002)）。换成自己写的内容。"),
        "err(30003)": gettext("微信没有发出：原创校验判为转载（err(30003)）。换成自己写的内容。"),
        "err(40001)": gettext("公众号管理员没有同意这次群发。"),
        "err(40002)": gettext("公众号管理员 30 分钟内没有确认，群发取消。"),
        "send fail": gettext("微信没有发出，也没有说明原因。可以再写一条试试。"),
    }
    return known.get(outcome, gettext("微信没有发出：%(status)s", status=outcome))


def state_label(state: str) -> Label:
    """Return what a state is called."""
    return {
        "draft": (gettext("未发送"), "secondary"),
        "sending": (gettext("正在提交"), "azure"),
        "accepted": (gettext("微信发送中"), "azure"),
        "refused": (gettext("微信没有收下"), "red"),
        "unknown": (gettext("不确定"), "yellow"),
        "done": (gettext("已发送"), "green"),
        "failed": (gettext("发送失败"), "red"),
    }.get(state, (state, "secondary"))
