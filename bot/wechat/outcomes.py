"""What can come of a call to the platform's API: error codes as data, each with what to do and a sentence for people.

An outcome is written as its code, perhaps with the platform's own words after a colon: ``45015``, ``40164: invalid ip 1.2.3.4 …``, ``timeout``.
Codes from https://developers.weixin.qq.com/doc/service/guide/dev/errorcode.html, read 2026-03, and from what SDKs handle.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Language = Literal["zh", "en"]


class Action(Enum):
    """What to do about an outcome."""

    REFUSE = "final for this message"
    CLOSE = "final for this message, and nothing more may be sent to this member until they do something"
    ALARM = "final for this message, and somebody must mend something"
    TOKEN = "a fresh token, then once more"  # noqa: S105 (says what to do, holds no secret)
    BUSY = "again a little later, a few times"
    MINUTE = "wait a minute with everything"
    QUOTA = "wait with everything until the quota is renewed"
    HALT = "wait with everything, somebody must mend something"
    OFFLINE = "surely not sent: again as soon as there is a connection"
    UNSURE = "nobody knows whether it was delivered: never again by itself"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the table: the code, what to do, and what a person is told."""

    code: str
    action: Action
    zh: str
    en: str


_WAIT_ZH = "等对方再发来消息就能回复；要紧的话，请打电话。"
_WAIT_EN = "You can answer once they write again; if it is urgent, call them."
_MEND_ZH = "消息先留着，管理员处理好后自动发出。"
_MEND_EN = "The message is kept and goes out by itself once an administrator has dealt with this."

