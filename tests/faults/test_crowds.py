"""Crowds that take their time, over the real server: messages are answered all the same."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest

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
