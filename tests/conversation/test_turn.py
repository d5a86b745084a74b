"""The turn, from outside: signed pushes into the real app on a real database."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from werkzeug.test import Client

from bot.app import account_of, build_service, build_webhook
from bot.settings import Settings
from bot.waiting import InThread
from bot.wechat.outbound_push import Push, event_fields, message_fields
from bot.wechat.wsgi import WsgiWebhook
from intents.sentiment.judge import CLEAR
from intents.types import Intent, Reply, Turn
from storage import cases, conversations, exchanges, members, points, reply_versions, scripted_intents
from storage.database import Database, Transaction
from storage.errors import Conflict, InsufficientPoints
from storage.exchanges import Exchange
from storage.times import to_ms
from templates.content import Content
from tests.conftest import Clock
from tests.phone import Phone


def dialogue(database: Database, openid: str = "oAlice") -> list[Exchange]:
    [member_id] = members.member_ids_by_openid(database, openid)
    return exchanges.timeline(database, member_id, limit=500)


def statuses(database: Database) -> list[str]:
    return [exchange.status for exchange in dialogue(database) if exchange.direction == "in"]


def test_words_are_answered_and_both_are_recorded_with_the_reason(phone: Phone, database: Database) -> None:
    reply = phone.says("你好")
    said, answered = dialogue(database)
    assert (said.text, said.author, said.status, said.intent) == ("你好", "member", "answered", "greeting")
    assert (answered.text, answered.author, answered.in_reply_to) == (reply, "bot", said.id)
    assert (answered.intent, answered.template_version) == ("greeting", 0)
    assert json.loads(answered.card)["steps"]
    assert said.message_key == f"m:{said.msg_id}"


def test_the_first_message_makes_the_member_and_later_ones_do_not(phone: Phone, database: Database) -> None:
    phone.says("你好")
    phone.says("谢谢")
    [member] = members.search_members(database)
    assert (member.source, member.subscribed, member.follows) == ("message", True, 0)


def test_a_redelivery_gets_the_same_reply_and_changes_nothing(phone: Phone, database: Database) -> None:
    first = phone.says("签到")
    recorded = dialogue(database)
    again = phone.sends_again()
    assert again is not None
    assert again.text == first
    assert dialogue(database) == recorded


def test_a_redelivered_silence_stays_silent(phone: Phone, database: Database) -> None:
    phone.follows()
    phone.does("LOCATION", Latitude=31.2, Longitude=121.4, Precision=65.0)
    assert phone.sends_again() is None
    assert statuses(database) == ["answered", "silent"]


def test_the_same_words_again_are_a_new_message(phone: Phone, database: Database) -> None:
    phone.says("你好")
    phone.says("你好")
    assert len(dialogue(database)) == 4


def publish(tx: Transaction, name: str, body: str, now: datetime) -> None:
    """Make the account answer with this text under the template's name."""
    source = f"---\nkind: text\ntitle: 测试\npurpose: 测试\nvalue: fun\nvalues: {{}}\n---\n{body}"
    version = reply_versions.add_version(tx, name, source=source, author="editor", note="", expected_version=0, now=now)
    reply_versions.publish(tx, name, version, by="editor", now=now)


def test_a_published_reply_answers_at_once_and_a_redelivery_still_gets_the_old_one(
    phone: Phone, database: Database, clock: Clock
) -> None:
    first = phone.says("谢谢")
    database.write(lambda tx: publish(tx, "thanks", "新的话", clock()))
    again = phone.sends_again()
    assert again is not None
    assert again.text == first
    assert phone.says("谢谢") == "新的话"
    assert dialogue(database)[-1].template_version == 1


