"""Claiming a coupon in the chat: the code in one reply, the right word when there is none."""

from datetime import timedelta

import pytest

from intents.coupon_claim import INTENT, handle
from intents.messages import MenuClickEvent
from intents.types import Reply
from storage.coupons import Campaign, Coupon, coupons_of, redeem, set_campaign_state
from storage.database import Database
from tests.intents.turns import ACCOUNT, NOON, OPENID, answer, member_of, shown, text
from tests.storage.people import campaign

DAY = timedelta(days=1)


def held(database: Database, openid: str = OPENID) -> list[Coupon]:
    member_id = database.write(lambda tx: member_of(tx, openid))
    return coupons_of(database, member_id, NOON)


def asks(database: Database, words: str, **slots: str) -> str:
    return shown(answer(database, handle, words, slots=slots), INTENT)


def two(database: Database) -> tuple[Campaign, Campaign]:
    latte = campaign(database, "LATTE", name="新年拿铁券", offer="拿铁第二杯半价", ends_at=NOON + 2 * DAY)
    return latte, campaign(database, "WED", name="周三会员日券", offer="满30元减5元", ends_at=NOON + 9 * DAY)


@pytest.mark.parametrize("words", ["优惠券", "领券", "给我来张券", "coupon"])
def test_with_one_campaign_the_code_comes_at_once(database: Database, words: str) -> None:
    campaign(database)
    said = asks(database, words)
    coupon = held(database)[0]
    assert coupon.code in said
    assert "新年拿铁券" in said
    assert "2026年1月8日 12:00" in said  # seven days on, in the brand's zone


def test_a_tap_on_the_menu_does_the_same(database: Database) -> None:
    campaign(database)
    tap = MenuClickEvent(account_id=ACCOUNT, openid=OPENID, key="e:1", sent_at=NOON, menu_key="ZH_MENU_COUPONS")
    assert answer(database, handle, tap).template == "coupon_claim_done"


def test_the_same_message_again_gives_the_same_coupon(database: Database) -> None:
    campaign(database, per_member=5)
    message = text("优惠券", key="m:same")
    first, again = answer(database, handle, message), answer(database, handle, message)
    assert first == again
    assert len(held(database)) == 1


def test_whoever_had_one_sees_its_code_again(database: Database) -> None:
    campaign(database)
    asks(database, "优惠券")
    said = asks(database, "优惠券")
    assert "领过" in said
    assert held(database)[0].code in said
    assert len(held(database)) == 1


def test_a_used_coupon_is_shown_as_used(database: Database) -> None:
    campaign(database)
    asks(database, "优惠券")
    code = held(database)[0].code
    database.write(lambda tx: redeem(tx, code, order="A1", amount_fen=100, now=NOON))
    assert f"{code}（已使用）" in asks(database, "优惠券")


def test_with_several_the_question_is_which(database: Database) -> None:
    two(database)
    reply = answer(database, handle, "优惠券")
    said = shown(reply, INTENT)
    assert "1. 新年拿铁券" in said
    assert "2. 周三会员日券" in said
    assert reply.ask is not None
    assert (reply.ask.slot, reply.ask.slots) == ("number", {"offered": "LATTE\nWED"})
    assert "2 周三会员日券" in reply.ask.question
    assert held(database) == []


@pytest.mark.parametrize(("number", "name"), [("1", "新年拿铁券"), ("2", "周三会员日券")])
def test_the_number_answered_picks(database: Database, number: str, name: str) -> None:
    two(database)
    assert name in asks(database, number, number=number, offered="LATTE\nWED")
    assert [coupon.name for coupon in held(database)] == [name]


def test_the_numbers_stay_those_of_the_question_when_a_campaign_joins(database: Database) -> None:
    two(database)
    campaign(database, "NEW", name="早鸟券", ends_at=NOON + DAY)
    assert "周三会员日券" in asks(database, "2", number="2", offered="LATTE\nWED")


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_number_whose_list_is_gone_takes_nothing_else(database: Database, number: str) -> None:
    latte, _ = two(database)
    database.write(lambda tx: set_campaign_state(tx, latte.id, "paused"))
    reply = answer(database, handle, number, slots={"number": number})
    assert "1. 周三会员日券" in shown(reply, INTENT)
    assert reply.ask is not None
    assert held(database) == []


@pytest.mark.parametrize("number", ["0", "3", "-1", "1.5", "99999"])
def test_a_number_that_was_not_offered_is_asked_again(database: Database, number: str) -> None:
    two(database)
    reply = answer(database, handle, number, slots={"number": number, "offered": "LATTE\nWED"})
    assert "没有这个序号" in shown(reply, INTENT)
    assert reply.ask is not None
    assert held(database) == []


def test_a_number_that_answers_no_question_picks_nothing(database: Database) -> None:
    two(database)
    assert answer(database, handle, "领2张优惠券", slots={"number": "2"}).template == "coupon_claim_choose"


@pytest.mark.parametrize("words", ["领新年拿铁券", "我要新年拿铁券！", "領券：新年拿鐵券", "拿铁那张", "第二杯半价"])
def test_a_campaign_named_in_the_words_is_given_without_asking(database: Database, words: str) -> None:
    two(database)
    assert asks(database, words).count(held(database)[0].code) == 1
    assert held(database)[0].name == "新年拿铁券"


@pytest.mark.parametrize("words", ["我想领一张优惠券", "免费领券", "半价的券"])
def test_words_that_fit_several_or_say_nothing_are_asked_about(database: Database, words: str) -> None:
    campaign(database, "A", name="新人优惠券", offer="首杯半价", ends_at=NOON + DAY)
    campaign(database, "B", name="免费升杯券", offer="周三半价升杯")
    assert answer(database, handle, words).template == "coupon_claim_choose"


