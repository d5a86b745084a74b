"""Asking the brand's own system: a real far side over TLS, and every odd answer it may give."""

from dataclasses import replace

import pytest

from bot.crm import OrderLookup, works_of
from bot.settings import Settings
from intents.types import Found
from tests.crm_api import ORDER, Crm

ASKED = {"openid": "oAlice", "phone": "13800138000"}
NONE: Found = {"orders": []}


@pytest.fixture
def settings(settings: Settings, crm: Crm) -> Settings:
    return replace(settings, crm_lookup_url=crm.url, crm_lookup_token="for-the-crm", crm_lookup_private=True)


@pytest.fixture
def lookup(settings: Settings) -> OrderLookup:
    return OrderLookup(settings, answer_seconds=0.5)


def test_it_is_asked_by_openid_and_phone_with_the_token_in_the_header(lookup: OrderLookup, crm: Crm) -> None:
    assert lookup(ASKED) == {"orders": [ORDER]}
    assert crm.asked == [ASKED]
    assert crm.authorizations == ["Bearer for-the-crm"]


@pytest.mark.parametrize(
    ("status", "answer", "found"),
    [
        (404, b"", NONE),
        (200, b'{"orders": []}', NONE),
        (500, b"oops", None),
        (302, b"", None),
        (200, b"", None),
        (200, b"<html>ok</html>", None),
        (200, b'{"orders": [', None),
        (200, b'{"orders": "A-1"}', None),
        (200, b'{"orders": ["A-1"]}', None),
        (200, b"[" * 60_000, None),
        (200, b" " * 70_000, None),
        (200, b"\xff\xfe", None),
    ],
)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # what is tidied up at the bottom of a deep answer
def test_whatever_is_no_list_of_orders_is_no_answer(
    lookup: OrderLookup, crm: Crm, status: int, answer: bytes, found: Found | None
) -> None:
    crm.status, crm.answer = status, answer
    assert lookup(ASKED) == found


def test_of_each_order_only_short_plain_lines_are_taken(lookup: OrderLookup, crm: Crm) -> None:
    crm.answer = (
        b'{"orders": [{"number": 7, "status": "a\\u0000b\\n</xml>", "item": true, "updated": "'
        + b"9" * 500
        + b'", "secret": 1}'
        + b', {"number": "x"}' * 9
        + b"]}"
    )
    found = lookup(ASKED)
    assert found is not None
    orders = found["orders"]
    assert isinstance(orders, list)
    assert orders[0] == {"number": "7", "status": "a b </xml>", "item": "", "updated": "9" * 120}
    assert len(orders) == 5


def test_silence_ends(lookup: OrderLookup, crm: Crm) -> None:
    crm.held = True
    assert lookup(ASKED) is None


def test_after_five_failures_it_is_left_alone_for_a_while(lookup: OrderLookup, crm: Crm) -> None:
    crm.status = 500
    for _ in range(8):
        assert lookup(ASKED) is None
    assert len(crm.asked) == 5


def test_an_address_in_a_private_network_is_not_called_unless_allowed(settings: Settings, crm: Crm) -> None:
    assert OrderLookup(replace(settings, crm_lookup_private=False))(ASKED) is None
    assert crm.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    settings: Settings, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert OrderLookup(settings)(ASKED) is None
    assert crm.asked == []


def test_a_certificate_for_another_name_is_refused(settings: Settings, crm: Crm) -> None:
    assert OrderLookup(replace(settings, crm_lookup_url=crm.url.replace("localhost", "127.0.0.1")))(ASKED) is None
    assert crm.asked == []


def test_without_an_address_there_is_nothing_to_ask(settings: Settings) -> None:
    assert works_of(replace(settings, crm_lookup_url="")) == {}


def test_neither_address_nor_token_nor_member_is_logged(
    lookup: OrderLookup, crm: Crm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    lookup(ASKED)
    crm.status = 500
    lookup(ASKED)
    crm.held = True
    lookup(ASKED)
    for secret in ("of-the-crm", "for-the-crm", "oAlice", "13800138000"):
        assert secret not in caplog.text
