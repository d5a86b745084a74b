"""Business hours: every way staff may write them, every way they may not, and open or closed at any minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.business_hours import (
    DAY_MINUTES,
    SENTENCES,
    HoursNotUnderstood,
    OpenState,
    Span,
    WeeklyHours,
    parse,
    state_at,
)

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
DAY, WEEKEND = ((480, 1320),), ((540, 1320),)
NONE: tuple[Span, ...] = ()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("08:00-22:00", (DAY,) * 7),
        ("8:00-22:00", (DAY,) * 7),
        ("８：００－２２：００", (DAY,) * 7),
        ("08:00—22:00", (DAY,) * 7),
        ("08:00～22:00", (DAY,) * 7),
        ("08:00至22:00", (DAY,) * 7),
        (" 08:00 - 22:00 ", (DAY,) * 7),
        ("每天 08:00-22:00", (DAY,) * 7),
        ("周一至周日：08:00-22:00", (DAY,) * 7),
        ("周一至周五 08:00-22:00; 周六周日 09:00-22:00", (DAY,) * 5 + (WEEKEND,) * 2),
        ("周一至周五 08:00-22:00；周六、周日 09:00-22:00；", (DAY,) * 5 + (WEEKEND,) * 2),
        ("工作日 08:00-22:00\n周末 09:00-22:00", (DAY,) * 5 + (WEEKEND,) * 2),
        ("周一至五 08:00-22:00; 周六日 09:00-22:00", (DAY,) * 5 + (WEEKEND,) * 2),
        ("星期一到星期五08:00-22:00；星期六，星期天09:00-22:00", (DAY,) * 5 + (WEEKEND,) * 2),
        ("周五至周一 08:00-22:00; 周二至周四 休息", (DAY, NONE, NONE, NONE, DAY, DAY, DAY)),
        ("周一至周五 08:00-22:00", (DAY,) * 5 + (NONE,) * 2),
        ("周三 休息; 周四至周二 08:00-22:00", (DAY, DAY, NONE, DAY, DAY, DAY, DAY)),
        ("24小时", (((0, 1440),),) * 7),
        ("24 小时", (((0, 1440),),) * 7),
        ("全天24小时营业", (((0, 1440),),) * 7),
        ("周一至周五 24小时; 周末 08:00-22:00", (((0, 1440),),) * 5 + (DAY,) * 2),
        ("00:00-24:00", (((0, 1440),),) * 7),
        ("18:00-02:00", (((1080, 1560),),) * 7),
        ("18:00-次日02:00", (((1080, 1560),),) * 7),
        ("18:00-00:00", (((1080, 1440),),) * 7),
        ("10:00-14:00 17:00-21:00", (((600, 840), (1020, 1260)),) * 7),
        ("17:00-21:00、10:00-14:00", (((600, 840), (1020, 1260)),) * 7),
        ("休息", (NONE,) * 7),
    ],
)
def test_hours_are_understood_as_written(text: str, days: tuple[tuple[Span, ...], ...]) -> None:
    assert parse(text) == WeeklyHours(days)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" ；", "empty"),
        ("08:00-22:00;" * 40, "too-long"),
        ("早上八点到晚上十点", "unknown-words"),
        ("8点-22点", "unknown-words"),
        ("节假日 08:00-22:00", "unknown-words"),
        ("08:000-22:00", "unknown-words"),
        ("08:00-22:00 <b>", "unknown-words"),
        ("٠٨:٠٠-٢٢:٠٠", "unknown-words"),
        ("周一至周五", "no-hours"),
        ("周一 08:00-22:00; 09:00-22:00", "no-days"),
        ("一至五 08:00-22:00", "unclear-days"),
        ("周一至 08:00-22:00", "unclear-days"),
        ("至周五 08:00-22:00", "unclear-days"),
        (", 08:00-22:00", "unclear-days"),
        ("周一:周二 08:00-22:00", "unclear-days"),
        ("08:00", "unclear-hours"),
        ("08:00-", "unclear-hours"),
        ("08:00-22:00-23:00", "unclear-hours"),
        ("08:00 22:00", "unclear-hours"),
        ("24小时 08:00-22:00", "unclear-hours"),
        ("休息 24小时", "unclear-hours"),
        ("周一周一 08:00-22:00", "day-twice"),
        ("周一 08:00-22:00; 工作日 09:00-22:00", "day-twice"),
        ("08:60-22:00", "no-such-time"),
        ("08:00-25:00", "no-such-time"),
        ("24:00-02:00", "bad-opening"),
        ("次日08:00-22:00", "bad-opening"),
        ("08:00-08:00", "same-time"),
        ("08:00-次日09:00", "over-a-day"),
        ("08:00-12:00 11:00-20:00", "overlap"),
        ("周一 20:00-06:00; 周二 05:00-12:00", "overlap"),
        ("周日 20:00-06:00; 周一 05:00-12:00", "overlap"),
    ],
)
def test_other_texts_are_refused_with_the_reason(text: str, code: str) -> None:
    with pytest.raises(HoursNotUnderstood) as caught:
        parse(text)
    assert caught.value.code == code
    assert caught.value.chinese != str(caught.value)
    assert "{" not in caught.value.chinese + str(caught.value)


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(chinese and english for chinese, english in SENTENCES.values())


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("hours", "moment", "state"),
    [
        # 1 January 2026 is a Thursday
        ("08:00-22:00", "2026-01-01T08:00", OpenState(open_now=True, until=at("2026-01-01T22:00"))),
        ("08:00-22:00", "2026-01-01T07:59:59", OpenState(open_now=False, opens_at=at("2026-01-01T08:00"))),
        ("08:00-22:00", "2026-01-01T22:00", OpenState(open_now=False, opens_at=at("2026-01-02T08:00"))),
        ("18:00-02:00", "2026-01-02T01:59", OpenState(open_now=True, until=at("2026-01-02T02:00"))),
        ("18:00-02:00", "2026-01-01T23:30", OpenState(open_now=True, until=at("2026-01-02T02:00"))),
        ("18:00-02:00", "2026-01-02T02:00", OpenState(open_now=False, opens_at=at("2026-01-02T18:00"))),
        ("周四 18:00-02:00", "2026-01-02T01:00", OpenState(open_now=True, until=at("2026-01-02T02:00"))),
        ("周五 18:00-02:00", "2026-01-02T01:00", OpenState(open_now=False, opens_at=at("2026-01-02T18:00"))),
        ("10:00-14:00 17:00-21:00", "2026-01-01T15:00", OpenState(open_now=False, opens_at=at("2026-01-01T17:00"))),
        ("工作日 08:00-20:00", "2026-01-02T20:00", OpenState(open_now=False, opens_at=at("2026-01-05T08:00"))),
        ("周四 08:00-09:00", "2026-01-01T09:00", OpenState(open_now=False, opens_at=at("2026-01-08T08:00"))),
        ("24小时", "2026-01-01T03:00", OpenState(open_now=True)),
        ("06:00-18:00 18:00-06:00", "2026-01-01T03:00", OpenState(open_now=True)),
        ("18:00-24:00 00:00-02:00", "2026-01-01T23:00", OpenState(open_now=True, until=at("2026-01-02T02:00"))),
        ("工作日 24小时; 周末 休息", "2026-01-01T12:00", OpenState(open_now=True, until=at("2026-01-03T00:00"))),
        ("休息", "2026-01-01T12:00", OpenState(open_now=False)),
    ],
)
def test_open_now_and_until_when(hours: str, moment: str, state: OpenState) -> None:
    assert state_at(parse(hours), at(moment)) == state


def test_hours_follow_the_clock_on_the_wall_when_it_is_moved() -> None:
    # In Berlin 02:00 becomes 03:00 on 29 March 2026.
    state = state_at(parse("22:00-06:00"), at("2026-03-29T00:30", BERLIN))
    assert state == OpenState(open_now=True, until=at("2026-03-29T06:00", BERLIN))
    assert state.until is not None
    assert state.until.astimezone(UTC) - at("2026-03-29T00:30", BERLIN).astimezone(UTC) == timedelta(
        hours=4, minutes=30
    )


@st.composite
def weeks(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """Draw up to two spans a day that never touch: the first before 17:00, the second into the night until 04:00 at most."""
    days = []
    for _ in range(7):
        first = draw(st.none() | st.tuples(st.integers(240, 600), st.integers(601, 1019)))
        second = draw(st.none() | st.tuples(st.integers(1020, 1200), st.integers(1201, 1679)))
        days.append([span for span in (first, second) if span])
    return days


def written(week: list[list[tuple[int, int]]]) -> str:
    def clock(minutes: int) -> str:
        return f"{minutes % DAY_MINUTES // 60:02}:{minutes % 60:02}"

    parts = []
    for name, spans in zip("一二三四五六日", week, strict=True):
        hours = " ".join(f"{clock(start)}-{clock(end)}" for start, end in spans) or "休息"
        parts.append(f"周{name} {hours}")
    return "; ".join(parts)


@given(week=weeks(), minute=st.integers(0, 7 * DAY_MINUTES - 1))
def test_open_now_is_what_looking_at_every_span_says(week: list[list[tuple[int, int]]], minute: int) -> None:
    monday = at("2026-01-05T00:00")
    moment = monday + timedelta(minutes=minute)
    spans = [
        (start + (day + shift) * DAY_MINUTES, end + (day + shift) * DAY_MINUTES)
        for shift in (-7, 0, 7)
        for day, spans in enumerate(week)
        for start, end in spans
    ]
    until = next((end for start, end in spans if start <= minute < end), None)
    opens = min((start for start, _ in spans if start > minute), default=None)
    state = state_at(parse(written(week)), moment)
    if until is not None:
        assert state == OpenState(open_now=True, until=monday + timedelta(minutes=until))
    elif opens is not None:
        assert state == OpenState(open_now=False, opens_at=monday + timedelta(minutes=opens))
    else:
        assert state == OpenState(open_now=False)


@given(st.text(alphabet="0123456789:-;,周一五日至24小时休息 \n", max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        hours = parse(text)
    except HoursNotUnderstood:
        return
    assert len(hours.days) == 7
    assert all(
        0 <= start < DAY_MINUTES and start < end <= start + DAY_MINUTES for day in hours.days for start, end in day
    )
