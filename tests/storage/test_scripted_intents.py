"""Intents without code, as staff keep them."""

from datetime import UTC, datetime, timedelta

import pytest

from storage import revisions, scripted_intents
from storage.database import Database, Transaction
from storage.errors import Conflict

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
PHRASES = ("有停车位吗", "停车要钱吗")
KEYWORDS = (("停车", 3),)


def add(database: Database, name: str = "parking", title: str = "停车") -> None:
    database.write(
        lambda tx: scripted_intents.add(
            tx, name=name, title=title, phrases=PHRASES, keywords=KEYWORDS, by="xiaomei", now=NOW
        )
    )


def test_an_intent_comes_back_as_it_was_written(database: Database) -> None:
    add(database)
    written = scripted_intents.ScriptedIntent(
        "parking", "停车", PHRASES, KEYWORDS, enabled=True, updated_by="xiaomei", updated_at=NOW
    )
    assert scripted_intents.scripted_intent_by_name(database, "parking") == written
    assert scripted_intents.all_scripted(database) == [written]
    assert scripted_intents.scripted_intent_by_name(database, "wifi") is None


def test_a_name_is_added_once(database: Database) -> None:
    add(database)
    with pytest.raises(Conflict):
        add(database, title="别的")
    assert scripted_intents.all_scripted(database)[0].title == "停车"


def test_replacing_takes_the_place_of_a_record_or_makes_one(database: Database) -> None:
    def put(tx: Transaction, title: str) -> None:
        scripted_intents.replace(
            tx, name="parking", title=title, phrases=("停哪",), keywords=(), enabled=False, by="wang", now=NOW
        )

    database.write(lambda tx: put(tx, "旧"))
    database.write(lambda tx: put(tx, "新"))
    [record] = scripted_intents.all_scripted(database)
    assert (record.title, record.phrases, record.enabled, record.updated_by) == ("新", ("停哪",), False, "wang")


def test_disabling_and_enabling_count_only_when_they_change_something(database: Database) -> None:
    add(database)
    later = NOW + timedelta(hours=1)
    assert database.write(lambda tx: scripted_intents.disable(tx, "parking", by="wang", now=later))
    assert not database.write(lambda tx: scripted_intents.disable(tx, "parking", by="li", now=later))
    [record] = scripted_intents.all_scripted(database)
    assert (record.enabled, record.updated_by, record.updated_at) == (False, "wang", later)
    assert database.write(lambda tx: scripted_intents.enable(tx, "parking", by="wang", now=later))
    assert not database.write(lambda tx: scripted_intents.enable(tx, "unknown", by="wang", now=later))


def test_each_change_raises_the_revision_and_nothing_else_does(database: Database) -> None:
    seen = [revisions.current(database)]
    add(database)
    seen.append(revisions.current(database))
    database.write(lambda tx: scripted_intents.disable(tx, "parking", by="wang", now=NOW))
    seen.append(revisions.current(database))
    database.write(lambda tx: scripted_intents.disable(tx, "parking", by="wang", now=NOW))
    scripted_intents.all_scripted(database)
    assert seen == sorted(set(seen))
    assert revisions.current(database) == seen[-1]
