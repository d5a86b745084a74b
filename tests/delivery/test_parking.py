"""Messages that may wait: what meets a closed reply window goes out with the member's next contact, or says why it never did."""

from datetime import timedelta

import pytest

from bot.delivery.posting import post
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import sentence
from storage import outbox
from storage.database import Database
from storage.desk import queued_messages
from storage.members import WECHAT, Identity, member_ids_by_openid
from templates.content import Content
from tests.conftest import Clock
from tests.delivery.people import Outgoing
from tests.phone import Phone
from tests.wechat_api import SEND, FarSide

WAITS = timedelta(days=3)


@pytest.fixture
def outgoing(database: Database, clock: Clock) -> Outgoing:
    return Outgoing(database, clock)


@pytest.fixture
def worker(database: Database, far: FarSide, clock: Clock) -> Worker:
    return Worker(database, WeChatClient(far.settings, database, clock), clock)


@pytest.fixture
def alice(phone: Phone, database: Database, clock: Clock) -> Identity:
    """Alice, who wrote once; her window has closed since."""
    phone.says("你好")
    [member_id] = member_ids_by_openid(database, "oAlice")
    clock.forward(hours=49)
    return Identity(WECHAT, "gh_000000000001", "oAlice", member_id)


def announce(database: Database, clock: Clock, to: Identity, words: str = "券快到期了") -> None:
    database.write(
        lambda tx: post(
            tx,
            identity=to,
            content=Content("text", text=words),
            author="bot",
            cause=words,
            now=clock.now,
            wait_until=clock.now + WAITS,
        )
    )


def test_it_waits_for_the_next_contact_and_goes_out_once(
    phone: Phone, alice: Identity, outgoing: Outgoing, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    announce(database, clock, alice)
    assert not worker.send_next()
    message = outgoing.only(alice)
    assert (message.state, message.parked, message.outcome) == ("ready", True, "waits_for_contact")
    assert sentence(message.outcome) == "还没发出：回复时间已过。对方下次来消息时自动发出。"
    assert not worker.send_next()
    phone.says("在吗")
    assert worker.send_next()
    assert far.texts() == ["券快到期了"]
    assert outgoing.states(alice) == ["sent"]
    assert not worker.send_next()


def test_without_a_contact_it_says_in_the_end_why_it_was_not_sent(
    alice: Identity, outgoing: Outgoing, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    announce(database, clock, alice)
    worker.send_next()
    clock.forward(days=3)
    worker.send_next()
    assert (outgoing.only(alice).state, outgoing.only(alice).outcome) == ("failed", "window_closed")
    assert far.delivered == []


def test_it_holds_up_nothing_else(
    phone: Phone, alice: Identity, outgoing: Outgoing, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    announce(database, clock, alice)
    worker.send_next()
    database.write(lambda tx: tx.execute("UPDATE conversations SET window_until = window_until * 2, window_left = 5"))
    outgoing.say(alice, "我是客服")
    assert worker.send_next()
    assert far.texts() == ["我是客服"]
    assert outgoing.states(alice) == ["ready", "sent"]


@pytest.mark.parametrize("refusal", [45015, 45047])
def test_it_waits_as_well_when_only_the_platform_knew_that_the_window_is_closed(
    phone: Phone,
    alice: Identity,
    outgoing: Outgoing,
    database: Database,
    clock: Clock,
    worker: Worker,
    far: FarSide,
    refusal: int,
) -> None:
    phone.says("你好")
    far.next_failures.append(refusal)
    announce(database, clock, alice)
    worker.send_next()
    assert outgoing.only(alice).parked
    assert outgoing.window_left(alice) == 0
    phone.says("在吗")
    worker.send_next()
    assert far.texts() == ["券快到期了"]


@pytest.mark.parametrize("refusal", [45015, 45047])
def test_a_refusal_that_comes_after_the_next_contact_says_nothing_of_the_window_that_opened(
    phone: Phone,
    alice: Identity,
    outgoing: Outgoing,
    database: Database,
    clock: Clock,
    worker: Worker,
    far: FarSide,
    refusal: int,
) -> None:
    phone.says("你好")
    announce(database, clock, alice)

    def refused_as_she_writes(_query: object, _message: object) -> dict[str, object]:
        far.handlers.clear()
        clock.forward(seconds=1)
        phone.says("在吗")
        return {"errcode": refusal, "errmsg": "response out of time limit"}

    far.handlers[SEND] = refused_as_she_writes
    assert worker.send_next()
    assert outgoing.window_left(alice) == 5
    assert worker.send_next()
    assert outgoing.states(alice) == ["sent"]
    assert not worker.send_next()


def test_an_event_that_opens_no_window_wakes_nothing(
    phone: Phone, alice: Identity, outgoing: Outgoing, database: Database, clock: Clock, worker: Worker
) -> None:
    announce(database, clock, alice)
    worker.send_next()
    phone.does("VIEW", EventKey="https://example.com/")
    assert outgoing.only(alice).parked
    assert not outbox.is_waiting(database, clock.now)


def test_the_desk_does_not_count_it_as_on_its_way(
    alice: Identity, outgoing: Outgoing, database: Database, clock: Clock, worker: Worker
) -> None:
    announce(database, clock, alice)
    assert queued_messages(database, alice.member_id, clock.now) == 1
    worker.send_next()
    assert queued_messages(database, alice.member_id, clock.now) == 0
