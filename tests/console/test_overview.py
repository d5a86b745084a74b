"""The overview: figures counted by hand, a day's borders, how old they are, and how fast."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.console.figures import DAYS, DayBook, bounds
from storage import coupons, overview
from storage.database import Database
from storage.exchanges import Exchange, add_exchange
from storage.ids import first_id_at
from storage.times import to_ms
from tests.conftest import Clock
from tests.console.conftest import Browser, SignIn, member_id_of
from tests.phone import Phone

DAY = datetime(2026, 3, 10, tzinfo=UTC)


def put(database: Database, at: datetime, number: int, **more: object) -> None:
    """Record a message that came in at a time, or whatever else is said of it."""
    values = {"direction": "in", "kind": "text", "author": "member", "status": "answered", **more}
    exchange = Exchange(id=first_id_at(to_ms(at)) + number, member_id=1, created_at=at, **values)  # type: ignore[arg-type]
    database.write(lambda tx: add_exchange(tx, exchange))


def test_a_day_counts_what_came_in_its_hours(database: Database) -> None:
    put(database, DAY - timedelta(milliseconds=1), 0)
    put(database, DAY, 0, intent="greeting")
    put(database, DAY + timedelta(hours=1), 0, intent="greeting")
    put(database, DAY + timedelta(hours=2), 0, status="missed", intent=None)
    put(database, DAY + timedelta(hours=2), 1, status="held")
    put(database, DAY + timedelta(hours=3), 0, kind="event.subscribe")
    put(database, DAY + timedelta(hours=3), 1, kind="event.unsubscribe", status="silent")
    put(database, DAY + timedelta(hours=4), 0, direction="out", author="bot", status="replied", template="checkin_done")
    put(database, DAY + timedelta(hours=4), 1, direction="out", author="agent:lin", status="sent")
    put(database, DAY + timedelta(hours=5), 0, status="limited")
    put(database, DAY + timedelta(days=1), 0)
    found = overview.figures_between(database, DAY, DAY + timedelta(days=1))
    assert (found.received, found.answered, found.missed, found.held, found.other) == (4, 2, 1, 1, 3)
    assert (found.follows, found.unfollows, found.checkins, found.by_agents) == (1, 1, 1, 1)
    assert found.intents == {"greeting": 2}
    assert found.answered_share == pytest.approx(2 / 3)


def test_a_day_without_anything_has_no_share(database: Database) -> None:
    assert overview.figures_between(database, DAY, DAY + timedelta(days=1)).answered_share is None


def test_coupons_count_on_the_day_they_are_issued_and_the_day_they_are_used(
    phone: Phone, database: Database, clock: Clock
) -> None:
    phone.says("你好")
    now = clock()
    member_id = member_id_of(database, "oAlice")
    campaign_id = database.write(
        lambda tx: coupons.add_campaign(
            tx, code="A", name="券", offer="减 5 元", stock=9, valid_days=3, per_member=2, state="running",
            starts_at=now - timedelta(days=9), ends_at=now + timedelta(days=9), now=now,
        )
    )  # fmt: skip
    claim = database.write(lambda tx: coupons.claim(tx, campaign_id, member_id, cause="m", now=now))
    assert claim.coupon is not None
    code, later = claim.coupon.code, now + timedelta(days=2)
    database.write(lambda tx: coupons.redeem(tx, code, order="1", amount_fen=3850, now=later))
    first = overview.figures_between(database, now, now + timedelta(days=1))
    third = overview.figures_between(database, later, later + timedelta(days=1))
    assert (first.issued, first.redeemed, first.joined) == (1, 0, 1)
    assert (third.issued, third.redeemed, third.revenue_fen) == (0, 1, 3850)
    assert overview.redeemed_by_campaign(database) == {campaign_id: 1}


def test_the_page_shows_today_and_what_was_missed(editor: Browser, phone: Phone) -> None:
    phone.says("你好")
    phone.says("量子纠缠与引力波")
    page = editor.get("/console/").words
    assert "50.0%" in page
    assert "量子纠缠与引力波" in page
    assert "打招呼" in page


def test_an_agent_is_not_shown_what_strangers_said(signed_in: SignIn, phone: Phone) -> None:
    phone.says("量子纠缠与引力波")
    assert "量子纠缠" not in signed_in("agent").get("/console/").words


def test_figures_are_at_most_half_a_minute_old(editor: Browser, phone: Phone, clock: Clock) -> None:
    assert "今天还没有人来问" in editor.get("/console/").words
    phone.says("你好")
    clock.forward(seconds=29)
    assert "今天还没有人来问" in editor.get("/console/").words
    clock.forward(seconds=2)
    assert "打招呼" in editor.get("/console/").words


def test_days_that_are_over_are_counted_once(database: Database, clock: Clock) -> None:
    zone, book = UTC, DayBook()
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    put(database, DAY, 0)
    assert book.at(database, now, zone).days[DAY.date()].received == 1  # type: ignore[arg-type]
    put(database, DAY, 1)
    put(database, now, 2)
    after = book.at(database, now + timedelta(minutes=1), zone)  # type: ignore[arg-type]
    assert after.days[DAY.date()].received == 1
    assert after.today.received == 1
    assert len(after.days) == DAYS
    tomorrow = book.at(database, now + timedelta(days=1), zone)  # type: ignore[arg-type]
    assert tomorrow.days[now.date()].received == 1
    assert len(tomorrow.days) == DAYS


def test_a_day_is_the_brands_own(clock: Clock) -> None:
    from zoneinfo import ZoneInfo

    start, end = bounds(DAY.date(), ZoneInfo("Asia/Shanghai"))
    assert start.astimezone(UTC) == datetime(2026, 3, 9, 16, tzinfo=UTC)
    assert end - start == timedelta(days=1)


def test_the_second_look_costs_next_to_nothing(editor: Browser, phone: Phone) -> None:
    phone.says("你好")
    editor.get("/console/")
    started = time.thread_time()
    assert editor.get("/console/").status == 200
    assert time.thread_time() - started < 0.5


def test_the_room_of_stores_is_in_the_plural_in_english(editor: Browser) -> None:
    text = editor.get("/console/?lang=en").text
    assert re.search(r">\s*Stores\s*<", text)
    assert not re.search(r">\s*Store\s*<", text)
