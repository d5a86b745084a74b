"""Rules that need no measuring: a message that is a sample phrase, a keyword wherever it stands, a keyword that is declined.

Keywords are found by walking the message once: a table by first character says which lengths are worth a look-up. That is linear in the
message however many keywords there are, needs no automaton, and is the fastest of the simple ways in Python, as most characters start none.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

# "不要再给我发…": declining, and what may stand between it and the thing declined. 要不要 asks; 特别 and 分别 decline nothing.
_DECLINED = re.compile(
    r"(?:(?<!需)不需要|(?<!要)不要|(?<!用)不用|(?<!想)不想|不必|无需|(?<![特分性级区个差类告])别|甭|勿|(?<!有)没有?(?=[想要]))"
    r"(?:想|要)?(?:再|给|我|帮|你们?|去|来|让|发|推送?|有|什么|转|接|找|领|用|收到?|看|这个?|那个?|些|张){0,6}$"
)
# 不要给我发优惠券了: what is declined need not be a keyword; nor in 我不要券, 不投诉了.
_DECLINES = re.compile(
    r"(?:请|麻烦|能不能|可以)?(?:不需要|不要|不用|不想|别|甭)再?(?:给|帮|跟)?我?再?(?:发|推|通知|提醒|领|签|打扰|转)"
    r"|我?(?:不需要|不想?要)[^ ]{0,6}?[券卷劵](?:了|啦)?$"
    r"|我?不(?![能见行好对知会管在是])[^ ]{1,4}[了啦](?: |$)"
)
_COMPLAINS = re.compile(r"(?:怎么|为什么|为啥|凭什么|[还再都也就是说要])$")
# Ordinary words with a keyword inside that mean no such thing: 人工智能, 真人秀, 网红打卡地, 酒店签到.
_ORDINARY = re.compile(
    r"人工(?:智能|费|成本|湖|降雨|呼吸)|真人(?:秀|版)|网红打卡|打卡(?:地|点|圣地|上班)|上班打卡|(?:酒店|宾馆|会议|考勤|课堂|航班)签到|投诉过"
)
_LOOK_BACK = 14  # characters before a keyword in which declining is looked for


@dataclass(frozen=True, slots=True)
class KeywordRule:
    """A keyword, normalised, with the intent it points at."""

    text: str
    intent: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A keyword found from ``start`` on; ``declined`` when the words around say that it is not wanted, or not meant."""

    rule: KeywordRule
    start: int
    declined: bool

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + len(self.rule.text)


class ExactRules:
    """Whole messages that are known."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Learn pairs of (normalised phrase, intent)."""
        known: dict[str, dict[str, None]] = defaultdict(dict)
        for phrase, intent in phrases:
            if phrase:
                known[phrase][intent] = None
        self._known = {phrase: tuple(intents) for phrase, intents in known.items()}

    def find(self, key: str) -> tuple[str, ...]:
        """Return the intents that have exactly this phrase, first declared first; none is the usual case."""
        return self._known.get(key, ())


class KeywordRules:
    """Words that point at an intent wherever they stand."""

    def __init__(self, rules: Iterable[KeywordRule]) -> None:
        """Learn the rules; one word may belong to several intents."""
        self._rules: dict[str, list[KeywordRule]] = defaultdict(list)
        lengths: dict[str, set[int]] = defaultdict(set)
        for rule in rules:
            if rule.text:
                self._rules[rule.text].append(rule)
                lengths[rule.text[0]].add(len(rule.text))
        self._lengths: Mapping[str, tuple[int, ...]] = {
            first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()
        }

    def find(self, text: str) -> list[Hit]:
        """Return every keyword in a normalised text, strongest first: higher priority, then longer, then earlier.

        A keyword inside a longer one that was found too says nothing of its own and is left out, unless its priority is higher.
        """
        hits: list[Hit] = []
        for start, character in enumerate(text):
            for length in self._lengths.get(character, ()):
                rules = self._rules.get(text[start : start + length])
                if rules and _stands_alone(text, start, start + length):
                    declined = _is_declined(text, start) or _is_dropped(text, start, start + length)
                    hits.extend(Hit(rule, start, declined) for rule in rules)
        if hits:
            ordinary = [found.span() for found in _ORDINARY.finditer(text)]
            hits = [replace(hit, declined=True) if _is_within(hit, ordinary) else hit for hit in hits]
        if len(hits) > 1:
            hits = [hit for hit in hits if not any(_covers(other, hit) for other in hits)]
            hits.sort(key=lambda hit: (-hit.rule.priority, -len(hit.rule.text), hit.start))
        return hits


def declines(text: str) -> bool:
    """Say whether a normalised text as a whole asks for something not to be done."""
    return _DECLINES.match(text) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether a word of Latin letters or digits is not part of a longer one: "hi" is not in "this"."""
    if text[start].isascii() and start and _is_ascii_word(text[start - 1]) and _is_ascii_word(text[start]):
        return False
    return not (end < len(text) and _is_ascii_word(text[end]) and _is_ascii_word(text[end - 1]))


def _is_ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_declined(text: str, start: int) -> bool:
    return start > 0 and _DECLINED.search(text[max(0, start - _LOOK_BACK) : start]) is not None


def _is_within(hit: Hit, spans: list[tuple[int, int]]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


def _is_dropped(text: str, start: int, end: int) -> bool:
    """Say whether something is no longer wanted: 不投诉了; 怎么不退款了 and 再不退款了 complain."""
    dropped = text[start - 1 : start] == "不" and text[end : end + 1] in ("了", "啦")
    return dropped and _COMPLAINS.search(text[max(0, start - _LOOK_BACK) : start - 1]) is None


def _covers(longer: Hit, shorter: Hit) -> bool:
    return (
        len(longer.rule.text) > len(shorter.rule.text)
        and longer.rule.priority >= shorter.rule.priority
        and longer.start <= shorter.start
        and longer.start + len(longer.rule.text) >= shorter.start + len(shorter.rule.text)
    )


LIFT, LIFT_BY_COVER = 0.25, 0.45  # of a keyword: at least, and for being the whole message


def lifts_of(hits: Sequence[Hit], length: int) -> tuple[dict[str, float], set[str]]:
    """Return how far keywords lift each intent in a message of this length, and the intents that are declined instead.

    The strongest keyword counts in full, shorter ones in proportion.
    """
    lifts: dict[str, float] = {}
    standing = [hit.rule for hit in hits if not hit.declined]
    for rule in standing:
        strength = len(rule.text) / len(standing[0].text)
        lift = (LIFT + LIFT_BY_COVER * len(rule.text) / max(length, 1)) * min(1.0, strength)
        lifts[rule.intent] = max(lift, lifts.get(rule.intent, 0.0))
    return lifts, {hit.rule.intent for hit in hits if hit.declined} - lifts.keys()
