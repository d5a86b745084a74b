"""Many negative messages at once raise one alert, by messages that really came in."""

import logging
from datetime import timedelta

import pytest

from bot.delivery.alerts import Alert, open_alerts, see, watch_mood
from bot.settings import RateLimit
from storage.audit import list_audit
from storage.database import Database
from tests.conftest import Clock
from tests.phone import Phone

THREE_IN_A_MINUTE = RateLimit(3, 60)


@pytest.fixture
def clock() -> Clock:
    """A clock at the real time: ids are made of it, and a burst is a range of ids."""
    return Clock.at_real_time()


def watched(database: Database, clock: Clock, limit: RateLimit = THREE_IN_A_MINUTE) -> list[Alert]:
    """Let the chore look once, and return the alerts there are."""
    database.write(lambda tx: watch_mood(limit).work(tx, clock()))
    return open_alerts(database)


def test_so_many_within_the_time_raise_one_alert_with_their_messages(
    phone: Phone, database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    phone.named("oA").says("咖啡凉了")
    phone.named("oB").says("你们店真脏")
    phone.named("oC").says("真好喝")
    assert watched(database, clock) == []
    phone.named("oD").says("等了一小时没人理")
    with caplog.at_level(logging.WARNING):
        [alert] = watched(database, clock)
        [again] = watched(database, clock)
    assert [one.text for one in alert.messages] == ["咖啡凉了", "你们店真脏", "等了一小时没人理"]
    assert again.burst.id == alert.burst.id
    assert caplog.text.count("negative messages within") == 1
    assert "凉了" not in caplog.text


def test_a_burst_that_goes_on_stays_one_even_when_it_was_seen(phone: Phone, database: Database, clock: Clock) -> None:
    for number in range(3):
        phone.named(f"o{number}").says("咖啡凉了")
    [alert] = watched(database, clock)
    database.write(lambda tx: see(tx, alert.burst.id, by="susan", now=clock()))
    database.write(lambda tx: see(tx, alert.burst.id, by="susan", now=clock()))
    phone.named("o9").says("又凉了")
    assert watched(database, clock) == []
    assert [(entry.actor, entry.action) for entry in list_audit(database, limit=9)] == [("user:susan", "alert.seen")]


def test_too_few_too_slowly_or_switched_off_raise_none(phone: Phone, database: Database, clock: Clock) -> None:
    for number in range(3):
        phone.named(f"o{number}").says("咖啡凉了")
    assert watched(database, clock, RateLimit(0, 1)) == []
    assert watched(database, clock, RateLimit(4, 60)) == []
    clock.now += timedelta(minutes=5)
    assert watched(database, clock) == []
