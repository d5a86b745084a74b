"""How messages sound: corrections, counts, and bursts that are one however often they are noticed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage import cases, exchanges, revisions, sentiments
from storage.database import Database
from storage.exchanges import Exchange
from storage.ids import new_id
from storage.sentiments import Burst, Correction, Label, Moods
from tests.storage.people import NOW, people
from tests.storage.test_exchanges import said

MINUTE = timedelta(minutes=1)


@pytest.fixture
def member(database: Database) -> int:
    return people(database, 1)[0]


def heard(database: Database, member: int, label: Label | None, minutes: float = 0, **changed: object) -> Exchange:
    """Return what a member said so many minutes from now, as it was judged."""
    one = said(member, minutes, sentiment=label, sentiment_score=0.0, **changed)
    one = replace(one, id=one.id + new_id() % 1000)
    database.write(lambda tx: exchanges.add_exchange(tx, one))
    return one


def correct(database: Database, one: Exchange, label: Label, by: str = "alice", at: datetime = NOW) -> None:
    database.write(lambda tx: sentiments.correct(tx, one, label, by=by, now=at))


def burst(database: Database, messages: list[Exchange], quiet_since: datetime) -> tuple[Burst, bool]:
    return database.write(lambda tx: sentiments.note_burst(tx, messages, quiet_since=quiet_since))


def test_a_correction_changes_the_message_and_raises_the_revision(database: Database, member: int) -> None:
    one, before = heard(database, member, "neutral"), revisions.current(database)
    correct(database, one, "negative")
    stored = exchanges.exchange_by_id(database, one.id)
    assert stored is not None
    assert (stored.sentiment, stored.sentiment_score) == ("negative", -1.0)
    assert revisions.current(database) > before
    assert sentiments.corrections(database) == [Correction(one.text, "negative")]
    assert sentiments.corrected_by(database, member, [one.id]) == {one.id: "alice"}


def test_the_newest_word_on_a_message_counts(database: Database, member: int) -> None:
    one = heard(database, member, "neutral")
    correct(database, one, "negative")
    correct(database, one, "positive", by="bob", at=NOW + MINUTE)
    assert sentiments.corrections(database) == [Correction(one.text, "positive")]
    assert sentiments.corrected_by(database, member, [one.id]) == {one.id: "bob"}


def test_corrections_come_oldest_first(database: Database, member: int) -> None:
    first, second = heard(database, member, "neutral", 1), heard(database, member, "neutral", 2)
    correct(database, second, "negative", at=NOW)
    correct(database, first, "positive", at=NOW + MINUTE)
    assert [one.text for one in sentiments.corrections(database)] == [second.text, first.text]


def test_who_corrected_nothing_is_nobody(database: Database, member: int) -> None:
    assert sentiments.corrected_by(database, member, []) == {}


def test_a_members_messages_are_counted_since_a_time(database: Database, member: int) -> None:
    labels: list[Label | None] = ["negative", "negative", "neutral", "positive", None]
    for number, label in enumerate(labels):
        heard(database, member, label, number)
    heard(database, member, "negative", -60 * 24)
    assert sentiments.moods_of(database, member, NOW - MINUTE) == Moods(2, 1, 1)


def test_a_case_has_the_mood_of_the_message_it_was_made_of(database: Database, member: int) -> None:
    heard(database, member, "negative", message_key="m:1")
    made = database.write(
        lambda tx: [
            cases.open_case(tx, member, kind="complaint", text="凉了", cause=cause, now=NOW).id
            for cause in ("m:1", "m:2")
        ]
    )
    assert sentiments.moods_of_cases(database, member) == {made[0]: "negative"}


def test_negative_messages_of_everybody_are_found_newest_first(database: Database) -> None:
    one, other = people(database, 2)
    first, second = heard(database, one, "negative", 1), heard(database, other, "negative", 2)
    heard(database, one, "positive", 3)
    heard(database, one, "negative", -30)
    assert [found.id for found in sentiments.negative_since(database, NOW)] == [second.id, first.id]


def test_a_burst_goes_on_until_it_has_been_quiet(database: Database, member: int) -> None:
    first, second, third = (heard(database, member, "negative", minutes) for minutes in (1, 2, 30))
    begun, is_new = burst(database, [first], NOW)
    assert is_new
    longer, is_new = burst(database, [first, second], NOW)
    assert not is_new
    assert (longer.id, longer.exchange_ids) == (begun.id, (first.id, second.id))
    assert (longer.started_at, longer.last_at) == (first.created_at, second.created_at)
    later, is_new = burst(database, [third], NOW + 20 * MINUTE)
    assert is_new
    assert [one.id for one in sentiments.unseen_bursts(database)] == [later.id, longer.id]


def test_the_first_to_see_a_burst_is_the_one_who_saw_it(database: Database, member: int) -> None:
    begun, _ = burst(database, [heard(database, member, "negative")], NOW)
    assert database.write(lambda tx: sentiments.see_burst(tx, begun.id, by="susan", now=NOW))
    assert not database.write(lambda tx: sentiments.see_burst(tx, begun.id, by="adam", now=NOW))
    assert sentiments.unseen_bursts(database) == []


def test_messages_that_staff_cleared_are_no_longer_part_of_a_burst(database: Database, member: int) -> None:
    first, second = heard(database, member, "negative", 1), heard(database, member, "negative", 2)
    heard(database, member, "negative", 1.5)  # not noticed: it is not among the ids
    begun, _ = burst(database, [first, second], NOW)
    assert [one.id for one in sentiments.messages_of(database, begun)] == [first.id, second.id]
    correct(database, first, "neutral")
    assert [one.id for one in sentiments.messages_of(database, begun)] == [second.id]
