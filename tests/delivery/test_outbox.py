"""The outbox in storage: claims, fences, order."""

from datetime import timedelta

import pytest

from storage import outbox
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.outbox import OutboxMessage
from tests.conftest import Clock
from tests.delivery.people import Outgoing
from tests.storage.people import plan_of

LEASE = timedelta(seconds=60)


@pytest.fixture
def outgoing(database: Database, clock: Clock) -> Outgoing:
    return Outgoing(database, clock)


@pytest.fixture
def claim(database: Database, clock: Clock) -> "Claim":
    return Claim(database, clock)


class Claim:
    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    def maybe(self) -> OutboxMessage | None:
        waiting = outbox.is_waiting(self.database, self.clock.now)
        taken = self.database.write(lambda tx: outbox.claim_next(tx, self.clock.now, LEASE))
        assert waiting == (taken is not None)
        return taken

    def __call__(self) -> OutboxMessage:
        taken = self.maybe()
        assert taken is not None
        return taken

    def text(self) -> str:
        return self().content

    def finish(self, message: OutboxMessage, state: outbox.FinalState = "sent") -> bool:
        return self.database.write(lambda tx: outbox.finish(tx, message, state, "", self.clock.now))

    def retry(self, message: OutboxMessage, **options: int) -> outbox.State | None:
        due = self.clock.now + timedelta(seconds=5)
        return self.database.write(
            lambda tx: outbox.retry_later(
                tx, message, due, "-1", self.clock.now, counted=bool(options.get("counted", 1))
            )
        )


def test_the_same_cause_makes_one_message_a_member(outgoing: Outgoing) -> None:
    alice, bob = outgoing.member(), outgoing.member()
    first = outgoing.say(alice, cause="m:1")
    again = outgoing.say(alice, "anything else", cause="m:1")
    other = outgoing.say(bob, cause="m:1")
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert again.exchange_id == first.exchange_id
    assert outgoing.only(alice).content == '{"kind": "text", "text": "您好"}'


def test_what_is_due_longest_goes_first_and_nothing_before_it_is_due(
    outgoing: Outgoing, claim: Claim, clock: Clock
) -> None:
    alice, bob = outgoing.member(), outgoing.member()
    outgoing.say(alice, "later", due_at=clock.now + timedelta(seconds=10))
    outgoing.say(bob, "sooner", due_at=clock.now + timedelta(seconds=5))
    assert claim.maybe() is None
    clock.forward(seconds=10)
    assert "sooner" in claim.text()
    assert "later" in claim.text()
    assert claim.maybe() is None


def test_a_member_has_one_message_in_flight_and_gets_them_in_order(outgoing: Outgoing, claim: Claim) -> None:
    alice, bob = outgoing.member(), outgoing.member()
    outgoing.say(alice, "one")
    outgoing.say(alice, "two")
    outgoing.say(bob, "three")
    first = claim()
    assert "one" in first.content
    assert "three" in claim.text()
    assert claim.maybe() is None
    claim.finish(first)
    assert "two" in claim.text()


def test_a_message_that_waits_to_be_tried_again_is_not_overtaken(
    outgoing: Outgoing, claim: Claim, clock: Clock
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "one")
    outgoing.say(alice, "two")
    assert claim.retry(claim()) == "ready"
    assert claim.maybe() is None
    clock.forward(seconds=5)
    assert "one" in claim.text()


def test_a_reminder_for_tomorrow_does_not_hold_up_an_answer_today(
    outgoing: Outgoing, claim: Claim, clock: Clock
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "tomorrow", due_at=clock.now + timedelta(days=1))
    outgoing.say(alice, "today")
    assert "today" in claim.text()


def test_one_in_flight_a_member_is_a_rule_of_the_data(outgoing: Outgoing, claim: Claim, database: Database) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    outgoing.say(alice)
    claim()
    with pytest.raises(Conflict):
        database.write(lambda tx: tx.execute("UPDATE outbox SET state = 'sending'"))


def test_who_comes_too_late_changes_nothing(outgoing: Outgoing, claim: Claim, database: Database, clock: Clock) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    late = claim()
    claim.retry(late)
    clock.forward(seconds=5)
    claim()
    assert not claim.finish(late)
    assert claim.retry(late) is None
    assert not database.write(lambda tx: outbox.depart(tx, late, clock.now, LEASE))
    assert outgoing.states(alice) == ["sending"]


def test_nothing_departs_after_its_lease(outgoing: Outgoing, claim: Claim, database: Database, clock: Clock) -> None:
    outgoing.say(outgoing.member())
    message = claim()
    clock.forward(seconds=60)
    assert not database.write(lambda tx: outbox.depart(tx, message, clock.now, LEASE))


