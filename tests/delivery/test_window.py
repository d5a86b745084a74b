"""The reply window: what opens it, what it holds, when it closes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.window import Budget, after_message, budget, trigger_of
from bot.wechat.quotas import GRANTS, SHIPPED, Grant, Quotas
from intents.messages import (
    FollowEvent,
    ImageMessage,
    LocationReportEvent,
    MenuClickEvent,
    MenuScanEvent,
    MenuViewEvent,
    Message,
    ScanEvent,
    TextMessage,
    UnfollowEvent,
)
from storage import window_figures
from storage.conversations import Conversation
from storage.database import Database
from storage.times import to_ms
from storage.window_figures import WindowFigure
from tests.conftest import Clock
from tests.phone import Phone

SAMPLE: dict[str, Any] = {"account_id": "gh_1", "openid": "o1", "key": "k", "sent_at": Clock().now}
TEXT = TextMessage(**SAMPLE, content="您好")
CLICK = MenuClickEvent(**SAMPLE)
HOURS_48, MINUTE = timedelta(hours=48), timedelta(minutes=1)


def window(now: Clock, left: int, lasts: timedelta) -> tuple[int, int]:
    return to_ms(now.now + lasts), left


@pytest.mark.parametrize(
    ("message", "trigger"),
    [
        (TEXT, "message"),
        (ImageMessage(**SAMPLE), "message"),
        (TextMessage(**SAMPLE, content="满意", menu_id="7"), "menu"),
        (CLICK, "menu"),
        (MenuScanEvent(**SAMPLE), "menu"),
        (FollowEvent(**SAMPLE), "follow"),
        (ScanEvent(**SAMPLE), "scan"),
        (MenuViewEvent(**SAMPLE), None),
        (UnfollowEvent(**SAMPLE), None),
        (LocationReportEvent(**SAMPLE, latitude=1.0, longitude=1.0), None),
    ],
)
def test_what_a_member_does_opens_a_window_of_its_kind(message: Message, trigger: str | None) -> None:
    assert trigger_of(message) == trigger


def test_a_message_opens_five_in_48_hours_in_place_of_any_window(clock: Clock) -> None:
    for before in [(0, 0), window(clock, 1, HOURS_48), window(clock, 9, timedelta(days=9))]:
        assert after_message(*before, TEXT, clock.now) == window(clock, 5, HOURS_48)


def test_a_tap_opens_three_in_a_minute(clock: Clock) -> None:
    assert after_message(0, 0, CLICK, clock.now) == window(clock, 3, MINUTE)
    assert after_message(*window(clock, 1, MINUTE / 2), CLICK, clock.now) == window(clock, 3, MINUTE)


def test_a_tap_never_shortens_a_longer_window_that_is_open(clock: Clock) -> None:
    assert after_message(*window(clock, 2, HOURS_48), CLICK, clock.now) == window(clock, 2, HOURS_48)


def test_a_tap_opens_a_longer_window_that_is_used_up(clock: Clock) -> None:
    assert after_message(*window(clock, 0, HOURS_48), CLICK, clock.now) == window(clock, 3, MINUTE)


def test_an_event_that_opens_nothing_leaves_the_window(clock: Clock) -> None:
    assert after_message(123, 4, UnfollowEvent(**SAMPLE), clock.now) == (123, 4)


@pytest.mark.parametrize(
    ("left", "lasts", "expected"),
    [
        (5, HOURS_48, Budget(5, 172_800)),
        (1, timedelta(milliseconds=1), Budget(1, 1)),
        (1, timedelta(0), Budget(0, 0)),
        (0, HOURS_48, Budget(0, 0)),
    ],
)
def test_the_budget_is_what_is_left(clock: Clock, left: int, lasts: timedelta, expected: Budget) -> None:
    until_ms, count = window(clock, left, lasts)
    found = budget(Conversation(1, window_until_ms=until_ms, window_left=count), clock.now)
    assert found == expected
    assert found.open == (expected.messages_left > 0)


def at(year: int, month: int, day: int, hour: int = 4) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_the_figures_are_those_of_the_day() -> None:
    assert SHIPPED.grant("message", at(2024, 12, 31)).messages == 20
    assert SHIPPED.grant("message", at(2026, 1, 1)).messages == 5
    assert SHIPPED.grant("scan", at(2020, 1, 1)).messages == 3
    assert all(row.source for row in GRANTS)


def test_a_figure_of_staff_counts_from_midnight_in_china_of_its_day() -> None:
    new = Grant("message", 8, timedelta(hours=24), date(2026, 2, 1), "notice")
    quotas = Quotas([new])
    assert quotas.grant("message", at(2026, 1, 31, hour=15)).messages == 5
    assert quotas.grant("message", at(2026, 1, 31, hour=16)) == new
    assert quotas.grant("menu", at(2026, 2, 1)).messages == 3


def test_a_figure_of_staff_replaces_the_shipped_one_of_its_day() -> None:
    mended = Grant("message", 6, timedelta(hours=48), date(2025, 1, 1), "measured")
    assert Quotas([mended]).of("message")[-1] == mended
    assert len(Quotas([mended]).of("message")) == len(SHIPPED.of("message"))


def test_what_staff_change_counts_from_the_next_message_on(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("你好")
    assert windows(database) == [5]
    figure = WindowFigure("message", date(2026, 1, 1), 9, 3600, "notice", "boss", clock.now)
    database.write(lambda tx: window_figures.put(tx, figure))
    phone.says("你好")
    assert windows(database) == [9]
    assert window_figures.all_figures(database) == [figure]
    assert database.write(lambda tx: window_figures.remove(tx, "message", date(2026, 1, 1)))
    assert not database.write(lambda tx: window_figures.remove(tx, "message", date(2026, 1, 1)))
    phone.says("你好")
    assert windows(database) == [5]


def windows(database: Database) -> list[int]:
    return [row["window_left"] for row in database.query("SELECT window_left FROM conversations")]
