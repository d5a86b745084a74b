"""The live feed: whatever happened to the thread that looks, a page that waits sees what is committed."""

import threading
from datetime import UTC, datetime

import pytest

from bot.conversation.feed import Feed
from storage import changes
from storage.database import Database, Parameters, Row, Transaction
from storage.sqlite import SqliteDatabase

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOO_LARGE_A_STACK = 1 << 46  # no thread can be started with it


def note_soon(database: Database) -> None:
    threading.Timer(0.05, lambda: database.write(lambda tx: changes.note(tx, "queue", 7, NOW))).start()


def members_seen(feed: Feed) -> list[int]:
    return [change.member_id for change in feed.after(feed.position(), timeout_seconds=3)]


def test_a_page_sees_a_change_made_while_it_waits(database: Database) -> None:
    note_soon(database)
    assert members_seen(Feed(database, poll_seconds=0.01)) == [7]


@pytest.mark.parametrize("engine", ["postgresql"])
def test_where_the_engine_tells_a_page_sees_a_change_long_before_anybody_would_look_again(database: Database) -> None:
    note_soon(database)
    assert members_seen(Feed(database, poll_seconds=60)) == [7]
    database.write(lambda tx: changes.note(tx, "queue", 8, NOW))  # lets its thread see that nobody waits any more


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_change_of_which_no_word_came_is_seen_all_the_same(database: Database) -> None:
    def quietly(tx: Transaction) -> None:
        tx.execute("INSERT INTO changes (id, topic, member_id, created_at) VALUES (1, 'queue', 7, 0)")

    feed = Feed(database, poll_seconds=0.05)
    threading.Timer(0.1, lambda: database.write(quietly)).start()
    assert members_seen(feed) == [7]


def test_a_thread_that_could_not_be_started_is_started_for_the_next(database: Database) -> None:
    feed = Feed(database, poll_seconds=0.01)
    before = threading.stack_size(TOO_LARGE_A_STACK)
    try:
        with pytest.raises(RuntimeError, match="start new thread"):
            feed.after(0, timeout_seconds=0.1)
    finally:
        threading.stack_size(before)
    note_soon(database)
    assert members_seen(feed) == [7]
    for _ in range(1000):
        if all(thread.name != "feed" for thread in threading.enumerate()):
            return
        threading.Event().wait(0.01)
    raise AssertionError("it goes on looking, though nobody waits")


class FailsOnce(SqliteDatabase):
    """A database that fails the thread that looks, once."""

    failed = False

    def one(self, sql: str, parameters: Parameters = {}) -> Row | None:  # noqa: B006 (never changed)
        if threading.current_thread().name == "feed" and not self.failed:
            self.failed = True
            raise ZeroDivisionError
        return super().one(sql, parameters)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_replaced(database: SqliteDatabase) -> None:
    fragile = FailsOnce(database.path)
    feed = Feed(fragile, poll_seconds=0.01)
    assert feed.after(feed.position(), timeout_seconds=0.1) == ()
    note_soon(database)
    assert members_seen(feed) == [7]
    fragile.close()
