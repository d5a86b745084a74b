"""The one table of what can come of a call to the platform's API: code, what to do, why, and what a person can do about it.

Codes from https://developers.weixin.qq.com/doc/service/guide/dev/errorcode.html, read 2026-03, and from what SDKs handle. The reasons stand after
"没有发出：" and "Not sent: ", or begin a sentence; ``bot.wechat.outcomes`` puts them together.
"""

from dataclasses import dataclass
from enum import Enum


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
    CONTACT = "wait with this message until the member does something"
    OFFLINE = "surely not sent: again as soon as there is a connection"
    UNSURE = "nobody knows whether it was delivered: never again by itself"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the table: the code, what to do, why it is so, and what a person can do (empty: what the action says)."""

    code: str
    action: Action
    zh: str
    en: str
    advice_zh: str = ""
    advice_en: str = ""


_WAIT = (
    "等对方再发来消息就能回复；要紧的话，请打电话。",
    "You can answer once they write again; if it is urgent, call them.",
)
_CALL = (
    "重新关注后才能联系；要紧的话，请打电话。",
    "You can write once they follow again; if it is urgent, call them.",
)
_TELL = ("请告知管理员。", "Tell an administrator.")
_NONE = ("", "")
_A = Action

_TABLE: tuple[tuple[str, Action, str, str, tuple[str, str]], ...] = (
    # What we find out ourselves
    ("window_closed", _A.REFUSE, "回复时间已过（对方发来消息后 48 小时内可回复）。", "the reply window has closed (48 hours after their last message).", _WAIT),
    ("window_spent", _A.REFUSE, "对方上次来消息后，能发的条数已用完。", "the messages allowed since they last wrote are used up.", _WAIT),
    ("waits_for_contact", _A.CONTACT, "回复时间已过。", "the reply window has closed.", _NONE),
    ("overtaken", _A.REFUSE, "这条提醒已经不需要了（券已使用或过期）。", "the reminder is no longer needed (the coupon was used or has expired).", _NONE),
    ("called_off", _A.REFUSE, "对方不想再收到通知（取消关注，或说了退订）。", "they want no more notices (they unfollowed, or said so).", _NONE),
    ("no_secret", _A.ALARM, "尚未填写公众号的 AppID 和 AppSecret，只能被动回复。", "the account's AppID and AppSecret are not set, so only replies work.",
     ("请管理员补上后再试。", "Ask an administrator to set them, then try again.")),
    ("empty_text", _A.REFUSE, "内容是空的。", "it is empty.", _NONE),
    ("not_sendable", _A.REFUSE, "这类内容不能主动发送。", "this kind of content works only as a direct reply.", _NONE),
    ("unreadable", _A.REFUSE, "这条消息的内容已损坏。", "the stored content cannot be read.", ("请重新编写。", "Write it again.")),
    ("media_gone", _A.REFUSE, "图片或文件已经不在本机了。", "the picture or file is no longer kept here.",
     ("请重新上传后再发。", "Upload it again, then send.")),
    ("media_too_large", _A.REFUSE, "文件太大。", "the file is too large.", _NONE),
    ("internal", _A.REFUSE, "程序出错。", "the program failed.", ("请管理员查看日志。", "Ask an administrator to look at the log.")),
    ("lapsed", _A.UNSURE, "发送途中程序中断。", "the program stopped while sending.", _NONE),
    # What the connection tells
    ("offline", _A.OFFLINE, "暂时连不上微信。", "WeChat cannot be reached just now.", _NONE),
    ("http_refused", _A.OFFLINE, "微信接口地址没有接受请求，如持续出现，请管理员检查接口地址。",
     "the API address did not accept the request; if this lasts, an administrator should check the address.", _NONE),
    ("token_pending", _A.OFFLINE, "正在获取接口凭证。", "an access token is being fetched.", _NONE),
    ("timeout", _A.UNSURE, "微信没有及时回应。", "WeChat did not answer in time.", _NONE),
    ("cut_off", _A.UNSURE, "连接中途断开。", "the connection broke half-way.", _NONE),
    ("http_error", _A.UNSURE, "微信服务器出错。", "WeChat's server failed.", _NONE),
    ("not_json", _A.UNSURE, "微信的回应看不懂。", "WeChat's answer makes no sense.", _NONE),
    # The member
    ("40003", _A.CLOSE, "这位用户不属于当前公众号。", "this person does not belong to the current account.", _NONE),
    ("49003", _A.CLOSE, "这位用户不属于当前公众号。", "this person does not belong to the current account.", _NONE),
    ("43004", _A.CLOSE, "对方已取消关注。", "they no longer follow the account.", _CALL),
    ("50005", _A.CLOSE, "对方没有关注公众号。", "they do not follow the account.", _CALL),
    ("46004", _A.CLOSE, "找不到这位用户。", "this person no longer exists.", _NONE),
    ("43019", _A.CLOSE, "对方在公众号的黑名单里。", "they are on the account's blocklist.", ("移出黑名单后可重发。", "Take them off, then send again.")),
    ("48002", _A.CLOSE, "对方关闭了接收消息。", "they have switched messages off.", _WAIT),
    ("50002", _A.CLOSE, "对方的微信账号受限。", "their WeChat account is restricted.", _NONE),
    ("45015", _A.CLOSE, "回复时间已过，或对方已取消关注。", "the reply window has closed, or they no longer follow.", _WAIT),
    ("45047", _A.CLOSE, "对方上次来消息后，能发的条数已用完。", "the messages allowed since they last wrote are used up.", _WAIT),
    ("43101", _A.REFUSE, "对方没有同意接收，或同意的次数已用完。", "they have not agreed to it, or the consent is used up.", _NONE),
    # What was to be said
    ("45001", _A.REFUSE, "图片或音视频太大。", "the picture or clip is too large.", ("请换小一点的。", "Choose a smaller one.")),
    ("45002", _A.REFUSE, "文字太长。", "the text is too long.", ("请分成几条再发。", "Send it in parts.")),
    ("45003 45004 45005 45006", _A.REFUSE, "标题、简介或链接太长。", "the title, description or link is too long.", ("请写短一点。", "Shorten it.")),
    ("45007", _A.REFUSE, "语音太长，最多 60 秒。", "the voice clip is too long: at most 60 seconds.", _NONE),
    ("45008", _A.REFUSE, "图文条数过多，一次只能发一条图文。", "only one article may be sent at a time.", _NONE),
    ("40007", _A.REFUSE, "图片或音视频素材已失效。", "the picture or clip has expired.", ("请重新上传后再发。", "Upload it again, then send.")),
    ("40004 40137", _A.REFUSE, "微信不接受这种格式的文件。", "WeChat does not take files of this format.",
     ("图片请用 JPG、PNG 或 GIF。", "Use JPG, PNG or GIF for pictures.")),
    ("40005 40006 40009 40010 40011 40012", _A.REFUSE, "文件的格式或大小不符合微信的要求。", "the file's format or size is not what WeChat takes.", _NONE),
    ("40008", _A.REFUSE, "微信不认识这类消息。", "WeChat does not know this kind of message.", _NONE),
    ("40033 47002", _A.REFUSE, "内容含有微信不接受的字符。", "it contains characters that WeChat does not take.", _NONE),
    ("44001 44002 44003 44004", _A.REFUSE, "内容是空的。", "it is empty.", _NONE),
    ("46001", _A.REFUSE, "微信那边已没有这份素材。", "WeChat no longer has this picture or clip.", ("请重新上传后再发。", "Upload it again, then send.")),
    ("53600", _A.REFUSE, "找不到这篇已发布的文章。", "this published article cannot be found.", _NONE),
    ("45098", _A.REFUSE, "选项太多。", "it offers too many choices.", _NONE),
    ("45099", _A.REFUSE, "有选项太长。", "one of its choices is too long.", _NONE),
    ("48008 45048 45049 45050 45051 45052", _A.REFUSE, "公众号不能这样发送这类消息。", "the account may not send this kind of message this way.", _NONE),
    ("45064 45086", _A.REFUSE, "小程序没有关联到这个公众号。", "the mini program is not linked to the account.", _NONE),
    ("40054 40055 45082", _A.REFUSE, "链接的域名微信不接受。", "WeChat does not take the domain of the link.", _NONE),
    ("45080", _A.REFUSE, "现在不能显示「正在输入」。", "typing cannot be shown now.", _NONE),
    ("45081", _A.REFUSE, "已经显示「正在输入」。", "typing is shown already.", _NONE),
    ("47001", _A.ALARM, "微信读不懂这次请求的格式。", "WeChat could not read the request's format.", _NONE),
    ("40035 40097 40038", _A.ALARM, "请求的参数不对。", "a parameter of the request is wrong.", _NONE),
    ("43001 43002 43003", _A.ALARM, "请求的方式不对。", "the request was made the wrong way.", _NONE),
    # Templates, mass sends, menus, codes, tags
    ("40037", _A.REFUSE, "模板编号不对，或模板已删除。", "the template's number is wrong, or it was deleted.", _NONE),
    ("47003", _A.REFUSE, "有模板内容不合要求。", "a value does not fit the template.", _NONE),
    ("45026 45027 48011", _A.REFUSE, "模板数量、行业或状态不允许。", "the number, industry or state of the templates does not allow it.", _NONE),
    ("45028", _A.QUOTA, "本月（订阅号为今天）的群发次数已用完。", "the mass sends of this month (of today, for a subscription account) are used up.", _NONE),
    ("45065", _A.REFUSE, "这条群发之前已经提交过。", "this mass send was handed in before.", _NONE),
    ("45066", _A.MINUTE, "同一条群发提交得太快。", "the same mass send was handed in too soon again.", _NONE),
    ("45067", _A.ALARM, "群发的编号太长。", "the mass send's number is too long.", _NONE),
    ("40130", _A.REFUSE, "群发至少要有两位用户。", "a mass send needs two people at least.", _NONE),
    ("48003", _A.ALARM, "公众号还没有同意群发协议。", "the account has not accepted the mass sending agreement.",
     ("请管理员登录公众平台同意。", "An administrator can accept it on mp.weixin.qq.com.")),
    ("40015 40016 40017 40018 40019 40020 40021 40022 40023 40024 40025 40026 40027 40028", _A.REFUSE, "菜单的按钮不符合微信的要求。",
     "a button of the menu is not what WeChat takes.", _NONE),
    ("46003", _A.REFUSE, "公众号还没有菜单。", "the account has no menu yet.", _NONE),
    ("65301 65302 65304 65305 65306 65307 65308 65309 65310 65311 65312 65313 65314 65316 65317", _A.REFUSE, "个性化菜单不符合微信的要求。",
     "the conditional menu is not what WeChat takes.", _NONE),
    ("65303", _A.REFUSE, "要先有默认菜单，才能有个性化菜单。", "there must be a default menu before a conditional one.", _NONE),
    ("65320", _A.REFUSE, "微信不再支持按性别、地区、语言分菜单。", "WeChat no longer takes menus by sex, place or language.", ("请改用标签。", "Use tags.")),
    ("40053", _A.REFUSE, "二维码的参数不对，或永久二维码已满。", "the QR code's values are wrong, or the permanent ones are used up.", _NONE),
    ("45029", _A.REFUSE, "永久二维码已满 10 万个。", "all 100,000 permanent QR codes are used up.", _NONE),
    ("45056", _A.REFUSE, "标签已满 100 个。", "there are 100 tags already.", _NONE),
    ("45057", _A.REFUSE, "标签下的用户超过 10 万，不能直接删除。", "more than 100,000 people have the tag: it cannot be deleted at once.", _NONE),
    ("45058", _A.REFUSE, "系统自带的标签不能改。", "WeChat's own tags cannot be changed.", _NONE),
    ("45059", _A.REFUSE, "有用户的标签已满 20 个。", "somebody has 20 tags already.", _NONE),
    ("45157", _A.REFUSE, "标签名不对，或已有同名标签。", "the tag's name is wrong, or taken.", _NONE),
    ("45158", _A.REFUSE, "标签名太长，最多 30 个字。", "the tag's name is too long: at most 30 characters.", _NONE),
    ("45159", _A.REFUSE, "没有这个标签。", "there is no such tag.", _NONE),
    ("40032", _A.REFUSE, "一次的用户太多。", "too many people at once.", _NONE),
    ("48005", _A.REFUSE, "素材正被使用，不能删除。", "the material is in use and cannot be deleted.", _NONE),
    ("48006", _A.QUOTA, "本月清零额度的机会已用完。", "this month's renewals of quotas are used up.", _NONE),
    ("65400", _A.ALARM, "公众号没有开通新版客服功能。", "the account's agent console is not switched on.", _NONE),
    ("65401 65404", _A.REFUSE, "没有这个客服账号。", "there is no such agent account.", _NONE),
    ("65402", _A.REFUSE, "客服账号还没有绑定微信号。", "the agent account is not bound to a WeChat user.", _NONE),
    ("65413", _A.REFUSE, "没有这个客服会话。", "there is no such agent session.", _NONE),
    ("65414", _A.REFUSE, "对方正由另一位客服接待。", "another agent serves them.", _NONE),
    ("65415", _A.REFUSE, "这位客服不在线。", "this agent is not online.", _NONE),
    ("61500 61501 65416 65417", _A.REFUSE, "日期或范围不对。", "the date or range is wrong.", _NONE),
    ("76021", _A.REFUSE, "没有这个接口，或它没有额度可查。", "there is no such call, or it has no quota to read.", _NONE),
    ("76022", _A.REFUSE, "没有这次请求的记录，或记录已过期（约保留七天）。",
     "there is no record of this request, or it is no longer kept (about seven days).", _NONE),
    # The account
    ("40200", _A.ALARM, "这个公众号不能使用此功能。", "this account may not use the feature.", _TELL),
    ("48001", _A.ALARM, "公众号没有这项接口权限，或认证已过期。", "the account may not use this function, or its verification has expired.", _TELL),
    ("48004", _A.ALARM, "公众号的这个接口已被微信封禁。", "WeChat has banned this function for the account.", _TELL),
    ("41001", _A.ALARM, "请求缺少接口凭证。", "the request lacked its access token.", _TELL),
    ("45087", _A.HALT, "公众号暂时被限制发消息。", "the account is barred from sending for now.", _NONE),
    ("40164 45035", _A.HALT, "服务器 IP 不在公众号的白名单里。", "the server's address is not on the account's allow-list.", _NONE),
    ("40243", _A.HALT, "AppSecret 已被冻结。", "the AppSecret is frozen.", _NONE),
    ("50004 50007", _A.HALT, "公众号被处罚或停用。", "the account is suspended.", _NONE),
    ("89501 89503", _A.HALT, "需要公众号管理员在微信里确认这台服务器。", "the account's owner must approve this server in WeChat.", _NONE),
    ("89506", _A.HALT, "公众号管理员 24 小时内拒绝了这台服务器。", "the account's owner refused this server within the last day.", _NONE),
    ("89507", _A.HALT, "公众号管理员 1 小时内拒绝了这台服务器。", "the account's owner refused this server within the last hour.", _NONE),
    ("61003 61004 61007 61016", _A.HALT, "第三方平台的授权不够。", "the authorisation of a third-party platform does not suffice.", _NONE),
    ("40002", _A.HALT, "AppID 或 AppSecret 不对。", "the AppID or AppSecret is wrong.", _NONE),
    ("40013", _A.HALT, "AppID 不对。", "the AppID is wrong.", _NONE),
    ("40125", _A.HALT, "AppSecret 不对。", "the AppSecret is wrong.", _NONE),
    ("41002", _A.HALT, "缺少 AppID。", "the AppID is missing.", _NONE),
    ("41004", _A.HALT, "缺少 AppSecret。", "the AppSecret is missing.", _NONE),
    # The moment
    ("40001 40014 42001", _A.TOKEN, "接口凭证被微信拒绝。", "WeChat refuses the access token.", _NONE),
    ("-1", _A.BUSY, "微信系统繁忙。", "WeChat is busy.", _NONE),
    ("45011 45102", _A.MINUTE, "请求太快。", "too many at once.", _NONE),
    ("45009", _A.QUOTA, "这个接口今天的额度已用完（北京时间零点恢复）。", "today's quota of this call is used up (it is renewed at midnight in China).", _NONE),
    ("45093", _A.QUOTA, "发送额度已用完。", "the quota is used up.", _NONE),
)  # fmt: skip
OUTCOMES = {
    code: Outcome(code, action, zh, en, *advice) for codes, action, zh, en, advice in _TABLE for code in codes.split()
}
