"""Coupons, check-in and points by phone, through the gate: what a consumer says and what they read."""

import re

from storage.coupons import reconcile
from storage.database import Database
from tests.conftest import Clock
from tests.phone import Phone
from tests.storage.people import campaign

CODE = re.compile(r"(?:[2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}")


def test_the_word_for_coupon_brings_the_code_in_one_reply(phone: Phone, database: Database) -> None:
    campaign(database)
    said = phone.says("优惠券")
    codes = CODE.findall(said)
    assert len(codes) == 1
    assert codes == CODE.findall(phone.says("我的券"))
    assert codes == CODE.findall(phone.says("优惠券"))


def test_a_push_sent_again_brings_the_same_code_and_takes_one_coupon(phone: Phone, database: Database) -> None:
    gift = campaign(database, per_member=5)
    first = phone.says("领券")
    again = phone.sends_again()
    assert again is not None
    assert again.text == first
    row = database.one("SELECT issued FROM campaigns WHERE id = :id", {"id": gift.id})
    assert row is not None
    assert row["issued"] == 1
    assert reconcile(database) == []


def test_of_several_campaigns_the_number_answered_is_given(phone: Phone, database: Database) -> None:
    campaign(database, "A", name="拿铁券")
    campaign(database, "B", name="早餐券")
    assert "2. 早餐券" in phone.says("优惠券")
    said = phone.says("2")
    assert "「早餐券」" in said
    assert CODE.search(said)


def test_a_number_that_was_not_offered_can_be_put_right(phone: Phone, database: Database) -> None:
    campaign(database, "A", name="拿铁券")
    campaign(database, "B", name="早餐券")
    phone.says("优惠券")
    assert "没有这个序号" in phone.says("7")
    assert "「拿铁券」" in phone.says("第一个")


def test_checking_in_on_two_days_makes_a_streak_and_points(phone: Phone, clock: Clock) -> None:
    assert "连续 1 天" in phone.says("签到")
    clock.forward(minutes=1)
    assert "已经签过" in phone.taps("ZH_MENU_CHECKIN")
    clock.forward(days=1)
    assert "连续 2 天" in phone.taps("ZH_MENU_CHECKIN")
    clock.forward(minutes=1)
    assert "10 积分" in phone.says("我的积分")
    assert "1月2日 签到 +5" in phone.says("积分明细")
