"""What an editor should know of a reply before it is published: everything that is wrong with it, and what is merely unwise."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from templates.content import Content
from templates.errors import BadTemplate, RenderError, sentence
from templates.front_matter import FrontMatter, Text, read
from templates.library import Template, compile_template, load_shipped
from templates.limits import measure

Severity = Literal["error", "warning"]

_HREF = re.compile(r"""<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_BARE_HTTP = re.compile(r"""http://[^\s"'<>]+""", re.IGNORECASE)
_ADDRESSES = frozenset({"link", "picture_url", "music_url", "hq_music_url"})
_GOOD_LINK = ("https://", "weixin://bizmsgmenu", "tel:", "{{", "{%")

# An editor's eye for "forward this and get that", which the platform punishes by closing accounts. Thanks for shared opinions are fine.
_SHARING = (
    r"(?:转发|分享(?=朋友圈|到|至|给|好友|朋友|群|微信|海报|链接|图片|本|此|该|文章|活动|出去|后|即|就|有|领|得|送)"
    r"|发(?:到|至)?朋友圈|朋友圈|集赞|攒赞|点赞|群发|好友助力|助力(?=值|满|成功|领)|砍一刀|好友砍价)"
)
_REWARD = (
    r"(?:领取|可领|即领|免费领|领(?=[券红奖礼优一两\d])|获得|获赠|得到|得(?=[券红奖礼优积一两\d])|(?<![配外派])送(?![达餐货到至])|赠|奖|红包"
    r"|优惠|免单|免费|折扣|[\d一二三四五六七八九]折|积分|有礼|好礼|礼品|礼物|礼包|抽取|解锁|返现)"
)
_PAUSE = r"[^。！？!?；;\n]"
_REWARD_AFTER = re.compile(f"{_SHARING}{_PAUSE}{{0,20}}?{_REWARD}")
_REWARD_BEFORE = re.compile(f"{_REWARD}{_PAUSE}{{0,12}}?(?:请|需|先|只要|即可|条件){_PAUSE}{{0,6}}?{_SHARING}")
_NOT_SPOKEN = re.compile(r"[ \t\u3000]|\{[{%#].*?[%}#]\}|</?a\b[^>]*>")
_RUNS_ON = ("，", ",", "、", "：", ":", "→", "+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: the line it belongs to (0 for the whole), a stable code, how bad it is, and a sentence in both languages.

    An ``error`` would fail or hurt when said: do not publish. A ``warning`` is for the editor to decide.
    """

    line: int
    code: str
    severity: Severity
    message_zh: str
    message_en: str


def lint(name: str, source: str, today: date | None = None, known: Mapping[str, object] | None = None) -> list[Finding]:
    """Return what is to be said about a source, by line.

    ``known`` are the values that its intent passes; by default those of the shipped reply of that name, and when there is none, the source's own.
    ``today`` in the brand's zone is needed to tell that a review is due.
    """
    try:
        template = compile_template(name, 0, source)
    except BadTemplate as error:
        return [Finding(error.line, error.code, "error", error.chinese, error.english)]
    if known is None:
        shipped = load_shipped().get(name)
        known = shipped.samples if shipped else template.samples
    front = read(source)
    unknown = list(_variables(template, known))
    findings = [*unknown, *_said(template, front, unknown), *_written(front), *_upkeep(template, front, today)]
    return sorted(findings, key=lambda finding: (finding.line, finding.severity, finding.code))


def preview(source: str, values: Mapping[str, object] | None = None) -> Content:
    """Return what a draft says with these values, or with its own samples; under the same limits as the real thing.

    Raises BadTemplate and RenderError.
    """
    template = compile_template("preview", 0, source)
    return template.render(template.samples if values is None else values)


def _finding(line: int, code: str, severity: Severity, **details: object) -> Finding:
    return Finding(
        line, code, severity, sentence(code, chinese=True, **details), sentence(code, chinese=False, **details)
    )


def _variables(template: Template, known: Mapping[str, object]) -> Iterator[Finding]:
    listed = "、".join(sorted(known)) or "–"
    for name, line in template.variables.items():
        if name not in known:
            yield _finding(line, "unknown-variable", "error", name=name, known=listed)


def _said(template: Template, front: FrontMatter, unknown: list[Finding]) -> Iterator[Finding]:
    """Look at what is said with the sample values."""
    try:
        content = template.render(template.samples)
    except RenderError as error:
        if error.code == "empty-output":
            yield _finding(error.line, "empty-output", "error")
            return
        if error.line in {found.line for found in unknown}:  # said already, and better
            return
        chinese, english = (
            sentence("sample-fails", chinese=zh, reason=error.chinese if zh else error.english) for zh in (True, False)
        )
        yield Finding(error.line, "sample-fails", "error", chinese, english)
        return
    meter = measure(content)
    if not meter.fits:
        yield _finding(0, "too-long", "error", used=meter.bytes_used, limit=meter.bytes_limit)
    elif not meter.comfortable:
        yield _finding(0, "long", "warning", used=meter.bytes_used, limit=meter.bytes_advised)
    for key in _ADDRESSES & front.fields.keys():
        link: str = getattr(content, key)
        if link and not link.startswith("https://"):
            yield _finding(front.fields[key].line, "link-not-https", "error", link=link)


def _written(front: FrontMatter) -> Iterator[Finding]:
    """Look at what is written, whether or not the sample values reach it."""
    texts = [front.body, *(text for key, text in front.fields.items() if key not in _ADDRESSES)]
    for number, line in (
        (text.line + offset, line) for text in texts for offset, line in enumerate(text.source.split("\n"))
    ):
        links = [link for link in _HREF.findall(line) if not link.startswith(_GOOD_LINK)]
        links += [link for link in _BARE_HTTP.findall(line) if link not in links]
        for link in links:
            yield _finding(number, "link-not-https", "error", link=link)
    for text in texts:
        yield from _wording(text)


def _wording(text: Text) -> Iterator[Finding]:
    """Look for rewards for forwarding, within a sentence; a line that ends in a comma runs on into the next."""
    spoken, numbers = "", []
    for number, line in enumerate(text.source.split("\n"), text.line):
        words = _NOT_SPOKEN.sub("", line)
        if not words.endswith(_RUNS_ON):
            words += "\n"
        spoken += words
        numbers += [number] * len(words)
    for found in (_REWARD_AFTER.search(spoken), _REWARD_BEFORE.search(spoken)):
        if found:
            yield _finding(numbers[found.start()], "reward-for-sharing", "error", words=found.group())
            return


def _upkeep(template: Template, front: FrontMatter, today: date | None) -> Iterator[Finding]:
    if template.value is None:
        yield _finding(1, "no-value-tag", "error")
    if template.review_on and today and template.review_on < today:
        yield _finding(front.lines["review_on"], "review-past", "warning", date=template.review_on)
