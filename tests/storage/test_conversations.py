"""Conversations: who owns them, how that changes, and what is left in the history of hand-offs."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from storage import conversations
from storage.conversations import Conversation, Handoff
from storage.database import Database, Transaction
from storage.errors import Conflict
from tests.storage.people import NOW, at_once, people

LEASE = timedelta(minutes=30)
MEI, LIN = 7, 8
LATER = NOW + timedelta(minutes=10)
LAPSED = NOW + LEASE


@pytest.fixture
def member(database: Database) -> int:
    return people(database, 1)[0]


def ask(database: Database, member_id: int, reason: str = "asked", minutes: int = 0) -> bool:
    now = NOW + timedelta(minutes=minutes)
    return database.write(lambda tx: conversations.ask_for_person(tx, member_id, reason=reason, now=now))


def take(database: Database, member_id: int, agent_id: int = MEI, minutes: int = 0) -> bool:
    now = NOW + timedelta(minutes=minutes)
    return database.write(lambda tx: conversations.take(tx, member_id, agent_id=agent_id, lease=LEASE, now=now))


def keep(database: Database, member_id: int, agent_id: int = MEI, minutes: int = 0) -> bool:
    now = NOW + timedelta(minutes=minutes)
    return database.write(lambda tx: conversations.keep(tx, member_id, agent_id=agent_id, lease=LEASE, now=now))


def take_over(database: Database, member_id: int, from_agent_id: int = MEI, agent_id: int = LIN) -> bool:
    return database.write(
        lambda tx: conversations.take_over(
            tx, member_id, from_agent_id=from_agent_id, agent_id=agent_id, lease=LEASE, now=LATER
        )
    )


def hand_back(database: Database, member_id: int, agent_id: int = MEI, note: str = "已解决") -> bool:
    return database.write(lambda tx: conversations.hand_back(tx, member_id, agent_id=agent_id, note=note, now=LATER))


def cancel(database: Database, member_id: int) -> bool:
    return database.write(lambda tx: conversations.cancel_waiting(tx, member_id, note="不用了", now=LATER))


def now_of(database: Database, member_id: int) -> Conversation:
    found = conversations.conversation_of(database, member_id)
    assert found is not None
    return found


def last_handoff(database: Database, member_id: int) -> Handoff:
    return conversations.handoffs_of(database, member_id)[0]


def test_whoever_asks_waits_since_then_and_for_that_reason(database: Database, member: int) -> None:
    assert ask(database, member, "complaint")
    conversation = now_of(database, member)
    assert (conversation.state, conversation.handoff_reason, conversation.waiting_since) == (
        "waiting",
        "complaint",
        NOW,
    )
    assert not conversation.owned_by_agent(NOW)


def test_asking_again_keeps_the_place_in_the_queue(database: Database, member: int) -> None:
    ask(database, member, "complaint")
    assert not ask(database, member, "misses", minutes=5)
    assert now_of(database, member).waiting_since == NOW
    assert [one.reason for one in conversations.handoffs_of(database, member)] == ["complaint"]


def test_asking_while_an_agent_is_there_changes_nothing(database: Database, member: int) -> None:
    take(database, member)
    before = now_of(database, member)
    assert not ask(database, member)
    assert now_of(database, member) == before


@pytest.mark.parametrize("prepared", ["bot", "waiting"])
def test_an_agent_takes_what_nobody_owns(database: Database, member: int, prepared: str) -> None:
    if prepared == "waiting":
        ask(database, member)
    assert take(database, member)
    conversation = now_of(database, member)
    assert (conversation.state, conversation.agent_id, conversation.lease_until) == ("agent", MEI, NOW + LEASE)


def test_taking_clears_what_the_bot_had_open(database: Database, member: int) -> None:
    database.write(
        lambda tx: tx.execute(
            "UPDATE conversations SET pending = '{}', misses = 2, unread = 3 WHERE member_id = :id", {"id": member}
        )
    )
    take(database, member)
    conversation = now_of(database, member)
    assert (conversation.pending, conversation.misses, conversation.unread) == ("", 0, 0)


def test_what_a_colleague_owns_cannot_be_taken(database: Database, member: int) -> None:
    take(database, member)
    assert not take(database, member, LIN, minutes=10)
    assert now_of(database, member).agent_id == MEI
    assert len(conversations.handoffs_of(database, member)) == 1


def test_taking_again_what_is_theirs_extends_the_lease(database: Database, member: int) -> None:
    take(database, member)
    assert take(database, member, minutes=10)
    assert now_of(database, member).lease_until == LATER + LEASE
    assert last_handoff(database, member).taken_at == NOW


def test_a_lease_ends_at_its_last_moment(database: Database, member: int) -> None:
    take(database, member)
    conversation = now_of(database, member)
    assert conversation.owned_by_agent(LAPSED - timedelta(milliseconds=1))
    assert not conversation.owned_by_agent(LAPSED)


def test_once_the_lease_ran_out_a_colleague_may_take_it(database: Database, member: int) -> None:
    take(database, member)
    assert not take(database, member, LIN, minutes=29)
    assert take(database, member, LIN, minutes=30)
    assert now_of(database, member).agent_id == LIN


def test_keeping_extends_the_lease_and_marks_all_as_read(database: Database, member: int) -> None:
    take(database, member)
    database.write(lambda tx: tx.execute("UPDATE conversations SET unread = 4 WHERE member_id = :id", {"id": member}))
    assert keep(database, member, minutes=29)
    assert now_of(database, member).lease_until == NOW + timedelta(minutes=59)
    assert now_of(database, member).unread == 0


def test_keeping_comes_too_late_once_the_lease_ran_out(database: Database, member: int) -> None:
    take(database, member)
    assert not keep(database, member, minutes=30)
    assert now_of(database, member).lease_until == LAPSED


@pytest.mark.parametrize("act", [keep, hand_back], ids=["keep", "hand_back"])
def test_nobody_acts_on_what_is_not_theirs(
    database: Database, member: int, act: Callable[[Database, int, int], bool]
) -> None:
    assert not act(database, member, MEI)
    ask(database, member)
    assert not act(database, member, MEI)
    take(database, member)
    before = now_of(database, member)
    assert not act(database, member, LIN)
    assert now_of(database, member) == before


def test_handing_back_leaves_nothing_of_the_agent(database: Database, member: int) -> None:
    ask(database, member, "complaint")
    take(database, member)
    assert hand_back(database, member)
    conversation = now_of(database, member)
    assert (conversation.state, conversation.agent_id, conversation.lease_until) == ("bot", None, None)
    assert (conversation.handoff_reason, conversation.waiting_since, conversation.unread) == ("", None, 0)
    assert not hand_back(database, member)


def test_taking_over_moves_it_only_from_whom_it_was_seen_with(database: Database, member: int) -> None:
    take(database, member)
    assert not take_over(database, member, from_agent_id=LIN, agent_id=9)
    assert take_over(database, member)
    assert not take_over(database, member)
    conversation = now_of(database, member)
    assert (conversation.agent_id, conversation.lease_until) == (LIN, LATER + LEASE)


@pytest.mark.parametrize("state", ["bot", "waiting"])
def test_what_nobody_owns_cannot_be_taken_over(database: Database, member: int, state: str) -> None:
    if state == "waiting":
        ask(database, member)
    assert not take_over(database, member)
    assert now_of(database, member).state == state


def test_who_no_longer_waits_is_the_bots_again(database: Database, member: int) -> None:
    ask(database, member)
    assert cancel(database, member)
    conversation = now_of(database, member)
    assert (conversation.state, conversation.waiting_since, conversation.handoff_reason) == ("bot", None, "")
    assert not cancel(database, member)


def test_an_agent_is_not_sent_away_by_a_cancelled_wait(database: Database, member: int) -> None:
    ask(database, member)
    take(database, member)
    assert not cancel(database, member)
    assert now_of(database, member).agent_id == MEI


def test_a_lapsed_lease_puts_it_back_in_the_queue(database: Database, member: int) -> None:
    take(database, member)
    lapse = partial(conversations.lapse, member_id=member)
    assert not database.write(lambda tx: lapse(tx, now=LAPSED - timedelta(milliseconds=1)))
    assert database.write(lambda tx: lapse(tx, now=LAPSED))
    conversation = now_of(database, member)
    assert (conversation.state, conversation.agent_id, conversation.handoff_reason) == ("waiting", None, "lapsed")
    assert conversation.waiting_since == LAPSED
    assert not database.write(lambda tx: lapse(tx, now=LAPSED))


def test_who_had_waited_before_the_lapse_keeps_the_place_in_the_queue(database: Database, member: int) -> None:
    ask(database, member)
    take(database, member, minutes=5)
    database.write(lambda tx: conversations.lapse_all(tx, now=NOW + timedelta(hours=1)))
    assert now_of(database, member).waiting_since == NOW


def test_all_that_lapsed_and_nothing_else_goes_back(database: Database) -> None:
    early, late, free, waits = people(database, 4)
    take(database, early)
    take(database, late, minutes=10)
    ask(database, waits)
    assert database.write(lambda tx: conversations.lapse_all(tx, now=LAPSED)) == [early]
    assert [now_of(database, one).state for one in (early, late, free, waits)] == ["waiting", "agent", "bot", "waiting"]


def test_the_queue_shows_who_waited_longest_first_and_then_what_is_owned(database: Database) -> None:
    first, second, mine, theirs, free = people(database, 5)
    ask(database, second, minutes=2)
    ask(database, first, minutes=1)
    take(database, mine, MEI)
    take(database, theirs, LIN)
    everyone = [one.member_id for one in conversations.open_conversations(database)]
    assert everyone[:2] == [first, second]
    assert sorted(everyone[2:]) == [mine, theirs]
    assert free not in everyone
    assert [one.member_id for one in conversations.open_conversations(database, agent_id=MEI)] == [first, second, mine]


def test_those_ahead_in_the_queue_are_counted(database: Database) -> None:
    ids = people(database, 3)
    for minutes, member_id in enumerate(ids):
        ask(database, member_id, minutes=minutes)
    assert conversations.count_waiting(database) == 3
    assert conversations.count_waiting(database, before=NOW) == 0
    assert conversations.count_waiting(database, before=NOW + timedelta(minutes=2)) == 2


def test_a_hand_off_tells_who_when_why_and_how_it_ended(database: Database, member: int) -> None:
    ask(database, member, "complaint")
    take(database, member, minutes=5)
    hand_back(database, member)
    [told] = conversations.handoffs_of(database, member)
    assert (told.reason, told.requested_at, told.taken_at) == ("complaint", NOW, NOW + timedelta(minutes=5))
    assert (told.agent_id, told.ended_at, told.note) == (MEI, LATER, "已解决")


def test_an_agent_who_steps_in_unasked_is_in_the_history(database: Database, member: int) -> None:
    take(database, member)
    told = last_handoff(database, member)
    assert (told.reason, told.requested_at, told.taken_at, told.agent_id) == ("agent", NOW, NOW, MEI)


def test_taking_over_ends_one_hand_off_and_begins_another(database: Database, member: int) -> None:
    take(database, member)
    take_over(database, member)
    newer, older = conversations.handoffs_of(database, member)
    assert (older.agent_id, older.ended_at) == (MEI, LATER)
    assert (newer.reason, newer.agent_id, newer.taken_at, newer.ended_at) == ("taken_over", LIN, LATER, None)


def test_a_cancelled_wait_is_in_the_history_without_an_agent(database: Database, member: int) -> None:
    ask(database, member)
    cancel(database, member)
    told = last_handoff(database, member)
    assert (told.taken_at, told.agent_id, told.ended_at, told.note) == (None, None, LATER, "不用了")


def test_history_is_newest_first_and_of_the_member_alone(database: Database) -> None:
    member_id, other = people(database, 2)
    ask(database, other)
    for reason in ("first", "second", "third"):
        ask(database, member_id, reason)
        cancel(database, member_id)
    told = conversations.handoffs_of(database, member_id, limit=2)
    assert [one.reason for one in told] == ["third", "second"]


def test_a_member_who_is_unknown_has_no_conversation(database: Database) -> None:
    assert conversations.conversation_of(database, 404) is None
    assert not ask(database, 404)
    assert not take(database, 404)
    assert conversations.handoffs_of(database, 404) == []


def test_of_agents_who_take_at_once_one_wins(database: Database, member: int) -> None:
    ask(database, member)
    won = at_once([partial(take, database, member, agent) for agent in range(1, 9)])
    assert won.count(True) == 1
    assert now_of(database, member).agent_id == won.index(True) + 1
    assert len(conversations.handoffs_of(database, member)) == 1


def test_of_consumer_and_agent_at_once_both_orders_end_well(database: Database) -> None:
    for member_id in people(database, 6):
        ask(database, member_id)
        cancelled, taken = at_once([partial(cancel, database, member_id), partial(take, database, member_id)])
        assert taken, "what was cancelled is the bot's, and may be taken all the same"
        assert now_of(database, member_id).agent_id == MEI
        ended = [one.ended_at is not None for one in conversations.handoffs_of(database, member_id)]
        assert ended == ([False, True] if cancelled else [False])


def test_asking_at_once_asks_once(database: Database, member: int) -> None:
    asked = at_once([partial(ask, database, member)] * 8)
    assert asked.count(True) == 1
    assert len(conversations.handoffs_of(database, member)) == 1


def test_handing_back_and_taking_over_at_once_cannot_both_happen(database: Database) -> None:
    for member_id in people(database, 6):
        take(database, member_id)
        back, over = at_once([partial(hand_back, database, member_id), partial(take_over, database, member_id)])
        assert [back, over].count(True) == 1
        assert now_of(database, member_id).state == ("bot" if back else "agent")


def test_however_owners_change_one_hand_off_at_most_is_open(database: Database) -> None:
    member_id = people(database, 1)[0]
    steps: list[Callable[[], object]] = [
        partial(ask, database, member_id),
        partial(take, database, member_id),
        partial(take_over, database, member_id),
        partial(hand_back, database, member_id, LIN),
        partial(ask, database, member_id),
        partial(cancel, database, member_id),
        partial(take, database, member_id),
        partial(hand_back, database, member_id),
    ]
    for step in steps:
        assert step()
        still_open = [one for one in conversations.handoffs_of(database, member_id) if one.ended_at is None]
        assert len(still_open) == (now_of(database, member_id).state != "bot")


def test_the_data_itself_refuses_an_agent_without_a_name(database: Database, member: int) -> None:
    def work(tx: Transaction) -> None:
        tx.execute("UPDATE conversations SET state = 'agent' WHERE member_id = :id", {"id": member})

    with pytest.raises(Conflict):
        database.write(work)
