"""What staff write down as an intent: read from a form, checked by the same rules as the turn's, and put in its place.

NotAcceptable   the form says something that no intent can be; ``field`` names where, ``reason`` is for people
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.web.words import gettext
from intents.matching.normalise import normalise
from intents.registry import CODED_NAMES
from intents.scripted.loading import (
    LONGEST_KEYWORD,
    LONGEST_PHRASE,
    LONGEST_TITLE,
    MOST_KEYWORDS,
    MOST_PHRASES,
    BadScriptedIntent,
    from_record,
)
from intents.types import Intent
from storage.scripted_intents import ScriptedIntent

FEW_PHRASES = 12  # below it consumers' own ways of asking are met too seldom


class NotAcceptable(Exception):
    """The form says something that no intent can be; ``field`` names where, ``reason`` is for people."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Written:
    """What a form says of an intent; the keywords with their priorities."""

    name: str
    title: str
    phrases: tuple[str, ...]
    keywords: tuple[tuple[str, int], ...]


def read(name: str, title: str, phrases: str, keywords: str) -> Written:
    """Return what the form says: phrases a line each, keywords a line each with an optional priority after a blank. Raises NotAcceptable."""
    lines = [line.strip() for line in phrases.split("\n") if line.strip()]
    pairs = [_keyword(line.strip()) for line in keywords.split("\n") if line.strip()]
    _check_sizes(title, lines, pairs)
    return Written(name, title, tuple(lines), tuple(pairs))


def check(written: Written, others: Sequence[Intent], now: datetime) -> None:
    """Raise NotAcceptable when the turn would leave the intent out, or when it takes a title or a phrase of another one."""
    if written.name in CODED_NAMES:
        raise NotAcceptable("name", gettext("这个名称已经被一个内置意图用了。"))
    record = ScriptedIntent(
        written.name, written.title, written.phrases, written.keywords, enabled=True, updated_by="", updated_at=now
    )
    try:
        from_record(record)
    except BadScriptedIntent as error:
        raise NotAcceptable(*_explained(written, error)) from error
    others = [other for other in others if other.name != written.name]
    if any(other.title == written.title for other in others):
        raise NotAcceptable("title", gettext("别的意图已经叫这个名字了。"))
    taken = {normalise(phrase).key: other for other in others for phrase in other.phrases}
    for phrase in written.phrases:
        if (other := taken.get(normalise(phrase).key)) is not None:
            reason = gettext("“%(phrase)s”已经是“%(title)s”的例句。", phrase=phrase, title=other.title)
            raise NotAcceptable("phrases", reason)


def _keyword(line: str) -> tuple[str, int]:
    """Return a keyword and its priority: the number after the last blank, else 0."""
    text, _, priority = line.rpartition(" ")
    if text and priority.isascii() and priority.isdecimal() and len(priority) == 1:
        return text.strip(), int(priority)
    return line, 0


def _check_sizes(title: str, phrases: list[str], keywords: list[tuple[str, int]]) -> None:
    """Raise NotAcceptable, in words for people, for what is too long or too many."""
    if not title:
        raise NotAcceptable("title", gettext("请写上名字，顾客在“您是想问”里会看到它。"))
    if len(title) > LONGEST_TITLE:
        raise NotAcceptable("title", gettext("名字最多 %(most)d 个字。", most=LONGEST_TITLE))
    if not 1 <= len(phrases) <= MOST_PHRASES:
        raise NotAcceptable("phrases", gettext("例句要有 1 到 %(most)d 句，一行一句。", most=MOST_PHRASES))
    if long := [phrase for phrase in phrases if len(phrase) > LONGEST_PHRASE]:
        raise NotAcceptable(
            "phrases", gettext("“%(start)s…”太长，例句最多 %(most)d 个字。", start=long[0][:12], most=LONGEST_PHRASE)
        )
    if len(keywords) > MOST_KEYWORDS:
        raise NotAcceptable("keywords", gettext("关键词最多 %(most)d 个。", most=MOST_KEYWORDS))
    if wide := [word for word, _ in keywords if len(word) > LONGEST_KEYWORD]:
        raise NotAcceptable(
            "keywords",
            gettext("“%(start)s…”太长，关键词最多 %(most)d 个字。", start=wide[0][:12], most=LONGEST_KEYWORD),
        )
    if len({word for word, _ in keywords}) < len(keywords):
        raise NotAcceptable("keywords", gettext("同一个关键词写了两次。"))


def _explained(written: Written, error: BadScriptedIntent) -> tuple[str, str]:
    """Return the field that a refusal is about, and words for it."""
    reason = error.reason
    if reason.startswith("the name"):
        return "name", gettext("名称用小写字母、数字、下划线，字母开头，2 到 40 个字符。")
    if reason.startswith("the title"):
        return "title", gettext("名字里要有文字。")
    if reason.startswith("the keyword"):
        return "keywords", gettext("有个关键词里没有文字。")
    if reason.endswith("are the same"):
        return "phrases", gettext("有两句例句其实一样：%(names)s", names=_twins(written.phrases))
    return "phrases", gettext("有一句例句里没有文字。")


def _twins(phrases: Sequence[str]) -> str:
    """Return the first two phrases that are the same to the matcher."""
    seen: dict[str, str] = {}
    for phrase in phrases:
        key = normalise(phrase).key
        if key in seen:
            return f"{seen[key]} / {phrase}"
        seen[key] = phrase
    return ""