def test_a_published_reply_that_breaks_is_served_by_the_shipped_one(
    phone: Phone, database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = phone.says("谢谢")
    database.write(lambda tx: publish(tx, "thanks", "{{ nobody_passes_this }}", clock()))
    assert phone.says("谢谢") == first
    assert dialogue(database)[-1].template_version == 0
    assert "thanks" in caplog.text


def test_misses_are_worded_differently_and_the_third_calls_a_person(phone: Phone, database: Database) -> None:
    replies = [phone.says(text) for text in ("量子纠缠态坍缩", "火星上的土壤成分", "三体里的歌者是谁")]
    assert len(set(replies)) == 3
    assert statuses(database) == ["missed"] * 3
    [waiting] = conversations.open_conversations(database)
    assert (waiting.state, waiting.handoff_reason) == ("waiting", "misses")


def test_what_comes_in_is_kept_with_how_it_sounds_and_why(phone: Phone, database: Database) -> None:
    for text in ("咖啡凉了，垃圾", "几点开门", "真好喝"):
        phone.says(text)
    phone.shares_location(31.2, 121.4, "人民广场")
    said = [one for one in dialogue(database) if one.direction == "in"]
    assert [one.sentiment for one in said] == ["negative", "neutral", "positive", None]
    assert [[words, weight < 0] for _, words, weight in json.loads(said[0].sentiment_evidence)] == [
        ["凉了", True],
        ["垃圾", True],
    ]
    assert said[1].sentiment_evidence == ""
    assert said[1].sentiment_score == pytest.approx(0.0, abs=CLEAR)
    assert {one.sentiment for one in dialogue(database) if one.direction == "out"} == {None}


@pytest.mark.parametrize("words", ["垃圾，烂透了，气死我了", "垃圾"])
def test_anger_that_is_not_understood_calls_a_person_at_once(phone: Phone, database: Database, words: str) -> None:
    assert phone.says(words) == "实在抱歉，让您不愉快了。这件事已经请客服同事来处理，会在这里回复您。"
    [waiting] = conversations.open_conversations(database)
    assert (waiting.state, waiting.handoff_reason) == ("waiting", "upset")
    assert statuses(database) == ["missed"]


def test_an_understood_message_forgets_earlier_misses(phone: Phone, database: Database) -> None:
    for text in ("量子纠缠态坍缩", "火星上的土壤成分", "你好", "三体里的歌者是谁"):
        phone.says(text)
    assert conversations.open_conversations(database) == []


def test_someone_in_the_queue_is_told_once_and_then_kept_in_silence(phone: Phone, database: Database) -> None:
    phone.says("人工")
    assert phone.says("火星上的土壤成分") != ""
    assert phone.says("三体里的歌者是谁") == ""
    assert statuses(database) == ["answered", "held", "held"]
    assert conversations.open_conversations(database)[0].unread == 2


def test_whoever_asks_for_a_person_is_not_asked_again_what_the_bot_wanted_to_know(phone: Phone) -> None:
    phone.says("附近门店")
    assert "刚才还想请问您" in phone.says("谢谢")
    assert "刚才还想请问您" not in phone.says("人工")


def test_the_bot_is_silent_while_an_agent_owns_the_conversation(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("你好")
    [member_id] = members.member_ids_by_openid(database, phone.openid)
    lease = timedelta(minutes=30)
    database.write(lambda tx: conversations.take(tx, member_id, agent_id=7, lease=lease, now=clock()))
    assert phone.says("签到") == ""
    assert phone.taps("checkin") == ""
    assert statuses(database) == ["answered", "held", "silent"]
    clock.forward(minutes=31)
    assert phone.says("签到") != ""


def test_too_many_messages_are_kept_but_not_answered(phone: Phone, database: Database, clock: Clock) -> None:
    replies = [phone.says("你好") for _ in range(25)]
    assert [bool(reply) for reply in replies] == [True] * 20 + [False] * 5
    assert statuses(database) == ["answered"] * 20 + ["limited"] * 5
    clock.forward(seconds=10)
    assert "排队" not in phone.says("你好"), "they asked for nobody"


def test_words_beyond_the_limit_wait_for_a_person_to_read_them(phone: Phone, database: Database, clock: Clock) -> None:
    for _ in range(20):
        phone.says("你好")
    phone.taps("ZH_MENU_CHECKIN")
    phone.sends(message_fields(phone.push.account, phone.openid, "image", clock(), PicUrl="https://p", MediaId="m"))
    assert conversations.open_conversations(database) == [], "these are no words"
    for words in ("咖啡洒了一地", "桌子也湿了"):
        assert phone.says(words) == ""
    [waiting] = conversations.open_conversations(database)
    assert (waiting.handoff_reason, waiting.unread) == ("limited", 1)
    [handoff] = conversations.handoffs_of(database, waiting.member_id)
    clock.forward(seconds=10)
    assert "签到" in phone.says("签到"), "the bot goes on"
    assert "转接人工" in phone.says("转人工")
    [asked] = conversations.open_conversations(database)
    assert (asked.handoff_reason, asked.waiting_since) == ("asked", waiting.waiting_since)
    assert [one.id for one in conversations.handoffs_of(database, waiting.member_id)] == [handoff.id]
    assert "已经在排队" in phone.says("转人工")


@pytest.mark.parametrize("words", ["人工", "听不懂吗，给我转人工！"])
def test_who_asks_for_a_person_beyond_the_limit_is_handed_over_once(
    phone: Phone, database: Database, clock: Clock, words: str
) -> None:
    for _ in range(25):
        phone.says("你好")
    [member_id] = members.member_ids_by_openid(database, phone.openid)
    assert "转接人工" in phone.says(words)
    assert conversations.conversation_of(database, member_id).state == "waiting"  # type: ignore[union-attr]
    assert [phone.says(again) for again in (words, "取消排队", words)] == [""] * 3
    assert statuses(database)[25:] == ["answered", "limited", "limited", "limited"]
    assert len(conversations.open_conversations(database)) == 1
    clock.forward(seconds=10)
    assert phone.says(words) != ""


@pytest.mark.parametrize("at_night", [False, True])
def test_a_tap_that_asks_for_a_person_gets_through_beyond_the_limit(
    phone: Phone, database: Database, clock: Clock, *, at_night: bool
) -> None:
    if at_night:
        clock.forward(hours=16)
    for _ in range(25):
        phone.says("你好")
    assert phone.taps("ZH_MENU_CHECKIN") == ""
    assert phone.taps("ZH_MENU_HUMAN") != ""
    clock.forward(seconds=1)  # a tap at the same second would be the same push again
    assert phone.taps("ZH_MENU_HUMAN") == ""
    assert len(conversations.open_conversations(database)) == 1


def test_one_member_at_the_limit_does_not_silence_another(phone: Phone) -> None:
    for _ in range(21):
        phone.says("你好")
    assert phone.named("oBob").says("你好") != ""


@pytest.mark.parametrize("order", ["12", "21"])
def test_of_follow_and_unfollow_the_later_one_counts_whatever_comes_first(
    phone: Phone, database: Database, clock: Clock, order: str
) -> None:
    first = event_fields(phone.push.account, phone.openid, "unsubscribe", clock(), EventKey="")
    clock.forward(seconds=30)
    second = event_fields(phone.push.account, phone.openid, "subscribe", clock(), EventKey="")
    for number in order:
        phone.sends(first if number == "1" else second)
    [member] = members.search_members(database)
    assert member.subscribed
    assert member.follow_changed_at == clock()


def test_the_reply_window_opens_with_a_message(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("你好")
    [member_id] = members.member_ids_by_openid(database, phone.openid)
    conversation = conversations.conversation_of(database, member_id)
    assert conversation is not None
    assert conversation.window_left == 5
    assert conversation.window_until_ms == to_ms(clock()) + 48 * 3600 * 1000


def test_news_about_the_account_makes_no_member(phone: Phone, database: Database) -> None:
    assert phone.does("verify_expired", ExpiredTime=1798761600) == ""
    assert members.count_members(database) == 0


def test_the_report_of_a_mass_message_makes_no_member(phone: Phone, database: Database) -> None:
    assert phone.does("MASSSENDJOBFINISH", MsgID=1, Status="send success", TotalCount=1) == ""
    assert members.count_members(database) == 0


def test_a_withdrawn_permission_is_kept_with_the_member_it_is_about(phone: Phone, database: Database) -> None:
    phone.does("user_authorization_revoke", OpenID="oCarol", AppID="wx0", RevokeInfo="205")
    assert [exchange.kind for exchange in dialogue(database, "oCarol")] == ["event.consent"]
    assert members.count_members(database) == 1


def test_a_menu_button_answers_like_words(phone: Phone) -> None:
    assert "签到" in phone.taps("checkin")


def test_a_picture_is_met_with_words(phone: Phone) -> None:
    fields = message_fields(phone.push.account, phone.openid, "image", phone.clock(), PicUrl="http://p", MediaId="m")
    reply = phone.sends(fields)
    assert isinstance(reply, Content)
    assert reply.text


@pytest.fixture
def failing(database: Database, settings: Settings, clock: Clock) -> Callable[[Exception], Phone]:
    """Makes a phone of an account whose check-in gives points and then raises."""

    def phone_of(error: Exception) -> Phone:
        def fail(turn: Turn) -> Reply:
            points.add_points(turn.tx, turn.member.id, 50, kind="gift", cause=turn.cause, now=turn.now)
            raise error

        service = build_service(settings, database, clock)
        known = service.engine.knowledge.newest(database)
        intents: Mapping[str, Intent] = {**known.intents, "checkin": replace(known.intents["checkin"], handler=fail)}
        service.engine.knowledge.put(replace(known, intents=intents))
        webhook = WsgiWebhook(build_webhook(service), InThread(database))
        return Phone(Client(webhook), Push(account_of(settings)), clock)

    return phone_of


@pytest.fixture
def breaking(failing: Callable[[Exception], Phone]) -> Phone:
    """A phone of an account whose check-in gives points and then fails."""
    return failing(ZeroDivisionError())


def test_a_handler_that_fails_leaves_nothing_and_the_consumer_gets_an_apology(
    breaking: Phone, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    reply = breaking.says("签到")
    assert "抱歉" in reply
    said, answered = dialogue(database)
    assert points.balance_of(database, said.member_id) == 0
    assert (answered.template, answered.text) == ("fault", reply)
    assert "ZeroDivisionError" in caplog.text


def test_whatever_a_handler_raises_is_met_with_an_apology(
    failing: Callable[[Exception], Phone], database: Database
) -> None:
    for number, error in enumerate((Conflict("rule"), ValueError("7"), InsufficientPoints("none"))):
        assert "抱歉" in failing(error).named(f"oUser{number}").says("签到")
    assert {one.template for one in exchanges.every(database) if one.direction == "out"} == {"fault"}


def test_after_a_handler_failed_other_messages_are_answered(breaking: Phone) -> None:
    breaking.says("签到")
    assert "抱歉" not in breaking.says("你好")


def switch_off(tx: Transaction, name: str, now: datetime) -> None:
    scripted_intents.replace(tx, name=name, title=name, phrases=(), keywords=(), enabled=False, by="editor", now=now)


def test_a_choice_that_was_switched_off_meanwhile_is_no_choice(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("配送发票")
    database.write(lambda tx: switch_off(tx, "delivery", clock()))
    database.write(lambda tx: switch_off(tx, "invoice", clock()))
    phone.says("1")
    phone.says("2")
    assert statuses(database)[1:] == ["missed", "missed"]


def test_numbers_shown_last_are_the_ones_that_count(phone: Phone, database: Database) -> None:
    phone.says("我有个建议")
    picture = message_fields(phone.push.account, phone.openid, "image", phone.clock(), PicUrl="http://p", MediaId="m")
    offered = phone.sends(picture)
    assert offered is not None
    assert "1. 人工客服" in offered.text
    phone.says("1")
    assert dialogue(database)[-1].intent == "human"


def test_what_someone_writes_in_answer_to_a_question_is_kept_to_the_letter(phone: Phone, database: Database) -> None:
    words = "店里等了①个小时，太慢了！Ｃ位" + "很" * 2000
    phone.says("我有个建议")
    phone.says(words)
    [case] = cases.list_cases(database)
    assert case.text == words


def test_a_clock_put_right_does_not_mute_a_member(phone: Phone, clock: Clock) -> None:
    clock.forward(days=1)
    phone.says("你好")
    clock.forward(days=-1)
    for _ in range(30):
        clock.forward(minutes=10)
        assert phone.says("你好") != ""


def test_a_report_of_where_the_phone_is_does_not_reset_the_count(phone: Phone) -> None:
    for _ in range(20):
        phone.says("你好")
    phone.does("LOCATION", Latitude=31.2, Longitude=121.4, Precision=65.0)
    assert phone.says("你好") == ""


def test_a_forged_tap_reaches_only_what_is_offered(phone: Phone, database: Database) -> None:
    phone.says("随便", menu_id="zh:welcome")
    assert "welcome" not in {exchange.intent for exchange in dialogue(database)}


def test_whoever_says_something_follows_again(phone: Phone, database: Database, clock: Clock) -> None:
    phone.follows()
    clock.forward(seconds=5)
    phone.unfollows()
    clock.forward(seconds=5)
    phone.says("你好")
    assert members.search_members(database)[0].subscribed


def test_a_lapsed_conversation_waits_anew_and_its_history_names_who_had_it(
    phone: Phone, database: Database, clock: Clock
) -> None:
    phone.says("你好")
    [member_id] = members.member_ids_by_openid(database, phone.openid)
    lease = timedelta(minutes=30)
    database.write(lambda tx: conversations.take(tx, member_id, agent_id=7, lease=lease, now=clock()))
    clock.forward(minutes=31)
    assert "还有" not in phone.says("人工")
    again, first = conversations.handoffs_of(database, member_id)
    assert (first.agent_id, first.ended_at) == (7, clock())
    assert (again.reason, again.agent_id) == ("lapsed", None)
