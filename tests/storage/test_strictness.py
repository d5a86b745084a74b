"""How strict to be: the newest version counts, and each raises the revision."""

from datetime import UTC, datetime

import pytest

from storage import revisions, strictness
from storage.database import Database
from storage.errors import Conflict

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


def pin(database: Database, answer: float | None) -> None:
    database.write(lambda tx: strictness.pin(tx, answer, note="试试", by="ann", now=NOW))


def test_the_newest_version_counts_and_older_ones_stay(database: Database) -> None:
    assert strictness.pinned_answer(database) is None
    before = revisions.current(database)
    pin(database, 0.8)
    assert strictness.pinned_answer(database) == 0.8
    assert revisions.current(database) > before
    pin(database, None)
    assert strictness.pinned_answer(database) is None
    assert [one.answer for one in strictness.versions(database)] == [None, 0.8]
    assert strictness.versions(database, 1)[0].pinned_by == "ann"


def test_a_confidence_lies_between_nothing_and_certainty(database: Database) -> None:
    with pytest.raises(Conflict):
        pin(database, 1.5)
