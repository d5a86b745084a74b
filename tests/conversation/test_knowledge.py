"""What is published counts: replies and intents at once, new phrases as soon as they are learned, and nothing that fails stops the rest."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from bot.conversation.knowledge import Knowledge, KnowledgeCache, Meanwhile, load_knowledge
from intents.matching.matcher import Matcher
from intents.types import Match
from storage import examples, reply_versions, revisions, scripted_intents
from storage.database import Database

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
TODAY = date(2026, 1, 1)
PARKING = ("停车场在哪", "可以停车吗", "停车收费吗", "有没有车位")


@pytest.fixture
def cache(database: Database) -> Iterator[KnowledgeCache]:
    """A cache that knows what is shipped."""
    made = KnowledgeCache()
    made.newest(database)
    yield made
    for thread in threading.enumerate():  # a thread that still learns would use what the test has closed
        if thread.name == "learning":
            thread.join()


def at(cache: KnowledgeCache, database: Database) -> Knowledge:
    return cache.at(revisions.current(database), database)


def learned(cache: KnowledgeCache, database: Database) -> Knowledge:
    """Return the newest state once it is learned, however long that takes here."""
    cache.newest(database)
    for thread in threading.enumerate():
        if thread.name == "learning":
            thread.join()
    return cache.newest(database)


def add_parking(database: Database, phrases: tuple[str, ...] = PARKING) -> None:
    database.write(
        lambda tx: scripted_intents.add(
            tx, name="parking", title="停车", phrases=phrases, keywords=(("停车", 3),), by="x", now=NOW
        )
    )


def switch_off(database: Database, name: str) -> None:
    database.write(
        lambda tx: scripted_intents.replace(
            tx, name=name, title=name, phrases=(), keywords=(), enabled=False, by="x", now=NOW
        )
    )


def test_nothing_is_read_again_while_nothing_changes(cache: KnowledgeCache, database: Database) -> None:
    assert at(cache, database) is at(cache, database)


def test_a_new_intent_is_there_at_once_and_understood_when_learned(cache: KnowledgeCache, database: Database) -> None:
    add_parking(database)
    known = at(cache, database)
    assert "parking" in known.intents
    assert known.revision == revisions.current(database)
    learned = cache.newest(database)
    assert learned.matcher.match("停车场在哪里", today=TODAY).intent == "parking"
    assert at(cache, database) is learned


def test_messages_are_understood_while_something_is_learned(cache: KnowledgeCache, database: Database) -> None:
    add_parking(database)
    assert at(cache, database).matcher.match("我要领券", today=TODAY).intent == "coupon_claim"


def test_what_is_switched_off_is_gone_at_once(cache: KnowledgeCache, database: Database) -> None:
    switch_off(database, "invoice")
    for known in (at(cache, database), cache.newest(database)):
        match = known.matcher.match("开发票", today=TODAY)
        assert match.intent != "invoice"
        assert "invoice" not in match.options
        assert "invoice" not in known.intents


def test_a_changed_reply_keeps_the_matcher(cache: KnowledgeCache, database: Database) -> None:
    before = at(cache, database)
    database.write(lambda tx: reply_versions.publish(tx, "invoice", 0, by="x", now=NOW))
    after = at(cache, database)
    assert after.revision != before.revision
    assert after.matcher is before.matcher


def test_of_two_changes_the_newer_wins(cache: KnowledgeCache, database: Database) -> None:
    add_parking(database)
    at(cache, database)
    switch_off(database, "parking")
    assert cache.newest(database).matcher.match("停车场在哪里", today=TODAY).intent is None
    assert "parking" not in at(cache, database).intents


def test_what_staff_confirmed_is_understood_in_every_process_and_what_they_refuse_no_more(
    cache: KnowledgeCache, database: Database
) -> None:
    def taught(text: str, intent: str | None) -> None:
        database.write(lambda tx: examples.add(tx, text=text, intent=intent, source="staff", by="x", now=NOW))

    taught("给爷整一个", "coupon_claim")
    taught("优惠券长啥颜色", None)
    taught("去了别处的", "gone")
    other = KnowledgeCache()
    for known in (learned(cache, database), learned(other, database)):
        assert known.matcher.match("给爷整一个", today=TODAY).intent == "coupon_claim"
        assert known.matcher.match("优惠券长啥颜色", today=TODAY).intent is None
        assert "给爷整一个" not in known.intents["coupon_claim"].phrases
    database.write(
        lambda tx: examples.decide(tx, text="给爷整一个", intent="coupon_claim", status="refused", by="x", now=NOW)
    )
    assert learned(cache, database).matcher.match("给爷整一个", today=TODAY).intent != "coupon_claim"


def test_an_example_that_only_waits_needs_no_new_matcher(cache: KnowledgeCache, database: Database) -> None:
    before = at(cache, database)
    database.write(lambda tx: examples.propose(tx, text="给爷整一个", intent="coupon_claim", source="tap", now=NOW))
    assert at(cache, database) is before


def test_what_cannot_be_learned_leaves_the_rest_answering(
    cache: KnowledgeCache, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        Matcher, "__init__", lambda *_, **__: 1 / 0
    )  # no published state is known that could not be learned
    add_parking(database)
    known = cache.newest(database)
    assert known.matcher.match("我要领券", today=TODAY).intent == "coupon_claim"
    assert "cannot be learned" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_the_state_read_whole_is_the_state_kept(cache: KnowledgeCache, database: Database) -> None:
    add_parking(database)
    kept, whole = cache.newest(database), load_knowledge(database)
    assert kept.revision == whole.revision
    assert list(kept.intents) == list(whole.intents)
    assert isinstance(kept.matcher, Matcher)
    assert isinstance(whole.matcher, Matcher)
    assert kept.matcher.fingerprint == whole.matcher.fingerprint


class Says:
    """Understands everything the same way."""

    def __init__(self, match: Match) -> None:
        self.said = match

    def match(self, text: str, *, today: date) -> Match:
        return self.said


def test_meanwhile_nothing_is_named_that_is_gone() -> None:
    said = Says(Match("gone", 0.9, "gone", ("gone", "here"), also=("here", "gone"), maybe=("gone",)))
    match = Meanwhile(said, frozenset({"here"})).match("x", today=TODAY)
    assert (match.intent, match.options, match.also, match.maybe) == (None, ("here",), ("here",), ())
