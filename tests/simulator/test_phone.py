"""The pretended phone: everything goes through the real gate, and both ways are written down."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask

from bot.app import account_of, create_app
from bot.settings import Settings
from bot.simulator.happened import explain
from bot.simulator.phone import Passed, SimulatedPhone, new_openid
from bot.simulator.records import Pushed
from storage import members, points, simulated_deliveries
from storage.coupons import campaigns, claim, coupons_of
from storage.database import Database, Transaction
from tests.conftest import Clock
from tests.simulator.conftest import OPENID, Said


def text_of(passed: Passed) -> str:
    assert passed.content is not None
    return passed.content.text


def test_following_is_welcomed_and_both_ways_are_kept(hand: SimulatedPhone, database: Database) -> None:
    welcome = text_of(hand.follows())
    kept = simulated_deliveries.newest(database, OPENID)
    assert "欢迎" in welcome
    assert [delivery.direction for delivery in kept] == ["up", "down"]
    pushed = Pushed.from_text(kept[0].body)
    assert "<Event><![CDATA[subscribe]]></Event>" in pushed.sent
    assert "欢迎" in pushed.received
    assert (pushed.status, pushed.safe) == (200, False)
    assert pushed.milliseconds > 0


@pytest.mark.parametrize("safe", [False, True])
def test_a_push_delivered_again_gets_the_same_reply_and_counts_once(
    hand: SimulatedPhone, campaign: None, recorded: Said, database: Database, clock: Clock, safe: bool
) -> None:
    hand.safe = safe
    first = hand.says("领券")
    clock.forward(seconds=5)
    hand.safe = not safe
    again = hand.again()
    assert again is not None
    assert again.content == first.content
    assert (again.pushed.same, again.pushed.unchanged, again.pushed.again_of) == (True, True, first.id)
    assert again.pushed.safe is not safe
    assert len(recorded()) == 2
    assert len(coupons_of(database, recorded()[0].member_id, clock())) == 1
    assert [each.direction for each in simulated_deliveries.newest(database, OPENID)] == ["up", "down", "up"]


def test_a_repeated_push_is_repeated_as_the_first_one(hand: SimulatedPhone, clock: Clock) -> None:
    first = hand.says("签到")
    second = hand.again()
    assert second is not None
    clock.forward(seconds=30)
    third = hand.again(second.id)
    assert third is not None
    assert third.pushed.again_of == first.id
    assert third.pushed.same


def test_what_came_between_does_not_look_like_a_double_effect_of_the_same_push(
    hand: SimulatedPhone, clock: Clock
) -> None:
    first = hand.says("签到")
    clock.forward(seconds=30)
    hand.says("我的积分")
    again = hand.again(first.id)
    assert again is not None
    assert (again.pushed.same, again.pushed.unchanged) == (True, True)


@pytest.mark.parametrize("kind", ["points", "coupon"])
def test_an_effect_that_came_twice_is_noticed(
    hand: SimulatedPhone, campaign: None, database: Database, clock: Clock, kind: str
) -> None:
    first, inner = hand.says("签到"), hand.application
    member_id = members.member_ids_by_openid(database, OPENID)[0]

    def doubled(tx: Transaction) -> None:
        if kind == "points":
            points.add_points(tx, member_id, 5, kind="checkin", cause="twice", now=clock())
        else:
            claim(tx, campaigns(tx)[0].id, member_id, cause="twice", now=clock())

    def doubling(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        database.write(doubled)
        return inner(environ, start_response)

    hand.application = doubling
    again = hand.again(first.id)
    assert again is not None
    assert (again.pushed.same, again.pushed.unchanged) == (True, False)


def test_nothing_can_be_sent_again_before_anything_was_sent(hand: SimulatedPhone) -> None:
    assert hand.again() is None
    hand.says("你好")
    assert hand.again(1) is None


def test_what_the_phone_was_shown_cannot_be_sent_again(hand: SimulatedPhone, database: Database) -> None:
    hand.says("你好")
    shown = simulated_deliveries.newest(database, OPENID)[-1]
    assert shown.direction == "down"
    assert hand.again(shown.id) is None


def test_safe_mode_hides_the_words_on_the_wire(hand: SimulatedPhone, recorded: Said) -> None:
    hand.safe = True
    passed = hand.says("签到")
    assert "签到成功" in text_of(passed)
    assert "签到" not in passed.pushed.sent
    assert "<Encrypt>" in passed.pushed.sent
    assert "<Encrypt>" in passed.pushed.received
    assert "<Content><![CDATA[签到]]></Content>" in passed.pushed.opened
    assert [each.text for each in recorded()][:1] == ["签到"]


@pytest.mark.parametrize(
    ("mode", "wish", "sent"), [("plain", True, False), ("safe", False, True), ("compatible", True, True)]
)
def test_the_account_decides_what_may_be_encrypted(
    settings: Settings, database: Database, clock: Clock, mode: str, wish: bool, sent: bool
) -> None:
    changed = replace(settings, wechat_mode=mode)
    app = create_app(changed, database, clock=clock)
    passed = SimulatedPhone(app, account_of(changed), database, clock, OPENID, safe=wish).says("你好")
    assert passed.pushed.status == 200
    assert passed.pushed.safe is sent
    assert passed.content is not None


def test_an_account_without_an_id_gets_one(settings: Settings, database: Database, clock: Clock) -> None:
    changed = replace(settings, wechat_account_id="")
    app = create_app(changed, database, clock=clock)
    assert text_of(SimulatedPhone(app, account_of(changed), database, clock, OPENID).says("你好"))


def test_scanning_follows_first_and_only_scans_afterwards(
    hand: SimulatedPhone, stores: None, recorded: Said, clock: Clock
) -> None:
    hand.scans("store_SH0001")
    clock.forward(seconds=30)
    hand.scans("store_SH0001")
    clock.forward(seconds=30)
    hand.unfollows()
    clock.forward(seconds=30)
    hand.scans("store_SH0001")
    assert [each.kind for each in recorded() if each.direction == "in"] == [
        "event.subscribe",
        "event.scan",
        "event.unsubscribe",
        "event.subscribe",
    ]


def test_every_kind_of_message_is_understood_by_the_gate(
    hand: SimulatedPhone, stores: None, recorded: Said, clock: Clock
) -> None:
    deeds: list[Callable[[], Passed]] = [
        hand.sends_picture,
        hand.sends_voice,
        hand.sends_video,
        lambda: hand.sends_link("标题", "描述", "https://example.com/"),
        lambda: hand.shares_location(31.2235, 121.4456, "静安寺"),
        lambda: hand.views("https://example.com/"),
        lambda: hand.taps("ZH_MENU_CHECKIN"),
        lambda: hand.picks_location("ZH_MENU_STORES", 31.2235, 121.4456),
    ]
    for deed in deeds:
        clock.forward(seconds=30)
        passed = deed()
        assert passed.pushed.status == 200
        assert passed.pushed.key
    kinds = [each.kind for each in recorded() if each.direction == "in"]
    assert kinds == [
        "image", "voice", "video", "link", "location", "event.view", "event.click", "event.menu_location", "location"
    ]  # fmt: skip


def test_voice_that_was_recognised_is_answered_like_words(hand: SimulatedPhone) -> None:
    assert "签到成功" in text_of(hand.sends_voice("签到"))


def test_a_choice_that_is_tapped_brings_its_id(hand: SimulatedPhone, recorded: Said) -> None:
    hand.says("每日签到", menu_id="zh:checkin")
    assert recorded()[0].intent == "checkin"
    assert "zh:checkin" in recorded()[0].payload


def test_a_turn_is_explained_from_what_was_recorded(hand: SimulatedPhone, database: Database) -> None:
    passed = hand.says("签到")
    happened = explain(database, OPENID, passed.id)
    assert happened is not None
    assert (happened.intent, happened.status, happened.template) == ("checkin", "answered", "checkin_done")
    assert happened.confidence == 1.0
    assert json.loads(happened.card)["steps"][0] == ["exact", "签到", "checkin", 1.0]
    assert "\n<Content><![CDATA[签到]]></Content>\n" in happened.sent
    assert explain(database, OPENID, 1) is None
    assert explain(database, "oPhoneOfSomebodyElse", passed.id) is None


def test_an_answer_that_is_none_is_shown_as_a_fault(hand: SimulatedPhone, database: Database, app: Flask) -> None:
    hand.account = replace(hand.account, token="not_the_token")
    passed = hand.says("你好")
    assert (passed.pushed.status, passed.content) == (403, None)
    kept = simulated_deliveries.newest(database, OPENID)
    assert '"via":"fault"' in kept[-1].body
    assert members.member_ids_by_openid(database, OPENID) == []


def test_openids_of_new_phones_differ_and_look_real() -> None:
    made = {new_openid() for _ in range(50)}
    assert len(made) == 50
    assert all(openid.startswith("oPhone") and len(openid) == 28 for openid in made)
