"""The worker: one message at a time through its hands, against a real far side."""

import logging
import re
import time
from datetime import timedelta

import pytest

from bot.delivery.breaker import Breaker
from bot.delivery.sending import release_lapsed, take
from bot.delivery.worker import Sender, Worker
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import sentence
from storage import changes, outbox
from storage.database import Database, Transaction
from storage.outbox import OutboxMessage
from tests.delivery.conftest import real_clock
from tests.delivery.people import Outgoing, running, wait_until_empty
from tests.wechat_api import SEND, Failure, FarSide


def quick_worker(database: Database, sender: Sender) -> Worker:
    return Worker(database, sender, real_clock, breaker=Breaker(0.001, 0.002))


@pytest.fixture
def worker(database: Database, client: WeChatClient) -> Worker:
    return quick_worker(database, client)


def send_all(worker: Worker, database: Database, *, seconds: float = 5.0) -> None:
    """Send until nothing is ready any more."""
    ends = time.monotonic() + seconds
    while outbox.depth(database).ready and time.monotonic() < ends:
        if not worker.send_next():
            time.sleep(0.002)
    assert outbox.depth(database).ready == 0


@pytest.mark.parametrize(
    ("failure", "state", "outcome", "calls", "window_left"),
    [
        (None, "sent", "", 1, 4),
        ("silence", "unknown", "timeout", 1, 4),
        ("reset", "unknown", "cut_off", 1, 4),
        ("500", "unknown", "http_error", 1, 4),
        ("empty", "unknown", "not_json", 1, 4),
        ("html", "unknown", "not_json", 1, 4),
        ("half json", "unknown", "not_json", 1, 4),
        (45015, "failed", "45015", 1, 0),
        (45047, "failed", "45047", 1, 0),
        (43004, "failed", "43004", 1, 0),
        (40003, "failed", "40003", 1, 0),
        (48001, "failed", "48001", 1, 5),
        (-1, "dead", "-1", 5, 5),
    ],
)
def test_each_outcome_ends_as_the_table_says(
    worker: Worker,
    outgoing: Outgoing,
    database: Database,
    far: FarSide,
    failure: Failure | None,
    state: str,
    outcome: str,
    calls: int,
    window_left: int,
) -> None:
    far.always = failure
    alice = outgoing.member()
    outgoing.say(alice)
    send_all(worker, database)
    message = outgoing.only(alice)
    assert (message.state, message.outcome.partition(":")[0]) == (state, outcome)
    assert outgoing.exchange_status(alice) == state
    assert far.calls[SEND] == calls
    assert outgoing.window_left(alice) == window_left
    assert changes.after(database, 0)[-1].topic == "delivery"


@pytest.mark.parametrize(("failure", "line"), [(None, "Sent"), (45015, "Refused 45015")])
def test_the_log_says_in_a_line_what_came_of_it(
    worker: Worker,
    outgoing: Outgoing,
    database: Database,
    far: FarSide,
    caplog: pytest.LogCaptureFixture,
    failure: Failure | None,
    line: str,
) -> None:
    far.always = failure
    outgoing.say(outgoing.member())
    with caplog.at_level(logging.INFO):
        send_all(worker, database)
    assert re.search(rf"attempt 1: {line} \(\d+ ms\)", caplog.text)


@pytest.mark.parametrize(("failure", "seconds"), [(45011, 60), (45009, 900)])
def test_a_quota_parks_the_message_and_stops_the_rest(
    worker: Worker, outgoing: Outgoing, far: FarSide, failure: int, seconds: int
) -> None:
    far.always = failure
    alice, bob = outgoing.member(), outgoing.member()
    outgoing.say(alice)
    outgoing.say(bob)
    with running(worker):
        while not outgoing.messages(alice)[0].outcome:
            time.sleep(0.01)
        time.sleep(0.1)
    waiting = (outgoing.only(alice).due_at - real_clock()).total_seconds()
    assert 0 < waiting <= seconds
    assert outgoing.states(alice) == outgoing.states(bob) == ["ready"]
    assert far.calls[SEND] <= 2, "of the threads that were under way, each met the quota once"


