"""Understanding within a conversation, from outside: several wishes in one message, what follows an answer, never asking back twice, what taps teach."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from werkzeug.test import Client

from bot.app import account_of, build_service, build_webhook
from bot.settings import Settings
from bot.waiting import InThread
from bot.wechat.outbound_push import Push
from bot.wechat.wsgi import WsgiWebhook
from intents.types import Intent, Reply, Turn
from storage import cases, checkins, conversations, coupons, examples, exchanges, members, points, reply_versions
from storage.database import Database, Transaction
from storage.exchanges import Exchange
from storage.stores import Store, import_stores
from tests.conftest import Clock
from tests.phone import Phone
from tests.storage.people import campaign

STORES = (
    Store("SH1", "静安寺店", "上海", "静安区", "南京西路 1 号", "", 31.2235, 121.4453, "07:30-22:00"),
    Store("SH2", "外滩店", "上海", "黄浦区", "中山东一路 2 号", "", 31.2400, 121.4900, "18:00-02:00"),
    Store("HZ1", "西湖店", "杭州", "西湖区", "曙光路 1 号", "", 30.2590, 120.1300, "08:00-20:00"),
)
BOTH = "优惠券怎么领，顺便问下静安寺店几点关门"


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    database.write(lambda tx: import_stores(tx, STORES))
    campaign(database)


def dialogue(database: Database, openid: str = "oAlice") -> Sequence[Exchange]:
    [member_id] = members.member_ids_by_openid(database, openid)
    return exchanges.timeline(database, member_id, limit=500)


def last_card(database: Database) -> list[tuple[str, str, str | None]]:
    """Return the steps of the newest card: rule, what was found, intent."""
    steps = json.loads(dialogue(database)[-1].card)["steps"]
    return [(rule, found, intent) for rule, found, intent, _ in steps]


def held_coupons(database: Database) -> int:
    [member_id] = members.member_ids_by_openid(database, "oAlice")
    return len(coupons.coupons_of(database, member_id, dialogue(database)[-1].created_at))


# --- several wishes ---


def test_two_wishes_are_answered_in_one_reply_and_the_card_names_both(phone: Phone, database: Database) -> None:
    reply = phone.says(BOTH)
    assert "券码" in reply
    assert "07:30-22:00" in reply
    said, answered = dialogue(database)
    assert (said.intent, answered.intent, answered.template) == ("coupon_claim", "coupon_claim", "coupon_claim_done")
    assert ("also", "answered in the same reply", "store_hours") in last_card(database)


def test_the_effects_of_both_happen_once_however_often_it_is_delivered(phone: Phone, database: Database) -> None:
    first = phone.says("签到，顺便领个券")
    again = phone.sends_again()
    assert again is not None
    assert again.text == first
    assert held_coupons(database) == 1
    [member_id] = members.member_ids_by_openid(database, "oAlice")
    assert len(checkins.days_of(database, member_id, limit=9)) == 1
    assert len(dialogue(database)) == 2


@pytest.mark.parametrize("text", ["静安寺店几点关门，另外我要投诉店员骂人", "我要投诉店员骂人，还有静安寺店几点关门"])
def test_a_complaint_goes_first_and_the_question_is_answered_all_the_same(
    phone: Phone, database: Database, text: str
) -> None:
    reply = phone.says(text)
    assert reply.startswith("实在抱歉")
    assert "07:30-22:00" in reply
    [member_id] = members.member_ids_by_openid(database, "oAlice")
    assert [case.kind for case in cases.cases_of(database, member_id)] == ["complaint"]
    assert dialogue(database)[0].intent == "complaint"
    assert ("also", "answered in the same reply", "store_hours") in last_card(database)


def test_what_one_of_them_asks_stays_open(phone: Phone) -> None:
    assert "哪家门店" in phone.says("优惠券怎么领，顺便问下几点关门")
    assert "07:30-22:00" in phone.says("静安寺店")


def publish(database: Database, clock: Clock, name: str, source: str) -> None:
    def work(tx: Transaction) -> None:
        head = "title: 测试\npurpose: 测试\nvalue: info\n"
        version = reply_versions.add_version(
            tx,
            name,
            source=f"---\n{head}{source}",
            author="editor",
            note="",
            expected_version=0,
            now=clock(),
        )
        reply_versions.publish(tx, name, version, by="editor", now=clock())

    database.write(work)


def test_two_that_are_too_long_for_one_reply_give_the_first_and_offer_the_other(
    phone: Phone, database: Database, clock: Clock
) -> None:
    publish(database, clock, "store_hours", "values: {}\n---\n" + "很长" * 280)
    reply = phone.says(BOTH)
    assert "券码" in reply
    assert "门店营业时间" in reply
    assert "很长" not in reply
    assert len(reply.encode()) <= 2048
    assert held_coupons(database) == 1
    assert ("also", "offered beside the answer", "store_hours") in last_card(database)
    assert "很长" in phone.says("1")


def test_a_card_and_a_text_do_not_mix_the_other_is_offered(phone: Phone, database: Database, clock: Clock) -> None:
    news = "kind: news\nheadline: 您的券\nlink: https://a.cn/券\ndescription: 点开看看\nvalues: {}\n---\n"
    publish(database, clock, "coupon_claim_done", news)
    phone.says(BOTH)
    answered = dialogue(database)[-1]
    assert answered.kind == "news"
    assert "还可以回复：“门店营业时间”" in answered.payload
    assert held_coupons(database) == 1
    assert "07:30-22:00" in phone.says("门店营业时间")


def test_when_the_second_fails_the_first_is_answered_and_nothing_of_the_second_is_left(
    database: Database, settings: Settings, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(turn: Turn) -> Reply:
        points.add_points(turn.tx, turn.member.id, 50, kind="gift", cause=turn.cause, now=turn.now)
        raise ZeroDivisionError

    service = build_service(settings, database, clock)
    known = service.engine.knowledge.newest(database)
    intents: Mapping[str, Intent] = {
        **known.intents,
        "store_hours": replace(known.intents["store_hours"], handler=fail),
    }
    service.engine.knowledge.put(replace(known, intents=intents))
    webhook = WsgiWebhook(build_webhook(service), InThread(database))
    reply = Phone(Client(webhook), Push(account_of(settings)), clock).says(BOTH)
    assert "券码" in reply
    assert "门店营业时间" in reply
    said = dialogue(database)[0]
    assert (said.intent, said.status) == ("coupon_claim", "answered")
    assert points.balance_of(database, said.member_id) == 0
    assert held_coupons(database) == 1
    assert "the second wish failed, intent store_hours" in caplog.text


# --- what follows an answer ---


def test_a_short_message_asks_the_same_again_of_another_place(phone: Phone, database: Database) -> None:
    phone.says("上海的店几点关门")
    assert "08:00-20:00" in phone.says("那杭州呢")
    steps = last_card(database)
    assert ("context", "the last question again", "store_hours") in steps
    assert ("slots", "city = 杭州", None) in steps
    assert dialogue(database)[-1].intent == "store_hours"


def test_a_place_is_put_right_and_small_talk_in_between_changes_nothing(phone: Phone, database: Database) -> None:
    phone.says("杭州的店几点关门")
    phone.says("谢谢")
    assert "静安寺店" in phone.says("说错了，不是杭州，是上海")
    assert dialogue(database)[-1].intent == "store_hours"


def test_the_same_short_message_is_its_own_wish_when_the_talk_is_over(
    phone: Phone, database: Database, clock: Clock
) -> None:
    phone.says("上海的店几点关门")
    clock.forward(minutes=10)
    phone.says("那杭州呢")
    assert dialogue(database)[-1].intent == "store_nearest"


def test_another_subject_ends_what_could_be_followed(phone: Phone, database: Database) -> None:
    phone.says("上海的店几点关门")
    phone.says("签到")
    phone.says("那杭州呢")
    assert dialogue(database)[-1].intent == "store_nearest"


def test_what_is_followed_survives_a_redelivery(phone: Phone, database: Database) -> None:
    phone.says("上海的店几点关门")
    first = phone.says("那杭州呢")
    again = phone.sends_again()
    assert again is not None
    assert again.text == first
    assert "18:00-02:00" in phone.says("外滩店呢")
    assert dialogue(database)[-1].intent == "store_hours"


def test_a_question_about_the_store_just_named_needs_no_place(phone: Phone, database: Database) -> None:
    phone.says("静安寺店在哪")
    assert "07:30-22:00" in phone.says("几点关门")
    assert ("carry", "store = SH1", None) in last_card(database)
    assert "＋ → 位置" in phone.says("附近有店吗")


@pytest.mark.parametrize("words", ["武康路店几点关门", "武康路店电话多少", "万达广场那家几点关门"])
def test_what_is_said_of_a_store_is_not_said_of_another_that_is_named(phone: Phone, words: str) -> None:
    phone.says("静安寺店在哪")
    assert "静安寺店" not in phone.says(words)


@pytest.mark.parametrize("words", ["这家店几点关门", "店里几点关门", "那家门店营业到几点", "他们店周末几点开"])
def test_a_store_that_is_only_pointed_at_is_the_one_just_named(phone: Phone, words: str) -> None:
    phone.says("静安寺店在哪")
    assert "静安寺店" in phone.says(words)


# --- waiting for a person ---


def test_a_hello_from_the_queue_is_told_the_place_in_it(phone: Phone, database: Database) -> None:
    phone.says("人工")
    for _ in range(2):
        assert "您已经在排队了" in phone.says("还有人吗")
    assert dialogue(database)[-1].intent == "human"


def test_never_mind_leaves_the_queue(phone: Phone, database: Database) -> None:
    phone.says("人工")
    assert "已为您取消排队" in phone.says("取消")
    assert conversations.count_waiting(database) == 0


# --- a campaign by its name ---


def test_who_asks_after_their_own_coupon_of_a_campaign_gets_none_by_that(
    phone: Phone, database: Database, clock: Clock
) -> None:
    campaign(database, "WINTER", name="冬日热饮季", offer="热饮满 40 减 12")
    phone.says("我的冬日热饮季券在哪里")
    assert coupons.coupons_of(database, members.member_ids_by_openid(database, phone.openid)[0], clock()) == []


@pytest.mark.parametrize("words", ["冬日热饮季", "我要冬日热饮季", "冬日热饮季的券还有吗"])
def test_a_campaign_is_asked_for_by_nothing_but_its_name(phone: Phone, database: Database, words: str) -> None:
    campaign(database, "WINTER", name="冬日热饮季", offer="热饮满 40 减 12")
    assert "冬日热饮季" in phone.says(words)
    assert dialogue(database)[-1].template == "coupon_claim_done"
    assert ("campaign", "冬日热饮季", "coupon_claim") in last_card(database)


def test_a_campaign_that_begins_while_people_talk_is_known_by_name_from_then_on(
    phone: Phone, database: Database
) -> None:
    phone.says("冬日热饮季")
    assert held_coupons(database) == 0
    campaign(database, "WINTER", name="冬日热饮季", offer="热饮满 40 减 12")
    phone.says("冬日热饮季")
    assert held_coupons(database) == 1


def test_what_is_asked_about_a_campaign_claims_nothing(phone: Phone, database: Database) -> None:
    campaign(database, "WINTER", name="冬日热饮季", offer="热饮满 40 减 12")
    phone.says("冬日热饮季是什么意思")
    assert held_coupons(database) == 0


# --- never asking back twice ---

VAGUE = "关于优惠券"


def test_after_asking_back_the_best_guess_is_answered_when_it_is_decent(phone: Phone, database: Database) -> None:
    assert "您是想问" in phone.says(VAGUE)
    assert "您是想问" not in phone.says(VAGUE)
    steps = last_card(database)
    assert ("decide", "answer: the best guess, as we asked back just now", "coupon_claim") in steps


def asks(database: Database) -> list[bool]:
    """Return for each reply whether it was a "did you mean"."""
    return [one.template == "did_you_mean" for one in dialogue(database) if one.direction == "out"]


def test_an_hour_later_it_may_be_asked_back_again(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says(VAGUE)
    clock.forward(hours=1)
    phone.says(VAGUE)
    assert asks(database) == [True, True]


def test_what_is_missing_is_asked_for_twice_then_a_person_is_offered(phone: Phone, database: Database) -> None:
    assert "哪家门店" in phone.says("店里几点关门")
    assert "哪家门店" in phone.says("店里几点关门")
    reply = phone.says("店里几点关门")
    assert "哪家门店" not in reply
    assert "人工客服" in reply
    assert dialogue(database)[-1].template == "offer_person"
    phone.says("1")
    assert dialogue(database)[-1].intent == "human"


def test_words_that_are_unclear_right_after_a_question_are_not_asked_back(phone: Phone, database: Database) -> None:
    phone.says("店里几点关门")
    phone.says(VAGUE)
    assert asks(database) == [False, False]


def test_a_question_that_was_interrupted_is_repeated_once(phone: Phone) -> None:
    phone.says("店里几点关门")
    assert "刚才还想请问您" in phone.says("签到")
    assert "刚才还想请问您" not in phone.says("签到")
    assert "07:30-22:00" in phone.says("静安寺店")


# --- what taps teach ---


@pytest.mark.parametrize(("pick", "menu_id"), [("1", ""), ("领优惠券", ""), ("领优惠券", "zh:coupon_claim")])
def test_a_choice_picked_is_proposed_as_an_example_of_what_was_meant(
    phone: Phone, database: Database, pick: str, menu_id: str
) -> None:
    phone.says(VAGUE)
    asked_about = dialogue(database)[0]
    phone.says(pick, menu_id=menu_id)
    phone.sends_again()
    [example] = examples.list_examples(database, status="proposed")
    assert (example.text, example.intent, example.source, example.times) == (VAGUE, "coupon_claim", "tap", 1)
    assert example.exchange_id == asked_about.id
    assert len(example.offered) > 1
    assert "coupon_claim" in example.offered


def test_choices_under_an_answer_teach_nothing(phone: Phone, database: Database) -> None:
    phone.says("帮助")
    phone.says("1")
    assert examples.count_examples(database, "proposed") == 0


def test_what_may_be_personal_is_not_shown_around(phone: Phone, database: Database) -> None:
    assert "您是想问" in phone.says(f"{VAGUE} 13800138000")
    phone.says("1")
    assert examples.count_examples(database, "proposed") == 0


def test_the_number_of_a_receipt_sent_back_tells_how_it_stands_also_when_something_was_asked(phone: Phone) -> None:
    found = re.search(r"S\d{6}\w{4}", phone.says("建议你们出无糖的"))
    assert found is not None
    assert "还没有处理完" in phone.says(found[0].lower())
    assert "想到什么说什么" in phone.says("提个意见")
    assert "还没有处理完" in phone.says(f"编号{found[0]}怎么样了")
    assert "没有查到" in phone.named("oBob").says(found[0])
    assert "还没有处理完" in phone.says("进度")
