"""Days named in a message, in words relative to a given day or by number."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

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

_NUMERAL = "[零〇一二三四五六七八九十]"
_ANY = re.compile(r"[天日号月周期拜晚早儿/-]")  # no day is named without one of these: most messages end here
_WORD = re.compile("|".join(sorted(_RELATIVE, key=len, reverse=True)))
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_MONTH_DAY = re.compile(
    rf"(?:(\d{{4}}|{_NUMERAL}{{4}})年)?(?<!\d)(\d{{1,2}}|{_NUMERAL}{{1,2}})月(?:份)?(\d{{1,2}}|{_NUMERAL}{{1,3}})[日号]?(?!\d)"
)
_WEEKDAY = re.compile(r"(下下|下|上上|上|这|本)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天]|[1-7](?!\d))")


@dataclass(frozen=True, slots=True)
class Day:
    """A day found, and where it stands."""

    value: date
    start: int
    end: int


def find_date(text: str, today: date) -> Day | None:
    """Return the first day a normalised text names, or None; a day that does not exist (2月30日) is none.

    A bare weekday is the next such day, today included; 这周X and 下周X count weeks from Monday. A month and day without a year mean
    the nearest one, past or to come.
    """
    if not _ANY.search(text):
        return None
    best: Day | None = None
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
    weeks = {"下下": 2, "下": 1, "上": -1, "上上": -2}.get(which, 0)
    return _moved(today, weekday - today.weekday() + 7 * weeks)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (_WORD, _word),
    (_ISO, _iso),
    (_MONTH_DAY, _month_day),
    (_WEEKDAY, _weekday),
)


def _number(part: str) -> int | None:
    return int(part) if part.isdecimal() else chinese_number(part)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moved(today: date, days: int) -> date | None:
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None
