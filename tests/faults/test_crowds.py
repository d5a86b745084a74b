"""Crowds that take their time, over the real server: messages are answered all the same."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.delivery.test_once import wait_for
from tests.faults.platform import PUSH, deliver, text_fields
from tests.faults.web_process import WebProcess
from tests.phone import shown

CROWD = 130  # more than there are threads
ANSWER_SECONDS = 4.5  # the platform waits 5


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path_factory.mktemp("crowds"))
    process.start()
    deliver(process.port, text_fields("oFirst", "你好"))  # the first turn loads what is published
    yield process
    process.stop()


def begin(port: int, request: str, times: int, stack: ExitStack) -> None:
    """Open connections that send the beginning of a request and then nothing."""
    for _ in range(times):
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        connection.sendall(request.encode("ascii"))


def status_of(port: int, path: str) -> int:
    """Ask for a page and return its status."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            answer.read()
            return answer.status


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "request_begun"),
    [
        (
            "bodies of unsigned messages",
            "POST /wechat?signature=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nabc",
        ),
        (
            "endless chunks",
            "POST /wechat HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ),
        ("bodies of forms", "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nabc"),
        ("headers", "POST /wechat?signature=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"),
        ("nothing", ""),
    ],
)
def test_messages_are_answered_while_a_crowd_sends_slowly(web: WebProcess, what: str, request_begun: str) -> None:
    with ExitStack() as stack:
        begin(web.port, request_begun, CROWD, stack)
        time.sleep(0.1)
        for number in range(5):
            started = time.monotonic()
            status, body = deliver(web.port, text_fields(f"oPatient{number}", "你好"))
            assert status == 200, what
            assert shown(PUSH.heard(body))
            assert time.monotonic() - started < ANSWER_SECONDS, what
        assert status_of(web.port, "/login") == 200, "pages neither wait for slow senders"


@pytest.mark.slow
def test_messages_are_answered_while_a_signed_address_is_used_for_bodies_that_never_end(web: WebProcess) -> None:
    query, _ = PUSH.of(text_fields("oReplayed", "你好"), datetime.now(UTC))
    with ExitStack() as stack:
        for number in range(CROWD):
            begun = f"POST /wechat?{query}&n={number} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n<xml>"
            begin(web.port, begun, 1, stack)
        time.sleep(0.1)
        for number in range(5):
            status, body = deliver(web.port, text_fields(f"oSteady{number}", "你好"))
            assert status == 200
            assert shown(PUSH.heard(body))


@pytest.mark.slow
def test_an_oversized_body_is_refused_by_its_length_alone(web: WebProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    query, _ = PUSH.of(text_fields("oLong", "你好"), datetime.now(UTC))
    connection.putrequest("POST", f"/wechat?{query}")
    connection.putheader("Content-Length", str(10_000_000))
    connection.endheaders()
    with closing(connection), connection.getresponse() as answer:
        assert answer.status == 413


def hold(port: int, path: str, connections: int, stack: ExitStack, *, times: int = 1) -> list[socket.socket]:
    """Ask for a page some times over so many connections without reading it, and return them once each has been answered with something."""
    lines = []
    for number in range(connections):
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what is not read soon fills the server's side too
        stack.enter_context(line)
        line.settimeout(10)
        line.connect(("127.0.0.1", port))
        line.sendall(f"GET {path.format(number)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii") * times)
        lines.append(line)
    for line in lines:
        assert line.recv(1, socket.MSG_PEEK)
    return lines


@pytest.mark.slow
def test_messages_are_answered_while_every_live_page_and_every_thread_is_taken(tmp_path: Path) -> None:
    few = {"THREADS": "28", "LIVE_STREAMS": "4", "SIMULATOR": "on"}
    web = WebProcess(tmp_path, few)
    web.start()
    with ExitStack() as stack:
        stack.callback(web.stop)
        deliver(web.port, text_fields("oFirst", "你好"))
        live = hold(web.port, "/simulator/oPhone{:022}/live", 4, stack)
        assert all(b" 200 " in line.recv(64) for line in live)
        assert status_of(web.port, "/simulator/oPhone9000000000000000000000/live") == 503
        assert status_of(web.port, "/login") == 200, "other pages have threads of their own"
        hold(
            web.port, "/static/web/vendor/tabler.min.css", 24, stack, times=10
        )  # more than the server keeps for one who does not read
        wait_for(lambda: status_of(web.port, "/login") == 503, seconds=10)
        for number in range(5):
            started = time.monotonic()
            status, body = deliver(web.port, text_fields(f"oPatient{number}", "签到"))
            assert status == 200
            assert shown(PUSH.heard(body))
            assert time.monotonic() - started < ANSWER_SECONDS
