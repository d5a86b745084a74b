"""What can go wrong with a reply template, and the sentences that say so.

TemplateError            has a stable ``code``, a line, and a sentence in English (``str``) and Chinese (``chinese``)
├── BadTemplate          the source itself is not acceptable: found when it is saved or loaded
└── RenderError          the source is fine, but these values cannot be said with it
"""

import re
from types import MappingProxyType

SENTENCES = MappingProxyType(
    {
        # the file
        "bad-name": (
            "模板名称只能用小写字母、数字和下划线，最多 64 个字符。",
            "A template's name is a-z, 0-9 and _, at most 64 characters.",
        ),
        "too-big": ("模板太长了，最多 {limit} 个字符。", "The source is longer than {limit} characters."),
        "bad-text": ("文字里有无法显示的字符。", "The text holds characters that cannot be sent."),
        "no-front-matter": (
            "开头缺少说明部分：请以单独一行 --- 开始，再以单独一行 --- 结束。",
            "The source must start with front matter between two lines of ---.",
        ),
        "bad-yaml": ("说明部分写法有误：{reason}", "The front matter is not valid YAML: {reason}"),
        "yaml-feature": (
            "说明部分不能使用 YAML 的锚点、引用或标签。",
            "Front matter takes no YAML anchors, aliases or tags.",
        ),
        "repeated-key": ("“{key}”写了两次。", "The key {key} is given twice."),
        "unknown-key": ("不认识的项目“{key}”。", "The key {key} is unknown."),
        "missing-key": ("缺少“{key}”。", "The key {key} is missing."),
        "wrong-type": ("“{key}”应当是{wanted_zh}。", "The key {key} must be {wanted}."),
        "key-not-used": ("“{kind}”类型的回复用不到“{key}”。", "A reply of kind {kind} takes no {key}."),
        "body-missing": ("正文是空的。", "The body is empty."),
        "body-not-used": ("“{kind}”类型的回复没有正文。", "A reply of kind {kind} takes no body."),
        # the body
        "syntax": ("写法有误：{reason}", "The template has a syntax error: {reason}"),
        "not-allowed": ("模板里不能使用 {what}。", "Templates may not use {what}."),
        "bad-variable": (
            "变量名“{name}”不可用：请用小写字母开头的字母、数字、下划线。",
            "The variable name {name} is not allowed.",
        ),
        "filter-not-allowed": ("没有“{name}”这个过滤器。", "The filter {name} is not allowed."),
        "filter-arguments": ("过滤器“{name}”的参数不对：{wanted}", "The filter {name} takes {wanted}."),
        "test-not-allowed": ("没有“is {name}”这个判断。", "The test {name} is not allowed."),
        "loops-too-deep": ("循环最多嵌套 {limit} 层。", "Loops nest at most {limit} deep."),
        "too-deep": ("嵌套太深了，请写得简单一些。", "The template is nested too deeply."),
        "loop-over": ("循环只能用在给定的列表上，例如 {{% for x in 列表 %}}。", "A loop runs over a given list only."),
        "inline-if": ("行内 if 必须写 else。", "An inline if needs its else."),
        # saying it
        "missing-value": ("缺少变量：{reason}", "A value is missing: {reason}"),
        "wrong-value": ("“{what}”用不了这个值（{got}）。", "{what} cannot use a value of type {got}."),
        "cannot-show": (
            "这个值（{got}）不能直接显示，请用 if、for 或过滤器。",
            "A value of type {got} cannot be shown as it is.",
        ),
        "bad-values": ("传入的变量不合要求：{reason}", "The values are not acceptable: {reason}"),
        "too-slow": ("生成回复用时太长。", "Rendering took longer than {limit} s."),
        "too-much": ("生成的回复太长。", "The output is larger than {limit} bytes."),
        "empty-output": ("生成的回复是空的。", "The output is empty."),
        "failed": ("无法生成回复：{reason}", "Rendering failed: {reason}"),
        # advice
        "too-long": (
            "用示例变量生成的回复有 {used} 字节，超过上限 {limit} 字节，微信会显示故障提示。",
            "With its sample values the reply has {used} bytes; the limit is {limit}.",
        ),
        "long": (
            "用示例变量生成的回复有 {used} 字节，建议不超过 {limit} 字节。",
            "With its sample values the reply has {used} bytes; at most {limit} is advised.",
        ),
        "unknown-variable": (
            "变量“{name}”不存在，发送时会出错。可用的变量：{known}",
            "Nothing passes the variable {name}. Known: {known}",
        ),
        "no-value-tag": (
            "请填写 value：这条回复给顾客带来什么（discount、info、service、fun 或 none）。",
            "The value tag is missing: discount, info, service, fun or none.",
        ),
        "reward-for-sharing": (
            "“{words}”像是诱导分享：以奖励换取转发、分享或集赞，公众号可能被封。",
            "“{words}” reads like a reward for forwarding, which can close the account.",
        ),
        "link-not-https": ("链接“{link}”不是 https:// 开头。", "The link {link} does not start with https://."),
        "review-past": ("这条回复应在 {date} 前复核，已经过期。", "This reply was due for review on {date}."),
        "sample-fails": ("用示例变量无法生成：{reason}", "It cannot be rendered with its sample values: {reason}"),
    }
)


