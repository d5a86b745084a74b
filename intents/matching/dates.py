"""Days named in a message: in words relative to a given day (后天, 三天后, 月底, 下周五), by number, or by the name of a holiday (国庆第二天)."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from intents.matching.holidays import MAY_NAME_ONE, find_holiday
from intents.matching.numbers import chinese_number

_RELATIVE = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0, "今早": 0, "今儿": 0,
    "明天": 1, "明日": 1, "明晚": 1, "明早": 1, "明儿": 1, "后天": 2, "后日": 2, "大后天": 3,
}  # fmt: skip
_WEEKDAYS = {
    "一": 0,
    "二": 1,
    "三": 2,
    "四": 3,
    "五": 4,
    "六": 5,
    "日": 6,
    "天": 6,
    **{str(day): day - 1 for day in range(1, 8)},
}

_SHIFT = {"下下": 2, "下": 1, "上": -1, "上上": -2}  # weeks or months
_SATURDAY, _SUNDAY = 5, 6

_NUMERAL = "[零〇一二三四五六七八九十]"
_ANY = re.compile(r"[天日号月周期拜晚早儿年/-]")  # no day is named without one of these: most messages end here
_ANY_HOLIDAY = re.compile(MAY_NAME_ONE)
_WORD = re.compile("|".join(sorted(_RELATIVE, key=len, reverse=True)))
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MONTH_DAY = re.compile(
    rf"(?:(\d{{4}}|{_NUMERAL}{{4}})年)?(?<!\d)(\d{{1,2}}|{_NUMERAL}{{1,2}})月(?:份)?(\d{{1,2}}|{_NUMERAL}{{1,3}})[日号]?(?!\d)"
)
_COUNT = rf"(\d{{1,3}}|{_NUMERAL[:-1]}两]{{1,3}})"
_AFTER = re.compile(rf"(?:再?过|再等)?(?<!\d){_COUNT}(天|个?(?:星期|礼拜)|周|个月)(?:以|之)?(后|前)")
_MONTH_PART = re.compile(
    rf"(下下|下|上上|上|这|本)?个?(?<!\d)月的?(初|中旬|中(?!午)|底|末|(?:\d{{1,2}}|{_NUMERAL}{{1,3}})[日号])"
)
_YEAR_END = re.compile(r"(明|今|去)?年(?:底|末)")
_WEEKEND = re.compile(r"(下下|下|上上|上|这|本)?个?周末")
_WEEKDAY = re.compile(r"(下下|下|上上|上|这|本)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天]|[1-7](?!\d))")


@dataclass(frozen=True, slots=True)
class Day:
    """A day found, and where it stands."""

    value: date
    start: int
    end: int


def find_date(text: str, today: date) -> Day | None:
    """Return the first day a normalised text names, or None; a day that does not exist (2月30日) is none.

    A bare weekday or weekend is the next such day, today included; 这周X and 下周X count weeks from Monday, 下个月 months. A month and day without a
    year mean the nearest one, past or to come; a holiday the next one. A span (月初, 周末) is its first day, 月底 and 年底 the last one.
    """
    best: Day | None = None
    if _ANY_HOLIDAY.search(text) and (named := find_holiday(text, today)) is not None:
        best = Day(*named)
    if not _ANY.search(text):
        return best
    for pattern, read in _READERS:
        for found in pattern.finditer(text):
            if best is not None and found.start() >= best.start:
                break
            value = read(found, today)
            if value is not None:
                best = Day(value, found.start(), found.end())
                break
    return best


def _word(found: re.Match[str], today: date) -> date | None:
    return _moved(today, _RELATIVE[found.group()])


def _iso(found: re.Match[str], today: date) -> date | None:  # noqa: ARG001 - one shape for all readers
    return _date(int(found.group(1)), int(found.group(2)), int(found.group(3)))


def _month_day(found: re.Match[str], today: date) -> date | None:
    year, month, day = (None if part is None else _number(part) for part in found.groups())
    if month is None or day is None:
        return None
    if year is not None:
        return _date(year, month, day)
    near = [_date(today.year + offset, month, day) for offset in (-1, 0, 1)]
    return min((one for one in near if one is not None), key=lambda one: abs(one - today), default=None)


def _weekday(found: re.Match[str], today: date) -> date | None:
    which, weekday = found.group(1), _WEEKDAYS[found.group(2)]
    if which is None:
        return _moved(today, (weekday - today.weekday()) % 7)
    return _moved(today, weekday - today.weekday() + 7 * _SHIFT.get(which, 0))


def _after(found: re.Match[str], today: date) -> date | None:
    count, unit, direction = _number(found.group(1)), found.group(2), found.group(3)
    if count is None:
        return None
    signed = count if direction == "后" else -count
    if "月" in unit:
        return _in_month(today, signed, today.day, clamp=True)
    return _moved(today, signed if unit == "天" else 7 * signed)


def _month_part(found: re.Match[str], today: date) -> date | None:
    which, part = found.group(1), found.group(2)
    months = _SHIFT.get(which, 0)
    if part[0] in "初中":
        return _in_month(today, months, 1 if part == "初" else 15)
    if part in ("底", "末"):
        return _in_month(today, months, 31, clamp=True)
    day = _number(part[:-1])
    return None if which is None or day is None else _in_month(today, months, day)


def _year_end(found: re.Match[str], today: date) -> date | None:
    return _date(today.year + {"明": 1, "去": -1}.get(found.group(1), 0), 12, 31)


def _weekend(found: re.Match[str], today: date) -> date | None:
    which = found.group(1)
    if which is None and today.weekday() == _SUNDAY:
        return today
    return _moved(today, _SATURDAY - today.weekday() + 7 * _SHIFT.get(which, 0))


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (_WORD, _word),
    (_ISO, _iso),
    (_MONTH_DAY, _month_day),
    (_WEEKDAY, _weekday),
    (_WEEKEND, _weekend),
    (_AFTER, _after),
    (_MONTH_PART, _month_part),
    (_YEAR_END, _year_end),
)


def _number(part: str) -> int | None:
    return int(part) if part.isdecimal() else chinese_number(part)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_month(today: date, months: int, day: int, *, clamp: bool = False) -> date | None:
    """Return a day of the month so many months on; ``clamp`` takes the last day for one that the month has not."""
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    if not date.min.year <= year <= date.max.year:
        return None
    last = monthrange(year, month + 1)[1]
    return _date(year, month + 1, min(day, last) if clamp else day)


def _moved(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None