_TABLE: tuple[tuple[str, Action, str, str], ...] = (
    # What we find out ourselves
    ("window_closed", Action.REFUSE, f"回复时间已过（对方发来消息后 48 小时内可回复），没有发出。{_WAIT_ZH}",
     f"Not sent: the reply window has closed (48 hours after their last message). {_WAIT_EN}"),
    ("window_spent", Action.REFUSE, f"对方上次来消息后，能发的条数已用完，没有发出。{_WAIT_ZH}",
     f"Not sent: the messages allowed since they last wrote are used up. {_WAIT_EN}"),
    ("no_secret", Action.ALARM, "没有发出：尚未填写公众号的 AppID 和 AppSecret，只能被动回复。请管理员补上后重发。",
     "Not sent: the account's AppID and AppSecret are not set, so only replies work. Ask an administrator to set them, then send again."),
    ("empty_text", Action.REFUSE, "没有发出：内容是空的。", "Not sent: it is empty."),
    ("not_sendable", Action.REFUSE, "没有发出：这类内容不能主动发送。", "Not sent: this kind of content works only as a direct reply."),
    ("unreadable", Action.REFUSE, "没有发出：这条消息的内容已损坏，请重新编写。", "Not sent: the stored content cannot be read. Write it again."),
    ("internal", Action.REFUSE, "程序出错，没有发出。请管理员查看日志。",
     "Not sent: the program failed. Ask an administrator to look at the log."),
    ("lapsed", Action.UNSURE, "发送途中程序中断，不确定对方是否收到。请先核对，再决定要不要重发。",
     "The program stopped while sending: nobody knows whether they got it. Check before sending again."),
    # What the connection tells
    ("offline", Action.OFFLINE, "暂时连不上微信，恢复后自动发出。", "WeChat cannot be reached just now; it goes out by itself once it can."),
    ("http_refused", Action.OFFLINE, "微信接口地址没有接受请求，正在重试。如持续出现，请管理员检查接口地址。",
     "The API address did not accept the request; trying again. If this lasts, an administrator should check the address."),
    ("timeout", Action.UNSURE, "微信没有及时回应，不确定对方是否收到。请先核对，再决定要不要重发。",
     "WeChat did not answer in time: nobody knows whether they got it. Check before sending again."),
    ("cut_off", Action.UNSURE, "连接中途断开，不确定对方是否收到。请先核对，再决定要不要重发。",
     "The connection broke half-way: nobody knows whether they got it. Check before sending again."),
    ("http_error", Action.UNSURE, "微信服务器出错，不确定对方是否收到。请先核对，再决定要不要重发。",
     "WeChat's server failed: nobody knows whether they got it. Check before sending again."),
    ("not_json", Action.UNSURE, "微信的回应看不懂，不确定对方是否收到。请先核对，再决定要不要重发。",
     "WeChat's answer makes no sense: nobody knows whether they got it. Check before sending again."),
    ("token_pending", Action.OFFLINE, "正在获取接口凭证，稍后自动发出。", "Waiting for an access token; it goes out by itself shortly."),
    # The member
    ("40003", Action.CLOSE, "这位用户不属于当前公众号，发不出去。", "Not sent: this person does not belong to the current account."),
    ("43004", Action.CLOSE, "对方已取消关注，发不出去。重新关注后才能联系；要紧的话，请打电话。",
     "Not sent: they no longer follow the account. You can write once they follow again; if it is urgent, call them."),
    ("46004", Action.CLOSE, "找不到这位用户，发不出去。", "Not sent: this person no longer exists."),
    ("50005", Action.CLOSE, "对方没有关注公众号，发不出去。", "Not sent: they do not follow the account."),
    ("43019", Action.CLOSE, "对方在公众号的黑名单里，发不出去。移出黑名单后可重发。",
     "Not sent: they are on the account's blocklist. Take them off, then send again."),
    ("48002", Action.CLOSE, f"对方关闭了接收消息，发不出去。{_WAIT_ZH}", f"Not sent: they have switched messages off. {_WAIT_EN}"),
    ("50002", Action.CLOSE, "对方的微信账号受限，发不出去。", "Not sent: their WeChat account is restricted."),
    ("45015", Action.CLOSE, f"回复时间已过，或对方已取消关注，没有发出。{_WAIT_ZH}",
     f"Not sent: the reply window has closed, or they no longer follow. {_WAIT_EN}"),
    ("45047", Action.CLOSE, f"对方上次来消息后，能发的条数已用完，没有发出。{_WAIT_ZH}",
     f"Not sent: the messages allowed since they last wrote are used up. {_WAIT_EN}"),
    ("43101", Action.REFUSE, "对方没有同意接收，或同意的次数已用完，没有发出。", "Not sent: they have not agreed to it, or the consent is used up."),
    # The message
    ("45002", Action.REFUSE, "文字太长，没有发出。请分成几条再发。", "Not sent: the text is too long. Send it in parts."),
    ("45008", Action.REFUSE, "图文条数过多，没有发出。一次只能发一条图文。", "Not sent: only one article may be sent at a time."),
    ("40007", Action.REFUSE, "图片或音视频素材已失效，没有发出。请重新上传后再发。",
     "Not sent: the picture or clip has expired. Upload it again, then send."),
    ("40033", Action.REFUSE, "内容含有微信不接受的字符，没有发出。", "Not sent: it contains characters that WeChat does not take."),
    ("44004", Action.REFUSE, "没有发出：内容是空的。", "Not sent: it is empty."),
    ("47001", Action.ALARM, "微信读不懂这条消息的格式，没有发出。请告知管理员。", "Not sent: WeChat could not read its format. Tell an administrator."),
    ("47002", Action.ALARM, "微信读不懂这条消息的格式，没有发出。请告知管理员。", "Not sent: WeChat could not read its format. Tell an administrator."),
    ("45098", Action.REFUSE, "选项太多，没有发出。", "Not sent: it offers too many choices."),
    ("45099", Action.REFUSE, "有选项太长，没有发出。", "Not sent: one of its choices is too long."),
    ("48008", Action.REFUSE, "公众号不能发送这类消息。", "Not sent: the account may not send this kind of message."),
    ("45080", Action.REFUSE, "现在不能显示「正在输入」。", "Typing cannot be shown now."),
    ("45081", Action.REFUSE, "已经显示「正在输入」。", "Typing is shown already."),
    # The account
    ("40200", Action.ALARM, "这个公众号不能使用此功能，没有发出。请告知管理员。",
     "Not sent: this account may not use the feature. Tell an administrator."),
    ("48001", Action.ALARM, "公众号没有客服消息权限（或认证已过期），没有发出。请告知管理员。",
     "Not sent: the account may not send messages to members, or its verification has expired. Tell an administrator."),
    ("48004", Action.ALARM, "公众号的发消息接口已被微信封禁，没有发出。请告知管理员。",
     "Not sent: WeChat has banned this function for the account. Tell an administrator."),
    ("41001", Action.ALARM, "请求缺少接口凭证，没有发出。请告知管理员。", "Not sent: the request lacked its access token. Tell an administrator."),
    ("45087", Action.HALT, f"公众号暂时被限制发消息。{_MEND_ZH}", f"The account is barred from sending for now. {_MEND_EN}"),
    ("40164", Action.HALT, f"服务器 IP 不在公众号的白名单里。{_MEND_ZH}", f"The server's address is not on the account's allow-list. {_MEND_EN}"),
    ("45035", Action.HALT, f"服务器 IP 不在公众号的白名单里。{_MEND_ZH}", f"The server's address is not on the account's allow-list. {_MEND_EN}"),
    ("40243", Action.HALT, f"AppSecret 已被冻结。{_MEND_ZH}", f"The AppSecret is frozen. {_MEND_EN}"),
    ("50004", Action.HALT, f"公众号被处罚或停用。{_MEND_ZH}", f"The account is suspended. {_MEND_EN}"),
    ("50007", Action.HALT, f"公众号被处罚或停用。{_MEND_ZH}", f"The account is suspended. {_MEND_EN}"),
    ("89501", Action.HALT, f"需要公众号管理员在微信里确认这台服务器。{_MEND_ZH}", f"The account's owner must approve this server in WeChat. {_MEND_EN}"),
    ("89503", Action.HALT, f"需要公众号管理员在微信里确认这台服务器。{_MEND_ZH}", f"The account's owner must approve this server in WeChat. {_MEND_EN}"),
    ("89506", Action.HALT, f"公众号管理员 24 小时内拒绝了这台服务器。{_MEND_ZH}", f"The account's owner refused this server within the last day. {_MEND_EN}"),
    ("89507", Action.HALT, f"公众号管理员 1 小时内拒绝了这台服务器。{_MEND_ZH}", f"The account's owner refused this server within the last hour. {_MEND_EN}"),
    ("40002", Action.HALT, f"AppID 或 AppSecret 不对。{_MEND_ZH}", f"The AppID or AppSecret is wrong. {_MEND_EN}"),
    ("40013", Action.HALT, f"AppID 不对。{_MEND_ZH}", f"The AppID is wrong. {_MEND_EN}"),
    ("40125", Action.HALT, f"AppSecret 不对。{_MEND_ZH}", f"The AppSecret is wrong. {_MEND_EN}"),
    ("41002", Action.HALT, f"缺少 AppID。{_MEND_ZH}", f"The AppID is missing. {_MEND_EN}"),
    ("41004", Action.HALT, f"缺少 AppSecret。{_MEND_ZH}", f"The AppSecret is missing. {_MEND_EN}"),
    # The moment
    ("40001", Action.TOKEN, f"接口凭证被微信拒绝。{_MEND_ZH}", f"WeChat refuses the access token. {_MEND_EN}"),
    ("40014", Action.TOKEN, f"接口凭证被微信拒绝。{_MEND_ZH}", f"WeChat refuses the access token. {_MEND_EN}"),
    ("42001", Action.TOKEN, f"接口凭证被微信拒绝。{_MEND_ZH}", f"WeChat refuses the access token. {_MEND_EN}"),
    ("-1", Action.BUSY, "微信系统繁忙，稍后自动重试。", "WeChat is busy; trying again shortly."),
    ("45011", Action.MINUTE, "发得太快，一分钟后自动继续。", "Too many at once; it goes on by itself in a minute."),
    ("45102", Action.MINUTE, "发得太快，一分钟后自动继续。", "Too many at once; it goes on by itself in a minute."),
    ("45009", Action.QUOTA, "今天的发送额度已用完，明天零点后自动发出；等不及请打电话。",
     "Today's quota is used up; it goes out by itself after midnight in China. If it cannot wait, call them."),
    ("45093", Action.QUOTA, "发送额度已用完，恢复后自动发出；等不及请打电话。",
     "The quota is used up; it goes out by itself once renewed. If it cannot wait, call them."),
)  # fmt: skip
OUTCOMES = {code: Outcome(code, action, zh, en) for code, action, zh, en in _TABLE}
_DETAIL_MOST = 200


