"""The change feed: what a page that reads on from what it knows gets to see."""

from datetime import timedelta

import pytest

from storage import changes
from storage.changes import Change
from storage.database import Database, Transaction
from tests.storage.people import NOW, at_once


def note(database: Database, topic: str = "message", member_id: int = 1, hours: float = 0) -> None:
    database.write(lambda tx: changes.note(tx, topic, member_id, NOW + timedelta(hours=hours)))


def told(found: list[Change]) -> list[tuple[str, int]]:
    return [(one.topic, one.member_id) for one in found]


def test_a_feed_without_changes_is_at_its_beginning(database: Database) -> None:
    assert changes.newest_id(database) == 0
    assert changes.after(database, 0) == []


def test_changes_come_in_the_order_they_were_noted(database: Database) -> None:
    for topic, member_id in (("message", 1), ("queue", 2), ("owner", 1), ("delivery", 3)):
        note(database, topic, member_id)
    assert told(changes.after(database, 0)) == [("message", 1), ("queue", 2), ("owner", 1), ("delivery", 3)]


def test_who_reads_on_from_the_newest_sees_only_what_comes_then(database: Database) -> None:
    note(database)
    known = changes.newest_id(database)
    assert changes.after(database, known) == []
    note(database, "queue", 2)
    assert told(changes.after(database, known)) == [("queue", 2)]
    assert changes.newest_id(database) == changes.after(database, known)[-1].id


def test_many_changes_are_read_in_pages_without_gap_or_repeat(database: Database) -> None:
    for member_id in range(1, 8):
        note(database, member_id=member_id)
    seen: list[Change] = []
    while page := changes.after(database, seen[-1].id if seen else 0, limit=3):
        assert len(page) <= 3
        seen += page
    assert [one.member_id for one in seen] == list(range(1, 8))


def test_a_change_is_seen_only_once_its_transaction_is_committed(database: Database) -> None:
    def fail(tx: Transaction) -> None:
        changes.note(tx, "message", 1, NOW)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    assert changes.newest_id(database) == 0


def test_a_reader_that_follows_writers_misses_nothing(database: Database) -> None:
    def write() -> list[int]:
        for _ in range(10):
            note(database)
        return []

    def read() -> list[int]:
        seen: list[int] = []
        while len(seen) < 40:
            seen += [one.id for one in changes.after(database, seen[-1] if seen else 0)]
        return seen

    seen = at_once([read, write, write, write, write])[0]
    assert seen == [one.id for one in changes.after(database, 0)]


def test_only_what_is_older_is_forgotten(database: Database) -> None:
    for hours in range(4):
        note(database, member_id=hours + 1, hours=hours)
    newest = changes.newest_id(database)
    assert database.write(lambda tx: changes.forget(tx, NOW + timedelta(hours=2))) == 2
    assert [one.member_id for one in changes.after(database, 0)] == [3, 4]
    assert changes.newest_id(database) == newest
    assert database.write(lambda tx: changes.forget(tx, NOW)) == 0


def test_after_all_is_forgotten_new_changes_are_still_seen_by_who_knew_the_old(database: Database) -> None:
    note(database)
    known = changes.newest_id(database)
    database.write(lambda tx: changes.forget(tx, NOW + timedelta(days=1)))
    note(database, member_id=2, hours=48)
    assert told(changes.after(database, known)) == [("message", 2)]
