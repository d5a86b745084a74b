"""The desk's live stream: what it tells, whom, and that nothing is missed."""

from collections.abc import Generator, Iterator
from contextlib import closing

import pytest

from bot.desk import live
from storage.members import short_code
from tests.desk.conftest import Desk
from tests.phone import Phone


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(live, "FEWEST_SECONDS_BETWEEN", 0.0)


def follow(desk: Desk, name: str, member_id: int | None = None) -> Generator[str, None, None]:
    """Open the stream and yield what it says, step by step."""
    query = f"?member={member_id}" if member_id else ""
    answer = desk[name].client.get(f"/desk/live{query}", headers={"Accept": "text/event-stream"}, buffered=False)
    assert answer.status_code == 200
    with closing(answer):
        for chunk in answer.response:
            yield chunk.decode() if isinstance(chunk, bytes) else str(chunk)


def until(said: Iterator[str], event: str) -> str:
    """Return the first thing said that holds this event."""
    for _ in range(50):
        text = next(said)
        if f"event: {event}\n" in text:
            return text
    raise AssertionError(f"no {event}")


def test_stream_begins_with_the_lists_and_tells_when_somebody_comes(waiting: Desk, phone: Phone) -> None:
    said = follow(waiting, "alice")
    assert str(waiting.member()) in until(said, "queue")
    phone.named("oSecond").says("人工")
    assert str(waiting.member("oSecond")) in until(said, "queue")
    said.close()


def test_open_dialogue_is_told_of_new_words(taken: Desk, phone: Phone) -> None:
    said = follow(taken, "alice", taken.member())
    until(said, "dialogue")
    phone.says("还在吗")
    until(said, "dialogue")
    said.close()


def test_colleagues_dialogue_never_shows_in_the_stream(taken: Desk, phone: Phone) -> None:
    secret = str(taken.member())
    said = follow(taken, "bob", taken.member())
    heard = until(said, "queue")
    phone.says("这是只给小爱的话")
    phone.named("oSecond").says("人工")
    heard += until(said, "queue")
    said.close()
    assert secret not in heard
    assert "只给小爱" not in heard
    assert heard.count("event: dialogue") == 1  # the one that every stream begins with


def test_whoever_loses_a_dialogue_to_a_supervisor_is_told(taken: Desk) -> None:
    said = follow(taken, "alice", taken.member())
    until(said, "queue")
    taken["susan"].post(f"{taken.at()}/take-over", {"from_agent": str(taken.users["alice"].id)})
    told = until(said, "told")
    said.close()
    assert "susan接手了" in told
    assert short_code(taken.member()) in told
    assert "event: gone" in told


def test_whoever_looks_at_a_waiting_dialogue_is_told_who_took_it(waiting: Desk) -> None:
    said = follow(waiting, "bob", waiting.member())
    until(said, "queue")
    waiting["alice"].post(f"{waiting.at()}/take")
    assert "alice接手了" in until(said, "gone")
    said.close()


def test_lapsed_dialogue_is_back_in_the_queue_without_any_worker(taken: Desk) -> None:
    said = follow(taken, "alice", taken.member())
    until(said, "queue")
    taken.clock.forward(minutes=31)
    told = until(said, "told")
    said.close()
    assert "回到队列" in told
    assert 'data-waiting="1"' in told


def test_no_stream_for_staff_of_other_rooms(taken: Desk) -> None:
    for name in ("charlie", "adam"):
        assert taken[name].get("/desk/live", Accept="text/event-stream").status == 403
