"""A changed phrase counts in every process without a message to wake it, and what was learned, or could not be, is written down."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.following import Follower
from bot.conversation.knowledge import Knowledge, KnowledgeCache
from intents.matching.matcher import Matcher
from intents.types import Intent
from storage import model_builds, revisions, scripted_intents
from storage.database import Database, Queries
from storage.errors import StorageUnavailable

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
TODAY = date(2026, 1, 1)
ROOT = Path(__file__).parents[2]
PARKING = ("停车场在哪", "可以停车吗", "停车收费吗", "有没有车位")
PATIENCE_SECONDS = 60.0  # for a busy machine; it is a matter of a second

OTHER_PROCESS = """
import sys, time
from datetime import UTC, date, datetime
from bot.conversation.following import Follower
from bot.conversation.knowledge import KnowledgeCache
from storage.opening import open_database
database, cache = open_database(sys.argv[1]), KnowledgeCache()
known = cache.newest(database)
follower = Follower(database, cache, lambda: datetime.now(UTC))
follower.start()
print("following", flush=True)
while cache._known.matcher.match("停车场在哪里", today=date(2026, 1, 1)).intent != "parking":
    time.sleep(0.01)
print("understood", flush=True)
follower.stop(20)
follower.look()  # where learning took longer than it waits for that, it had not told yet
"""


class Watched(KnowledgeCache):
    """A cache that says when it was looked at."""

    def __init__(self, fails: int = 0) -> None:
        super().__init__()
        self.looked = threading.Semaphore(0)
        self.fails = fails

    def newest(self, queries: Queries) -> Knowledge:
        self.looked.release()
        self.fails -= 1
        if self.fails >= 0:
            raise StorageUnavailable("locked") if self.fails % 2 else ValueError("unforeseen")
        return super().newest(queries)


@pytest.fixture
def cache(database: Database) -> Iterator[KnowledgeCache]:
    made = KnowledgeCache()
    made.newest(database)
    yield made
    for thread in threading.enumerate():
        if thread.name == "learning":
            thread.join()


def add_parking(database: Database) -> None:
    database.write(
        lambda tx: scripted_intents.add(
            tx, name="parking", title="停车", phrases=PARKING, keywords=(("停车", 3),), by="x", now=NOW
        )
    )


def follower(database: Database, cache: KnowledgeCache, look_seconds: float = 0.01) -> Follower:
    return Follower(database, cache, lambda: NOW, look_seconds=look_seconds)


def test_another_process_understands_a_new_phrase_without_a_message(database: Database, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, database_url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
        watchdog.start()
        assert process.stdout.readline() == "following\n"
        add_parking(database)
        assert process.stdout.readline() == "understood\n"
        assert process.wait(PATIENCE_SECONDS) == 0
        watchdog.cancel()
    [build, _before] = model_builds.newest(database)
    assert build.revision == revisions.current(database)


def test_two_processes_learn_the_same_to_the_byte_and_it_is_told_once(
    cache: KnowledgeCache, database: Database
) -> None:
    add_parking(database)
    other = KnowledgeCache()
    for one in (cache, other):
        follower(database, one).look()
    [build] = [build for build in model_builds.newest(database) if build.revision == revisions.current(database)]
    for one in (cache, other):
        matcher = one.newest(database).matcher
        assert isinstance(matcher, Matcher)
        assert matcher.fingerprint == build.fingerprint
    assert build.seconds > 0
    assert build.figures["features"] > 1_000


def test_what_cannot_be_learned_is_told_with_its_reason_and_the_one_before_stays(
    cache: KnowledgeCache, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = follower(database, cache)
    one.look()
    monkeypatch.setattr(
        Matcher, "__init__", lambda *_, **__: 1 / 0
    )  # no published state is known that could not be learned
    add_parking(database)
    one.look()
    failed, before = model_builds.newest(database)
    assert (failed.fingerprint, failed.revision) == ("", revisions.current(database))
    assert failed.failure.startswith("ZeroDivisionError: division by zero (")
    assert before.fingerprint
    assert cache.newest(database).matcher.match("我要领券", today=TODAY).intent == "coupon_claim"


def test_a_process_that_starts_on_what_cannot_be_learned_answers_with_what_is_shipped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_parking(database)
    made = Matcher.__init__

    def only_shipped(self: Matcher, intents: tuple[Intent, ...], *more: Any, **named: Any) -> None:
        if any(intent.name == "parking" for intent in intents):
            raise ValueError("parking")
        made(self, intents, *more, **named)

    monkeypatch.setattr(Matcher, "__init__", only_shipped)
    cache = KnowledgeCache()
    follower(database, cache).look()
    assert cache.newest(database).matcher.match("我要领券", today=TODAY).intent == "coupon_claim"
    assert "ValueError: parking" in model_builds.newest(database)[0].failure


def test_it_goes_on_after_the_database_was_unavailable_and_after_a_fault(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    cache = Watched(fails=6)
    one = follower(database, cache)
    one.start()
    for _ in range(8):
        assert cache.looked.acquire(timeout=PATIENCE_SECONDS)
    one.stop(PATIENCE_SECONDS)
    assert "cannot be followed" in caplog.text
    assert "unforeseen" in caplog.text
    assert cache.newest(database).intents
