"""The webhook over HTTP: methods, sizes, headers, what is logged, and what happens when the turn cannot be recorded."""

import io
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.wechat.gate import Gate, Quarantined
from bot.wechat.webhook import BODIES_AT_ONCE, FORGED_PER_MINUTE, Webhook
from intents.messages import Message, TextMessage
from templates.content import Content
from tests.wechat.conftest import Door
from tests.wechat.signing import NOW, account, call, sealed, signed_query, text_document, turning

LIMIT = account().max_body_bytes
FORGED = signed_query(token="a wrong token")


class Pieces(io.RawIOBase):
    """A body that arrives in pieces, and may never end."""

    def __init__(self, piece: bytes, pieces: int | None = None) -> None:
        self.piece, self.pieces, self.taken = piece, pieces, 0
        self.before: list[bytes] = []
        self.after: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        part = self._next()[:size]
        self.taken += len(part)
        return part

    def _next(self) -> bytes:
        if self.before:
            return self.before.pop(0)
        if self.pieces is None or self.pieces > 0:
            self.pieces = None if self.pieces is None else self.pieces - 1
            return self.piece
        return self.after.pop(0) if self.after else b""


class Stalled(io.RawIOBase):
    """A body of which nothing more comes until it is let go."""

    def __init__(self) -> None:
        self.asked, self.let_go = threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.asked.set()
        self.let_go.wait(10)
        return b""


