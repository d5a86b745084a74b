"""How to use a coupon, and what to hear when one has expired."""

from datetime import timedelta

from intents import coupon_claim
from intents.coupon_usage import INTENT, handle
from storage.database import Database
from tests.intents.turns import NOON, answer, shown
from tests.storage.people import campaign


def test_the_steps_are_told_with_ones_own_code_at_hand(database: Database) -> None:
    assert "券码给店员" in shown(answer(database, handle, "券怎么用"), INTENT)
    campaign(database)
    claimed = answer(database, coupon_claim.handle, "优惠券").values["coupon"]
    assert isinstance(claimed, dict)
    assert claimed["code"] in shown(answer(database, handle, "券怎么用"), INTENT)


def test_someone_whose_coupon_expired_hears_which_and_what_is_left(database: Database) -> None:
    campaign(database, "A", name="早餐券", valid_days=1)
    campaign(database, "B", name="拿铁券", valid_days=9)
    for name in ("早餐券", "拿铁券"):
        answer(database, coupon_claim.handle, name)
    said = shown(answer(database, handle, "我的券过期了", now=NOON + timedelta(days=2)), INTENT)
    assert "「早餐券」是 1月2日 12:00 到期的" in said
    assert "还有一张能用：「拿铁券」" in said


def test_someone_who_only_asks_about_expiry_is_pointed_to_new_ones(database: Database) -> None:
    reply = answer(database, handle, "券过期了能延吗", intents={"coupon_claim": coupon_claim.INTENT})
    assert reply.template == "coupon_usage_expired"
    assert "领券" in shown(reply, INTENT)
    assert [choice.intent for choice in reply.choices] == ["coupon_claim"]