def outcome_of(text: str) -> Outcome:
    """Return the row for an outcome as stored; a code the table lacks is a refusal that names it."""
    code = text.partition(":")[0]
    return OUTCOMES.get(code) or Outcome(
        code,
        Action.ALARM,
        f"微信没有接受（错误码 {code}）。请告知管理员。",
        f"WeChat did not accept it (error {code}). Tell an administrator.",
    )


def sentence(text: str, language: str = "zh") -> str:
    """Return what to tell a person about an outcome as stored, in a language (``zh…`` or ``en…``); empty for none."""
    if not text:
        return ""
    row = outcome_of(text)
    return row.zh if language.startswith("zh") else row.en


def with_detail(code: str, detail: str) -> str:
    """Return the outcome as stored: its code, and the platform's own words on one short line."""
    words = " ".join(detail.split())[:_DETAIL_MOST]
    return f"{code}: {words}" if words else code


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform, or we, said no for good. ``closes_window``: nothing more may be sent to the member until they do something."""

    outcome: str
    closes_window: bool = False


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Surely not delivered; again in ``after_seconds`` (None: by growing steps).

    ``holds_all`` means that nothing else would get through meanwhile either. ``most_tries`` limits how often, None not at all.
    """

    outcome: str
    after_seconds: float | None = None
    holds_all: bool = True
    most_tries: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it was delivered."""

    outcome: str


Failure = Refused | RetryLater | Unknown
Result = Sent | Failure


class CallFailed(Exception):
    """A call other than sending did not do what was asked. ``result`` says what that means, ``outcome`` is its code with the platform's words.

    Neither holds the access token or the secret.
    """

    def __init__(self, result: Failure) -> None:
        super().__init__(result.outcome)
        self.result = result
        self.outcome = result.outcome
