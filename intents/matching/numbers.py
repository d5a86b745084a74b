"""Numbers in Arabic and Chinese numerals, as consumers write them: 12, 9.9, 3千, 1.5万, 十二, 两百, 三千五."""

import re
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {**{digit: value for value, digit in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_BIG_UNITS = {"万": 10_000, "亿": 100_000_000}
LONGEST_DIGITS = 15

_MEASURE = "个张杯元块分积号位人份家次天点折年月日周瓶盒件条名岁里米斤楼层桌排度倍袋包串笔单钱小"
_ARABIC = re.compile(r"(?<![0-9a-z.])(\d+(?:\.\d+)?)([十百千万亿]{0,2})(?![0-9a-z])")
_CHINESE = re.compile(r"[零〇一二两俩三四五六七八九十百千万亿]+")
_NOT_COUNTED = re.compile(
    r"一(?:[下些起样直般定切共旦点]|个(?:劲|样))|十分(?!钟)|千万(?![个张杯元块])|万(?:一|达|科|象)|[第统唯同]一|三明治|百度|四季|五月天"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number found: its value in plain digits, and where it stands."""

    value: str
    start: int
    end: int


def find_number(text: str) -> Number | None:
    """Return the first number of a normalised text, or None.

    A Chinese numeral counts when it is the whole message, is made of several characters with a unit, or is followed by a measure word.
    """
    arabic = _ARABIC.search(text)
    if arabic and len(arabic.group(1)) <= LONGEST_DIGITS:
        return Number(_scaled(arabic.group(1), arabic.group(2)), arabic.start(), arabic.end())
    for found in _CHINESE.finditer(text):
        if _NOT_COUNTED.match(text, found.start()) or (found.start() and _NOT_COUNTED.match(text, found.start() - 1)):
            continue
        word = found.group()
        counted = text[found.end() : found.end() + 1]
        has_unit = len(word) > 1 and any(unit in word for unit in "十百千万亿")
        if word == text.strip() or has_unit or (counted and counted in _MEASURE):
            value = chinese_number(word)
            if value is not None:
                return Number(str(value), found.start(), found.end())
    return None


def chinese_number(word: str) -> int | None:
    """Return the value of a Chinese numeral (also read digit by digit: 二〇二六), or None when it is none."""
    if not any(character in _DIGITS or character == "十" for character in word):
        return None
    if all(character in _DIGITS for character in word):
        return int("".join(str(_DIGITS[character]) for character in word)) if len(word) <= LONGEST_DIGITS else None
    total = section = digit = 0
    last_unit = 1
    for character in word:
        if character in _DIGITS:
            digit = _DIGITS[character]
            last_unit = 1 if character in "零〇" else last_unit
        elif character in _UNITS:
            last_unit = _UNITS[character]
            section += (digit or (1 if last_unit == 10 and not section else 0)) * last_unit
            digit = 0
        elif character in _BIG_UNITS:
            last_unit = _BIG_UNITS[character]
            total = (
                (total + section + digit) * last_unit if total < last_unit else total + (section + digit) * last_unit
            )
            section = digit = 0
        else:
            return None
    if digit and last_unit >= 100:  # 三千五 is 3,500
        digit *= last_unit // 10
    value = total + section + digit
    return value if value < 10**LONGEST_DIGITS else None


def _scaled(digits: str, units: str) -> str:
    value = Decimal(digits)
    for unit in units:
        value *= _UNITS.get(unit) or _BIG_UNITS[unit]
    if not units:
        return digits
    return format(value.normalize(), "f")
