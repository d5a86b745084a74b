"""The web process is killed under load, again and again: whatever was acknowledged is there once, with its reply, and nothing is doubled.

``KILLS`` sets how often in each of five rounds (10 when not set), each with moments of its own.
"""

import os
import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from storage import exchanges, points
from storage.database import Database
from storage.opening import open_database
from tests.faults.platform import deliver_until_answered, text_fields
from tests.faults.web_process import WebProcess

KILLS = int(os.environ.get("KILLS", "10"))
ROUNDS = range(1, 6)  # rounds rather than one long run, so that the processes that run the tests share them
SENDERS = 6
SAID = ("签到", "你好", "我的积分", "谢谢", "帮助")


class Senders:
    """Consumers who go on writing, one message after the other, each sent until it is answered; they think ``pause_seconds`` before the next."""

    def __init__(self, port: int, *, pause_seconds: float = 0.0) -> None:
        self._port = port
        self._pause_seconds = pause_seconds
        self._stop = threading.Event()
        self.answered: dict[str, str] = {}  # message key → the words that were acknowledged
        self.failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(SENDERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, sender: int) -> None:
        count = 0
        try:
            while not self._stop.is_set():
                fields = text_fields(f"oSender{sender}x{count // 20}", SAID[count % len(SAID)])
                self.answered[f"m:{fields['MsgId']}"] = deliver_until_answered(self._port, fields)
                count += 1
                self._stop.wait(self._pause_seconds)
        except BaseException as error:  # noqa: BLE001 (shown by the test)
            self.failures.append(error)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ROUNDS)
def test_nothing_acknowledged_is_lost_or_doubled_when_the_web_process_is_killed(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    web = WebProcess(tmp_path)
    web.start()
    senders = Senders(web.port)
    senders.start()
    try:
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.02, 0.3))
            web.kill()
            web.start()
    finally:
        senders.stop()
        web.kill()
    assert senders.failures == []
    assert len(senders.answered) > KILLS
    database = open_database(web.database_url)
    check(database, senders.answered)
    database.close()


def check(database: Database, answered: dict[str, str]) -> None:
    """Compare what was acknowledged with what is remembered."""
    said = list(exchanges.every(database))
    incoming = {exchange.message_key: exchange for exchange in said if exchange.direction == "in"}
    replies = {exchange.in_reply_to: exchange for exchange in said if exchange.direction == "out"}
    assert set(incoming) == set(answered)
    assert Counter(exchange.direction for exchange in said) == {"in": len(answered), "out": len(answered)}
    assert {key: replies[exchange.id].text for key, exchange in incoming.items()} == answered
    members = {exchange.member_id for exchange in said}
    assert len(members) == len(database.query("SELECT id FROM members"))
    earned = Counter(row["member_id"] for row in database.query("SELECT member_id FROM ledger"))
    assert set(earned.values()) == {1}, "one check-in a day gives points once"
    assert points.reconcile(database) == []
