"""Versions of replies: two editors, publishing, rolling back."""

from datetime import UTC, datetime

import pytest

from storage import reply_versions, revisions
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.reply_versions import EditedMeanwhile, NoSuchVersion

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


def save(database: Database, source: str, expected_version: int, author: str = "xiaomei") -> int:
    return database.write(
        lambda tx: reply_versions.add_version(
            tx, "greeting", source=source, author=author, note="更短", expected_version=expected_version, now=NOW
        )
    )


def publish(database: Database, version: int) -> None:
    database.write(lambda tx: reply_versions.publish(tx, "greeting", version, by="xiaomei", now=NOW))


def test_versions_are_counted_from_one_and_listed_newest_first(database: Database) -> None:
    assert reply_versions.newest(database, "greeting") is None
    assert [save(database, "甲", 0), save(database, "乙", 1)] == [1, 2]
    assert [version.source for version in reply_versions.versions_of(database, "greeting")] == ["乙", "甲"]
    newest = reply_versions.newest(database, "greeting")
    assert newest == reply_versions.ReplyVersion("greeting", 2, "乙", "xiaomei", "更短", NOW)


def test_the_second_of_two_editors_is_refused_and_shown_the_first_ones_text(database: Database) -> None:
    """F18: both began from the shipped reply."""
    save(database, "甲", 0, author="xiaomei")
    with pytest.raises(EditedMeanwhile) as refused:
        save(database, "乙", 0, author="wang")
    assert refused.value.newest is not None
    assert (refused.value.newest.source, refused.value.newest.author) == ("甲", "xiaomei")
    assert len(reply_versions.versions_of(database, "greeting")) == 1


def test_an_edit_of_a_version_that_never_was_is_refused(database: Database) -> None:
    with pytest.raises(EditedMeanwhile) as refused:
        save(database, "甲", 3)
    assert refused.value.newest is None


def test_saving_alone_publishes_nothing(database: Database) -> None:
    before = revisions.current(database)
    save(database, "甲", 0)
    assert reply_versions.published(database) == []
    assert revisions.current(database) == before


def test_publishing_moves_the_pointer_and_raises_the_revision(database: Database) -> None:
    save(database, "甲", 0)
    save(database, "乙", 1)
    for version, source in ((1, "甲"), (2, "乙"), (1, "甲")):
        before = revisions.current(database)
        publish(database, version)
        assert reply_versions.published(database) == [("greeting", version, source)]
        assert reply_versions.published_version(database, "greeting") == version
        assert revisions.current(database) > before


def test_rolling_back_to_the_shipped_reply_leaves_nothing_published(database: Database) -> None:
    save(database, "甲", 0)
    publish(database, 1)
    publish(database, reply_versions.SHIPPED)
    assert reply_versions.published(database) == []
    assert reply_versions.published_version(database, "greeting") == 0


def test_a_version_that_was_never_saved_cannot_be_published(database: Database) -> None:
    with pytest.raises(NoSuchVersion, match="greeting: there is no version 7"):
        publish(database, 7)
    assert reply_versions.published_version(database, "greeting") == 0
    assert issubclass(NoSuchVersion, Conflict)


def test_publishing_that_fails_later_in_its_transaction_changes_nothing(database: Database) -> None:
    save(database, "甲", 0)

    def half(tx: Transaction) -> None:
        reply_versions.publish(tx, "greeting", 1, by="xiaomei", now=NOW)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(half)
    assert reply_versions.published(database) == []
