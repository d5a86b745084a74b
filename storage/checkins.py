"""Check-ins: one a day for each member, in the brand's own calendar; days in a row make a streak, and points come with each."""

from datetime import date, datetime, timedelta

from storage.database import Queries, Row, Transaction
from storage.points import add_points, balance_of
from storage.records import immutable
from storage.times import to_ms

BONUS_EVERY_DAYS = 7  # a week is what a habit is counted in
BONUS_POINTS = 20  # four ordinary days' worth: felt, without making a missed week a reason to leave


@immutable(frozen=True, slots=True)
class CheckIn:
    """The check-in of one day.

    ``first_today`` is False when it had been done before. ``streak`` counts the days in a row up to this one; ``lost_streak`` is how long the one
    before was, when this check-in starts anew after a gap, else 0. ``points_earned`` came with it, ``balance`` is what the member has now.
    """

    day: date
    first_today: bool
    streak: int
    lost_streak: int
    points_earned: int
    balance: int

    @property
    def got_bonus(self) -> bool:
        """Whether this day completed a week."""
        return self.streak % BONUS_EVERY_DAYS == 0

    @property
    def days_to_bonus(self) -> int:
        """How many more days in a row bring the next bonus."""
        return BONUS_EVERY_DAYS - self.streak % BONUS_EVERY_DAYS


def points_for(streak: int, base_points: int) -> int:
    """Return the points for the check-in that makes the streak this long: ``base_points``, and the bonus at every full week."""
    return base_points + (BONUS_POINTS if streak % BONUS_EVERY_DAYS == 0 else 0)


def check_in(tx: Transaction, member_id: int, *, day: date, base_points: int, now: datetime) -> CheckIn:
    """Check the member in for ``day`` (the brand's calendar day at ``now``), once: a second time changes nothing and says what the first one did."""
    before = _latest_before(tx, member_id, day)
    kept = before is not None and before["day"] == (day - timedelta(days=1)).isoformat()
    streak = before["streak"] + 1 if before and kept else 1
    lost = before["streak"] if before and not kept else 0
    points = points_for(streak, base_points)
    inserted = tx.execute(
        "INSERT INTO checkins (member_id, day, streak, points, created_at) VALUES (:member, :day, :streak, :points, :now) ON CONFLICT DO NOTHING",
        {"member": member_id, "day": day.isoformat(), "streak": streak, "points": points, "now": to_ms(now)},
    )
    if not inserted:
        return _done_on(tx, member_id, day)
    if points:
        add_points(tx, member_id, points, kind="checkin", cause=f"checkin:{day.isoformat()}", now=now)
    return CheckIn(
        day,
        first_today=True,
        streak=streak,
        lost_streak=lost,
        points_earned=points,
        balance=balance_of(tx, member_id),
    )


def _latest_before(queries: Queries, member_id: int, day: date) -> Row | None:
    return queries.one(
        "SELECT day, streak FROM checkins WHERE member_id = :member AND day < :day ORDER BY day DESC LIMIT 1",
        {"member": member_id, "day": day.isoformat()},
    )


def _done_on(queries: Queries, member_id: int, day: date) -> CheckIn:
    row = queries.query(
        "SELECT streak, points FROM checkins WHERE member_id = :member AND day = :day",
        {"member": member_id, "day": day.isoformat()},
    )[0]
    return CheckIn(
        day,
        first_today=False,
        streak=row["streak"],
        lost_streak=0,
        points_earned=row["points"],
        balance=balance_of(queries, member_id),
    )


@immutable(frozen=True, slots=True)
class Day:
    """A day on which the member checked in, how many in a row that made, and the points that came with it."""

    day: date
    streak: int
    points: int


def days_of(queries: Queries, member_id: int, *, limit: int = 31) -> list[Day]:
    """Return the days on which the member checked in, newest first."""
    rows = queries.query(
        "SELECT day, streak, points FROM checkins WHERE member_id = :member ORDER BY day DESC LIMIT :limit",
        {"member": member_id, "limit": limit},
    )
    return [Day(date.fromisoformat(row["day"]), row["streak"], row["points"]) for row in rows]
