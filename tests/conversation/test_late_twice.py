"""Two wishes of one message that both have to be looked up: both answered, once, in their order, in time or late."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from bot.app import build_service
from bot.conversation.engine import Engine
from bot.conversation.knowledge import PublishedReplies
from bot.conversation.late import LEASE, MOST_ATTEMPTS, LateReplies, Work
from bot.settings import Settings
from intents import registry
from intents.types import Found, Intent, Keyword, Later, Reply
from storage import conversations, exchanges, late_replies, outbox
from storage.database import Database
from tests.conftest import Clock
from tests.conversation.test_dialogue import publish
from tests.conversation.test_late import die, wait_for
from tests.intents.turns import text
from tests.phone import shown

ASKS = "查一下我的订单，顺便看看我的包裹到哪了"
ORDER, PARCEL = "A-1024 · 配送中", "您的包裹在杭州"
NO_ORDER = "没有回应"


def parcel_found(found: Found | None) -> Reply:
    return Reply("parcel", {"place": found["place"] if found else "哪儿还不知道"})


PARCEL_INTENT = Intent(
    name="parcel",
    title="查包裹",
    handler=lambda turn: Later("parcels", {"openid": turn.message.openid}),
    late=parcel_found,
    phrases=("我的包裹", "包裹到哪了", "看看我的包裹", "包裹寄到哪里了"),
    keywords=(Keyword("包裹", 3),),
    replies=("parcel",),
)


@dataclass
class Systems:
    """The two systems that are asked, at once or not: what each was asked, and what holds each back."""

    orders: Found | None = field(
        default_factory=lambda: {
            "orders": [{"number": "A-1024", "status": "配送中", "item": "拿铁", "updated": "10:24"}]
        }
    )
    parcels: Found | None = field(default_factory=lambda: {"place": "杭州"})
    asked: list[str] = field(default_factory=list)
    held: dict[str, threading.Event] = field(default_factory=dict)

    def works(self) -> dict[str, Work]:
        return {"orders": lambda asked: self._look("orders"), "parcels": lambda asked: self._look("parcels")}

    def hold(self, *names: str) -> None:
        self.held = {name: threading.Event() for name in names}

    def let_go(self) -> None:
        for event in self.held.values():
            event.set()

    def _look(self, name: str) -> Found | None:
        self.asked.append(name)
        if name in self.held:
            assert self.held[name].wait(30)
        found: Found | None = getattr(self, name)
        return found


@pytest.fixture
def systems() -> Systems:
    return Systems()


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(registry, "CODED", (*registry.CODED, PARCEL_INTENT))
    return replace(settings, crm_lookup_url="https://crm.example.com/orders")


Makes = Callable[..., Engine]


@pytest.fixture
def engine_with(settings: Settings, database: Database, clock: Clock, systems: Systems) -> Iterator[Makes]:
    """An engine with this deadline, whose brand has a second intent that looks things up."""

    def make(deadline_seconds: float, *, at_once: int = 16) -> Engine:
        publish(database, clock, "parcel", "values:\n  place: 杭州\n---\n您的包裹在{{ place }}")
        service = build_service(settings, database, clock)
        service.engine.knowledge.newest(database)
        library = service.engine.knowledge.library
        late = LateReplies(
            database,
            clock,
            library,
            systems.works(),
            intents=registry.CODED,
            deadline_seconds=deadline_seconds,
            at_once=at_once,
        )
        return replace(service.engine, late=late)

    yield make
    systems.let_go()
    wait_for(nobody_looks)  # a database must not be closed under a thread that uses it


def nobody_looks() -> bool:
    return not any(thread.name.startswith("late-") for thread in threading.enumerate())


@pytest.fixture
def worker(settings: Settings, database: Database, clock: Clock, systems: Systems) -> LateReplies:
    return LateReplies(database, clock, PublishedReplies().library, systems.works(), intents=registry.CODED)


def statuses(database: Database) -> list[str]:
    return [one.status for one in exchanges.every(database)]


@pytest.mark.parametrize("asks", [ASKS, "看看我的包裹到哪了，顺便查一下我的订单"])
def test_both_are_in_one_reply_in_the_order_they_were_asked(
    engine_with: Makes, database: Database, systems: Systems, asks: str
) -> None:
    engine = engine_with(30)
    message = text(asks, key="m:both")
    reply = shown(engine.receive(message))
    assert ORDER in reply
    assert PARCEL in reply
    assert (reply.index(ORDER) < reply.index(PARCEL)) == asks.startswith("查")
    assert shown(engine.receive(message)) == reply
    assert sorted(systems.asked) == ["orders", "parcels"], "a redelivery asks nobody"
    assert statuses(database) == ["answered", "replied"]
    [row] = database.query("SELECT asked, beside FROM late_replies")
    assert (row["asked"], row["beside"]) == ("{}", ""), "what was asked with is forgotten"


def test_both_are_asked_at_the_same_time(engine_with: Makes, systems: Systems) -> None:
    systems.hold("orders", "parcels")
    engine = engine_with(30)
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(engine.receive, text(ASKS))
        wait_for(lambda: len(systems.asked) == 2)
        systems.let_go()
        assert PARCEL in shown(reply.result())


@pytest.mark.parametrize("slow", ["orders", "parcels"])
def test_when_one_comes_late_both_follow_once_and_a_redelivery_starts_nothing(
    engine_with: Makes, database: Database, systems: Systems, slow: str
) -> None:
    systems.hold(slow)
    engine, message = engine_with(0.05), text(ASKS, key="m:late")
    assert engine.receive(message) is None
    assert engine.receive(message) is None
    systems.let_go()
    wait_for(lambda: outbox.page(database))
    assert engine.receive(message) is None
    [sent] = outbox.page(database)
    assert sent.content.index(ORDER) < sent.content.index(PARCEL)
    assert sorted(systems.asked) == ["orders", "parcels"]
    assert statuses(database) == ["answered", "queued"]


@pytest.mark.parametrize(("missing", "says"), [("orders", [NO_ORDER, PARCEL]), ("parcels", [ORDER, "哪儿还不知道"])])
def test_what_finds_no_answer_says_so_and_the_other_is_answered(
    engine_with: Makes, systems: Systems, missing: str, says: list[str]
) -> None:
    setattr(systems, missing, None)
    reply = shown(engine_with(30).receive(text(ASKS)))
    assert [words in reply for words in says] == [True, True]


def test_what_does_not_go_into_one_message_follows_in_another(
    engine_with: Makes, database: Database, clock: Clock, systems: Systems
) -> None:
    systems.parcels = {"place": "很远" * 320}
    reply = shown(engine_with(30).receive(text(ASKS, key="m:long")))
    assert ORDER in reply
    [message] = outbox.page(database)
    assert "很远" in message.content
    assert message.cause == "beside:m:long"


def test_both_are_left_to_a_worker_when_there_is_room_for_one(
    engine_with: Makes, database: Database, worker: LateReplies
) -> None:
    engine = engine_with(30, at_once=1)
    assert engine.receive(text(ASKS)) is None
    assert worker.pick_up()
    assert not worker.pick_up()
    [sent] = outbox.page(database)
    assert PARCEL in sent.content
    assert ORDER in shown(engine.receive(text("查一下我的订单"))), "the room that was taken is given back"


def test_work_whose_process_died_is_done_by_another_and_answers_once(
    engine_with: Makes, database: Database, clock: Clock, systems: Systems, worker: LateReplies
) -> None:
    systems.hold("parcels")
    assert engine_with(0.05).receive(text(ASKS)) is None
    clock.forward(seconds=LEASE.total_seconds())
    with ThreadPoolExecutor(1) as pool:
        taken_up = pool.submit(worker.pick_up)
        wait_for(lambda: len(systems.asked) == 4)
        systems.let_go()
        assert taken_up.result()
    wait_for(nobody_looks)
    [sent] = outbox.page(database)
    assert PARCEL in sent.content
    assert statuses(database) == ["answered", "queued"]


def test_work_that_kills_every_process_ends_with_both_saying_that_there_is_no_answer(
    engine_with: Makes, database: Database, clock: Clock, systems: Systems, worker: LateReplies
) -> None:
    systems.hold("orders")
    assert engine_with(0.05).receive(text(ASKS)) is None
    die(database, clock, times=MOST_ATTEMPTS - 1)
    assert worker.pick_up()
    [sent] = outbox.page(database)
    assert NO_ORDER in sent.content
    assert "哪儿还不知道" in sent.content
    systems.let_go()


def test_an_agent_who_took_over_meanwhile_has_both(
    engine_with: Makes, database: Database, clock: Clock, systems: Systems
) -> None:
    systems.hold("orders")
    assert engine_with(0.05).receive(text(ASKS)) is None
    [incoming] = exchanges.every(database)
    database.write(lambda tx: conversations.take(tx, incoming.member_id, agent_id=1, lease=LEASE, now=clock.now))
    systems.let_go()
    wait_for(lambda: statuses(database) == ["held"])
    assert outbox.page(database) == []


def test_the_release_before_reads_what_is_kept_and_says_no_answer_for_the_second(
    engine_with: Makes, database: Database, systems: Systems
) -> None:
    systems.hold("orders")
    assert engine_with(0.05).receive(text(ASKS)) is None
    [row] = database.query("SELECT beside FROM late_replies")
    assert "哪儿还不知道" in row["beside"], "as the content of one that is answered already"
    systems.let_go()
    wait_for(lambda: late_replies.state_of(database, *_whose(database)) == "posted")


def _whose(database: Database) -> tuple[int, int]:
    first = next(iter(exchanges.every(database)))
    return first.member_id, first.id
