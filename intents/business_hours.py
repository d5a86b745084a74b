"""Business hours: the text staff write, understood strictly, and whether a store is open at a given moment. Pure.

What can be written (full-width signs too)::

    08:00-22:00                                   every day
    周一至周五 07:30-21:00; 周六、周日 09:00-22:00   a day that is not named is closed
    工作日 10:00-14:00 17:00-21:00; 周末 休息       several spans a day, days off
    18:00-02:00                                   past midnight, into the next day
    24小时                                        around the clock

HoursNotUnderstood   the text says no such thing; has a stable ``code`` and a sentence for staff in English and in Chinese
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType

DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
LONGEST_TEXT = 200

_DAY_NAMES = "一二三四五六日"
_GROUPS = {"每天": range(7), "每日": range(7), "工作日": range(5), "周末": range(5, 7)}
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<always>(?:全天)?24 ?小时(?:营业)?|全天)|(?P<closed>休息|不营业|闭店)|(?P<group>每天|每日|工作日|周末)"
    r"|(?P<time>(?:次日)?\d{1,2}:\d{2}(?!\d))|(?P<day>(?:周|星期|礼拜)?[一二三四五六日天])|(?P<sign>[-,:至到])",
    re.ASCII,
)
_SIGNS = str.maketrans({"—": "-", "–": "-", "~": "-", "、": ",", "。": ";", "\n": ";"})
_Token = tuple[str, str]  # kind and text
Span = tuple[int, int]  # minutes after the day's midnight; an end beyond the day runs into the next


SENTENCES = MappingProxyType(
    {
        "empty": ("营业时间是空的", "the business hours are empty"),
        "too-long": ("营业时间超过 {most} 个字", "the business hours are longer than {most} characters"),
        "unknown-words": ("营业时间里看不懂“{part}”", "“{part}” says nothing about business hours"),
        "no-hours": ("“{rule}”没有写几点到几点", "“{rule}” does not say from when until when"),
        "no-days": ("“{rule}”没有写是周几", "“{rule}” does not say on which days"),
        "unclear-days": (
            "“{rule}”里的星期看不懂，请写成 周一至周五 这样",
            "the days of “{rule}” should look like 周一至周五",
        ),
        "unclear-hours": (
            "“{rule}”里的时间看不懂，请写成 08:00-22:00 这样",
            "the hours of “{rule}” should look like 08:00-22:00",
        ),
        "day-twice": ("周{day}写了两次", "周{day} is named twice"),
        "no-such-time": ("没有“{time}”这个时间", "there is no such time as {time}"),
        "bad-opening": ("不能在“{time}”开门", "nothing opens at {time}"),
        "same-time": (
            "“{start}-{end}”开门和关门是同一时间，全天营业请写 24小时",
            "{start}-{end} opens and closes at once; for round the clock write 24小时",
        ),
        "over-a-day": ("“{start}-{end}”超过了 24 小时", "{start}-{end} is longer than 24 hours"),
        "overlap": (
            "周{day} {time} 开始的营业时间和前一段重叠",
            "the span of 周{day} from {time} overlaps the one before",
        ),
    }
)


class HoursNotUnderstood(Exception):
    """The text is no business hours; ``code`` is one of SENTENCES, ``details`` fill its sentence in."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    @property
    def chinese(self) -> str:
        """The reason in Chinese."""
        return SENTENCES[self.code][0].format(**self.details)

    def __str__(self) -> str:
        return SENTENCES[self.code][1].format(**self.details)


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The spans of each day of the week, Monday first."""

    days: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether a store is open at a moment.

    ``until`` is when it closes (None when it never does, or is closed now), ``opens_at`` when it opens next (None when it never does, or is
    open now); both in the zone of the moment asked about.
    """

    open_now: bool
    until: datetime | None = None
    opens_at: datetime | None = None


@lru_cache(maxsize=4096)
def parse(hours: str) -> WeeklyHours:
    """Understand the text of business hours. Raises HoursNotUnderstood."""
    text = unicodedata.normalize("NFKC", hours).translate(_SIGNS).strip("; ")
    if not text:
        raise HoursNotUnderstood("empty")
    if len(text) > LONGEST_TEXT:
        raise HoursNotUnderstood("too-long", most=LONGEST_TEXT)
    rules = [rule for rule in text.split(";") if rule.strip()]
    week: dict[int, tuple[Span, ...]] = {}
    for rule in rules:
        days, spans = _rule(rule, alone=len(rules) == 1)
        for day in days:
            if day in week:
                raise HoursNotUnderstood("day-twice", day=_DAY_NAMES[day])
            week[day] = spans
    _check_overlaps(week)
    return WeeklyHours(tuple(week.get(day, ()) for day in range(7)))


def state_at(hours: WeeklyHours, moment: datetime) -> OpenState:
    """Return whether a store with these hours is open at an aware moment, whose zone is the store's."""
    zone = moment.tzinfo
    for opens, closes in _stretches(hours, moment):
        if closes <= moment:
            continue
        if opens > moment:
            return OpenState(open_now=False, opens_at=opens.astimezone(zone))
        endless = closes - moment >= timedelta(days=7)
        return OpenState(open_now=True, until=None if endless else closes.astimezone(zone))
    return OpenState(open_now=False)


