"""The reply window: what opens it, what it holds, when it closes."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.delivery.window import Budget, after_message, budget, trigger_of
from bot.wechat.quotas import GRANTS, grant
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
from storage.conversations import Conversation
from storage.times import to_ms
from tests.conftest import Clock

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


def test_the_figures_are_those_of_the_day() -> None:
    assert grant("message", date(2024, 12, 31)).messages == 20
    assert grant("message", date(2026, 1, 1)).messages == 5
    assert grant("scan", date(2020, 1, 1)).messages == 3
    assert all(row.source for row in GRANTS)
