"""Times at the border: whole milliseconds there, aware UTC here, and back again."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.times import from_ms, maybe_from_ms, maybe_to_ms, to_ms

FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999
MILLISECONDS = st.integers(FIRST_MS, LAST_MS)
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("1900-01-01"),
    max_value=datetime.fromisoformat("2200-01-01"),
    timezones=st.timezones(),
)


@given(MILLISECONDS)
def test_milliseconds_come_back_as_they_were(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds


@given(MOMENTS)
def test_a_moment_comes_back_to_the_millisecond_never_later(moment: datetime) -> None:
    back = from_ms(to_ms(moment))
    assert timedelta(0) <= moment.astimezone(UTC) - back < timedelta(milliseconds=1)
    assert back.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_what_was_earlier_is_no_later_in_milliseconds(one: datetime, other: datetime) -> None:
    first, second = sorted((one.astimezone(UTC), other.astimezone(UTC)))
    assert to_ms(first) <= to_ms(second)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_the_zone_a_moment_is_told_in_does_not_matter(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert to_ms(elsewhere) == to_ms(moment.astimezone(UTC))


@pytest.mark.parametrize(
    ("moment", "milliseconds"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2026, 1, 1, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai")), 1_767_232_800_000),
        (datetime(2026, 1, 1, 2, 0, 0, 999, tzinfo=UTC), 1_767_232_800_000),
    ],
)
def test_known_moments_have_known_milliseconds(moment: datetime, milliseconds: int) -> None:
    assert to_ms(moment) == milliseconds


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_ms(datetime.fromisoformat("2026-01-01"))


@given(st.none() | MILLISECONDS)
def test_nothing_stays_nothing(milliseconds: int | None) -> None:
    assert maybe_to_ms(maybe_from_ms(milliseconds)) == milliseconds
    assert (maybe_from_ms(milliseconds) is None) == (milliseconds is None)
