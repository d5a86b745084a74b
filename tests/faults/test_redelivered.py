"""The platform sends the same message several times: one effect, and every delivery gets the same reply."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.wechat.outbound_push import Element
from storage import exchanges
from storage.opening import open_database
from tests.conftest import Clock
from tests.faults.platform import deliver_until_answered, text_fields
from tests.faults.web_process import WebProcess
from tests.phone import Phone

ROUNDS = 100
DELIVERIES = 4


@pytest.fixture
def two_processes(tmp_path: Path, database_url: str) -> Iterator[tuple[WebProcess, WebProcess]]:
    first, second = (WebProcess(tmp_path, database_url=database_url) for _ in range(2))
    first.start()
    second.start()
    yield first, second
    first.stop()
    second.stop()


@pytest.mark.slow
def test_four_deliveries_at_once_over_two_processes_have_one_effect(
    two_processes: tuple[WebProcess, WebProcess],
) -> None:
    ports = [process.port for process in two_processes]
    with ThreadPoolExecutor(DELIVERIES) as senders:
        for number in range(ROUNDS):
            fields = text_fields(f"oTwice{number}", "签到")
            start = threading.Barrier(DELIVERIES)
            deliveries = [senders.submit(deliver_at, start, ports[sender % 2], fields) for sender in range(DELIVERIES)]
            assert len({delivery.result() for delivery in deliveries}) == 1
    database = open_database(two_processes[0].database_url)
    said = list(exchanges.every(database))
    assert [len(said), len(database.query("SELECT id FROM members"))] == [2 * ROUNDS, ROUNDS]
    assert [row["amount"] for row in database.query("SELECT amount FROM ledger")] == [5] * ROUNDS
    database.close()


def deliver_at(start: threading.Barrier, port: int, fields: Mapping[str, Element]) -> str:
    start.wait()
    return deliver_until_answered(port, fields)


def test_four_deliveries_in_a_row_get_the_same_bytes_but_for_the_time(phone: Phone, clock: Clock) -> None:
    first = phone.says("签到")
    for _ in range(DELIVERIES - 1):
        clock.forward(seconds=5)
        again = phone.sends_again()
        assert again is not None
        assert again.text == first


def test_a_redelivery_that_comes_after_later_messages_gets_its_own_reply(phone: Phone, clock: Clock) -> None:
    first = phone.says("签到")
    early = phone.last
    clock.forward(seconds=6)
    phone.says("你好")
    phone.says("签到")
    clock.forward(hours=1)
    again = phone.sends(early)
    assert again is not None
    assert again.text == first


def test_the_same_id_from_two_people_is_two_messages(phone: Phone) -> None:
    phone.says("签到")
    other = phone.named("oBob").sends({**phone.last, "FromUserName": "oBob"})
    assert other is not None
    assert "成功" in other.text


def test_a_redelivery_days_later_is_still_known(phone: Phone, clock: Clock) -> None:
    first = phone.says("签到")
    clock.now += timedelta(days=8)
    again = phone.sends_again()
    assert again is not None
    assert again.text == first
