"""Notices before coupons expire: once, by day, inside the reply window, and only while they are true."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.knowledge import PublishedReplies
from bot.delivery.notices import CouponNotices
from bot.delivery.worker import Worker
from bot.settings import read_settings
from bot.wechat.client import WeChatClient
from bot.working import chores_of
from storage import outbox, undelivered
from storage.coupons import Coupon, claim, coupons_of, redeem
from storage.database import Database
from storage.exchanges import timeline
from storage.members import member_ids_by_openid
from tests.conftest import Clock
from tests.delivery.people import Outgoing
from tests.phone import Phone
from tests.storage.people import campaign
from tests.wechat_api import FarSide

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def notices() -> CouponNotices:
    return CouponNotices(ZONE, 3, PublishedReplies().library)


@pytest.fixture
def worker(database: Database, far: FarSide, clock: Clock) -> Worker:
    return Worker(database, WeChatClient(far.settings, database, clock), clock)


@pytest.fixture
def coupon(phone: Phone, database: Database, clock: Clock) -> Coupon:
    """Alice's coupon, claimed on Thursday at 10:00 and good for seven days."""
    phone.says("你好")
    return give(database, clock, "A", valid_days=7)


def give(database: Database, clock: Clock, code: str, *, valid_days: int) -> Coupon:
    campaign_id = campaign(database, code, name=f"券{code}", valid_days=valid_days).id
    [member_id] = member_ids_by_openid(database, "oAlice")
    found = database.write(lambda tx: claim(tx, campaign_id, member_id, cause=f"m:{code}", now=clock.now)).coupon
    assert found is not None
    return found


def plan(database: Database, notices: CouponNotices, clock: Clock) -> int:
    return database.write(lambda tx: notices.plan(tx, clock.now))


@pytest.fixture
def parked(coupon: Coupon, notices: CouponNotices, database: Database, clock: Clock, worker: Worker) -> Coupon:
    """Alice's coupon when its notice was due and waits, as she has not been heard of for four days."""
    clock.forward(days=4)
    plan(database, notices, clock)
    worker.send_next()
    assert [message.parked for message in outbox.page(database)] == [True]
    return coupon


def test_it_is_planned_once_for_ten_in_the_morning_three_days_before(
    coupon: Coupon, notices: CouponNotices, database: Database, clock: Clock
) -> None:
    assert plan(database, notices, clock) == 0, "there is time"
    clock.forward(days=3)
    assert plan(database, notices, clock) == 1
    assert plan(database, notices, clock) == 0
    [message] = outbox.page(database)
    assert message.due_at == datetime(2026, 1, 5, 10, 0, tzinfo=ZONE)
    assert message.wait_until == coupon.expires_at
    said = timeline(database, coupon.member_id)[-1]
    assert (said.author, said.template, said.status) == ("bot", "coupon_expiring", "queued")
    assert coupon.code in said.text


def test_the_member_gets_it_inside_the_window(
    phone: Phone,
    coupon: Coupon,
    notices: CouponNotices,
    database: Database,
    clock: Clock,
    worker: Worker,
    far: FarSide,
) -> None:
    clock.forward(days=3)
    phone.says("你好")
    plan(database, notices, clock)
    assert not worker.send_next(), "not before its time"
    clock.forward(days=1)
    assert worker.send_next()
    assert "1 张券快到期了" in far.texts()[0]


def test_outside_the_window_it_waits_for_the_next_contact(
    phone: Phone, parked: Coupon, clock: Clock, worker: Worker, far: FarSide
) -> None:
    clock.forward(days=1)
    phone.says("在吗")
    worker.send_next()
    assert len(far.delivered) == 1


def test_without_a_contact_it_says_why_it_was_not_sent_and_asks_nobody_to_decide(
    parked: Coupon, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    clock.forward(days=3)
    worker.send_next()
    [message] = outbox.page(database)
    assert (message.state, message.outcome) == ("failed", "overtaken")
    assert timeline(database, parked.member_id)[-1].status == "failed"
    assert undelivered.undecided(database) == []
    assert far.delivered == []


def test_a_coupon_used_meanwhile_is_not_announced(
    phone: Phone, parked: Coupon, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    database.write(lambda tx: redeem(tx, parked.code, order="A1", amount_fen=1, now=clock.now))
    phone.says("在吗")
    worker.send_next()
    assert far.delivered == []
    assert [message.outcome for message in outbox.page(database)] == ["overtaken"]


def test_coupons_that_end_on_one_day_are_told_of_together(
    coupon: Coupon, notices: CouponNotices, database: Database, clock: Clock
) -> None:
    other = give(database, clock, "B", valid_days=7)
    later = give(database, clock, "C", valid_days=8)
    clock.forward(days=4)
    assert plan(database, notices, clock) == 3
    texts = [exchange.text for exchange in timeline(database, coupon.member_id) if exchange.template]
    together = next(text for text in texts if coupon.code in text)
    assert other.code in together
    assert later.code not in together


def test_coupons_that_end_on_one_day_are_told_of_together_though_hours_lie_between_them(
    phone: Phone, coupon: Coupon, notices: CouponNotices, database: Database, clock: Clock
) -> None:
    clock.forward(hours=5)
    give(database, clock, "B", valid_days=7)
    for _ in range(8 * 24):  # whenever a worker looks
        clock.forward(hours=1)
        plan(database, notices, clock)
    [message] = outbox.page(database)
    assert "2 张券" in message.content


def test_coupons_of_one_member_are_told_of_together_however_many_others_end_between_them(
    phone: Phone,
    coupon: Coupon,
    notices: CouponNotices,
    database: Database,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.delivery.notices.AT_ONCE", 1)
    clock.forward(minutes=1)
    give(database, clock, "B", valid_days=7)
    clock.forward(days=3)
    assert plan(database, notices, clock) == 2
    assert len(outbox.page(database)) == 1


@pytest.mark.parametrize(
    ("issued_days_ago", "ends_in_hours", "hour", "due"),
    [
        (9, 48, 12, "2026-01-01 12:00"),  # late: at once, by day
        (9, 48, 21, "2026-01-02 10:00"),
        (9, 48, 3, "2026-01-01 10:00"),
        (9, 6, 21, None),  # over before the morning
        (0, 72, 12, "2026-01-02 12:00"),  # just given: a day later
        (0, 20, 12, None),
    ],
)
def test_nobody_is_told_at_night_or_too_late(
    coupon: Coupon, notices: CouponNotices, issued_days_ago: int, ends_in_hours: int, hour: int, due: str | None
) -> None:
    now = datetime(2026, 1, 1, hour, 0, tzinfo=ZONE)
    one = replace(
        coupon, issued_at=now - timedelta(days=issued_days_ago), expires_at=now + timedelta(hours=ends_in_hours)
    )
    found = notices.due_at(one, now)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == due


def test_it_is_work_of_every_worker_unless_switched_off() -> None:
    names = [chore.name for chore in chores_of(read_settings({}), PublishedReplies())]
    without = [chore.name for chore in chores_of(read_settings({"COUPON_NOTICE_DAYS": "0"}), PublishedReplies())]
    assert set(names) - set(without) == {"plan notices of coupons"}


def test_a_member_without_any_is_left_alone(
    notices: CouponNotices, database: Database, clock: Clock, outgoing: Outgoing
) -> None:
    outgoing.member()
    assert plan(database, notices, clock) == 0
    assert coupons_of(database, 1, clock.now) == []
