"""The change feed: its ids grow in the order of commits, whatever clocks say."""

from datetime import UTC, datetime, timedelta

from storage import changes
from storage.database import Database
from storage.ids import IdMaker, first_id_at, new_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY_MS = 24 * 60 * 60 * 1000


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def note(database: Database, member_id: int) -> int:
    """Note a change and return the id it got."""
    database.write(lambda tx: changes.note(tx, "message", member_id, NOW))
    return changes.newest_id(database)


def note_ahead(database: Database, ahead_ms: int) -> int:
    """Note a change as a process would whose clock is ahead."""
    ahead_id = first_id_at(now_ms() + ahead_ms)
    database.write(
        lambda tx: tx.execute("INSERT INTO changes VALUES (:id, 'message', 1, 0)", {"id": ahead_id}),
    )
    return ahead_id


def test_a_change_comes_after_one_of_a_process_whose_clock_is_ahead(database: Database) -> None:
    followed = note_ahead(database, 10 * DAY_MS)
    note(database, 2)
    assert [change.member_id for change in changes.after(database, followed)] == [2]


def test_the_first_change_of_all_is_numbered_by_the_clock(database: Database) -> None:
    before = new_id()
    assert before < note(database, 1) <= new_id()


def test_forgetting_keeps_the_newest_so_that_numbers_never_go_back(database: Database) -> None:
    note(database, 1)
    followed = note_ahead(database, 10 * DAY_MS)
    assert database.write(lambda tx: changes.forget(tx, NOW + timedelta(days=9))) == 1
    assert note(database, 2) > followed


def test_ids_go_on_from_the_newest_known_after_the_clock_was_put_back() -> None:
    maker, known = IdMaker(), first_id_at(now_ms() + DAY_MS // 2)
    maker.at_least(known)
    assert known < maker() < maker()


def test_an_id_from_far_ahead_does_not_date_all_that_follows() -> None:
    maker = IdMaker()
    maker.at_least(first_id_at(now_ms() + 2 * DAY_MS))
    assert maker() < first_id_at(now_ms() + DAY_MS)
