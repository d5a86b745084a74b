"""Check-ins: once a day, streaks that hold or break, and points that come with them once."""

from datetime import date, timedelta
from functools import partial

import pytest

from storage.checkins import BONUS_POINTS, CheckIn, check_in, points_for
from storage.database import Database
from storage.points import balance_of, history, reconcile
from tests.storage.people import NOW, at_once, people

FIRST = date(2026, 1, 1)


def check(database: Database, member_id: int, day: date, base: int = 5) -> CheckIn:
    return database.write(lambda tx: check_in(tx, member_id, day=day, base_points=base, now=NOW))


def test_the_first_check_in_begins_a_streak_and_brings_points(database: Database) -> None:
    member = people(database, 1)[0]
    assert check(database, member, FIRST) == CheckIn(
        FIRST, first_today=True, streak=1, lost_streak=0, points_earned=5, balance=5
    )
    assert [(entry.kind, entry.amount, entry.cause) for entry in history(database, member)] == [
        ("checkin", 5, "checkin:2026-01-01")
    ]


def test_a_second_one_the_same_day_changes_nothing(database: Database) -> None:
    member = people(database, 1)[0]
    check(database, member, FIRST)
    check(database, member, FIRST + timedelta(days=1))
    again = check(database, member, FIRST + timedelta(days=1), base=99)
    assert (again.first_today, again.streak, again.points_earned, again.balance) == (False, 2, 5, 10)
    assert balance_of(database, member) == 10


@pytest.mark.parametrize("eve", [date(2025, 12, 31), date(2026, 2, 28), date(2028, 2, 28), date(2028, 2, 29)])
def test_a_streak_goes_on_over_the_ends_of_months_and_years(database: Database, eve: date) -> None:
    member = people(database, 1)[0]
    check(database, member, eve)
    assert check(database, member, eve + timedelta(days=1)).streak == 2


def test_a_missed_day_begins_anew_and_tells_what_was_lost(database: Database) -> None:
    member = people(database, 1)[0]
    for number in range(5):
        check(database, member, FIRST + timedelta(days=number))
    back = check(database, member, FIRST + timedelta(days=6))
    assert (back.first_today, back.streak, back.lost_streak) == (True, 1, 5)
    assert check(database, member, FIRST + timedelta(days=7)).lost_streak == 0


def test_every_full_week_brings_the_bonus(database: Database) -> None:
    member = people(database, 1)[0]
    done = [check(database, member, FIRST + timedelta(days=number)) for number in range(14)]
    assert [one.points_earned for one in done] == ([5] * 6 + [5 + BONUS_POINTS]) * 2
    assert [one.days_to_bonus for one in done] == [6, 5, 4, 3, 2, 1, 7] * 2
    assert [number for number, one in enumerate(done, 1) if one.got_bonus] == [7, 14]
    assert done[-1].balance == 14 * 5 + 2 * BONUS_POINTS
    assert reconcile(database) == []


def test_points_follow_from_streak_and_base_alone() -> None:
    assert [points_for(streak, 3) for streak in (1, 6, 7, 8, 21)] == [3, 3, 23, 3, 23]


def test_a_brand_that_gives_no_points_still_counts_days(database: Database) -> None:
    member = people(database, 1)[0]
    assert check(database, member, FIRST, base=0).points_earned == 0
    assert check(database, member, FIRST + timedelta(days=1), base=0).streak == 2
    assert history(database, member) == []


def test_each_member_has_a_streak_of_their_own(database: Database) -> None:
    one, other = people(database, 2)
    check(database, one, FIRST)
    assert check(database, other, FIRST + timedelta(days=1)).streak == 1


def test_thirty_at_once_on_one_day_count_once(database: Database) -> None:
    member = people(database, 1)[0]
    done = at_once([partial(check, database, member, FIRST) for _ in range(30)])
    assert sum(one.first_today for one in done) == 1
    assert {one.balance for one in done} == {5}
    assert balance_of(database, member) == 5
