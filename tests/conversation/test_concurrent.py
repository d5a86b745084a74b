"""Whatever three consumers and two agents do, in any order or all at once: nothing is lost, doubled, or said over a person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count, pairwise

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.delivery import posting
from bot.settings import read_settings
from bot.wechat.outbound_push import Push, event_fields, message_fields
from storage import conversations, coupons, exchanges, members, points
from storage.database import Database, Transaction
from storage.exchanges import Exchange
from storage.migrations import migrate
from storage.opening import open_database
from templates.content import Content
from tests.conftest import ENGINES, ENVIRONMENT, Clock
from tests.phone import Phone, shown
from tests.postgres_server import clean_database
from tests.storage.people import at_once

LEASE = timedelta(minutes=30)
PHONES, AGENTS = 3, (7, 8)
WORDS = (
    "你好",
    "签到",
    "领优惠券",
    "我的积分",
    "1",
    "转人工",
    "附近门店",
    "量子纠缠",
    "谢谢",
    "我要投诉，咖啡凉了",
    "不用了",
    "签到，顺便领个券",
    "关于优惠券",
    "券店",
    "上海的店几点关门",
    "那杭州呢",
)
EVENTS = ("follow", "unfollow", "tap", "scan", "location")
numbers = count(1)


@dataclass
class World:
    """One account, its clock, and the consumers of one example, who are nobody else's."""

    app: Flask
    database: Database
    clock: Clock
    phones: list[Phone] = field(default_factory=list)
    pushed: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    taken: dict[str, list[datetime]] = field(default_factory=dict)

    def people(self) -> "World":
        """Return the same account with three new consumers."""
        push = Push(account_of(read_settings(ENVIRONMENT)))
        fresh = World(self.app, self.database, self.clock)
        for _ in range(PHONES):
            openid = f"oRandom{next(numbers)}"
            fresh.phones.append(Phone(Client(self.app), push, self.clock, openid))
            fresh.pushed[openid], fresh.answers[openid], fresh.taken[openid] = [], [], []
        return fresh

    def send(self, phone: Phone, fields: dict[str, object]) -> None:
        """Push something new; who is with an agent hears nothing from the bot."""
        owned = self.owned(phone)
        self.pushed[phone.openid].append(fields)
        heard = shown(phone.sends(fields))  # type: ignore[arg-type]
        self.answers[phone.openid].append(heard)
        assert not (owned and heard), "the bot spoke over a person"

    def member(self, phone: Phone) -> int | None:
        found = members.member_ids_by_openid(self.database, phone.openid)
        assert len(found) <= 1
        return found[0] if found else None

    def owned(self, phone: Phone) -> bool:
        member_id = self.member(phone)
        conversation = conversations.conversation_of(self.database, member_id) if member_id else None
        return conversation is not None and conversation.owned_by_agent(self.clock())

    def dialogue(self, phone: Phone) -> list[Exchange]:
        return list(exchanges.page(self.database, member_id=self.member(phone) or 0, limit=500))


