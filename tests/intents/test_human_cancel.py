"""Leaving the queue."""

from intents import human_cancel
from storage import conversations
from storage.database import Database
from tests.intents.spoken import intents, labels, spoken
from tests.intents.turns import NOON, answer, member_of


def test_who_waits_leaves_the_queue(database: Database) -> None:
    database.write(lambda tx: conversations.ask_for_person(tx, member_of(tx), reason="asked", now=NOON))
    reply = answer(database, human_cancel.handle, "取消排队", intents=intents())
    assert "已为您取消排队" in spoken(reply)
    assert conversations.count_waiting(database) == 0
    assert labels(reply) == ["help", "human"]


def test_who_does_not_wait_is_told_so(database: Database) -> None:
    assert "没有在排队" in spoken(answer(database, human_cancel.handle, "取消排队"))


def test_the_hand_off_is_closed_with_the_reason(database: Database) -> None:
    member_id = database.write(member_of)
    database.write(lambda tx: conversations.ask_for_person(tx, member_id, reason="asked", now=NOON))
    answer(database, human_cancel.handle, "不用人工了")
    [handoff] = conversations.handoffs_of(database, member_id)
    assert (handoff.ended_at, handoff.note) == (NOON, "cancelled by the member")