_TYPES_ZH = MappingProxyType(
    {
        "str": "文字",
        "int": "整数",
        "float": "小数",
        "bool": "是或否",
        "list": "列表",
        "dict": "一组值",
        "NoneType": "空",
        "date": "日期",
    }
)
_SYNTAX_ZH = (
    (re.compile(r"Encountered unknown tag '(\w+)'"), "没有“{0}”这种标签，或者它前面少了配对的标签"),
    (re.compile(r"Unexpected end of template.*closed is '(\w+)'", re.DOTALL), "“{0}”没有用 end{0} 结束"),
    (
        re.compile(r"expected token 'end of (?:print statement|statement block)', got '(.*?)'"),
        "在“{0}”之前应当先结束花括号",
    ),
    (re.compile(r"unexpected char '(.*?)'"), "不应出现的字符“{0}”"),
    (re.compile(r"unexpected '?end of (?:template|print statement|statement block)"), "花括号里的内容没有写完"),
    (re.compile(r"unexpected '(.*?)'"), "不应出现的“{0}”"),
    (re.compile(r"Missing end of comment tag"), "注释没有用 #}} 结束"),
    (re.compile(r"Expected an expression"), "花括号里是空的"),
)


def sentence(code: str, *, chinese: bool, **details: object) -> str:
    """Return the sentence of a code in Chinese or English, its details filled in."""
    if not chinese:
        return SENTENCES[code][1].format(**details)
    if "got" in details:
        details["got"] = _TYPES_ZH.get(str(details["got"]), details["got"])
    if code == "syntax":
        details["reason"] = _syntax_in_chinese(str(details["reason"]))
    return SENTENCES[code][0].format(**details)


def _syntax_in_chinese(reason: str) -> str:
    """Return the usual complaints of Jinja's parser in Chinese, others as they are."""
    for pattern, words in _SYNTAX_ZH:
        if found := pattern.search(reason):
            return words.format(*found.groups())
    return reason


class TemplateError(Exception):
    """Base of all errors of this part.

    ``code`` is one of SENTENCES. ``line`` counts from 1 over the whole source, front matter included; 0 when the fault has no place.
    """

    def __init__(self, code: str, line: int = 0, **details: object) -> None:
        super().__init__(code, line, details)
        self.code = code
        self.line = line
        self.details = details
        self.name = ""

    @property
    def chinese(self) -> str:
        """The reason in one Chinese sentence, without the place."""
        return sentence(self.code, chinese=True, **self.details)

    @property
    def english(self) -> str:
        """The reason in one English sentence, without the place."""
        return sentence(self.code, chinese=False, **self.details)

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.name, f"line {self.line}" if self.line else "") if part)
        return f"{place}: {self.english}" if place else self.english


class BadTemplate(TemplateError):
    """The source is not acceptable."""


class RenderError(TemplateError):
    """These values cannot be said with this template."""