def _stretches(hours: WeeklyHours, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield when the store opens and closes, in UTC, from the day before until past a week on; spans that touch are one."""
    merged: tuple[datetime, datetime] | None = None
    for offset in range(-1, 10):
        day = moment.date() + timedelta(days=offset)
        midnight = datetime.combine(day, time(), tzinfo=moment.tzinfo)
        for start, end in hours.days[day.weekday()]:
            opens, closes = (
                (midnight + timedelta(minutes=minutes)).astimezone(UTC) for minutes in (start, end)
            )  # adding to an aware local time moves its clock's hands, which is what business hours mean
            if merged and opens <= merged[1]:
                merged = merged[0], max(merged[1], closes)
                continue
            if merged:
                yield merged
            merged = opens, closes
    if merged:
        yield merged


def _rule(rule: str, *, alone: bool) -> tuple[list[int], tuple[Span, ...]]:
    """Return the days that one part of the text speaks of, and their spans."""
    tokens = list(_tokens(rule))
    first = next((at for at, (kind, _) in enumerate(tokens) if kind in ("time", "always", "closed")), len(tokens))
    named, spoken = tokens[:first], tokens[first:]
    if not spoken:
        raise HoursNotUnderstood("no-hours", rule=rule.strip())
    if named and named[-1] == ("sign", ":"):
        named = named[:-1]
    if not named and not alone:
        raise HoursNotUnderstood("no-days", rule=rule.strip())
    return (_days(named, rule) if named else list(range(7))), _spans(spoken, rule)


def _tokens(rule: str) -> Iterator[_Token]:
    position = 0
    while position < len(rule):
        found = _TOKEN.match(rule, position)
        if found is None:
            raise HoursNotUnderstood("unknown-words", part=rule[position:].strip()[:20])
        if found.lastgroup != "space":
            word = found.group()
            yield str(found.lastgroup), "-" if word in ("至", "到") else word
        position = found.end()


def _days(tokens: list[_Token], rule: str) -> list[int]:
    """Understand the days of a part: groups, single days, and ranges (also around the weekend: 周五至周一)."""
    unclear = HoursNotUnderstood("unclear-days", rule=rule.strip())
    if tokens[0][0] == "day" and len(tokens[0][1]) == 1:  # 一至五 without 周
        raise unclear
    days: list[int] = []
    rest = iter([*tokens, ("sign", ",")])
    for kind, word in rest:
        if kind == "group":
            days += _GROUPS[word]
        elif kind == "day":
            days.append(_day(word))
        elif word == "-" and days:
            kind_after, last = next(rest)
            if kind_after != "day":
                raise unclear
            days += _days_after(days[-1], _day(last))
        elif word != ",":
            raise unclear
    if not days:
        raise unclear
    twice = next((day for day in days if days.count(day) > 1), None)
    if twice is not None:
        raise HoursNotUnderstood("day-twice", day=_DAY_NAMES[twice])
    return days


def _day(word: str) -> int:
    return _DAY_NAMES.index(word[-1].replace("天", "日"))


def _days_after(first: int, last: int) -> list[int]:
    """Return the days after ``first`` until ``last``, going round the week when needed."""
    return [(first + step) % 7 for step in range(1, (last - first) % 7 + 1)]


def _spans(tokens: list[_Token], rule: str) -> tuple[Span, ...]:
    """Understand the hours of a part."""
    if len(tokens) == 1 and tokens[0][0] == "always":
        return ((0, DAY_MINUTES),)
    if len(tokens) == 1 and tokens[0][0] == "closed":
        return ()
    spans: list[Span] = []
    rest = [token for token in tokens if token != ("sign", ",")]
    for at in range(0, len(rest), 3):
        match rest[at : at + 3]:
            case [("time", start), ("sign", "-"), ("time", end)]:
                spans.append(_span(start, end))
            case _:
                raise HoursNotUnderstood("unclear-hours", rule=rule.strip())
    return tuple(sorted(spans))


def _span(start_text: str, end_text: str) -> Span:
    start, end = _minutes(start_text), _minutes(end_text.removeprefix("次日"))
    if start_text.startswith("次日") or start >= DAY_MINUTES:
        raise HoursNotUnderstood("bad-opening", time=start_text)
    if start == end:
        raise HoursNotUnderstood("same-time", start=start_text, end=end_text)
    if end > start and end_text.startswith("次日"):
        raise HoursNotUnderstood("over-a-day", start=start_text, end=end_text)
    return start, end if end > start else end + DAY_MINUTES


def _minutes(text: str) -> int:
    hour, minute = (int(part) for part in text.removeprefix("次日").split(":"))
    if minute > 59 or hour * 60 + minute > DAY_MINUTES:
        raise HoursNotUnderstood("no-such-time", time=text)
    return hour * 60 + minute


def _check_overlaps(week: dict[int, tuple[Span, ...]]) -> None:
    """Raise HoursNotUnderstood when two spans of the week, Sunday night and Monday included, share a minute."""
    starts = sorted(
        (day * DAY_MINUTES + start, day * DAY_MINUTES + end) for day, spans in week.items() for start, end in spans
    )
    if not starts:
        return
    again = (starts[0][0] + WEEK_MINUTES, starts[0][1] + WEEK_MINUTES)
    for (_, end), (start, _) in zip(starts, [*starts[1:], again], strict=True):
        if start < end:
            day, minute = divmod(start % WEEK_MINUTES, DAY_MINUTES)
            raise HoursNotUnderstood(
                "overlap",
                day=_DAY_NAMES[day],
                time=f"{minute // 60:02}:{minute % 60:02}",
            )
