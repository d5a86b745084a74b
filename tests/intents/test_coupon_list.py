"""What is on: names, what they give, until when, how many are left."""

from datetime import timedelta

from intents.coupon_claim import handle as claim
from intents.coupon_list import INTENT, handle
from storage.database import Database
from tests.intents.turns import NOON, answer, shown
from tests.storage.people import campaign


def test_every_running_campaign_is_listed_with_its_end_and_what_is_left(database: Database) -> None:
    campaign(database, "A", name="拿铁券", offer="第二杯半价", stock=1200, ends_at=NOON + timedelta(days=3))
    campaign(database, "B", name="早餐券", offer="立减6元", stock=1)
    campaign(database, "C", name="草稿券", state="draft")
    campaign(database, "D", name="见面礼", kind="welcome")
    answer(database, claim, "早餐券", openid="oOther")
    reply = answer(database, handle, "有什么优惠")
    said = shown(reply, INTENT)
    assert "「拿铁券」第二杯半价\n1月4日 12:00 截止，还剩 1,200 张" in said
    assert "「早餐券」立减6元\n已经领完了" in said
    assert "草稿券" not in said
    assert "见面礼" not in said
    assert [(choice.label, choice.intent) for choice in reply.choices] == [("领券：拿铁券", "coupon_claim")]


def test_a_tap_on_a_choice_claims_that_very_coupon(database: Database) -> None:
    for number in range(5):
        campaign(database, f"C{number}", name=f"第{number}号福利券")
    reply = answer(database, handle, "优惠活动")
    assert len(reply.choices) == 3
    done = answer(database, claim, reply.choices[1].label)
    assert done.template == "coupon_claim_done"
    assert "第1号福利券" in str(done.values)


def test_what_nobody_can_claim_any_more_is_offered_to_nobody(database: Database) -> None:
    campaign(database, "B", name="早餐券", stock=0)
    reply = answer(database, handle, "优惠活动")
    assert reply.choices == ()
    assert "马上领取" not in shown(reply, INTENT)


def test_when_nothing_is_on_that_is_said_with_something_to_do(database: Database) -> None:
    campaign(database, ends_at=NOON)
    assert "签到" in shown(answer(database, handle, "优惠活动"), INTENT)


def test_many_campaigns_still_fit_in_one_message(database: Database) -> None:
    for number in range(20):
        campaign(database, f"C{number}", name=f"第{number}号会员专享福利券", offer="全场饮品满30元减5元，可与积分同享")
    assert len(shown(answer(database, handle, "优惠活动"), INTENT).encode()) <= 2_048
