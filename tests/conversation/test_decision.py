"""What words mean when a question is still open, when choices were offered, and when neither is so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.decision import decide, decide_in_queue
from bot.conversation.state import Context, Standing, standing_from_text, standing_to_text
from intents.types import Card, Intent, Match, Pending, Step
from storage.times import to_ms

LATER = datetime(2026, 1, 1, tzinfo=UTC)


def intent(name: str, title: str) -> Intent:
    return Intent(name=name, title=title, handler=lambda turn: None)


INTENTS = {
    "coupon_claim": intent("coupon_claim", "领优惠券"),
    "store_nearest": intent("store_nearest", "附近门店"),
    "complaint": intent("complaint", "投诉"),
    "human_cancel": replace(intent("human_cancel", "取消排队"), interrupts=True),
}
NOT_UNDERSTOOD = Match(None)
CLAIM = Match("coupon_claim", 0.9, "coupon_claim", card=Card((Step("fuzzy", "领券", "coupon_claim", 0.9),)))
CHOICES = Pending("", "choice", LATER, options=("coupon_claim", "store_nearest"), labels=("领优惠券", "附近门店"))
WHICH_CITY = Pending("store_nearest", "city", LATER, question="您在哪个城市？")
WHAT_HAPPENED = Pending("complaint", "text", LATER, slots={"number": "7"})


def test_without_a_question_the_match_decides() -> None:
    assert decide("领券", None, CLAIM, None, INTENTS).match.intent == "coupon_claim"
    assert decide("嗯", None, NOT_UNDERSTOOD, None, INTENTS).act == "miss"
    unsure = Match(None, 0.5, "coupon_claim", ("coupon_claim", "store_nearest"))
    assert decide("券店", None, unsure, None, INTENTS).act == "did_you_mean"


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("1", "coupon_claim"),
        ("２", "store_nearest"),
        ("第二个", "store_nearest"),
        ("选1", "coupon_claim"),
        ("一", "coupon_claim"),
        ("2。", "store_nearest"),
        ("附近门店", "store_nearest"),
    ],
)
def test_a_choice_is_picked_by_number_or_title(text: str, chosen: str) -> None:
    decision = decide(text, None, NOT_UNDERSTOOD, CHOICES, INTENTS)
    assert (decision.act, decision.match.intent, decision.match.confidence) == ("answer", chosen, 1.0)


@pytest.mark.parametrize("text", ["3", "9", "第五个", "12", "０"])
def test_a_number_beyond_the_choices_is_no_choice(text: str) -> None:
    assert decide(text, None, NOT_UNDERSTOOD, CHOICES, INTENTS).act == "miss"


def test_a_tap_on_a_choice_counts_whatever_is_open() -> None:
    assert decide("领优惠券", "zh:coupon_claim", NOT_UNDERSTOOD, WHICH_CITY, INTENTS).match.intent == "coupon_claim"


@pytest.mark.parametrize("menu_id", ["zh:nonsense", "other", "zh:", "101"])
def test_a_tap_we_did_not_offer_is_only_words(menu_id: str) -> None:
    assert decide("满意", menu_id, NOT_UNDERSTOOD, None, INTENTS).act == "miss"


def test_a_place_answers_the_question_for_a_city() -> None:
    found = Match(None, slots={"district": "黄浦", "city": "上海"})
    decision = decide("上海黄浦", None, found, WHICH_CITY, INTENTS)
    assert decision.match.intent == "store_nearest"
    assert dict(decision.match.slots) == {"district": "黄浦", "city": "上海"}
    assert decision.pending is None


def test_another_wish_interrupts_the_question_and_keeps_it_open() -> None:
    decision = decide("先领个券", None, CLAIM, WHICH_CITY, INTENTS)
    assert decision.match.intent == "coupon_claim"
    assert decision.pending == WHICH_CITY


def test_another_wish_that_names_a_city_is_not_the_answer() -> None:
    wish = Match("coupon_claim", 0.9, "coupon_claim", slots={"city": "上海"})
    assert decide("上海有什么券", None, wish, WHICH_CITY, INTENTS).match.intent == "coupon_claim"


def test_free_text_is_taken_as_it_is_even_when_it_sounds_like_a_wish() -> None:
    decision = decide("券过期了不给用", None, CLAIM, WHAT_HAPPENED, INTENTS)
    assert decision.match.intent == "complaint"
    assert dict(decision.match.slots) == {"number": "7", "text": "券过期了不给用"}


def test_a_known_phrase_is_not_taken_as_free_text() -> None:
    exact = Match("coupon_claim", 1.0, "coupon_claim", card=Card((Step("exact", "领券", "coupon_claim", 1.0),)))
    decision = decide("领券", None, exact, WHAT_HAPPENED, INTENTS)
    assert (decision.match.intent, decision.pending) == ("coupon_claim", WHAT_HAPPENED)


def test_a_keyword_that_interrupts_is_not_taken_as_free_text() -> None:
    steps = Card((Step("keyword", "取消排队", "human_cancel", 0.9),))
    cancel = Match("human_cancel", 0.9, "human_cancel", card=steps)
    decision = decide("不用人工了，取消排队吧", None, cancel, WHAT_HAPPENED, INTENTS)
    assert (decision.match.intent, decision.act) == ("human_cancel", "answer")


def test_the_label_of_a_choice_comes_with_its_number() -> None:
    assert decide("2", None, NOT_UNDERSTOOD, CHOICES, INTENTS).match.slots["choice"] == "附近门店"


@pytest.mark.parametrize(
    "text",
    [
        "算了",
        "取消",
        "不用了",
        " 算了 ",
        "Cancel",
        "算了吧。",
        "不要了",
        "算了不说了",
        "算了，不等了",
        "先不领了",
        "Never mind!",
        "不用了，已经送到了",
        "还是算了吧",
        "没事了谢谢",
    ],
)
def test_never_mind_drops_the_question(text: str) -> None:
    decision = decide(text, None, NOT_UNDERSTOOD, WHICH_CITY, INTENTS)
    assert (decision.act, decision.pending) == ("give_up", None)


def test_never_mind_without_a_question_is_no_miss() -> None:
    assert decide("没事了", None, NOT_UNDERSTOOD, None, INTENTS).act == "give_up"
    leaving = Match("human_cancel", 0.9, "human_cancel")
    assert decide("唔使喇", None, leaving, None, INTENTS).act == "give_up"
    refund = Match("coupon_claim", 0.9, "coupon_claim")
    assert decide("取消", None, refund, None, INTENTS).act == "answer"


@pytest.mark.parametrize("pending", [None, CHOICES])
def test_who_waits_leaves_the_queue_by_never_mind(pending: Pending | None) -> None:
    decision = decide_in_queue("取消", CLAIM, pending, INTENTS)
    assert decision is not None
    assert decision.match.intent == "human_cancel"


def test_who_turns_away_with_words_that_say_nothing_to_us_is_let_go() -> None:
    unsure = Match(None, 0.2, "store_nearest", ("store_nearest",))
    assert decide("算了算了我去店里问吧", None, unsure, None, INTENTS).act == "give_up"
    assert decide("我去店里问吧", None, unsure, None, INTENTS).act == "did_you_mean"


def test_who_drops_it_is_taken_at_their_word_whatever_else_they_name() -> None:
    unfollow = Match("unfollow", 0.9, "unfollow")
    assert decide("算啦不取关了", None, unfollow, None, INTENTS).act == "give_up"
    assert decide("算了，我要退款", None, unfollow, None, INTENTS).act == "answer"


@pytest.mark.parametrize(
    "text", ["人呢", "怎么还没有人啊", "还要等多久？", "等了十分钟了", "到底有没有人管", "前面还有几个人"]
)
def test_who_asks_in_the_queue_where_the_person_is_asks_for_them(text: str) -> None:
    known = {**INTENTS, "human": intent("human", "人工客服")}
    decision = decide_in_queue(text, CLAIM, None, known)
    assert decision is not None
    assert decision.match.intent == "human"
    assert decide_in_queue(text, CLAIM, WHAT_HAPPENED, known) is None
    assert decide_in_queue(f"我的外卖{text}", CLAIM, None, known) is None


def test_who_openly_asks_something_first_is_not_taken_to_have_said_what_was_asked_for() -> None:
    decision = decide("等下，先问个问题，优惠券怎么领", None, CLAIM, WHAT_HAPPENED, INTENTS)
    assert (decision.match.intent, decision.pending) == ("coupon_claim", WHAT_HAPPENED)
    assert decide("店员问我要优惠券", None, CLAIM, WHAT_HAPPENED, INTENTS).match.intent == "complaint"


def test_who_waits_and_was_just_asked_drops_the_question_alone() -> None:
    assert decide_in_queue("取消", NOT_UNDERSTOOD, WHAT_HAPPENED, INTENTS) is None


def test_what_else_is_said_in_the_queue_means_what_it_means_elsewhere() -> None:
    assert decide_in_queue("领券", CLAIM, None, INTENTS) is None


def test_words_that_answer_nothing_leave_the_question_open() -> None:
    decision = decide("啊？", None, NOT_UNDERSTOOD, WHICH_CITY, INTENTS)
    assert (decision.act, decision.pending) == ("miss", WHICH_CITY)


def test_where_a_conversation_stands_survives_storage_until_it_lapses() -> None:
    earlier = datetime(2025, 12, 31, tzinfo=UTC)
    asked = replace(WHICH_CITY, asked=2, about="m:1")
    longer = Context("store_hours", {"city": "上海"}, LATER + timedelta(minutes=1))
    for pending, context in ((asked, longer), (asked, None), (None, longer)):
        kept = standing_to_text(pending, context)
        assert standing_from_text(kept, earlier) == Standing(pending, context)
        assert standing_from_text(kept, LATER) == Standing(None, context)
    assert standing_to_text(None, None) == ""
    assert standing_from_text("", earlier) == Standing()


def test_what_the_first_release_wrote_is_read() -> None:
    written = '{"intent":"store_nearest","slot":"city","expires_at":%d,"slots":{},"options":[],"labels":[],"question":"您在哪个城市？"}'
    assert standing_from_text(written % to_ms(LATER), LATER - timedelta(minutes=1)) == Standing(WHICH_CITY)


UNSURE = Match(None, 0.4, "coupon_claim", ("coupon_claim", "store_nearest"))


def test_we_never_ask_back_right_after_asking_back() -> None:
    asked_back = replace(CHOICES, about="m:1")
    for question in (asked_back, WHICH_CITY):
        decision = decide("券店", None, UNSURE, question, INTENTS)
        assert (decision.act, decision.again, decision.match.intent) == ("miss", True, None)
        decent = decide("券店", None, replace(UNSURE, confidence=0.6), question, INTENTS)
        assert (decent.act, decent.match.intent) == ("answer", "coupon_claim")
        assert decent.match.card.steps[-1].found == "answer: the best guess, as we asked back just now"


def test_choices_that_an_answer_offered_do_not_keep_us_from_asking_back() -> None:
    assert decide("券店", None, UNSURE, CHOICES, INTENTS).act == "did_you_mean"


def test_a_choice_just_offered_is_known_as_picked() -> None:
    assert decide("1", None, NOT_UNDERSTOOD, CHOICES, INTENTS).picked
    assert decide("附近门店", "zh:store_nearest", NOT_UNDERSTOOD, CHOICES, INTENTS).picked
    assert not decide("投诉", "zh:complaint", NOT_UNDERSTOOD, CHOICES, INTENTS).picked
    assert not decide("附近门店", "zh:store_nearest", NOT_UNDERSTOOD, None, INTENTS).picked
