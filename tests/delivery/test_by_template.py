"""Messages by template: consents given, used once in the transaction of the send, refused without; and what the platform reports."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.knowledge import PublishedReplies
from bot.delivery.by_template import NoPermit, send_by_template
from bot.delivery.notices import CouponNotices
from bot.delivery.posting import Posted
from bot.delivery.worker import Worker
from bot.wechat.client import WeChatClient
from bot.wechat.notices import NOTICE, ONCE, TEMPLATE, by_template, to_call
from bot.wechat.service_messages import CannotSend
from storage import members, notices, outbox, permits
from storage.coupons import Coupon, claim
from storage.database import Database
from storage.exchanges import timeline
from storage.members import Identity
from tests.conftest import Clock
from tests.phone import Phone
from tests.storage.people import campaign
from tests.wechat_api import SEND, FarSide

ENDING = "tK3POKaYW1qdDoT-3Msjdbm2_kfs8I9FUj5r6o6zjEI"
READY = by_template("template", "TM00015", {"thing1": "静安寺店"}, text="您的咖啡好了")
NOTE = by_template("notice", ENDING, {"thing1": "拿铁券"}, text="券快到期了")


@pytest.fixture
def worker(database: Database, far: FarSide, clock: Clock) -> Iterator[Worker]:
    far.answers[TEMPLATE] = {"errcode": 0, "errmsg": "ok", "msgid": 390211445574433157}
    far.answers[NOTICE] = {"errcode": 0, "errmsg": "ok", "msgid": 1900112233453221099}
    with WeChatClient(far.settings, database, clock) as client:
        yield Worker(database, client, clock)


@pytest.fixture
def alice(phone: Phone, database: Database) -> Identity:
    phone.says("你好")
    [member_id] = members.member_ids_by_openid(database, "oAlice")
    return members.identities_of(database, [member_id])[member_id]


def answers(phone: Phone, event: str, *chosen: tuple[str, str]) -> None:
    """Push what a member chose in a dialog about notices, or in the settings."""
    group = {
        "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
        "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    }
    listed: Any = [{"TemplateId": template, "SubscribeStatusString": answer} for template, answer in chosen]
    phone.does(event, **{group[event]: {"List": listed if len(listed) > 1 else listed[0]}})


def agrees(phone: Phone, *chosen: tuple[str, str]) -> None:
    answers(phone, "subscribe_msg_popup_event", *(chosen or ((ENDING, "accept"),)))


def states(database: Database, member: Identity) -> list[str]:
    return [permit.state for permit in permits.of_member(database, member.member_id)]


def send(database: Database, to: Identity, clock: Clock, content: Any = NOTE, cause: str = "c1") -> Posted:
    return database.write(
        lambda tx: send_by_template(tx, identity=to, content=content, author="system", cause=cause, now=clock())
    )


def sent(far: FarSide, key: bytes = b"template_id") -> list[dict[str, Any]]:
    return [json.loads(body) for body in far.bodies if key in body]


def test_each_consent_counts_once_however_often_it_is_pushed(
    phone: Phone, alice: Identity, database: Database, clock: Clock
) -> None:
    agrees(phone, (ENDING, "accept"), ("another", "reject"))
    phone.sends_again()
    assert states(database, alice) == ["open"]
    clock.forward(seconds=1)
    agrees(phone)
    assert states(database, alice) == ["open", "open"]
    answers(phone, "subscribe_msg_change_event", (ENDING, "reject"))
    assert states(database, alice) == ["withdrawn", "withdrawn"]


def test_a_notice_uses_one_consent_and_goes_out_whatever_the_window(
    phone: Phone, alice: Identity, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    agrees(phone)
    clock.forward(seconds=1)
    agrees(phone)
    clock.forward(days=30)
    assert send(database, alice, clock).is_new
    assert not send(database, alice, clock).is_new
    assert worker.send_next()
    assert not worker.send_next()
    assert sent(far) == [{"touser": "oAlice", "template_id": ENDING, "data": {"thing1": {"value": "拿铁券"}}}]
    assert states(database, alice) == ["open", "spent"]
    assert timeline(database, alice.member_id)[-1].status == "sent"


def test_without_a_consent_nothing_is_queued_and_the_lawful_ways_are_named(
    alice: Identity, database: Database, clock: Clock
) -> None:
    with pytest.raises(NoPermit, match="ask them to subscribe once more, or call them"):
        send(database, alice, clock)
    assert outbox.page(database) == []
    assert notices.recent(database) == []


def test_a_consent_is_given_back_with_the_transaction_that_would_have_used_it(
    phone: Phone, alice: Identity, database: Database, clock: Clock
) -> None:
    agrees(phone)
    with pytest.raises(CannotSend):
        send(database, alice, clock, by_template("notice", ENDING, {"thing1": "字" * 201}, text="x"))
    assert states(database, alice) == ["open"]


def test_a_template_message_needs_no_consent_and_names_itself_for_the_platform(
    alice: Identity, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    clock.forward(days=30)
    send(database, alice, clock, READY)
    send(database, alice, clock, READY)
    send(database, alice, clock, READY, cause="c2")
    while worker.send_next():
        pass
    bodies = sent(far)
    assert [body["template_id"] for body in bodies] == ["TM00015"] * 2
    assert len({body["client_msg_id"] for body in bodies}) == 2


def test_a_one_time_subscription_is_sent_under_its_scene(
    alice: Identity, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    once = by_template("once", "T1", {"content": "明天多云"}, text="明天多云", scene="1000", title="出行提醒")
    with pytest.raises(NoPermit):
        send(database, alice, clock, once)
    database.write(
        lambda tx: permits.grant(tx, alice.member_id, "once", "T1", scene="1000", cause="redirect:1", now=clock())
    )
    send(database, alice, clock, once)
    worker.send_next()
    assert far.calls[ONCE] == 1
    assert sent(far)[0]["scene"] == "1000"


@pytest.mark.parametrize(("report", "status"), [("success", "sent"), ("failed:user block", "failed")])
@pytest.mark.parametrize("overtakes", [False, True])
def test_the_platforms_report_closes_the_message_also_when_it_overtakes_the_answer(
    phone: Phone,
    alice: Identity,
    database: Database,
    clock: Clock,
    worker: Worker,
    far: FarSide,
    *,
    report: str,
    status: str,
    overtakes: bool,
) -> None:
    def arrives() -> None:
        phone.does("TEMPLATESENDJOBFINISH", MsgID=390211445574433157, Status=report)

    send(database, alice, clock, READY)
    if overtakes:
        far.on_send = arrives
    worker.send_next()
    if not overtakes:
        arrives()
    phone.sends_again()
    [notice] = notices.recent(database)
    assert (notice.report, notice.status) == (report, status)


def test_a_consent_that_the_platform_says_is_gone_is_no_longer_counted_on(
    phone: Phone, alice: Identity, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    agrees(phone)
    clock.forward(seconds=1)
    agrees(phone)
    far.answers[NOTICE] = {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
    send(database, alice, clock)
    worker.send_next()
    assert states(database, alice) == ["withdrawn", "spent"]
    assert timeline(database, alice.member_id)[-1].status == "failed"


@pytest.fixture
def coupon(alice: Identity, database: Database, clock: Clock) -> Coupon:
    campaign_id = campaign(database, "A", name="拿铁券", valid_days=7).id
    found = database.write(lambda tx: claim(tx, campaign_id, alice.member_id, cause="m", now=clock())).coupon
    assert found is not None
    return found


def plan(database: Database, clock: Clock) -> None:
    """Plan the notice of the coupon's end for a day when the reply window is long closed."""
    clock.forward(days=4)
    fields = (("thing1", "name"), ("time2", "until"))
    planned = CouponNotices(ZoneInfo("Asia/Shanghai"), 3, PublishedReplies().library, ENDING, fields)
    assert database.write(lambda tx: planned.plan(tx, clock())) == 1


