"""My coupons: the codes at hand, soonest to expire first."""

from datetime import timedelta

from intents import coupon_claim
from intents.coupon_mine import INTENT, handle
from storage.coupons import coupons_of, redeem
from storage.database import Database
from tests.intents.turns import NOON, answer, member_of, shown
from tests.storage.people import campaign


def test_usable_coupons_are_listed_with_code_and_end(database: Database) -> None:
    for code, name, days in (("A", "拿铁券", 7), ("B", "早餐券", 2), ("C", "周三券", 1), ("D", "过期券", 1)):
        campaign(database, code, name=name, valid_days=days)
        answer(database, coupon_claim.handle, name, now=NOON - timedelta(days=int(code == "D")))
    member_id = database.write(member_of)
    coupons = {coupon.name: coupon for coupon in coupons_of(database, member_id, NOON)}
    database.write(lambda tx: redeem(tx, coupons["周三券"].code, order="A1", amount_fen=1, now=NOON))
    said = shown(answer(database, handle, "我的券"), INTENT)
    assert said.startswith("您有 2 张可用的券")
    assert said.index(coupons["早餐券"].code) < said.index(coupons["拿铁券"].code)
    assert "2026年1月3日 12:00 前可用" in said
    assert "1 张已使用、1 张已过期" in said
    assert coupons["周三券"].code not in said


def test_without_any_one_is_told_how_to_get_some(database: Database) -> None:
    reply = answer(database, handle, "我的券", intents={"coupon_claim": coupon_claim.INTENT})
    assert "领券" in shown(reply, INTENT)
    assert [choice.intent for choice in reply.choices] == ["coupon_claim"]


def test_nobody_sees_the_coupons_of_another(database: Database) -> None:
    campaign(database)
    answer(database, coupon_claim.handle, "优惠券", openid="oOther")
    assert answer(database, handle, "我的券").template == "coupon_mine_none"


def test_many_coupons_still_fit_in_one_message(database: Database) -> None:
    campaign(database, name="会员专享福利券", offer="全场饮品满30元减5元，可与积分同享", per_member=30)
    for _ in range(30):
        answer(database, coupon_claim.handle, "优惠券")
    said = shown(answer(database, handle, "我的券"), INTENT)
    assert "您有 30 张" in said
    assert "最先到期的 8 张" in said
    assert len(said.encode()) <= 2_048
