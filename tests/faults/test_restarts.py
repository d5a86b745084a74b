"""Processes are restarted one after the other under load, and no request fails; one that is told to stop says so, lets live pages go, and ends.

``ROLLING_RESTARTS`` sets how many restarts (2 when not set), ``REQUESTS_PER_SECOND`` the load meanwhile (40).
"""

import http.client
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from bot.wechat.outbound_push import Element
from storage import exchanges, points
from storage.opening import open_database
from tests.faults.platform import PUSH, deliver, text_fields
from tests.faults.web_process import ENVIRONMENT, WebProcess
from tests.phone import shown
from tests.processes import running, zhaohu

RESTARTS = int(os.environ.get("ROLLING_RESTARTS", "2"))
RATE = int(os.environ.get("REQUESTS_PER_SECOND", "40"))
STOP_SECONDS = 10
DRAIN_SECONDS = 3
DELIVERIES = 3  # the platform's
PASSWORD = "correct horse on a stapled battery"


class Balanced:
    """The platform and the proxy: a message goes to one process, to the other when that does not answer, and comes again up to three times."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._turn = itertools.count()

    def send(self, fields: Mapping[str, Element]) -> str:
        first = next(self._turn)
        for attempt in range(DELIVERIES):
            for port in (self._ports[(first + attempt) % 2], self._ports[(first + attempt + 1) % 2]):
                try:
                    status, body = deliver(port, fields)
                except (OSError, http.client.HTTPException):
                    continue
                if status == 200:
                    return shown(PUSH.heard(body))
        raise AssertionError("a message was not answered")


class Load:
    """Messages at a steady pace, whatever becomes of them."""

    def __init__(self, balanced: Balanced) -> None:
        self._balanced = balanced
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(32)
        self.sent: dict[str, Future[str]] = {}
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._pool.shutdown()

    def _go_on(self) -> None:
        began = time.monotonic()
        for number in itertools.count():
            if self._stop.wait(max(0.0, began + number / RATE - time.monotonic())):
                return
            fields = text_fields(f"oRolling{number % 50}", ("签到", "你好", "谢谢")[number % 3])
            self.sent[f"m:{fields['MsgId']}"] = self._pool.submit(self._balanced.send, fields)


@pytest.mark.slow
def test_rolling_restarts_under_load_fail_no_request(tmp_path: Path) -> None:
    webs = [WebProcess(tmp_path), WebProcess(tmp_path)]
    for web in webs:
        web.start()
    load = Load(Balanced([web.port for web in webs]))
    try:
        for web in itertools.islice(itertools.cycle(webs), RESTARTS):
            web.ask_to_stop()
            assert web.wait_until_ended(STOP_SECONDS) == 0
            web.start()
    finally:
        load.stop()
        for web in webs:
            web.kill()
    answered = {key: sent.result() for key, sent in load.sent.items()}
    assert all(answered.values())
    database = open_database(webs[0].database_url)
    said = list(exchanges.every(database))
    assert Counter(one.direction for one in said) == {"in": len(answered), "out": len(answered)}
    assert {one.message_key for one in said if one.direction == "in"} == set(answered)
    assert points.reconcile(database) == []
    database.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path, {"DRAIN_SECONDS": str(DRAIN_SECONDS)})
    process.start()
    yield process
    process.kill()


def sign_in(web: WebProcess) -> requests.Session:
    """Make an agent and sign in."""
    zhaohu = str(Path(sys.executable).with_name("zhaohu"))
    values = {**os.environ, **ENVIRONMENT, "DATABASE_URL": web.database_url}
    command = [zhaohu, "user", "add", "wang", "--role", "agent", "--password-stdin"]
    subprocess.run(
        command, input=f"{PASSWORD}\n".encode(), env=values, cwd=web.folder, check=True, stdout=subprocess.DEVNULL
    )
    browser = requests.Session()
    page = browser.get(f"http://127.0.0.1:{web.port}/login", timeout=10).text
    token = page.partition('csrf_token" value="')[2].partition('"')[0]
    form = {"name": "wang", "password": PASSWORD, "csrf_token": token}
    browser.post(f"http://127.0.0.1:{web.port}/login", form, timeout=10)
    return browser


@pytest.mark.slow
def test_a_process_told_to_stop_says_so_serves_on_for_a_moment_lets_live_pages_go_and_ends(web: WebProcess) -> None:
    with (
        sign_in(web) as browser,
        browser.get(f"http://127.0.0.1:{web.port}/desk/live", stream=True, timeout=10) as live,
    ):
        assert live.status_code == 200
        lines = live.iter_lines()
        assert next(lines) == b": open"
        web.ask_to_stop()
        while (ready := requests.get(f"http://127.0.0.1:{web.port}/readyz", timeout=10)).status_code == 200:
            time.sleep(0.01)
        assert ready.status_code == 503
        assert ready.json()["problems"][0]["part"] == "process"
        assert deliver(web.port, text_fields("oDrained", "你好"))[0] == 200
        for _ in lines:  # until it ends in good order; cut off, it would raise
            pass
    assert web.wait_until_ended(DRAIN_SECONDS + STOP_SECONDS) == 0


def test_no_second_server_shares_a_port_and_what_a_crash_left_of_one_gives_it_up(tmp_path: Path) -> None:
    web = WebProcess(tmp_path)
    web.start()
    again = WebProcess(tmp_path, port=web.port)
    values = {**os.environ, **ENVIRONMENT, "PORT": str(web.port), "DATABASE_URL": web.database_url}
    with running(zhaohu, "serve", environment=values, folder=tmp_path, name="second") as second:
        assert second.wait(30) == 1
        assert f"port {web.port} is in use by another program" in second.printed.read_text()
    assert web.process is not None
    web.process.send(signal.SIGKILL)  # its main process alone, as the kernel does when memory is short
    web.process.wait(10)
    deadline = time.monotonic() + 30
    while port_is_taken(web.port):
        assert time.monotonic() < deadline, "the process it left behind serves on"
        time.sleep(0.05)
    again.start()
    assert deliver(again.port, text_fields("oAfterwards", "你好"))[0] == 200
    again.stop()


def port_is_taken(port: int) -> bool:
    """Say whether anybody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