def test_a_reminder_that_meets_a_closed_window_goes_by_consent(
    phone: Phone, alice: Identity, coupon: Coupon, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    agrees(phone)
    plan(database, clock)
    assert worker.send_next()
    [body] = sent(far)
    until = f"{coupon.expires_at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    assert body["data"] == {"thing1": {"value": "拿铁券"}, "time2": {"value": until}}
    assert states(database, alice) == ["spent"]
    phone.says("在吗")
    assert not worker.send_next(), "it was told, and is not told again"


def test_without_a_consent_the_reminder_waits_for_the_next_contact_or_for_a_consent(
    phone: Phone, alice: Identity, coupon: Coupon, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    plan(database, clock)
    worker.send_next()
    assert [message.parked for message in outbox.page(database)] == [True]
    agrees(phone)
    assert worker.send_next()
    assert (far.calls[NOTICE], far.calls[SEND]) == (1, 0)


def test_inside_the_window_a_reminder_is_an_ordinary_message_and_the_consent_is_kept(
    phone: Phone, alice: Identity, coupon: Coupon, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    agrees(phone)
    plan(database, clock)
    phone.says("你好")
    assert worker.send_next()
    assert (far.calls[NOTICE], far.calls[SEND]) == (0, 1)
    assert states(database, alice) == ["open"]


def test_a_reminder_whose_consent_was_gone_waits_for_the_next_contact_after_all(
    phone: Phone, alice: Identity, coupon: Coupon, database: Database, clock: Clock, worker: Worker, far: FarSide
) -> None:
    agrees(phone)
    far.answers[NOTICE] = {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
    plan(database, clock)
    worker.send_next()
    assert [message.parked for message in outbox.page(database)] == [True]
    assert notices.recent(database) == []
    phone.says("在吗")
    assert worker.send_next()
    assert (far.calls[NOTICE], far.calls[SEND]) == (1, 1)


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"thing1": 1}', '{"thing1": " "}'])
def test_fields_that_cannot_be_sent_are_refused_before_anything_leaves(data: str) -> None:
    with pytest.raises(CannotSend):
        to_call("oAlice", replace(NOTE, data=data))
