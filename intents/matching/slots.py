"""What a message says beside its intent: city, district, store, phone, coupon code, number of a case, order number, date, time and number.

Dates are relative to a given day, so that the same words mean the same when an old message is looked at again.
"""

import re
from dataclasses import dataclass
from datetime import date

from intents.matching.clock import DAY_PARTS, find_time
from intents.matching.dates import find_date
from intents.matching.numbers import find_number
from intents.matching.places import Place, Places

CITY_MARK, STORE_MARK = "\ue000", "\ue001"  # stand for any city or district, any store, where phrases are compared

_PHONE = re.compile(r"(?<![0-9a-z])(?:\+?86[ -]?)?(1[3-9]\d(?:[ -]?\d){8})(?![ -]?\d)")
_SIGN = "[2-9a-hj-np-z]"  # of coupon codes, which hold no sign that people mix up
_COUPON = re.compile(
    rf"(?<![0-9a-z])({_SIGN}{{4}})[ -]?({_SIGN}{{4}})[ -]?({_SIGN}{{4}})[ -]?({_SIGN}{{4}})(?![0-9a-z])"
)
_ORDER = re.compile(  # named as one, or so long a number that it is nothing else
    r"(?:订单号?码?|单号|order(?: no| number| id)?)(?:是|为|：|:| ){0,3}((?=[a-z-]{0,8}\d)[0-9a-z][0-9a-z-]{5,31})(?![0-9a-z])"
    r"|(?<![0-9a-z])(\d{16,32})(?![0-9a-z])"
)
# What was left with us has a number: a letter for its kind, the day, four signs.
_CASE = re.compile(rf"(?<![0-9a-z])([csm])[ -]?(\d\d[01]\d[0-3]\d)[ -]?({_SIGN}{{4}})(?![0-9a-z])")
# Words around such a number that only ask after it: 编号…怎么样了, 帮我查下…的进度.
_ONLY_CASE = re.compile(
    r"(?:我|你们?|的|那个?|这个?|条|件|帮|请问?|麻烦|查询?|看|一?下|编号|单号|工单|投诉|建议|留言|反馈|号|是|为|进度|进展|结果|处理|解决|回复|有|没人?"
    r"|怎么样|咋样|到哪|一?步|好|完|多久|什么时候|还|要|到|现在|了|吗|呢|啊|吧|[ :#])*"
)
MOST_CITIES = 3
_NOT_THERE = re.compile(r"(?:不是|不在|不去|不到|而非) ?$")
# Words around a place that add nothing: 我在上海, 那国贸店呢, 上海有店吗 asks no more than 上海 does.
_ONLY_PLACE = re.compile(
    rf"(?:我|你们|现在|人|在|去|到|来|那|的|这边|这里|这儿|附近|有|没有|店|门店|吗|呢|嘛|啊|呀|哦|了|[ {CITY_MARK}{STORE_MARK}])*"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the slots; the text with places marked; whether nothing but places, or nothing but other slots, was said;
    and whether it only asks after the number of a case."""

    slots: dict[str, str]
    marked: str
    only_places: bool
    only_values: bool
    only_case: bool = False


def find_slots(text: str, places: Places, today: date) -> Found:
    """Return the slots of a normalised text."""
    named = places.find(text)
    slots = _places_meant(text, named)
    if "store" not in slots:
        near = places.similar_store(text)
        if near is not None and not any(place.start < near.end and near.start < place.end for place in named):
            slots["store"] = near.value
            named = sorted([*named, near], key=lambda place: place.start)
    marked = mark(text, named)
    only_places = bool(named) and _ONLY_PLACE.fullmatch(marked) is not None
    values, rest = _values(marked, today)
    only_values = not named and bool(values) and not rest.strip()
    only_case = "case" in values and _ONLY_CASE.fullmatch(_CASE.sub("", marked, count=1)) is not None
    return Found({**slots, **values}, marked, only_places, only_values, only_case)


def _places_meant(text: str, named: list[Place]) -> dict[str, str]:
    """Return the first place of each kind; one that is put right (不是北京，是上海) counts only when no other is named."""
    meant = [place for place in named if not _NOT_THERE.search(text[: place.start])] if len(named) > 1 else named
    slots: dict[str, str] = {}
    for place in meant:
        slots.setdefault(place.kind, place.value)
    cities = list(dict.fromkeys(place.value for place in meant if place.kind == "city"))
    if len(cities) > 1:
        slots["cities"] = " ".join(cities[:MOST_CITIES])
    for place in meant:
        if place.kind == "district" and place.city and slots["district"] == place.value:
            slots.setdefault("city", place.city)
    return slots


def _values(text: str, today: date) -> tuple[dict[str, str], str]:
    """Return what else is found, each taken out of the text before the next is looked for, and what is left of it."""
    values: dict[str, str] = {}
    rest = text
    if any(character.isdecimal() for character in text):
        rest = _codes(rest, values)
    time = find_time(rest)
    if time:
        values["time"] = time.value
        rest = rest[: time.start] + " " + rest[time.end :]
    day = find_date(rest, today)
    if day:
        values["date"] = day.value.isoformat()
        rest = rest[: day.start] + " " + rest[day.end :]
    number = find_number(rest)
    if number:
        values["number"] = number.value
        rest = rest[: number.start] + " " + rest[number.end :]
    if time:
        rest = DAY_PARTS.sub("", rest)
    return values, rest


def _codes(text: str, values: dict[str, str]) -> str:
    """Add a phone number, the numbers of a case and an order and a coupon code to the values; return the text without them."""
    case = _CASE.search(text)
    if case:
        values["case"] = "".join(case.groups()).upper()
        text = text[: case.start()] + " " + text[case.end() :]
    phone = _PHONE.search(text)
    if phone:
        values["phone"] = re.sub(r"[ -]", "", phone.group(1))
        text = text[: phone.start()] + " " + text[phone.end() :]
    coupon = _COUPON.search(text)
    if coupon and any(character.isdecimal() for character in coupon.group()):
        values["coupon"] = "-".join(coupon.groups()).upper()
        text = text[: coupon.start()] + " " + text[coupon.end() :]
    order = _ORDER.search(text)
    if order:
        values["order"] = (order.group(1) or order.group(2)).upper()
        text = text[: order.start()] + " " + text[order.end() :]
    return text


def mark(text: str, named: list[Place]) -> str:
    """Return the text with each place replaced by the mark of its kind, so that 拉萨 fits a phrase that says 上海."""
    for place in reversed(named):
        text = text[: place.start] + (STORE_MARK if place.kind == "store" else CITY_MARK) + text[place.end :]
    return text


def readable(marked: str) -> str:
    """Return a marked text as people may read it."""
    return marked.replace(CITY_MARK, "〔place〕").replace(STORE_MARK, "〔store〕")