@pytest.fixture(scope="module", params=ENGINES)
def own_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database that all examples share."""
    if request.param == "postgresql":
        with clean_database() as made:
            yield made.url
    else:
        yield f"sqlite:///{tmp_path_factory.mktemp('concurrent') / 'test.db'}"


@pytest.fixture(scope="module")
def account(own_url: str) -> Iterator[World]:
    opened, clock = open_database(own_url), Clock()
    migrate(opened)

    def prepare(tx: Transaction) -> None:
        coupons.add_campaign(
            tx,
            code="LATTE",
            name="拿铁券",
            offer="第二杯半价",
            stock=40,
            valid_days=7,
            state="running",
            starts_at=clock() - timedelta(days=1),
            ends_at=clock() + timedelta(days=900),
            now=clock(),
        )

    opened.write(prepare)
    yield World(create_app(read_settings(ENVIRONMENT), opened, clock=clock), opened, clock)
    opened.close()


def event(world: World, phone: Phone, what: str) -> None:
    name, elements = {
        "follow": ("subscribe", {"EventKey": ""}),
        "unfollow": ("unsubscribe", {"EventKey": ""}),
        "tap": ("CLICK", {"EventKey": "checkin"}),
        "scan": ("SCAN", {"EventKey": "store_7", "Ticket": "t"}),
        "location": ("LOCATION", {"Latitude": 31.2, "Longitude": 121.4, "Precision": 65.0}),
    }[what]
    world.send(phone, dict(event_fields(phone.push.account, phone.openid, name, world.clock(), **elements)))  # type: ignore[arg-type]


def words(world: World, phone: Phone, text: str) -> None:
    world.send(phone, dict(message_fields(phone.push.account, phone.openid, "text", world.clock(), Content=text)))


def again(world: World, phone: Phone, which: int) -> None:
    """Deliver something once more: the same answer comes, whoever the conversation belongs to by now."""
    pushed = world.pushed[phone.openid]
    if pushed:
        place = which % len(pushed)
        assert shown(phone.sends(pushed[place])) == world.answers[phone.openid][place]  # type: ignore[arg-type]


def agent(world: World, phone: Phone, act: str, agent_id: int) -> None:
    member_id, now = world.member(phone), world.clock()
    if member_id is None:
        return

    def work(tx: Transaction) -> bool:
        if act == "take":
            return conversations.take(tx, member_id, agent_id=agent_id, lease=LEASE, now=now)
        if act == "back":
            return conversations.hand_back(tx, member_id, agent_id=agent_id, note="好了", now=now)
        if not conversations.keep(tx, member_id, agent_id=agent_id, lease=LEASE, now=now):
            return False
        identity = members.identities_of(tx, [member_id])[member_id]
        content = Content("text", text="您好，我在")
        posting.post(tx, identity=identity, content=content, author="agent:mei", cause=f"c{next(numbers)}", now=now)
        return True

    before = world.owned(phone)
    if world.database.write(work):
        assert world.owned(phone) is (act != "back")
        world.taken[phone.openid] += [now] if act == "take" else []
    else:
        assert world.owned(phone) is before


def wait(world: World, phone: Phone, minutes: int) -> None:
    world.clock.forward(minutes=minutes)


STEPS = st.one_of(
    st.tuples(st.just(words), st.sampled_from(WORDS)),
    st.tuples(st.just(words), st.text(min_size=1, max_size=12, alphabet="券签到店人工0123吗？😀a")),
    st.tuples(st.just(event), st.sampled_from(EVENTS)),
    st.tuples(st.just(again), st.integers(0, 9)),
    st.tuples(st.just(agent), st.sampled_from(("take", "take", "answer", "back")), st.sampled_from(AGENTS)),
    st.tuples(st.just(wait), st.sampled_from((1, 10, 31, 60 * 24))),
)


def check(world: World) -> None:
    """Hold what must be true of these consumers whatever happened."""
    for phone in world.phones:
        pushed, answers = world.pushed[phone.openid], world.answers[phone.openid]
        assert (world.member(phone) is not None) == bool(pushed), (
            "the first push makes the member, and nothing else does"
        )
        said = world.dialogue(phone)
        incoming = [one for one in said if one.direction == "in"]
        replies = [one for one in said if one.author == "bot"]
        assert len(incoming) == len(pushed)
        assert len({one.message_key for one in incoming}) == len(incoming)
        replied_to = [one.in_reply_to for one in replies]
        assert len(set(replied_to)) == len(replied_to)
        assert [one.text for one in replies] == [text for text in answers if text]
        assert [one.id for one in incoming if one.id in replied_to] == replied_to
        for one, other in pairwise(replies):
            asked_back = one.template == other.template == "did_you_mean"
            # A person who takes the dialogue ends what the bot had asked.
            between = any(one.created_at <= at <= other.created_at for at in world.taken[phone.openid])
            assert not asked_back or between or other.created_at - one.created_at >= timedelta(minutes=10), (
                "asked back twice running"
            )
    assert points.reconcile(world.database) == []
    assert coupons.reconcile(world.database) == []


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, PHONES - 1), STEPS), min_size=1, max_size=16))
def test_whatever_happens_in_whatever_order_the_record_is_right(
    account: World, steps: list[tuple[int, tuple[object, ...]]]
) -> None:
    world = account.people()
    for number, (act, *given_with) in steps:
        world.clock.forward(seconds=1)
        act(world, world.phones[number], *given_with)  # type: ignore[operator]
    check(world)


@pytest.mark.parametrize("first", EVENTS)
def test_any_first_event_makes_exactly_one_member(account: World, first: str) -> None:
    world = account.people()
    event(world, world.phones[0], first)
    again(world, world.phones[0], 0)
    check(world)
    assert world.member(world.phones[0]) is not None


def client_of(world: World, phone: Phone) -> Phone:
    """Return the same phone with a connection of its own, for another thread."""
    return Phone(Client(world.app), phone.push, phone.clock, phone.openid)


def test_deliveries_of_many_messages_at_once_have_one_effect_each(account: World) -> None:
    world = account.people()
    deliveries = []
    for phone in world.phones:
        for text in ("签到", "领优惠券"):
            fields = message_fields(phone.push.account, phone.openid, "text", world.clock(), Content=text)
            deliveries += [partial(client_of(world, phone).sends, fields)] * 4
    heard = [shown(content) for content in at_once(deliveries)]
    for phone in world.phones:
        member_id = world.member(phone)
        assert member_id is not None
        assert len(points.history(world.database, member_id)) == 1
        assert len(coupons.coupons_of(world.database, member_id, world.clock())) <= 1
        assert len(world.dialogue(phone)) == 4
    assert all(len(set(heard[place : place + 4])) == 1 for place in range(0, len(heard), 4))
    assert points.reconcile(world.database) == coupons.reconcile(world.database) == []


def test_a_first_message_and_a_first_event_at_once_make_one_member(account: World) -> None:
    world = account.people()
    for phone in world.phones:
        follow = event_fields(phone.push.account, phone.openid, "subscribe", world.clock(), EventKey="")
        said = message_fields(phone.push.account, phone.openid, "text", world.clock(), Content="你好")
        at_once([partial(client_of(world, phone).sends, fields) for fields in (follow, said, follow, said)])
        assert world.member(phone) is not None
        assert len([one for one in world.dialogue(phone) if one.direction == "in"]) == 2


def take_by_mei(world: World, member_id: int) -> None:
    world.database.write(
        lambda tx: conversations.take(tx, member_id, agent_id=AGENTS[0], lease=LEASE, now=world.clock())
    )


@pytest.mark.parametrize("race", range(4))
def test_once_an_agent_took_it_the_bot_says_nothing_more_however_close_the_race(account: World, race: int) -> None:
    world = account.people()
    phone = world.phones[0]
    words(world, phone, "你好")
    member_id = world.member(phone)
    assert member_id is not None
    texts = [message_fields(phone.push.account, phone.openid, "text", world.clock(), Content="签到") for _ in range(6)]
    acts: list[Callable[[], object]] = [partial(client_of(world, phone).sends, fields) for fields in texts]
    acts.insert(race, partial(take_by_mei, world, member_id))
    at_once(acts)
    [taken] = conversations.handoffs_of(world.database, member_id)
    later = [one for one in world.dialogue(phone) if one.id > taken.id]
    assert [one for one in later if one.author == "bot"] == []
    assert {one.status for one in later} <= {"held"}
