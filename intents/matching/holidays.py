"""Days that have a name: fixed ones, and those of the lunar calendar from a table that ends with 2032; 国庆第二天, 除夕前一天, 大年初三 count from them."""

import re
from datetime import date, timedelta

from intents.matching.numbers import chinese_number

FIXED = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "三八节": (3, 8),
    "植树节": (3, 12),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "青年节": (5, 4),
    "儿童节": (6, 1),
    "六一": (6, 1),
    "建党节": (7, 1),
    "建军节": (8, 1),
    "教师节": (9, 10),
    "国庆": (10, 1),
    "十一": (10, 1),
    "万圣节": (10, 31),
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "平安夜": (12, 24),
    "圣诞": (12, 25),
    "跨年": (12, 31),
}
# By year, as MMDD. New Year's Eve and the Lantern Festival are counted from the first day of the lunar year.
LUNAR = {
    "春节": {2024: 210, 2025: 129, 2026: 217, 2027: 206, 2028: 126, 2029: 213, 2030: 203, 2031: 123, 2032: 211},
    "清明": {2024: 404, 2025: 404, 2026: 405, 2027: 405, 2028: 404, 2029: 404, 2030: 405, 2031: 405, 2032: 404},
    "端午": {2024: 610, 2025: 531, 2026: 619, 2027: 609, 2028: 528, 2029: 616, 2030: 605, 2031: 624, 2032: 612},
    "七夕": {2024: 810, 2025: 829, 2026: 819, 2027: 808, 2028: 826, 2029: 816, 2030: 805, 2031: 824, 2032: 812},
    "中秋": {2024: 917, 2025: 1006, 2026: 925, 2027: 915, 2028: 1003, 2029: 922, 2030: 912, 2031: 1001, 2032: 919},
    "重阳": {
        2024: 1011,
        2025: 1029,
        2026: 1018,
        2027: 1008,
        2028: 1026,
        2029: 1016,
        2030: 1005,
        2031: 1024,
        2032: 1012,
    },
}
# What is named by another day: days after it.
FROM_SPRING = {"除夕": -1, "大年三十": -1, "年三十": -1, "年夜饭": -1, "过年": 0, "新春": 0, "元宵": 14, "正月十五": 14}
JUST_OVER = timedelta(days=7)  # a day that passed so lately is still the one that is meant

# No name is without one of these: most messages end here.
MAY_NAME_ONE = r"[节庆双夜诞跨春端夕秋阳旦宵年]|清明|[五六十]一|正月"
_NUMERAL = r"[一二两三四五六七八九十]|\d"
# 五一 and 十一 are numbers and streets as well: only with a word of holidays after them, or at the end.
_AS_HOLIDAY = r"(?=节|放假|假期|长假|小长假|黄金周|期间|当天|那天|那几天|第|前|后|营业|开门|开不开|开吗|还|有|$| )"
_NAMES = sorted({*FIXED, *LUNAR, *FROM_SPRING} - {"五一", "六一", "十一"}, key=len, reverse=True)
_HOLIDAY = re.compile(
    rf"(?:(?P<name>{'|'.join(_NAMES)})|(?P<bare>(?<![零一二三四五六七八九十百第\d])(?:五一|六一|十一){_AS_HOLIDAY})|(?:大年|正月|年)初(?P<day>{_NUMERAL}|十))"
    rf"(?:节)?(?:小?长假|假期|放假|黄金周|期间)?的?(?:第(?P<nth>{_NUMERAL})天|(?P<after>{_NUMERAL})天(?:以|之)?后|后(?P<later>{_NUMERAL})天|前(?P<before>{_NUMERAL})天|(?P<eve>前夕|前夜))?"
)


def find_holiday(text: str, today: date) -> tuple[date, int, int] | None:
    """Return the first named day of a normalised text, and where it stands; None when there is none, or its year is beyond the table.

    The next one is meant, or one that is over for a week at most.
    """
    for found in _HOLIDAY.finditer(text):
        day = _day(found, today)
        if day is not None:
            return day, found.start(), found.end()
    return None


def _day(found: re.Match[str], today: date) -> date | None:
    name = found["name"] or found["bare"] or "春节"
    first = _coming(name, today)
    if first is None:
        return None
    shift = 0
    if found["day"]:
        shift += _number(found["day"]) - 1
    if found["nth"]:
        shift += _number(found["nth"]) - 1
    shift += _number(found["after"] or found["later"]) - _number(found["before"]) - int(bool(found["eve"]))
    return first + timedelta(days=shift)


def _coming(name: str, today: date) -> date | None:
    """Return the next day of this name, or the one just over."""
    years = range(max(today.year - 1, date.min.year), min(today.year + 1, date.max.year) + 1)
    days = [day for year in years if (day := _in_year(name, year)) is not None]
    return next((day for day in days if today - day <= JUST_OVER), None)


def _in_year(name: str, year: int) -> date | None:
    if name in FIXED:
        return date(year, *FIXED[name])
    number = LUNAR["春节" if name in FROM_SPRING else name].get(year)
    return date(year, *divmod(number, 100)) + timedelta(days=FROM_SPRING.get(name, 0)) if number else None


def _number(word: str | None) -> int:
    if not word:
        return 0
    return int(word) if word.isdecimal() else chinese_number(word) or 0