@pytest.mark.parametrize("words", ["领取新年拿铁券", "新年的拿铁券有吗", "我想领新年拿铁", "领新年拿铁那张"])
def test_a_campaign_that_does_not_exist_is_not_replaced_by_one_that_shares_a_word(
    database: Database, words: str
) -> None:
    campaign(database, "TASTE", name="拿铁尝鲜券", offer="中杯拿铁九折", ends_at=NOON + DAY)
    campaign(database, "PLAIN", name="拿铁", offer="一杯")
    campaign(database, "WED", name="周三会员日券", offer="满30元减5元")
    said = asks(database, words)
    assert "没有找到“新年" in said
    assert "1. 拿铁尝鲜券" in said
    assert held(database) == []


@pytest.mark.parametrize("words", ["生日券怎么领", "领早餐五折券"])
def test_nor_by_the_only_one_there_is(database: Database, words: str) -> None:
    campaign(database)
    reply = answer(database, handle, words)
    assert (reply.template, reply.ask is not None) == ("coupon_claim_choose", True)
    assert "现在可以领的有：\n1. 新年拿铁券" in shown(reply, INTENT)
    assert held(database) == []


def test_a_name_too_long_to_be_one_is_not_repeated(database: Database) -> None:
    campaign(database)
    said = asks(database, "领那个新店开业第二天早上八点排队的前一百名专享券")
    assert "没有找到" not in said
    assert "1. 新年拿铁券" in said


@pytest.mark.parametrize(
    "words", [*INTENT.phrases, "听说关注公众号就送券", "悠惠券怎么领", "领新年那铁券", "满30减5的券"]
)
def test_words_that_name_no_campaign_are_given_the_only_one_there_is(database: Database, words: str) -> None:
    campaign(database, offer="中杯拿铁满30元减5元")
    expected = "coupon_claim_choose" if "生日" in words else "coupon_claim_done"
    assert answer(database, handle, words).template == expected


def test_a_wish_for_two_campaigns_is_asked_about_in_plain_words(database: Database) -> None:
    two(database)
    said = asks(database, "领拿铁和周三券")
    assert "现在有 2 张券可以领" in said


def test_with_one_left_to_claim_that_one_is_given(database: Database) -> None:
    two(database)
    asks(database, "新年拿铁券")
    assert "周三会员日券" in asks(database, "优惠券")
    said = asks(database, "优惠券")
    assert all(coupon.code in said for coupon in held(database))


def test_at_its_end_a_campaign_named_is_over_and_others_are_told(database: Database) -> None:
    latte, _ = two(database)

    def at(seconds: int) -> Reply:
        now = latte.ends_at + timedelta(seconds=seconds)
        return answer(database, handle, "新年拿铁券", now=now, openid=f"o{seconds}")

    assert [at(seconds).template for seconds in (-1, 0, 1)] == [
        "coupon_claim_done",
        "coupon_claim_ended",
        "coupon_claim_ended",
    ]
    assert "周三会员日券" in shown(at(1), INTENT)


def test_of_campaigns_with_one_name_the_open_one_is_meant_of_names_within_names_the_longer(database: Database) -> None:
    for code, begins in (("OVER", -9), ("ON", -1), ("NEXT", 3)):
        starts_at = NOON + begins * DAY
        campaign(database, code, name="周三券", starts_at=starts_at, ends_at=starts_at + 3 * DAY)
    campaign(database, "LONG", name="新年周三券", ends_at=NOON)
    assert "「周三券」" in asks(database, "周三券")
    assert "「新年周三券」在 1月1日 12:00 已经结束" in asks(database, "新年周三券")


def test_sold_out_is_said_so(database: Database) -> None:
    campaign(database, stock=1)
    answer(database, handle, "优惠券", openid="oFirst")
    said = asks(database, "优惠券")
    assert "领完" in said
    assert held(database) == []


def test_what_is_paused_or_still_to_come_is_said_so(database: Database) -> None:
    one = campaign(database)
    database.write(lambda tx: set_campaign_state(tx, one.id, "paused"))
    assert "暂时停发" in asks(database, "优惠券")
    database.write(lambda tx: set_campaign_state(tx, one.id, "ended"))
    campaign(database, "SOON", name="元宵券", starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    said = asks(database, "优惠券")
    assert "元宵券" in said
    assert "1月2日（周五）12:00" in said


def test_with_nothing_on_the_coupons_in_hand_are_remembered(database: Database) -> None:
    one = campaign(database)
    assert answer(database, handle, "优惠券").template == "coupon_claim_done"
    database.write(lambda tx: set_campaign_state(tx, one.id, "ended"))
    assert "还有 1 张" in asks(database, "优惠券")
    assert "签到" in shown(answer(database, handle, "优惠券", openid="oOther"), INTENT)


def test_drafts_and_welcome_gifts_cannot_be_claimed(database: Database) -> None:
    campaign(database, "DRAFT", name="内部券", state="draft")
    campaign(database, "GIFT", name="见面礼", kind="welcome")
    for words in ("优惠券", "内部券", "见面礼"):
        assert answer(database, handle, words).template == "coupon_claim_none"
    assert held(database) == []


@pytest.mark.parametrize("words", ["朋友说他领了一张券", "你们为什么不发券", "我以前领过你们的券"])
def test_who_only_tells_of_coupons_is_asked_and_given_none(database: Database, words: str) -> None:
    campaign(database)
    assert answer(database, handle, words).template == "coupon_claim_choose"
    assert answer(database, handle, "领券").template == "coupon_claim_done"
