"""Times of day in a message: 15:30, 下午三点, 晚上八点半, 三点一刻, 8pm."""

import re
from dataclasses import dataclass

from intents.matching.numbers import chinese_number

_NUMERAL = "[零〇一二两三四五六七八九十]"
_CLOCK = re.compile(
    rf"(?<![\d.:/-])(?P<hour>\d{{1,2}}|(?<!{_NUMERAL}){_NUMERAL}{{1,3}})(?:"
    rf"(?:点|时)(?!外卖|餐|单|赞|评|击|建议|意见|要求|问题|原因|疑问|积分|分)(?P<sign>钟|整)?"
    rf"(?P<part>半|[一三]刻|(?P<minute>\d{{1,2}}|{_NUMERAL}{{1,3}})分?)?"
    r"|:(?P<digits>[0-5]\d)(?![\d:])(?: ?(?P<half>[ap])\.?m\b)?"
    r"| ?(?P<alone>[ap])\.?m\b)"
)
_HAS_CLOCK = re.compile(r"[点时:]|\d ?[ap]\.?m")
DAY_PARTS = re.compile(r"凌晨|清晨|清早|早上|早晨|早|上午|中午|下午|午后|傍晚|晚上|夜里|夜晚|半夜|晚|夜")
_DAY_PART = re.compile(rf"({DAY_PARTS.pattern})(?:的|大概|差不多|大约| )?$")
_LATER = frozenset({"下午", "午后", "傍晚", "晚上", "夜里", "夜晚", "半夜", "晚", "夜", "p"})
_OF_NIGHT = frozenset({"晚上", "夜里", "夜晚", "半夜", "晚", "夜"})
_LONGEST_PART = 5  # characters before the hour
_NIGHT_ENDS, _DAY_BEGINS = 5, 7  # hours: 晚上两点 is after midnight, and a bare 三点 is in the afternoon


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day found, as HH:MM, and where it stands."""

    value: str
    start: int
    end: int


def find_time(text: str) -> Time | None:
    """Return the first time of day a normalised text names, or None; 一点 alone is "a little", 25点 is no time."""
    if not _HAS_CLOCK.search(text):
        return None
    for found in _CLOCK.finditer(text):
        before = _DAY_PART.search(text[max(0, found.start() - _LONGEST_PART) : found.start()])
        part = (before[1] if before else "") or found["half"] or found["alone"] or ""
        if found["hour"] == "一" and not (part or found["sign"] or found["part"]):
            continue
        value = _value(_number(found["hour"]), _minute(found), part)
        if value is not None:
            return Time(value, found.start(), found.end())
    return None


def _value(hour: int | None, minute: int | None, part: str) -> str | None:
    if hour is None or minute is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    if part in _OF_NIGHT and (hour < _NIGHT_ENDS or hour == 12):
        hour %= 12
    elif (part in _LATER and hour < 12) or (part == "中午" and hour < 3) or (not part and 0 < hour < _DAY_BEGINS):
        hour += 12
    elif hour == 12 and part in ("凌晨", "a"):
        hour = 0
    return f"{hour % 24:02}:{minute:02}"


def _minute(found: re.Match[str]) -> int | None:
    if found["digits"]:
        return int(found["digits"])
    match found["part"]:
        case None:
            return 0
        case "半":
            return 30
        case "一刻":
            return 15
        case "三刻":
            return 45
    return _number(found["minute"])


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() else chinese_number(word)
