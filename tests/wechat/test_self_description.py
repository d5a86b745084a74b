"""What the platform tells of itself: quotas, a refused request, addresses; and whose pushes are taken because of it."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.wechat.callers import KEEP, NAME, PAUSE, Callers
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed
from bot.wechat.self_description import (
    ADDRESS_CALLS,
    QUOTA,
    RID,
    Explained,
    Quota,
    explain_request,
    read_addresses,
    read_quota,
)
from storage import platform_lists
from storage.database import Database
from tests.conftest import Clock
from tests.wechat_api import FarSide, far_side

SEND = "/cgi-bin/message/custom/send"
CALLBACKS = ADDRESS_CALLS["callback_addresses"]


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def client(far: FarSide, database: Database, clock: Clock) -> Iterator[WeChatClient]:
    with WeChatClient(far.settings, database, clock, connect_seconds=3.0, read_seconds=8.0) as made:
        yield made


@pytest.fixture
def callers(database: Database, client: WeChatClient, clock: Clock) -> Callers:
    return Callers(database, client, clock)


def settled(callers: Callers) -> None:
    """Wait until nobody fetches the list any more, and have it looked for again."""
    for thread in threading.enumerate():
        if thread.name == "callback addresses":
            thread.join(5)
    callers._looked_at = float("-inf")


@pytest.mark.parametrize(
    ("told", "quota"),
    [
        ({"daily_limit": 500000, "used": 12, "remain": 499988}, Quota(SEND, 500000, 12, 499988)),
        ({"daily_limit": "100", "used": "95", "remain": "5"}, Quota(SEND, 100, 95, 5)),
        ({"daily_limit": None, "used": -1}, Quota(SEND, 0, 0, 0)),
    ],
)
def test_a_quota_is_read(client: WeChatClient, far: FarSide, told: dict[str, object], quota: Quota) -> None:
    far.answers[QUOTA] = {"errcode": 0, "quota": told}
    assert read_quota(client, SEND) == quota
    assert quota.scarce == (quota.remain == 5)


@pytest.mark.parametrize("answer", [{"errcode": 0}, {"quota": []}, {"request": "", "ip_list": "127.0.0.1"}])
def test_an_answer_without_what_was_asked_for_is_no_answer(
    client: WeChatClient, far: FarSide, answer: dict[str, object]
) -> None:
    for path in (QUOTA, RID, CALLBACKS):
        far.answers[path] = answer
    for read in (lambda: read_quota(client, SEND), lambda: explain_request(client, "1-2-3")):
        with pytest.raises(CallFailed, match="not_json"):
            read()
    with pytest.raises(CallFailed, match="not_json"):
        read_addresses(client, NAME)


def test_a_request_is_explained_without_its_secrets(client: WeChatClient, far: FarSide) -> None:
    far.answers[RID] = {
        "request": {
            "invoke_time": 1767225600,
            "cost_in_ms": 30,
            "request_url": "https://api.weixin.qq.com/cgi-bin/stable_token?access_token=abc",
            "request_body": '{"appid":"wx1","secret" : "hush"}',
            "response_body": '{"access_token":"72_x","expires_in":7200}',
            "client_ip": "203.0.113.5",
        }
    }
    assert explain_request(client, "1-2-3") == Explained(
        1767225600,
        30,
        "203.0.113.5",
        "https://api.weixin.qq.com/cgi-bin/stable_token",
        '{"appid":"wx1","secret" : "…"}',
        '{"access_token":"…","expires_in":7200}',
    )


def test_addresses_are_read_without_what_is_none(client: WeChatClient, far: FarSide) -> None:
    far.answers[CALLBACKS] = {"ip_list": ["101.226.103.0/25", "101.226.62.77", "nonsense", 7, "101.226.62.77"]}
    assert read_addresses(client, NAME) == ("101.226.103.0/25", "101.226.62.77")


def test_pushes_are_taken_from_the_listed_addresses_alone(callers: Callers, database: Database, clock: Clock) -> None:
    database.write(lambda tx: platform_lists.keep(tx, NAME, ("101.226.103.0/25", "2402:4e00::/32"), clock()))
    admitted = [
        callers.admits(address)
        for address in ("101.226.103.9", "::ffff:101.226.103.9", "2402:4e00::1", "101.226.103.200", "x", "")
    ]
    assert admitted == [True, True, True, False, False, True]


def test_while_no_list_is_known_everybody_passes_and_an_alarm_is_raised(
    callers: Callers, far: FarSide, caplog: pytest.LogCaptureFixture
) -> None:
    far.always = 48001
    assert callers.admits("203.0.113.5")
    settled(callers)
    assert callers.admits("203.0.113.5")
    assert "pushes from everywhere are taken" in caplog.text
    assert "could not be fetched: 48001" in caplog.text


def test_the_list_is_fetched_when_a_stranger_knocks_once_a_minute_and_every_day(
    callers: Callers, far: FarSide, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    far.answers[CALLBACKS] = {"ip_list": ["101.226.103.9"]}
    assert callers.admits("101.226.103.10"), "nothing is known yet"
    settled(callers)
    clock.forward(seconds=PAUSE.seconds + 1)
    far.answers[CALLBACKS] = {"ip_list": ["101.226.103.10"]}
    assert not callers.admits("101.226.103.10"), "the list lacks it; it is fetched meanwhile"
    settled(callers)
    assert callers.admits("101.226.103.10")
    assert not callers.admits("101.226.103.11"), "another stranger, too soon for another look"
    settled(callers)
    assert far.calls[CALLBACKS] == 2
    clock.forward(seconds=(KEEP + timedelta(hours=1)).total_seconds())
    callers.admits("101.226.103.10")
    settled(callers)
    assert far.calls[CALLBACKS] == 3
