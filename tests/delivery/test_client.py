"""The client against a real server: every way to fail has its one meaning."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import Refused, Result, RetryLater, Sent, Unknown
from storage.database import Database
from templates.content import Content
from tests.delivery.conftest import real_clock
from tests.wechat_api import SEND, TOKEN, TYPING, Failure, FarSide, closed_port_url

HELLO = Content("text", text="您好😊 ]]> \"'")


def code_of(result: Result) -> str:
    return getattr(result, "outcome", "").partition(":")[0]


def test_a_message_arrives_as_plain_utf8(client: WeChatClient, far: FarSide) -> None:
    assert client.send("o1", HELLO) == Sent()
    assert far.delivered == [{"touser": "o1", "msgtype": "text", "text": {"content": HELLO.text}}]
    assert "您好😊".encode() in far.bodies[-1]
    assert b"\\u" not in far.bodies[-1]


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        ("silence", "timeout"),
        ("reset", "cut_off"),
        ("half", "cut_off"),
        ("500", "http_error"),
        ("502", "http_error"),
        ("empty", "not_json"),
        ("html", "not_json"),
        ("half json", "not_json"),
        ("no code", "not_json"),
        ("list", "not_json"),
        ("huge", "not_json"),
    ],
)
def test_when_nobody_knows_it_says_so_and_does_not_send_again(
    client: WeChatClient, far: FarSide, failure: str, outcome: str
) -> None:
    far.always = failure
    assert client.send("o1", HELLO) == Unknown(outcome)
    assert far.calls[SEND] == 1


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        (-1, RetryLater("-1", None, holds_all=False, most_tries=5)),
        (45011, RetryLater("45011", 60.0)),
        (45087, RetryLater("45087", 60.0)),
        ("refused:404", RetryLater("http_refused")),
        ("refused:302", RetryLater("http_refused")),
        (45015, Refused("45015", closes_window=True)),
        (45047, Refused("45047", closes_window=True)),
        (43004, Refused("43004", closes_window=True)),
        (40003, Refused("40003", closes_window=True)),
        (48001, Refused("48001")),
        (45002, Refused("45002")),
        (12345, Refused("12345")),
    ],
)
def test_each_refusal_has_its_rule(client: WeChatClient, far: FarSide, failure: Failure, result: Result) -> None:
    far.always = failure
    found = client.send("o1", HELLO)
    assert isinstance(found, (RetryLater, Refused))
    assert replace(found, outcome=code_of(found)) == result
    assert far.calls[SEND] == 1
    assert far.delivered == []


@pytest.mark.parametrize(
    ("hour_utc", "minute", "seconds"), [(15, 59, 60.0), (15, 50, 600.0), (16, 0, 900.0), (3, 0, 900.0)]
)
def test_the_daily_quota_is_waited_for_until_midnight_in_china(
    far: FarSide, database: Database, hour_utc: int, minute: int, seconds: float
) -> None:
    far.always = 45009
    with WeChatClient(far.settings, database, lambda: datetime(2026, 1, 1, hour_utc, minute, tzinfo=UTC)) as client:
        found = client.send("o1", HELLO)
    assert isinstance(found, RetryLater)
    assert (code_of(found), found.after_seconds, found.holds_all) == ("45009", seconds, True)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once_and_the_message_sent_once(
    client: WeChatClient, far: FarSide, code: int
) -> None:
    client.send("o1", HELLO)
    far.next_failures.append(code)
    far.expire_token()
    assert client.send("o1", HELLO) == Sent()
    assert far.calls == {TOKEN: 2, SEND: 3}
    assert len(far.delivered) == 2


def test_a_token_refused_again_when_fresh_stops_with_an_alarm(
    client: WeChatClient, far: FarSide, caplog: pytest.LogCaptureFixture
) -> None:
    client.send("o1", HELLO)
    far.always = 40001
    far.expire_token()
    assert client.send("o1", HELLO) == RetryLater("40001", 60.0)
    assert far.calls == {TOKEN: 2, SEND: 3}
    assert "a fresh access token was refused" in caplog.text


def test_a_token_refused_but_given_again_stops_for_all(client: WeChatClient, far: FarSide, database: Database) -> None:
    far.always = 40001
    first = client.send("o1", HELLO)
    with WeChatClient(far.settings, database, real_clock) as other:
        second = other.send("o1", HELLO)
    assert [code_of(result) for result in (first, second)] == ["40001", "40001"]
    assert far.calls == {TOKEN: 2, SEND: 2}


def test_without_a_connection_it_is_surely_not_sent(far: FarSide, client: WeChatClient, database: Database) -> None:
    client.send("o1", HELLO)
    with WeChatClient(replace(far.settings, wechat_api_url=closed_port_url()), database, real_clock) as lost:
        assert lost.send("o1", HELLO) == RetryLater("offline")


@pytest.mark.parametrize("url", ["https://a..b", "nonsense", "http://"])
def test_an_address_that_leads_nowhere_is_surely_not_sent(
    far: FarSide, client: WeChatClient, database: Database, url: str
) -> None:
    client.send("o1", HELLO)
    with WeChatClient(replace(far.settings, wechat_api_url=url), database, real_clock) as lost:
        assert lost.send("o1", HELLO) == RetryLater("offline")


def test_a_failed_handshake_is_surely_not_sent(far: FarSide, client: WeChatClient, database: Database) -> None:
    client.send("o1", HELLO)
    secure = replace(far.settings, wechat_api_url=far.url.replace("http:", "https:"))
    with WeChatClient(secure, database, real_clock, read_seconds=0.5) as lost:
        assert lost.send("o1", HELLO) == RetryLater("offline")


@pytest.mark.parametrize("missing", ["wechat_app_id", "wechat_app_secret"])
def test_without_a_secret_nothing_can_be_sent_and_it_says_so(far: FarSide, database: Database, missing: str) -> None:
    with WeChatClient(replace(far.settings, **{missing: ""}), database, real_clock) as client:
        assert client.send("o1", HELLO) == Refused("no_secret")
    assert not far.calls


def test_what_can_never_be_sent_reaches_no_wire(client: WeChatClient, far: FarSide) -> None:
    assert client.send("o1", Content("text")) == Refused("empty_text")
    assert not far.calls


def test_what_stops_the_sending_stops_it_before_anything_leaves(client: WeChatClient, far: FarSide) -> None:
    def stop() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        client.send("o1", HELLO, before_writing=stop)
    assert far.calls == {TOKEN: 1}


def test_typing_is_shown_and_taken_back(client: WeChatClient, far: FarSide) -> None:
    assert client.typing("o1") == client.typing("o1", on=False) == Sent()
    assert [json.loads(body)["command"] for body in far.bodies[-2:]] == ["Typing", "CancelTyping"]
    assert far.calls[TYPING] == 2