class Broken(io.RawIOBase):
    """A body whose sender is gone."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError


def test_a_message_is_answered(door: Door) -> None:
    response = call(door.webhook, signed_query(), text_document("在吗"))
    assert response.status == 200
    assert "在吗".encode() in response.body
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert [type(message) for message in door.messages] == [TextMessage]


def test_silence_is_success_in_plain_text_even_in_safe_mode(safe_door: Door) -> None:
    response = call(safe_door.webhook, *sealed(text_document().replace(b"[text]", b"[image]")))
    assert (response.status, response.body) == (200, b"success")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_what_is_not_understood_is_kept_and_met_with_success(door: Door) -> None:
    response = call(door.webhook, signed_query(), text_document().replace(b"[text]", b"[hologram]"))
    assert (response.status, response.body) == (200, b"success")
    assert [kept.reason for kept in door.quarantined] == ["unknown type 'hologram'"]
    assert not door.messages


def test_the_address_check_is_answered_to_the_byte(door: Door) -> None:
    response = call(door.webhook, signed_query(echostr="5838479218127813673"), method="GET")
    assert (response.status, response.body) == (200, b"5838479218127813673")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", "X"])
def test_other_methods_are_refused(door: Door, method: str) -> None:
    response = call(door.webhook, signed_query(), text_document(), method)
    assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    assert not door.messages


@pytest.mark.parametrize("query", ["", signed_query(), signed_query(echostr="1"), FORGED])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_answer_carries_the_safe_headers(door: Door, query: str, method: str) -> None:
    headers = call(door.webhook, query, text_document(), method).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Type"].endswith("; charset=utf-8")
    assert "html" not in headers["Content-Type"]


def test_the_length_is_told(door: Door) -> None:
    response = call(door.webhook, signed_query(), text_document())
    assert response.headers["Content-Length"] == str(len(response.body))


def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not(door: Door) -> None:
    document = text_document()
    assert call(door.webhook, signed_query(), document + b" " * (LIMIT - len(document))).status == 200
    stream = Pieces(b"x" * 1000)
    assert call(door.webhook, signed_query(), stream=stream, CONTENT_LENGTH=str(LIMIT + 1)).status == 413
    assert stream.taken == 0


def test_a_body_without_length_is_read_to_its_end(door: Door) -> None:
    document = text_document()
    assert call(door.webhook, signed_query(), document, ends=True, CONTENT_LENGTH=None).status == 200
    assert call(door.webhook, signed_query(), document + b" " * LIMIT, ends=True, CONTENT_LENGTH=None).status == 413


def test_a_body_without_end_is_read_no_further_than_the_limit(door: Door) -> None:
    stream = Pieces(b"x" * 1000)
    assert call(door.webhook, signed_query(), stream=stream, ends=True, CONTENT_LENGTH=None).status == 413
    assert stream.taken == LIMIT + 1


def test_a_body_in_pieces_is_put_together(door: Door) -> None:
    document = text_document(content="     ")
    start, end = document.split(b"     ")
    stream = Pieces(b" ", 5)
    stream.before, stream.after = [start[:7], start[7:]], [end]
    assert call(door.webhook, signed_query(), stream=stream, CONTENT_LENGTH=str(len(document))).status == 200
    (message,) = door.messages
    assert isinstance(message, TextMessage)
    assert message.content == "     "


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "１２", "0x10", "1" * 30, " 5", "5 "])
def test_a_length_that_is_none_is_refused(door: Door, length: str) -> None:
    assert call(door.webhook, signed_query(), text_document(), CONTENT_LENGTH=length).status == 400


def test_a_length_in_full_width_digits_is_none(door: Door) -> None:
    document = text_document()
    length = "".join(chr(ord(digit) + 0xFEE0) for digit in str(len(document)))
    assert call(door.webhook, signed_query(), document, CONTENT_LENGTH=length).status == 400


def test_a_body_shorter_than_declared_or_torn_off_is_refused(door: Door) -> None:
    document = text_document()
    assert call(door.webhook, signed_query(), document, CONTENT_LENGTH=str(len(document) + 1)).status == 400
    assert call(door.webhook, signed_query(), document, stream=Broken()).status == 400
    assert not door.messages


def test_one_signed_address_cannot_take_every_thread(door: Door) -> None:
    stalled = [Stalled() for _ in range(BODIES_AT_ONCE)]
    threads = [
        threading.Thread(
            target=call, args=(door.webhook, signed_query(more=str(number)), b"x" * 9), kwargs={"stream": body}
        )
        for number, body in enumerate(stalled)
    ]
    for thread, body in zip(threads, stalled, strict=True):
        thread.start()
        assert body.asked.wait(5)
    refused = call(door.webhook, signed_query(more="5"), text_document())
    other = call(door.webhook, signed_query(nonce="another"), text_document())
    for thread, body in zip(threads, stalled, strict=True):
        body.let_go.set()
        thread.join(5)
    assert (refused.status, other.status) == (503, 200)
    assert call(door.webhook, signed_query(), text_document()).status == 200


def test_no_length_and_no_promise_of_an_end_is_an_empty_body(door: Door) -> None:
    assert call(door.webhook, signed_query(), text_document(), CONTENT_LENGTH=None).status == 400
    assert call(door.webhook, signed_query(), text_document(), CONTENT_LENGTH="").status == 400


@pytest.mark.parametrize(
    ("encoding", "status"), [("gzip", 415), ("GZIP, br", 415), ("x", 415), ("identity", 200), ("", 200)]
)
def test_an_encoded_body_is_refused(door: Door, encoding: str, status: int) -> None:
    assert call(door.webhook, signed_query(), text_document(), HTTP_CONTENT_ENCODING=encoding).status == status


def with_clock(seconds: list[float], messages: list[Message]) -> Webhook:
    def turn(message: Message) -> None:
        messages.append(message)

    return Webhook(Gate(account(), lambda: NOW), turning(turn), lambda _: None, monotonic=lambda: seconds[0])


def test_an_address_that_forges_is_slowed_down_and_others_are_not() -> None:
    seconds, messages = [0.0], list[Message]()
    webhook = with_clock(seconds, messages)
    statuses = [call(webhook, FORGED, text_document()).status for _ in range(FORGED_PER_MINUTE + 5)]
    assert statuses == [403] * FORGED_PER_MINUTE + [429] * 5
    assert call(webhook, "", method="GET").status == 429
    assert call(webhook, FORGED, text_document(), REMOTE_ADDR="198.51.100.9").status == 403
    seconds[0] = 61.0
    assert call(webhook, FORGED, text_document()).status == 403


def test_the_platform_is_never_shut_out_by_a_forger_behind_the_same_proxy() -> None:
    messages = list[Message]()
    webhook = with_clock([0.0], messages)
    for _ in range(FORGED_PER_MINUTE * 2):
        call(webhook, FORGED, text_document())
    assert call(webhook, signed_query(), text_document()).status == 200
    assert len(messages) == 1


def test_a_forger_beyond_the_limit_gets_no_body_read() -> None:
    webhook = with_clock([0.0], [])
    stream = Pieces(b"x" * 1000)
    for _ in range(FORGED_PER_MINUTE):
        call(webhook, FORGED, text_document())
    assert call(webhook, FORGED, stream=stream, CONTENT_LENGTH="1000").status == 429
    assert stream.taken == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    webhook = with_clock([0.0], [])
    for number in range(10_000):
        call(webhook, "", REMOTE_ADDR=str(number))
    assert len(webhook._forgers._counts) <= 4096


def test_stale_requests_do_not_count_as_forged_but_are_counted(door: Door) -> None:
    stale = signed_query(NOW - timedelta(days=1))
    statuses = {call(door.webhook, stale, text_document()).status for _ in range(FORGED_PER_MINUTE + 5)}
    assert statuses == {403}
    assert door.webhook.refusals == {"stale timestamp": FORGED_PER_MINUTE + 5}


class OutOfReach(Exception):
    """The storage's own error, as the turn would let it through."""


