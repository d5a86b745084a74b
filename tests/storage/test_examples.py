"""Labelled examples: proposed by taps, decided by staff, the same words together; what is confirmed is published by the revision."""

from datetime import timedelta

import pytest

from storage import examples
from storage.database import Database
from storage.examples import Published, Status
from storage.revisions import current
from tests.storage.people import NOW


def propose(database: Database, text: str, intent: str | None, exchange_id: int, member_id: int = 1) -> bool:
    return database.write(
        lambda tx: examples.propose(
            tx,
            text=text,
            intent=intent,
            source="tap",
            now=NOW + timedelta(seconds=exchange_id),
            member_id=member_id,
            exchange_id=exchange_id,
            offered=("coupon_claim", "coupon_mine"),
        )
    )


def decide(
    database: Database, text: str, intent: str | None, status: Status, as_intent: str | None = None
) -> tuple[int, bool]:
    """Return how many rows were decided, and whether that was published."""
    assert status != "proposed"
    before = current(database)
    changed = database.write(
        lambda tx: examples.decide(tx, text=text, intent=intent, status=status, as_intent=as_intent, by="小林", now=NOW)
    )
    return changed, current(database) != before


def test_a_proposal_waits_with_all_that_is_known_and_teaches_nothing(database: Database) -> None:
    before = current(database)
    assert propose(database, " 那个券 ", "coupon_claim", 7)
    (example,) = examples.list_examples(database, status="proposed")
    assert (example.text, example.intent, example.times, example.source) == ("那个券", "coupon_claim", 1, "tap")
    assert (example.offered, example.exchange_id) == (("coupon_claim", "coupon_mine"), 7)
    assert (example.said_at, example.decided_by, example.decided_at) == (NOW + timedelta(seconds=7), "", None)
    assert examples.published(database) == Published({}, ())
    assert current(database) == before


def test_one_message_makes_one_example(database: Database) -> None:
    assert propose(database, "那个券", "coupon_claim", 7)
    assert not propose(database, "那个券", "coupon_mine", 7)
    assert propose(database, "那个券", "coupon_mine", 7, member_id=2)
    assert examples.count_examples(database, "proposed") == 2


@pytest.mark.parametrize("text", ["", "  ", "长" * (examples.LONGEST_TEXT + 1)])
def test_what_is_empty_or_a_story_is_no_example(database: Database, text: str) -> None:
    assert not propose(database, text, "coupon_claim", 7)
    assert not database.write(lambda tx: examples.add(tx, text=text, intent=None, source="staff", by="小林", now=NOW))
    assert examples.list_examples(database, status="proposed") == []


def test_the_same_words_are_listed_and_decided_together_most_said_first(database: Database) -> None:
    for exchange_id, text in enumerate(["那个券", "券券", "那个券"], start=1):
        propose(database, text, "coupon_claim", exchange_id)
    propose(database, "那个券", "coupon_mine", 9)
    listed = [(one.intent, one.text, one.times) for one in examples.list_examples(database, status="proposed")]
    assert listed == [("coupon_claim", "那个券", 2), ("coupon_claim", "券券", 1), ("coupon_mine", "那个券", 1)]
    assert decide(database, "那个券", "coupon_claim", "confirmed", "coupon_claim") == (2, True)
    (confirmed,) = examples.list_examples(database, status="confirmed")
    assert (confirmed.text, confirmed.times, confirmed.decided_by, confirmed.decided_at) == ("那个券", 2, "小林", NOW)
    assert examples.count_examples(database, "proposed") == 2
    assert examples.published(database).phrases == {"coupon_claim": ("那个券",)}


def test_staff_may_name_another_intent_or_none_of_ours(database: Database) -> None:
    propose(database, "你们老板是谁", "human", 1)
    propose(database, "那个券", "coupon_claim", 2)
    decide(database, "你们老板是谁", "human", "confirmed", None)
    decide(database, "那个券", "coupon_claim", "confirmed", "coupon_mine")
    assert examples.published(database) == Published({"coupon_mine": ("那个券",)}, ("你们老板是谁",))
    assert [one.text for one in examples.list_examples(database, status="confirmed", intent="")] == ["你们老板是谁"]
    assert [one.text for one in examples.list_examples(database, status="confirmed", intent="coupon_mine")] == [
        "那个券"
    ]


def test_what_is_refused_teaches_nothing_and_what_was_confirmed_can_be_taken_back(database: Database) -> None:
    propose(database, "那个券", "coupon_claim", 1)
    assert decide(database, "那个券", "coupon_claim", "refused") == (1, False)
    assert examples.published(database) == Published({}, ())
    assert decide(database, "那个券", "coupon_claim", "confirmed", "coupon_claim") == (1, True)
    assert decide(database, "那个券", "coupon_claim", "refused") == (1, True)
    assert examples.published(database) == Published({}, ())
    assert examples.list_examples(database, status="refused")[0].intent == "coupon_claim"


def test_words_nobody_proposed_are_not_decided(database: Database) -> None:
    assert decide(database, "没人说过", "coupon_claim", "confirmed", "coupon_claim") == (0, False)


def test_what_staff_add_is_published_at_once_in_the_place_of_what_its_message_had(database: Database) -> None:
    propose(database, "那个券", "coupon_claim", 7)
    before = current(database)
    assert database.write(
        lambda tx: examples.add(
            tx, text="那个券", intent="coupon_mine", source="missed", by="小林", now=NOW, member_id=1, exchange_id=7
        )
    )
    assert current(database) != before
    assert database.write(
        lambda tx: examples.add(tx, text="几点开", intent="hours", source="staff", by="小林", now=NOW)
    )
    assert examples.published(database).phrases == {"coupon_mine": ("那个券",), "hours": ("几点开",)}
    assert examples.count_examples(database, "proposed") == 0
