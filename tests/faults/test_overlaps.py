"""What two transactions could do to each other where several may write: each pair in the order that once did harm."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.consents import keep_once
from bot.conversation.knowledge import PublishedReplies
from bot.conversation.late import LEASE, LateReplies
from bot.delivery import sending
from bot.delivery.alerts import open_alerts, watch_mood
from bot.delivery.by_template import or_once, send_by_template
from bot.delivery.notices import CouponNotices
from bot.delivery.posting import post
from bot.mass_sending import NothingLeft, hand_over
from bot.settings import RateLimit
from bot.wechat.client import WeChatClient
from bot.wechat.consent_links import COUPONS, Asked, ConsentLinks
from bot.wechat.mass import SEND_ALL
from bot.wechat.notices import by_template
from bot.wechat.outcomes import CallFailed
from storage import conversations, mass_sends, outbox, permits
from storage.coupons import claim
from storage.database import Database, Queries, Transaction
from storage.mass_sends import LAPSES, MassSend
from storage.members import Identity, identities_of, member_ids_by_openid
from storage.sqlite import SqliteDatabase
from templates.content import Content
from templates.library import Library
from tests.conftest import Clock
from tests.overlap import Interrupting, done_or_waiting, interrupted
from tests.phone import Phone
from tests.storage.people import campaign
from tests.wechat_api import FarSide, far_side

TEMPLATE = "tK3POKaYW1qdDoT-3Msjdbm2_kfs8I9FUj5r6o6zjEI"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        yield running


@pytest.fixture
def alice(phone: Phone, database: Database) -> Identity:
    phone.says("你好")
    [member_id] = member_ids_by_openid(database, "oAlice")
    return identities_of(database, [member_id])[member_id]


def test_an_agent_takes_over_before_a_late_answer_or_after_it(
    alice: Identity, database: Database, clock: Clock, pool: ThreadPoolExecutor
) -> None:
    """An answer that was begun while nobody owned the dialogue must not come out beside the agent who took it meanwhile."""
    database.write(
        lambda tx: tx.execute(
            "INSERT INTO late_replies (member_id, exchange_id, cause, intent, work, asked, attempt, created_at, lease_until) "
            "SELECT member_id, id, 'm:1', 'order_status', 'orders', '{}', 1, 0, 0 FROM exchanges WHERE direction = 'in'"
        )
    )
    replies, taken = PublishedReplies(), list[Future[int]]()

    def take(tx: Transaction) -> int:
        assert conversations.take(tx, alice.member_id, agent_id=1, lease=LEASE, now=clock.now)
        return len(outbox.page(tx))

    def library(queries: Queries) -> Library:
        taken.append(pool.submit(database.write, take))
        done_or_waiting(database, taken[0])
        return replies.library(queries)

    assert LateReplies(database, clock, library, {"orders": lambda _: None}).pick_up()
    assert [one.result() for one in taken] == [1], "the answer came first"


@pytest.mark.parametrize("wakes", ["contact", "consent"])
def test_a_message_begins_to_wait_before_what_wakes_it_or_after_it(
    phone: Phone, alice: Identity, database: Database, clock: Clock, pool: ThreadPoolExecutor, wakes: str
) -> None:
    """What is put to wait just as the member writes, or consents on the page, must not wait for the next time."""
    links = ConsentLinks("wx1", TEMPLATE, "https://wechat.example.com/subscribed/", "a-key")
    content = or_once(Content("text", text="券快到期了"), TEMPLATE, COUPONS, "提醒")
    asked = Asked(alice.member_id, "1")
    act: Callable[[], object] = {
        "contact": lambda: phone.says("在吗"),
        "consent": lambda: database.write(lambda tx: keep_once(tx, links, asked, "oAlice", clock.now)),
    }[wakes]
    clock.forward(hours=49)
    wait_until = clock.now + timedelta(days=3)
    database.write(
        lambda tx: post(
            tx, identity=alice, content=content, author="bot", cause="c1", now=clock.now, wait_until=wait_until
        )
    )

    def take(tx: Transaction) -> "Future[object]":
        assert sending.take(tx, clock.now) is None
        waking = pool.submit(act)
        done_or_waiting(database, waking)
        return waking

    assert database.write(take).result()
    assert [message.parked for message in outbox.page(database)] == [False]


def test_a_cause_that_is_sent_twice_at_once_uses_one_consent(
    alice: Identity, database: Database, clock: Clock, pool: ThreadPoolExecutor
) -> None:
    for number in range(2):
        database.write(
            lambda tx, cause=f"allowed:{number}": permits.grant(  # type: ignore[misc]
                tx, alice.member_id, "notice", TEMPLATE, cause=cause, now=clock.now
            )
        )
    content = by_template("notice", TEMPLATE, {"thing1": "拿铁券"}, text="券快到期了")
    others: list[Future[Any]] = []

    def send(tx: Transaction) -> bool:
        return send_by_template(tx, identity=alice, content=content, author="system", cause="c1", now=clock.now).is_new

    def send_as_well() -> None:
        others.append(pool.submit(database.write, send))
        done_or_waiting(database, others[0])

    made = [database.write(lambda tx: send(interrupted(tx, send_as_well))), *(one.result() for one in others)]
    assert sorted(made) == [False, True]
    assert [one.state for one in permits.of_member(database, alice.member_id)] == ["open", "spent"]


def test_two_workers_plan_one_notice_of_coupons_also_when_another_was_issued_between_them(
    alice: Identity, database: Database, clock: Clock, pool: ThreadPoolExecutor
) -> None:
    notices = CouponNotices(ZoneInfo("Asia/Shanghai"), 3, PublishedReplies().library)
    shops = [campaign(database, code, name=f"券{code}", valid_days=3).id for code in "AB"]

    def give(tx: Transaction, shop: int) -> None:
        assert claim(tx, shop, alice.member_id, cause="m:1", now=clock.now).fresh

    database.write(lambda tx: give(tx, shops[0]))
    others: list[Future[int]] = []

    def plan_as_well() -> None:
        if not isinstance(database, SqliteDatabase):  # which has one writer
            pool.submit(database.write, lambda tx: give(tx, shops[1])).result()
        others.append(pool.submit(database.write, lambda tx: notices.plan(tx, clock.now)))
        done_or_waiting(database, others[0])

    database.write(lambda tx: notices.plan(interrupted(tx, plan_as_well), clock.now))
    assert len([one.result() for one in others]) == 1
    told = [message.content for message in outbox.page(database)]
    assert sum("券A" in words for words in told) == 1


def test_two_workers_that_notice_a_burst_raise_one_alert(
    phone: Phone, database: Database, pool: ThreadPoolExecutor
) -> None:
    now = Clock.at_real_time().now
    for number in range(3):
        phone.named(f"o{number}").says("咖啡凉了")
    database.write(
        lambda tx: tx.execute("UPDATE exchanges SET created_at = :now", {"now": int(now.timestamp() * 1000)})
    )
    chore, others = watch_mood(RateLimit(3, 60)), list[Future[object]]()

    def watch_as_well() -> None:
        others.append(pool.submit(database.write, lambda tx: chore.work(tx, now)))
        done_or_waiting(database, others[0])

    database.write(lambda tx: chore.work(interrupted(tx, watch_as_well), now))
    assert len([one.result() for one in others]) == 1
    assert len(open_alerts(database)) == 1


def test_two_who_send_different_messages_to_many_keep_to_what_the_month_allows(
    database: Database, far: FarSide, clock: Clock, pool: ThreadPoolExecutor
) -> None:
    far.answers[SEND_ALL] = {"errcode": 0, "errmsg": "ok", "msg_id": 1000002077, "msg_data_id": 1}
    first, second = (prepared(database, clock, words) for words in ("早上好", "晚上好"))
    others: list[Future[None]] = []

    with WeChatClient(far.settings, database, clock) as client:

        def send(one: MassSend) -> None:
            hand_over(database, client, one, actor="user:a", most=1, now=clock.now)

        def send_as_well() -> None:
            others.append(pool.submit(send, second))
            done_or_waiting(database, others[0])

        interrupting = cast(Database, Interrupting(database, send_as_well))
        hand_over(interrupting, client, first, actor="user:a", most=1, now=clock.now)
        with pytest.raises(NothingLeft):
            others[0].result()
    assert mass_sends.sent_since(database, clock.now - timedelta(days=1)) == 1


def test_what_a_stalled_sender_hears_changes_nothing_for_the_one_who_sends_again(
    database: Database, far: FarSide, clock: Clock
) -> None:
    send, later = prepared(database, clock, "早上好"), clock.now + LAPSES

    def stalls(_query: object, _sent: object) -> dict[str, object]:
        found = mass_sends.by_id(database, send.id)
        assert found is not None
        assert found.may_send(later)
        assert database.write(lambda tx: mass_sends.begin(tx, found, sent_by="user:b", now=later))
        return {"errcode": 45028, "errmsg": "has no masssend quota"}

    far.handlers[SEND_ALL] = stalls
    with WeChatClient(far.settings, database, clock) as client, pytest.raises(CallFailed):
        hand_over(database, client, send, actor="user:a", most=4, now=clock.now)
    found = mass_sends.by_id(database, send.id)
    assert found is not None
    assert (found.state, found.sent_by) == ("sending", "user:b")


def prepared(database: Database, clock: Clock, words: str) -> MassSend:
    content = json.dumps({"kind": "text", "text": words})
    return database.write(
        lambda tx: mass_sends.add(tx, content=content, tag_id=None, tag_name="", created_by="user:a", now=clock.now)
    )
