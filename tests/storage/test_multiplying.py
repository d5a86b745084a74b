"""A store made large by copies of itself: each as real as what it was made of, further in the past, and settled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import conversations, coupons, exchanges, listing, members, outbox, points
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.exchanges import Exchange, add_exchange
from storage.ids import new_id
from storage.listing import Span
from storage.multiplying import COPIED, Pattern, add_copies, copied_openid, everyone
from storage.turns import recall
from tests.storage.people import NOW, campaign, people

STEP = timedelta(minutes=90)
COPIES = 3


@pytest.fixture
def pattern(database: Database) -> Pattern:
    """Two members: one was answered in writing, has points and a coupon, and waits for a person; the other said nothing."""
    first, _ = people(database, 2)
    offer = campaign(database, stock=10)

    def work(tx: Transaction) -> None:
        said, reply = new_id(), new_id()
        asked = Exchange(
            id=said,
            member_id=first,
            direction="in",
            kind="text",
            author="member",
            status="answered",
            created_at=NOW,
            message_key="m:1",
        )
        answer = replace(asked, id=reply, direction="out", author="bot", text="在")
        add_exchange(tx, asked)
        add_exchange(tx, replace(answer, status="sent", in_reply_to=said, message_key=None))
        points.add_points(tx, first, 5, kind="checkin", cause="m:1", now=NOW)
        coupons.claim(tx, offer.id, first, cause="m:1", now=NOW)
        conversations.ask_for_person(tx, first, reason="asked", now=NOW)
        outbox.add(
            tx,
            member_id=first,
            openid="o0",
            exchange_id=reply,
            content="{}",
            cause="m:1",
            author="bot",
            due_at=NOW,
            now=NOW,
        )
        message = outbox.claim_next(tx, NOW, timedelta(minutes=1))
        assert message is not None
        outbox.finish(tx, message, "sent", "", NOW)

    database.write(work)
    return everyone(database)


def add(database: Database, pattern: Pattern) -> None:
    database.write(lambda tx: add_copies(tx, pattern, first=1, last=COPIES, step=STEP))


def test_a_copy_has_all_that_its_member_has_at_its_own_time(database: Database, pattern: Pattern) -> None:
    add(database, pattern)
    [copy] = members.member_ids_by_openid(database, copied_openid("o0", 2))
    assert pattern.exchanges == 2
    said, reply = exchanges.timeline(database, copy)
    assert said.created_at == NOW - 2 * STEP
    assert (reply.in_reply_to, reply.text) == (said.id, "在")
    assert points.balance_of(database, copy) == 5
    [coupon] = coupons.coupons_of(database, copy, NOW)
    assert coupon.issued_at == NOW - 2 * STEP
    [message] = outbox.page(database, member_id=copy)
    assert (message.state, message.openid, message.exchange_id) == ("sent", "o0-2", reply.id)


def test_the_copies_are_many_all_different_older_ones_before_and_nothing_is_at_odds(
    database: Database, pattern: Pattern
) -> None:
    add(database, pattern)
    openids = [one.openid for one in listing.list_members(database, Span(now=NOW))]
    assert openids == ["o0-3", "o1-3", "o0-2", "o1-2", "o0-1", "o1-1", "o0", "o1"]
    assert len(list(exchanges.every(database))) == pattern.exchanges * (COPIES + 1)
    [offer] = coupons.campaigns(database)
    assert (offer.issued, offer.stock) == (COPIES + 1, 10 + COPIES)
    assert coupons.reconcile(database) == points.reconcile(database) == []


@pytest.mark.parametrize("table", COPIED)
def test_every_column_is_copied(database: Database, table: str) -> None:
    row = database.one(f"SELECT t.* FROM revisions LEFT JOIN {table} t ON 1 = 0")
    assert row is not None
    assert set(row.keys()) == set(COPIED[table].split(", "))


def test_nobody_waits_in_a_copy_and_nothing_is_due(database: Database, pattern: Pattern) -> None:
    add(database, pattern)
    assert conversations.count_waiting(database) == 1
    assert not outbox.is_waiting(database, NOW)


def test_a_copy_is_recalled_by_its_openid_and_knows_what_it_was_sent(database: Database, pattern: Pattern) -> None:
    add(database, pattern)
    found = database.write(lambda tx: recall(tx, account_id="gh_test", openid="o0-1", key="m:1"))
    assert found is not None
    assert found.seen_id is not None
    assert found.conversation.state == "bot"


def test_the_same_copies_are_added_once_only(database: Database, pattern: Pattern) -> None:
    add(database, pattern)
    with pytest.raises(Conflict):
        add(database, pattern)


def test_an_empty_store_has_nobody_to_copy(database: Database) -> None:
    with pytest.raises(ValueError, match="no members"):
        everyone(database)
