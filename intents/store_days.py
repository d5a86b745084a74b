"""What is asked of a store's hours beyond now: another day (明天开吗), a time (下午两点半开着吗), in words for a reply. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from intents.business_hours import DAY_MINUTES, HoursNotUnderstood, Span, WeeklyHours, parse, state_at
from storage.stores import Store

_NAMES = {0: "今天", 1: "明天", 2: "后天"}


def then_at(store: Store, asked: Mapping[str, str], now: datetime, *, whole_weekend: bool = False) -> str:
    """Return what holds of a store at the slots ``date`` and ``time`` that were asked for; empty where that is now, past, or cannot be told.

    ``now`` is in the store's zone. With ``whole_weekend`` the day after is told as well.
    """
    day = date.fromisoformat(asked["date"]) if "date" in asked else None
    if not store.open or (day is not None and day < now.date()):
        return ""
    try:
        hours = parse(store.hours)
    except HoursNotUnderstood:
        return ""
    if "time" in asked:
        return _at_time(hours, day, time.fromisoformat(asked["time"]), now)
    if day is None or day == now.date():
        return ""
    days = (day, day + timedelta(days=1)) if whole_weekend else (day,)
    return "，".join(f"{_day_name(one, now)}{_spans_of(hours, one)}" for one in days)


def _at_time(hours: WeeklyHours, day: date | None, clock: time, now: datetime) -> str:
    """Tell whether it is open at a time of the day, of a time without a day the next."""
    moment = datetime.combine(day or now.date(), clock, tzinfo=now.tzinfo)
    if day is None and moment < now:
        moment += timedelta(days=1)
    if moment < now:
        return ""
    name = f"{_day_name(moment.date(), now)} {clock:%H:%M} "
    state = state_at(hours, moment)
    if state.open_now:
        return f"{name}营业" + (f"，到 {_clock(state.until, moment.date())}" if state.until else "")
    if state.opens_at is None:
        return f"{name}不营业"
    opens_on = state.opens_at.date()
    same = opens_on == moment.date()
    return f"{name}不营业，{'' if same else f'{_day_name(opens_on, now)} '}{state.opens_at:%H:%M} 开门"


def _clock(then: datetime | None, day: date) -> str:
    return f"{'次日 ' if then and then.date() > day else ''}{then:%H:%M}"


def _day_name(day: date, now: datetime) -> str:
    """Return 明天（周六）, or for a day further off 12月3日（周四）."""
    weekday = f"（周{'一二三四五六日'[day.weekday()]}）"
    return _NAMES.get((day - now.date()).days, f"{day.month}月{day.day}日") + weekday


def _spans_of(hours: WeeklyHours, day: date) -> str:
    spans = hours.days[day.weekday()]
    if not spans:
        return "休息"
    if spans == ((0, DAY_MINUTES),):
        return " 24 小时营业"
    return " " + "、".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    start, end = span
    late = "次日 " if end > DAY_MINUTES else ""
    end = end - DAY_MINUTES if end > DAY_MINUTES else end
    return f"{start // 60:02}:{start % 60:02}–{late}{end // 60:02}:{end % 60:02}"
