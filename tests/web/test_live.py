"""Live streams: what they look like, how many there may be, when they end."""

from collections.abc import Iterator

import pytest
from flask import Flask

from bot.web import live
from bot.web.live import Places, event
from storage import users
from storage.database import Database
from storage.users import RoleName, User
from tests.web.conftest import Browser, SignIn

STREAM = {"Accept": "text/event-stream"}


def test_event_carries_each_line_and_the_id_to_resume_after() -> None:
    assert event("news", "one\ntwo", "7") == "id: 7\nevent: news\ndata: one\ndata: two\n\n"
    assert event("ended") == "event: ended\ndata: \n\n"


@pytest.mark.parametrize(
    "hostile", ["a\rdata: forged", "a\r\nevent: forged", "a\n\nevent: forged", "a\x0bb\u2028event: forged"]
)
def test_what_consumers_write_never_becomes_an_event(hostile: str) -> None:
    written = event("news", hostile)
    assert [line for line in written.replace("\r", "\n").split("\n") if line.startswith("event:")] == ["event: news"]


def test_stream_tells_what_happens(signed_in: SignIn) -> None:
    answer = signed_in("agent").get("/live", Accept="text/event-stream")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert "id: 2\nevent: news\ndata: line 2\ndata: and more\n\n" in answer.text


def test_stranger_gets_no_stream(browser: Browser) -> None:
    assert browser.get("/live", Accept="text/event-stream").status == 401


def test_one_stream_too_many_is_told_to_come_back(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    open_streams = [browser.client.get("/live", headers=STREAM, buffered=False) for _ in range(2)]
    refused = browser.get("/live", Accept="text/event-stream")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "15")
    open_streams[0].close()
    assert browser.get("/live", Accept="text/event-stream").status == 200
    open_streams[1].close()


def test_place_is_given_back_once() -> None:
    places = Places(1)
    place = places.take()
    assert place is not None
    assert places.take() is None
    place.give_back()
    place.give_back()
    assert places.take() is not None
    assert places.take() is None


def test_stream_ends_when_its_session_does(
    app: Flask, signed_in: SignIn, database: Database, staff: dict[RoleName, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SESSION_SECONDS", 0.0)
    browser = signed_in("agent")
    answer = browser.client.get("/live", headers=STREAM, buffered=False)
    lines: Iterator[bytes] = iter(answer.response)  # type: ignore[arg-type]
    assert next(lines) == b": open\n\n"
    assert b"line 0" in next(lines)
    database.write(lambda tx: users.disable_user(tx, staff["agent"].id))
    assert next(lines) == b"event: ended\ndata: \n\n"
    assert next(lines, None) is None
    answer.close()


def test_open_stream_keeps_nobody_signed_in(signed_in: SignIn, clock: object) -> None:
    from tests.conftest import Clock

    assert isinstance(clock, Clock)
    browser = signed_in("agent")
    for _ in range(3):
        clock.forward(minutes=25)
        browser.get("/live", Accept="text/event-stream")
    assert browser.get("/reports").status == 302
