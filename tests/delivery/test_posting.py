"""Posting: what is to be sent stands beside its cause, or neither does."""

import json

import pytest

from bot.delivery.posting import post, send_again
from bot.wechat.service_messages import CannotSend
from storage import changes, outbox
from storage.database import Database, Transaction
from storage.exchanges import timeline
from templates.content import Content
from tests.conftest import Clock
from tests.delivery.people import Outgoing


@pytest.fixture
def outgoing(database: Database, clock: Clock) -> Outgoing:
    return Outgoing(database, clock)


def test_a_post_is_an_exchange_a_message_and_news_for_open_pages(
    outgoing: Outgoing, database: Database, clock: Clock
) -> None:
    alice = outgoing.member()
    posted = outgoing.say(alice, "马上帮您看")
    [exchange] = timeline(database, alice.member_id)
    assert (exchange.id, exchange.direction, exchange.kind, exchange.text) == (
        posted.exchange_id,
        "out",
        "text",
        "马上帮您看",
    )
    assert (exchange.author, exchange.status, exchange.created_at) == ("agent:小林", "queued", clock.now)
    assert Content.from_payload(json.loads(exchange.payload)) == Content("text", text="马上帮您看")
    message = outgoing.only(alice)
    assert (message.exchange_id, message.openid, message.state) == (posted.exchange_id, alice.external_id, "ready")
    assert [(change.topic, change.member_id) for change in changes.after(database, 0)] == [("message", alice.member_id)]


def test_a_cause_posted_twice_leaves_one_of_everything(outgoing: Outgoing, database: Database) -> None:
    alice = outgoing.member()
    for _ in range(2):
        outgoing.say(alice, cause="click:9f")
    assert (
        len(timeline(database, alice.member_id))
        == len(outgoing.messages(alice))
        == len(changes.after(database, 0))
        == 1
    )


def test_a_cause_that_fails_leaves_nothing(outgoing: Outgoing, database: Database, clock: Clock) -> None:
    alice = outgoing.member()

    def fail(tx: Transaction) -> None:
        post(tx, identity=alice, content=Content("text", text="x"), author="bot", cause="c", now=clock.now)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(fail)
    assert timeline(database, alice.member_id) == []
    assert outgoing.messages(alice) == []


def test_what_can_never_be_sent_is_refused_while_the_agent_still_looks(outgoing: Outgoing) -> None:
    alice = outgoing.member()
    with pytest.raises(CannotSend, match="45002"):
        outgoing.say(alice, "长" * 1000)
    assert outgoing.messages(alice) == []


def test_sending_again_tells_open_pages(outgoing: Outgoing, database: Database, clock: Clock) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    message = outgoing.only(alice)
    assert not database.write(lambda tx: send_again(tx, message.id, clock.now)), "it has not been sent once"
    database.write(lambda tx: tx.execute("UPDATE outbox SET state = 'unknown'"))
    assert database.write(lambda tx: send_again(tx, message.id, clock.now))
    assert [change.topic for change in changes.after(database, 0)] == ["message", "delivery"]
    assert outbox.depth(database).ready == 1