def failing(error: Exception) -> Webhook:
    def fail(_: object) -> Content | None:
        raise error

    def keep(_: Quarantined) -> None:
        raise error

    return Webhook(Gate(account(), lambda: NOW), turning(fail), keep, unavailable=(OutOfReach,))


@pytest.mark.parametrize("error", [OutOfReach("secret words"), ZeroDivisionError("secret words")])
@pytest.mark.parametrize("msg_type", [b"[text]", b"[hologram]"])
def test_what_cannot_be_stored_is_not_acknowledged(error: Exception, msg_type: bytes) -> None:
    response = call(failing(error), signed_query(), text_document().replace(b"[text]", msg_type))
    assert (response.status, response.body) == (503, b"")


def test_storage_out_of_reach_is_one_line_with_the_messages_key(caplog: pytest.LogCaptureFixture) -> None:
    call(failing(OutOfReach("secret words")), signed_query(), text_document(msg_id="77001"))
    (record,) = caplog.records
    assert record.getMessage() == "unavailable: m:77001: OutOfReach"
    assert record.exc_info is None


def test_an_unexpected_error_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    call(failing(ZeroDivisionError()), signed_query(), text_document(msg_id="77001"))
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "m:77001" in record.getMessage()
    assert record.exc_info


def test_a_refusal_is_one_line_without_anything_from_the_request(
    make_door: Callable[..., Door], caplog: pytest.LogCaptureFixture
) -> None:
    door = make_door("safe")
    caplog.set_level(logging.DEBUG)
    marker = "PlantedMarker"
    call(door.webhook, signed_query(nonce=marker, openid=marker), text_document(marker))
    call(door.webhook, signed_query(echostr=f"<{marker}>"), method="GET")
    call(door.webhook, f"{marker}=1&{marker}=2", text_document(marker))
    call(door.webhook, *sealed(text_document(marker)[:-3]))
    call(door.webhook, *sealed(text_document(marker, more="<MsgId>1</MsgId>")))
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "refused: 403 envelope",
        "refused: 400 echostr",
        "refused: 400 repeated parameter",
        "refused: 400 not well-formed XML",
        "quarantined: 'MsgId' is there more than once",
    ]


@pytest.mark.parametrize(
    ("passed", "hops", "status"),
    [
        ("", 0, 200),
        ("6.6.6.6", 0, 200),
        ("6.6.6.6, 101.226.103.9", 1, 200),
        ("101.226.103.9, 6.6.6.6", 1, 403),
        ("101.226.103.9, 6.6.6.6, 10.0.0.2", 2, 403),
        ("6.6.6.6, 101.226.103.9, 10.0.0.2", 2, 200),
    ],
)
def test_with_a_list_of_addresses_a_signed_push_from_elsewhere_is_refused(
    door: Door, passed: str, hops: int, status: int
) -> None:
    listed = {"101.226.103.9"}
    webhook = Webhook(door.gate, turning(door.turn), door.quarantined.append, admits=listed.__contains__)
    sender: dict[str, Any] = {"REMOTE_ADDR": "10.0.0.1" if hops else "101.226.103.9"}
    if passed:
        sender["HTTP_X_FORWARDED_FOR"] = passed
    assert call(webhook, signed_query(), text_document("在吗"), hops=hops, **sender).status == status
    assert len(door.messages) == (status == 200)


def test_who_is_not_signed_never_gets_as_far_as_the_list(door: Door) -> None:
    asked: list[str] = []

    def admits(address: str) -> bool:
        asked.append(address)
        return False

    webhook = Webhook(door.gate, turning(door.turn), door.quarantined.append, admits=admits)
    assert call(webhook, FORGED, text_document()).status == 403
    assert asked == []