def test_eight_failures_of_its_own_end_a_message(outgoing: Outgoing, claim: Claim, clock: Clock) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    states = []
    for _ in range(8):
        states.append(claim.retry(claim()))
        clock.forward(seconds=5)
    assert states == ["ready"] * 7 + ["dead"]
    assert claim.maybe() is None
    assert outgoing.exchange_status(alice) == "dead"


def test_failures_that_are_not_its_own_never_end_a_message(outgoing: Outgoing, claim: Claim, clock: Clock) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    for _ in range(30):
        assert claim.retry(claim(), counted=0) == "ready"
        clock.forward(seconds=5)
    assert outgoing.exchange_status(alice) == "queued"


@pytest.mark.parametrize("state", ["unknown", "failed", "dead"])
def test_a_person_may_have_it_sent_again(
    outgoing: Outgoing, claim: Claim, database: Database, clock: Clock, state: outbox.FinalState
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    message = claim()
    claim.finish(message, state)
    assert outgoing.exchange_status(alice) == state
    assert database.write(lambda tx: outbox.resend(tx, message.id, clock.now))
    assert outgoing.exchange_status(alice) == "queued"
    assert not claim.finish(message), "who held it before is fenced off"
    assert claim().attempt == 2


def test_what_is_sent_or_on_its_way_is_not_sent_again(
    outgoing: Outgoing, claim: Claim, database: Database, clock: Clock
) -> None:
    outgoing.say(outgoing.member())

    def resend(tx: Transaction) -> bool:
        return outbox.resend(tx, message.id, clock.now)

    message = claim()
    assert not database.write(resend)
    claim.finish(message)
    assert not database.write(resend)
    assert not database.write(lambda tx: outbox.resend(tx, 12345, clock.now))


def test_depth_counts_all_but_what_is_sent(outgoing: Outgoing, claim: Claim, database: Database, clock: Clock) -> None:
    for state in ("sent", "failed", "unknown"):
        outgoing.say(outgoing.member())
        claim.finish(claim(), state)
    outgoing.say(outgoing.member())
    clock.forward(seconds=7)
    found = outbox.depth(database)
    assert (found.ready, found.sending, found.failed, found.unknown, found.dead) == (1, 0, 1, 1, 0)
    assert found.overdue_seconds(clock.now) == 7.0


def test_pages_follow_a_cursor(outgoing: Outgoing, database: Database) -> None:
    alice, bob = outgoing.member(), outgoing.member()
    for person in (alice, bob, alice):
        outgoing.say(person)
    everyone = outbox.page(database)
    assert [message.member_id for message in everyone] == [alice.member_id, bob.member_id, alice.member_id]
    assert outbox.page(database, after_id=everyone[1].id) == everyone[2:]
    assert outbox.page(database, member_id=alice.member_id, limit=1) == everyone[:1]
    assert outbox.of_exchanges(database, bob.member_id, first_exchange_id=0) == {everyone[1].exchange_id: everyone[1]}


@pytest.mark.parametrize("claimed", [False, True])
def test_claiming_uses_an_index_whatever_is_in_the_outbox(database: Database, claimed: bool) -> None:
    sql = outbox._CANDIDATE if claimed else f"SELECT mine.id FROM outbox AS mine WHERE {outbox._CLAIMABLE} LIMIT 1"
    plan = plan_of(database, sql, {"now": 0})
    assert "outbox_next" in plan
    assert "outbox_open" in plan
    assert "outbox_in_flight" in plan
    assert "SCAN " not in plan
    assert "Seq Scan" not in plan


def test_what_was_put_back_for_a_day_by_a_wrong_clock_is_due_again_and_what_waits_on_purpose_is_not(
    outgoing: Outgoing, claim: Claim, database: Database, clock: Clock
) -> None:
    tried, later = outgoing.member(), outgoing.member()
    outgoing.say(tried)
    claim.clock.forward(days=1)
    claim.retry(claim())
    claim.clock.forward(days=-1)
    outgoing.say(later, due_at=clock.now + timedelta(days=1))
    assert claim.maybe() is None
    assert database.write(lambda tx: outbox.recall_far_off(tx, clock.now)) == 1
    assert claim().member_id == tried.member_id
    assert claim.maybe() is None


def test_a_message_that_departs_is_not_put_back_by_who_saw_it_before(
    outgoing: Outgoing, claim: Claim, database: Database, clock: Clock
) -> None:
    outgoing.say(outgoing.member())
    seen = claim()
    assert database.write(lambda tx: outbox.keep_from_departing(tx, seen))
    assert database.write(lambda tx: outbox.depart(tx, seen, clock.now, LEASE))
    assert not database.write(lambda tx: outbox.keep_from_departing(tx, seen))
