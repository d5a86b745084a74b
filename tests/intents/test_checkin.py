"""The daily check-in in the brand's own calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intents.checkin import INTENT, handle
from storage.database import Database
from tests.intents.turns import BRAND, NOON, answer, shown, text

SHANGHAI = ZoneInfo("Asia/Shanghai")


def checks(database: Database, moment: datetime, words: str = "签到") -> str:
    return shown(answer(database, handle, words, now=moment.astimezone(UTC)), INTENT)


def test_the_first_check_in_tells_days_and_points(database: Database) -> None:
    said = checks(database, NOON)
    assert "签到成功，连续 1 天，+5 积分" in said
    assert "当前积分：5" in said
    assert "再连续签 6 天，多送 20 积分" in said


def test_a_second_one_today_is_told_kindly_and_gives_nothing(database: Database) -> None:
    checks(database, NOON)
    said = checks(database, NOON + timedelta(hours=5))
    assert "今天已经签过啦" in said
    assert "当前积分：5" in said


@pytest.mark.parametrize("eve", [(2026, 1, 15), (2026, 1, 31), (2025, 12, 31), (2028, 2, 28)])
def test_two_seconds_over_midnight_in_the_brands_zone_are_two_days(
    database: Database, eve: tuple[int, int, int]
) -> None:
    late = datetime(*eve, 23, 59, 59, tzinfo=SHANGHAI)
    assert "连续 1 天" in checks(database, late)
    assert "签到成功，连续 2 天" in checks(database, late + timedelta(seconds=2))


def test_midnight_elsewhere_is_not_a_new_day(database: Database) -> None:
    late = datetime(2026, 1, 15, 7, 59, 59, tzinfo=SHANGHAI)  # one second before midnight UTC
    checks(database, late)
    assert "今天已经签过啦" in checks(database, late + timedelta(seconds=2))


def test_from_the_first_to_the_last_second_of_two_days_the_streak_holds(database: Database) -> None:
    first = datetime(2026, 1, 15, 0, 0, 0, tzinfo=SHANGHAI)
    checks(database, first)
    assert "连续 2 天" in checks(database, first + timedelta(days=2, seconds=-1))


def test_a_lost_streak_is_told_gently(database: Database) -> None:
    for day in range(3):
        checks(database, NOON + timedelta(days=day))
    said = checks(database, NOON + timedelta(days=4))
    assert "连续 1 天" in said
    assert "上次连续了 3 天" in said
    assert "没关系" in said


def test_a_full_week_is_celebrated(database: Database) -> None:
    said = [checks(database, NOON + timedelta(days=day)) for day in range(7)]
    assert "连续 7 天，+25 积分" in said[6]
    assert "连续满一周" in said[6]
    assert "连续满一周" not in said[5]
    assert "当前积分：55" in said[6]


def test_someone_who_forgot_hears_that_days_cannot_be_made_up(database: Database) -> None:
    assert "不能补签" in checks(database, NOON, "昨天忘了签到能补签吗")
    assert "不能补签" not in checks(database, NOON + timedelta(days=1))


def test_a_brand_without_check_in_points_promises_none(database: Database) -> None:
    brand = type(BRAND)(BRAND.name, BRAND.zone, BRAND.desk_opens, BRAND.desk_closes, checkin_points=0)
    said = shown(answer(database, handle, "签到", brand=brand), INTENT)
    assert "签到成功，连续 1 天 ☀️" in said


def test_the_same_message_again_counts_once(database: Database) -> None:
    message = text("签到", key="m:same")
    answer(database, handle, message)
    assert answer(database, handle, message).values["balance"] == 5
