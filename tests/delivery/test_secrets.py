"""Nothing that must stay secret is in a log, an error, an outcome or a printed value, whatever goes wrong on the way."""

import logging
import traceback
from dataclasses import replace

import pytest

from bot.wechat.client import WeChatClient
from bot.wechat.wire import Wire, WireError
from storage import access_tokens
from storage.database import Database
from templates.content import Content
from tests.delivery.conftest import real_clock
from tests.wechat_api import APP_ID, SECRET, SEND, TOKEN, Failure, FarSide, closed_port_url

TEXT = "只有您能看到这句"
OPENID = "oSecretOpenidOfAlice"
FAILURES: list[Failure] = [
    "silence",
    "reset",
    "half",
    "500",
    "html",
    "half json",
    "refused:302",
    40001,
    40164,
    45015,
    48001,
    -1,
]


def assert_clean(shown: str, far: FarSide) -> None:
    for number in range(far.token_number + 1):
        assert f"token-{number}" not in shown
    for secret in (SECRET, TEXT, OPENID, "access_token="):
        assert secret not in shown


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("at_token", [False, True])
def test_logs_and_outcomes_at_debug_hold_no_secret(
    client: WeChatClient, far: FarSide, caplog: pytest.LogCaptureFixture, failure: Failure, at_token: bool
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("urllib3").setLevel(logging.DEBUG)
        if at_token:
            far.token_failure = failure
        else:
            far.always = failure
        result = client.send(OPENID, Content("text", text=TEXT))
    assert "urllib3" in {record.name.partition(".")[0] for record in caplog.records}
    assert_clean(caplog.text + repr(result), far)


@pytest.mark.parametrize("failure", ["silence", "reset", "500", "html", "refused:404", "offline"])
def test_errors_of_the_wire_carry_no_address_and_nothing_that_does(far: FarSide, failure: str) -> None:
    far.always = failure
    wire = Wire(closed_port_url() if failure == "offline" else far.url, read_seconds=0.2)
    with pytest.raises(WireError) as caught:
        wire.post(SEND, {"touser": OPENID, "text": TEXT, "secret": SECRET}, token=far.token)
    wire.close()
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert_clean("".join(traceback.format_exception(error)) + repr(vars(error)), far)


def test_the_token_itself_is_never_printed(client: WeChatClient, far: FarSide, database: Database) -> None:
    client.send(OPENID, Content("text", text=TEXT))
    stored = access_tokens.stored(database, APP_ID)
    assert stored is not None
    assert stored.token == far.token
    assert_clean(repr(stored) + repr(client), far)


def test_the_secret_is_sent_in_the_body_alone(client: WeChatClient, far: FarSide, database: Database) -> None:
    with WeChatClient(replace(far.settings, wechat_app_id="wx2"), database, real_clock) as other:
        other.send(OPENID, Content("text", text=TEXT))
    assert far.calls[TOKEN] == 1, "the path, with nothing in its query, is what the server counted"
    assert [SECRET.encode() in body for body in far.bodies] == [True, False]
