"""What a message says beside its intent: city, district, store, phone, date and number.

Dates are relative to a given day, so that the same words mean the same when an old message is looked at again.
"""

import re
from dataclasses import dataclass
from datetime import date

from intents.matching.dates import find_date
from intents.matching.numbers import find_number
from intents.matching.places import Place, Places

CITY_MARK, STORE_MARK = "\ue000", "\ue001"  # stand for any city or district, any store, where phrases are compared

_PHONE = re.compile(r"(?<![0-9a-z])(?:\+?86[ -]?)?(1[3-9]\d(?:[ -]?\d){8})(?![ -]?\d)")
# Words around a place that add nothing: 我在上海, 那国贸店呢, 上海有店吗 asks no more than 上海 does.
_ONLY_PLACE = re.compile(
    rf"(?:我|你们|现在|人|在|去|到|来|那|的|这边|这里|这儿|附近|有|没有|店|门店|吗|呢|嘛|啊|呀|哦|了|[ {CITY_MARK}{STORE_MARK}])*"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the slots; the text with places marked; whether nothing but places, or nothing but other slots, was said."""

    slots: dict[str, str]
    marked: str
    only_places: bool
    only_values: bool


def find_slots(text: str, places: Places, today: date) -> Found:
    """Return the slots of a normalised text."""
    named = places.find(text)
    slots: dict[str, str] = {}
    for place in named:
        slots.setdefault(place.kind, place.value)
    if "store" not in slots:
        near = places.similar_store(text)
        if near is not None and not any(place.start < near.end and near.start < place.end for place in named):
            slots["store"] = near.value
            named = sorted([*named, near], key=lambda place: place.start)
    marked = mark(text, named)
    only_places = bool(named) and _ONLY_PLACE.fullmatch(marked) is not None
    rest = marked
    phone = _PHONE.search(rest)
    if phone:
        slots["phone"] = re.sub(r"[ -]", "", phone.group(1))
        rest = rest[: phone.start()] + " " + rest[phone.end() :]
    day = find_date(rest, today)
    if day:
        slots["date"] = day.value.isoformat()
        rest = rest[: day.start] + " " + rest[day.end :]
    number = find_number(rest)
    if number:
        slots["number"] = number.value
        rest = rest[: number.start] + " " + rest[number.end :]
    only_values = not named and bool(phone or day or number) and not rest.strip()
    return Found(slots, marked, only_places, only_values)


def mark(text: str, named: list[Place]) -> str:
    """Return the text with each place replaced by the mark of its kind, so that 拉萨 fits a phrase that says 上海."""
    for place in reversed(named):
        text = text[: place.start] + (STORE_MARK if place.kind == "store" else CITY_MARK) + text[place.end :]
    return text


def readable(marked: str) -> str:
    """Return a marked text as people may read it."""
    return marked.replace(CITY_MARK, "〔place〕").replace(STORE_MARK, "〔store〕")
