"""Whoever types at the desk is seen to type on the phone: seldom, by its owner alone, and without harm when it fails."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.desk import typing_sign
from bot.desk.typing_sign import EVERY_SECONDS, QUIET_SECONDS, TypingSigns
from bot.settings import Settings
from bot.wechat.outcomes import Refused, Result, RetryLater, Sent
from storage import reply_windows
from tests.conftest import Seconds
from tests.desk.conftest import Desk
from tests.wechat_api import APP_ID, SECRET, TYPING, FarSide, far_side


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, far: FarSide) -> Settings:
    return replace(settings, wechat_api_url=far.url, wechat_app_id=APP_ID, wechat_app_secret=SECRET)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, seconds: Seconds) -> None:
    monkeypatch.setattr(typing_sign, "signs", TypingSigns(seconds))


def commands(far: FarSide) -> list[str]:
    return [found["command"] for body in far.bodies if "command" in (found := json.loads(body))]


def test_the_phone_is_told_once_in_a_while_and_when_it_is_over(taken: Desk, far: FarSide, seconds: Seconds) -> None:
    at = f"{taken.at()}/typing"
    for _ in range(5):
        assert taken["alice"].post(at, {"on": "1"}).status == 204
        seconds.now += EVERY_SECONDS / 4
    for _ in range(2):
        assert taken["alice"].post(at, {"on": "0"}).status == 204
    assert commands(far) == ["Typing", "Typing", "CancelTyping"]


def test_nobody_but_the_owner_types_and_only_while_something_could_be_said(taken: Desk, far: FarSide) -> None:
    statuses = [taken[name].post(f"{taken.at()}/typing", {"on": "1"}).status for name in ("bob", "susan")]
    assert statuses == [404, 204]
    member_id = taken.member()
    taken.database.write(lambda tx: reply_windows.close(tx, member_id))
    assert taken["alice"].post(f"{taken.at()}/typing", {"on": "1"}).status == 204
    assert far.calls[TYPING] == 0


@pytest.mark.parametrize("failure", [45080, 48001, "500", "silence"])
def test_what_comes_of_it_is_nobodys_concern(taken: Desk, far: FarSide, failure: int | str) -> None:
    far.always = failure
    far.release.set()
    assert taken["alice"].post(f"{taken.at()}/typing", {"on": "1"}).status == 204
    assert far.calls[TYPING] == 1


@pytest.mark.parametrize(
    ("result", "quiet"),
    [
        (Sent(), False),
        (Refused("45080"), False),
        (RetryLater("offline"), False),
        (Refused("48001"), True),
        (Refused("40200"), True),
        (RetryLater("45009"), True),
    ],
)
def test_after_it_was_forbidden_it_is_not_tried_for_a_while(seconds: Seconds, result: Result, quiet: bool) -> None:
    signs, calls = TypingSigns(seconds), []

    def call() -> Result:
        calls.append(seconds.now)
        return result

    for _ in range(2):
        signs.show(1, call, on=True)
        seconds.now += EVERY_SECONDS
    assert len(calls) == (1 if quiet else 2)
    seconds.now += QUIET_SECONDS
    signs.show(1, call, on=True)
    assert len(calls) == (2 if quiet else 3)