def test_busy_a_few_times_is_sent_in_the_end(
    worker: Worker, outgoing: Outgoing, database: Database, far: FarSide
) -> None:
    far.next_failures.extend([-1, -1, -1, -1])
    alice = outgoing.member()
    outgoing.say(alice)
    send_all(worker, database)
    assert outgoing.states(alice) == ["sent"]
    assert len(far.delivered) == 1


def test_without_a_connection_messages_wait_for_as_long_as_it_takes(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    url, far.url = far.url, "http://127.0.0.1:1"
    alice = outgoing.member()
    outgoing.say(alice)
    with WeChatClient(far.settings, database, real_clock) as lost:
        worker = quick_worker(database, lost)
        tried = 0
        while tried < 12:
            database.write(lambda tx: tx.execute("UPDATE access_tokens SET refresh_after = 0"))
            database.write(lambda tx: tx.execute("UPDATE outbox SET due_at = 0"))
            tried += worker.send_next()
    message = outgoing.only(alice)
    assert (message.state, message.outcome, message.tries, message.attempt) == ("ready", "offline", 0, 12)
    far.url = url
    database.write(lambda tx: tx.execute("UPDATE access_tokens SET refresh_after = 0"))
    database.write(lambda tx: tx.execute("UPDATE outbox SET due_at = 0"))
    assert quick_worker(database, client).send_next()
    assert outgoing.states(alice) == ["sent"]


@pytest.mark.parametrize(("messages", "hours", "outcome"), [(5, -1, "window_closed"), (0, 1, "window_spent")])
def test_a_closed_window_fails_with_what_is_left_to_do(
    worker: Worker, outgoing: Outgoing, far: FarSide, messages: int, hours: int, outcome: str
) -> None:
    alice, bob = outgoing.member(messages=messages, until=real_clock() + timedelta(hours=hours)), outgoing.member()
    outgoing.say(alice)
    outgoing.say(bob)
    assert worker.send_next()
    message = outgoing.only(alice)
    assert (message.state, message.outcome) == ("failed", outcome)
    assert "再发来消息" in sentence(message.outcome)
    assert "打电话" in sentence(message.outcome)
    assert outgoing.states(bob) == ["sent"], "others go on in the same step"
    assert len(far.delivered) == 1


def test_the_window_is_never_overspent(worker: Worker, outgoing: Outgoing, database: Database, far: FarSide) -> None:
    alice = outgoing.member(messages=3)
    for number in range(5):
        outgoing.say(alice, str(number))
    send_all(worker, database)
    assert far.texts() == ["0", "1", "2"]
    assert outgoing.states(alice) == ["sent"] * 3 + ["failed"] * 2
    assert outgoing.window_left(alice) == 0


def test_a_window_that_opens_again_lets_a_failed_message_be_sent_again(
    worker: Worker, outgoing: Outgoing, database: Database
) -> None:
    alice = outgoing.member(messages=0)
    outgoing.say(alice)
    worker.send_next()
    database.write(lambda tx: tx.execute("UPDATE conversations SET window_left = 5"))
    database.write(lambda tx: outbox.resend(tx, outgoing.only(alice).id, real_clock()))
    worker.send_next()
    assert outgoing.states(alice) == ["sent"]


def abandon(database: Database, *, departed: bool) -> OutboxMessage:
    """Take a message as a worker that dies would: before or after the request left; then let its lease run out."""

    def leave(tx: Transaction) -> OutboxMessage:
        message = take(tx, real_clock())
        assert message is not None
        if departed:
            outbox.depart(tx, message, real_clock(), timedelta(seconds=60))
        tx.execute("UPDATE outbox SET lease_until = 0 WHERE id = :id", {"id": message.id})
        return message

    return database.write(leave)


def test_a_worker_that_died_before_sending_is_replaced(
    worker: Worker, outgoing: Outgoing, database: Database, far: FarSide
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    abandon(database, departed=False)
    assert database.write(lambda tx: release_lapsed(tx, real_clock())) == 1
    send_all(worker, database)
    assert outgoing.states(alice) == ["sent"]
    assert len(far.delivered) == 1


def test_what_a_dead_worker_may_have_sent_is_unknown_and_not_sent_again(
    worker: Worker, outgoing: Outgoing, database: Database, far: FarSide
) -> None:
    alice = outgoing.member()
    outgoing.say(alice, "one")
    outgoing.say(alice, "two")
    late = abandon(database, departed=True)
    assert database.write(lambda tx: release_lapsed(tx, real_clock())) == 1
    send_all(worker, database)
    assert outgoing.states(alice) == ["unknown", "sent"]
    assert far.texts() == ["two"]
    assert not database.write(lambda tx: outbox.finish(tx, late, "sent", "", real_clock()))


def test_a_worker_that_stalled_past_its_lease_sends_nothing(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)

    class Stalling:
        def send(self, openid: str, content: object, *, before_writing: object) -> object:
            database.write(lambda tx: tx.execute("UPDATE outbox SET lease_until = 0"))
            database.write(lambda tx: release_lapsed(tx, real_clock()))
            return client.send(openid, content, before_writing=before_writing)  # type: ignore[arg-type]

    quick_worker(database, Stalling()).send_next()  # type: ignore[arg-type]
    assert far.delivered == []
    assert outgoing.states(alice) == ["ready"]


def test_what_a_worker_whose_clock_jumped_could_not_send_in_time_is_due_again_at_once(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    ahead = iter([timedelta(), timedelta(minutes=10)])  # when it is taken, and when it is to depart
    worker = Worker(database, client, lambda: real_clock() + next(ahead, timedelta()))
    assert worker.send_next()
    assert (far.delivered, outgoing.states(alice)) == ([], ["ready"])
    assert worker.send_next()
    assert (len(far.delivered), outgoing.states(alice)) == (1, ["sent"])


def test_a_message_that_always_raises_ends_as_dead_and_others_pass(
    outgoing: Outgoing, database: Database, client: WeChatClient
) -> None:
    alice, bob = outgoing.member(), outgoing.member()
    outgoing.say(alice, "poison")
    outgoing.say(bob)

    class Choking:
        def send(self, openid: str, content: object, *, before_writing: object) -> object:
            if "poison" in str(content):
                raise ArithmeticError(content)
            return client.send(openid, content, before_writing=before_writing)  # type: ignore[arg-type]

    send_all(quick_worker(database, Choking()), database)  # type: ignore[arg-type]
    message = outgoing.only(alice)
    assert (message.state, message.outcome, message.attempt) == ("dead", "internal", 8)
    assert outgoing.states(bob) == ["sent"]


@pytest.mark.parametrize("content", ["{", '{"kind": "text", "colour": "red"}', "[]"])
def test_an_unreadable_message_fails_at_once(
    worker: Worker, outgoing: Outgoing, database: Database, content: str
) -> None:
    alice = outgoing.member()
    outgoing.say(alice)
    database.write(lambda tx: tx.execute("UPDATE outbox SET content = :content", {"content": content}))
    worker.send_next()
    assert (outgoing.only(alice).state, outgoing.only(alice).outcome) == ("failed", "unreadable")


def test_messages_of_one_member_keep_their_order_under_eight_threads(
    outgoing: Outgoing, database: Database, far: FarSide, client: WeChatClient
) -> None:
    people = [outgoing.member(messages=30) for _ in range(4)]
    far.next_failures.extend([-1] * 4)  # fewer than end a message, should one meet them all
    for number in range(25):
        for person in people:
            outgoing.say(person, str(number))
    with running(Worker(database, client, real_clock, threads=8, breaker=Breaker(0.001, 0.002))):
        wait_until_empty(database)
    for person in people:
        texts = [m["text"]["content"] for m in far.delivered if m["touser"] == person.external_id]
        assert texts == [str(number) for number in range(25)]
