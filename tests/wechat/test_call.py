"""Calls to the platform's API other than sending, against a real server."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed, Refused, RetryLater, Unknown
from storage.database import Database
from tests.delivery.conftest import real_clock
from tests.wechat_api import SECRET, TOKEN, Failure, FarSide, closed_port_url, far_side

GET, POST = "/cgi-bin/tags/get", "/cgi-bin/tags/create"


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def client(far: FarSide, database: Database) -> Iterator[WeChatClient]:
    with WeChatClient(far.settings, database, real_clock, connect_seconds=3.0, read_seconds=2.0) as made:
        yield made


def test_a_body_is_posted_and_the_whole_answer_comes_back(client: WeChatClient, far: FarSide) -> None:
    far.answers[POST] = {"tag": {"id": 134, "name": "会员"}}
    assert client.call(POST, {"tag": {"name": "会员"}}) == far.answers[POST]
    assert json.loads(far.bodies[-1]) == {"tag": {"name": "会员"}}


def test_without_a_body_it_is_a_get_with_a_query(client: WeChatClient, far: FarSide) -> None:
    far.answers[GET] = {"total": 1, "next_openid": "o 1&2"}
    assert client.call(GET, query={"next_openid": "o 1&2"})["total"] == 1
    assert far.queries == [{"next_openid": "o 1&2"}]


def test_a_long_list_is_read_whole(client: WeChatClient, far: FarSide) -> None:
    far.answers[GET] = {"data": {"openid": [f"o{number:027d}" for number in range(10_000)]}}
    assert len(client.call(GET)["data"]["openid"]) == 10_000


def test_a_refused_token_is_renewed_once_and_the_call_made_once_more(client: WeChatClient, far: FarSide) -> None:
    client.call(GET)
    far.next_failures.append(42001)
    far.expire_token()
    client.call(GET)
    assert far.calls == {TOKEN: 2, GET: 3}


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        ("silence", Unknown("timeout")),
        ("html", Unknown("not_json")),
        ("refused:404", RetryLater("http_refused: 404")),
        (45011, RetryLater("45011: no … rid: 1-2-3", 60.0)),
        (45157, Refused("45157: no … rid: 1-2-3")),
    ],
)
def test_a_failure_says_what_came_of_it(client: WeChatClient, far: FarSide, failure: Failure, result: object) -> None:
    far.always = failure
    with pytest.raises(CallFailed) as caught:
        client.call(POST, {})
    assert caught.value.result == result
    assert far.token not in repr(caught.value)
    assert SECRET not in repr(caught.value)


def test_a_platform_that_is_away_is_soon_asked_no_more(far: FarSide, database: Database) -> None:
    with WeChatClient(far.settings, database, real_clock) as before:
        before.call(GET)  # so that there is a token
    with WeChatClient(far.settings, database, real_clock) as client:
        far.always = "500"
        outcomes = []
        for _ in range(7):
            with pytest.raises(CallFailed) as caught:
                client.call(GET)
            outcomes.append(caught.value.outcome)
    assert outcomes == ["http_error"] * 5 + ["offline"] * 2
    assert far.calls[GET] == 6


def test_a_refusal_is_an_answer_too(client: WeChatClient, far: FarSide) -> None:
    far.always = 45157
    for _ in range(7):
        with pytest.raises(CallFailed):
            client.call(GET)
    assert far.calls[GET] == 7


def test_without_a_connection_or_a_secret_it_says_so(far: FarSide, database: Database) -> None:
    with (
        WeChatClient(replace(far.settings, wechat_app_secret=""), database, real_clock) as client,
        pytest.raises(CallFailed, match="no_secret"),
    ):
        client.call(GET)
    with (
        WeChatClient(replace(far.settings, wechat_api_url=closed_port_url()), database, real_clock) as client,
        pytest.raises(CallFailed, match="offline"),
    ):
        client.call(GET)
