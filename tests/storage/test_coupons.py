"""Campaigns and coupons: what is given out, to whom, when, and never once too often."""

import os
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import pytest

from storage.coupon_codes import ALPHABET, new_code, normalise_code
from storage.coupons import (
    WELCOME,
    Campaign,
    CampaignState,
    Claim,
    ClaimRefusal,
    Redemption,
    add_campaign,
    campaign_by_code,
    campaign_by_id,
    campaigns,
    claim,
    coupons_of,
    reconcile,
    redeem,
    revenue_fen_of,
    running_campaigns,
    set_campaign_state,
    welcome_campaign,
)
from storage.database import Database, Transaction
from storage.differences import Difference
from storage.errors import Conflict
from storage.opening import open_database
from tests.storage.people import NOW, at_once, campaign, people

SECOND = timedelta(seconds=1)
RACES = int(os.environ.get("RACES", "3"))


def claims(database: Database, of: Campaign, member_id: int, cause: str = "m:1", now: datetime = NOW) -> Claim:
    return database.write(lambda tx: claim(tx, of.id, member_id, cause=cause, now=now))


def redeems(database: Database, code: str, order: str = "A1", fen: int = 3200, now: datetime = NOW) -> Redemption:
    return database.write(lambda tx: redeem(tx, code, order=order, amount_fen=fen, now=now))


def code_of(result: Claim) -> str:
    assert result.coupon is not None
    return result.coupon.code


def issued(database: Database, of: Campaign) -> int:
    found = campaign_by_id(database, of.id)
    assert found is not None
    return found.issued


def test_a_claim_gives_a_coupon_that_lasts_its_days(database: Database) -> None:
    member, gift = people(database, 1)[0], campaign(database, valid_days=7)
    result = claims(database, gift, member)
    assert result.fresh
    assert result.refusal is None
    assert result.coupon is not None
    assert (result.coupon.state, result.coupon.name) == ("usable", "新年拿铁券")
    assert result.coupon.expires_at == NOW + timedelta(days=7)
    assert issued(database, gift) == 1


def test_the_same_cause_gives_the_same_coupon_and_takes_no_stock(database: Database) -> None:
    member, gift = people(database, 1)[0], campaign(database, per_member=3)
    first, again = claims(database, gift, member), claims(database, gift, member)
    assert again.coupon == first.coupon
    assert not again.fresh
    assert issued(database, gift) == 1


def test_a_second_wish_beyond_the_cap_names_the_coupon_held(database: Database) -> None:
    member, gift = people(database, 1)[0], campaign(database)
    first, second = claims(database, gift, member, "m:1"), claims(database, gift, member, "m:2")
    assert second == Claim(first.coupon, "had_yours")
    assert issued(database, gift) == 1


def test_within_the_cap_each_wish_gives_another(database: Database) -> None:
    member, gift = people(database, 1)[0], campaign(database, per_member=2)
    codes = {code_of(claims(database, gift, member, f"m:{number}")) for number in range(4)}
    assert len(codes) == 2
    assert issued(database, gift) == 2


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        (NOW - SECOND, "not_started"),
        (NOW, None),
        (NOW + timedelta(hours=1) - SECOND, None),
        (NOW + timedelta(hours=1), "ended"),
        (NOW + timedelta(hours=1) + SECOND, "ended"),
    ],
)
def test_the_window_is_exact(database: Database, moment: datetime, refusal: ClaimRefusal | None) -> None:
    gift = campaign(database, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    assert claims(database, gift, people(database, 1)[0], now=moment).refusal == refusal
    assert gift.closed(moment) == refusal
    assert issued(database, gift) == (refusal is None)


@pytest.mark.parametrize(("state", "refusal"), [("draft", "unknown"), ("paused", "paused"), ("ended", "ended")])
def test_only_a_running_campaign_gives(database: Database, state: CampaignState, refusal: ClaimRefusal) -> None:
    gift = campaign(database, state=state)
    assert claims(database, gift, people(database, 1)[0]) == Claim(None, refusal)
    assert issued(database, gift) == 0


def test_an_unknown_campaign_gives_nothing(database: Database) -> None:
    member = people(database, 1)[0]
    assert database.write(lambda tx: claim(tx, 1, member, cause="m:1", now=NOW)) == Claim(None, "unknown")


def test_what_is_gone_is_sold_out_for_others_but_not_for_its_holder(database: Database) -> None:
    (first, second), gift = people(database, 2), campaign(database, stock=1)
    given = claims(database, gift, first)
    assert claims(database, gift, second) == Claim(None, "sold_out")
    assert claims(database, gift, first, "m:2") == Claim(given.coupon, "had_yours")


def test_a_holder_who_may_have_more_hears_of_the_one_in_hand_when_none_is_left(database: Database) -> None:
    member, gift = people(database, 1)[0], campaign(database, stock=1, per_member=2)
    given = claims(database, gift, member)
    assert claims(database, gift, member, "m:2") == Claim(given.coupon, "had_yours")
    after_expiry = claims(database, gift, member, "m:3", now=NOW + timedelta(days=8))
    assert after_expiry == Claim(None, "sold_out")


def test_an_ended_campaign_never_runs_again(database: Database) -> None:
    gift = campaign(database)
    assert database.write(lambda tx: set_campaign_state(tx, gift.id, "paused"))
    assert database.write(lambda tx: set_campaign_state(tx, gift.id, "running"))
    assert database.write(lambda tx: set_campaign_state(tx, gift.id, "ended"))
    assert not database.write(lambda tx: set_campaign_state(tx, gift.id, "running"))


def test_the_welcome_gift_comes_once_ever_whatever_the_campaign(database: Database) -> None:
    member = people(database, 1)[0]
    summer, winter = campaign(database, "S", kind="welcome"), campaign(database, "W", kind="welcome")
    first, later = claims(database, summer, member, WELCOME), claims(database, winter, member, WELCOME)
    assert first.fresh
    assert later == Claim(first.coupon)
    assert issued(database, winter) == 0


def test_the_database_itself_refuses_a_second_welcome_gift(database: Database) -> None:
    member = people(database, 1)[0]
    claims(database, campaign(database, "S", kind="welcome"), member, WELCOME)
    other = campaign(database, "W", kind="welcome")
    sql = (
        "INSERT INTO coupons (id, campaign_id, member_id, nth, code, cause, issued_at, expires_at) "
        "VALUES (1, :campaign, :member, 1, 'X', 'welcome', 0, 1)"
    )
    with pytest.raises(Conflict):
        database.write(lambda tx: tx.execute(sql, {"campaign": other.id, "member": member}))


def test_a_scene_has_its_own_welcome_gift_before_the_one_for_all(database: Database) -> None:
    campaign(database, "ALL", kind="welcome")
    campaign(database, "FLYER", kind="welcome", scene="flyer_1", stock=1)
    campaign(database, "OFF", kind="welcome", scene="flyer_2", state="paused")

    def gift(scene: str) -> str | None:
        found = welcome_campaign(database, scene, NOW)
        return found.code if found else None

    assert [gift("flyer_1"), gift("flyer_2"), gift("")] == ["FLYER", "ALL", "ALL"]
    sold_out = campaign_by_code(database, "FLYER")
    assert sold_out is not None
    claims(database, sold_out, people(database, 1)[0], WELCOME)
    assert gift("flyer_1") == "ALL"
    assert welcome_campaign(database, "", NOW + timedelta(days=11)) is None


def test_running_campaigns_are_those_of_now_soonest_to_end_first(database: Database) -> None:
    campaign(database, "LATER", ends_at=NOW + timedelta(days=5))
    campaign(database, "SOON", ends_at=NOW + timedelta(days=2))
    campaign(database, "OVER", ends_at=NOW)
    campaign(database, "GIFT", kind="welcome")
    campaign(database, "DRAFT", state="draft")
    assert [one.code for one in running_campaigns(database, NOW)] == ["SOON", "LATER"]
    assert [one.code for one in campaigns(database)] == ["DRAFT", "GIFT", "OVER", "SOON", "LATER"]


def test_a_campaign_that_makes_no_sense_is_refused(database: Database) -> None:
    campaign(database, "LATTE")
    with pytest.raises(Conflict):
        campaign(database, "LATTE")
    with pytest.raises(Conflict):
        campaign(database, "BACKWARDS", starts_at=NOW, ends_at=NOW)
    with pytest.raises(Conflict):
        database.write(
            lambda tx: add_campaign(
                tx,
                code="NEVER",
                name="n",
                offer="o",
                stock=1,
                valid_days=0,
                starts_at=NOW,
                ends_at=NOW + SECOND,
                now=NOW,
            )
        )


def test_own_coupons_come_usable_first_then_newest(database: Database) -> None:
    member = people(database, 1)[0]
    short, long = campaign(database, "A", valid_days=1), campaign(database, "B", valid_days=9)
    used, other = campaign(database, "C"), campaign(database, "D", valid_days=2)
    for number, one in enumerate((long, short, used, other)):
        claims(database, one, member, f"m:{number}")
    redeems(database, next(one.code for one in coupons_of(database, member, NOW) if one.campaign_id == used.id))
    listed = coupons_of(database, member, NOW + timedelta(days=1))
    assert [(one.campaign_id, one.state) for one in listed] == [
        (other.id, "usable"),
        (long.id, "usable"),
        (used.id, "used"),
        (short.id, "expired"),
    ]


def test_a_code_is_redeemed_once_and_the_same_order_hears_the_same_yes(database: Database) -> None:
    member = people(database, 1)[0]
    code = code_of(claims(database, campaign(database), member))
    first, again = redeems(database, code), redeems(database, code, fen=9900, now=NOW + timedelta(days=30))
    assert first.refusal is None
    assert first.coupon is not None
    assert (first.coupon.used_order, first.coupon.used_amount_fen, first.coupon.used_at) == ("A1", 3200, NOW)
    assert (again.coupon, again.refusal) == (first.coupon, None)
    assert (first.fresh, again.fresh) == (True, False)
    assert redeems(database, code, order="A2").refusal == "used"
    assert revenue_fen_of(database, member) == 3200


def test_the_revenue_of_an_order_with_two_coupons_counts_once(database: Database) -> None:
    member, gift = people(database, 1)[0], campaign(database, per_member=3)
    codes = [code_of(claims(database, gift, member, f"m:{number}")) for number in range(3)]
    for code, order in zip(codes, ("A1", "A1", "B7"), strict=True):
        redeems(database, code, order=order, fen=1000)
    assert revenue_fen_of(database, member) == 2000


@pytest.mark.parametrize(("later", "refusal"), [(-SECOND, None), (0 * SECOND, "expired"), (SECOND, "expired")])
def test_a_coupon_expires_at_its_very_second(database: Database, later: timedelta, refusal: str | None) -> None:
    result = claims(database, campaign(database, valid_days=3), people(database, 1)[0])
    moment = NOW + timedelta(days=3) + later
    assert redeems(database, code_of(result), now=moment).refusal == refusal


def test_a_code_is_known_however_it_is_typed(database: Database) -> None:
    code = code_of(claims(database, campaign(database), people(database, 1)[0]))
    fullwidth = "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() else "　" for sign in code)
    for typed in (code.lower(), code.replace("-", " "), f" {code.replace('-', '')} ", fullwidth):
        assert redeems(database, typed).refusal is None, typed


@pytest.mark.parametrize("typed", ["", "-", "2222-2222-2222-2222", "IIII-OOOO-1111-0000", "' OR 1=1 --", "券" * 16])
def test_what_is_no_code_is_unknown(database: Database, typed: str) -> None:
    claims(database, campaign(database), people(database, 1)[0])
    assert redeems(database, typed) == Redemption(None, "unknown")


@pytest.mark.parametrize(("order", "fen"), [("", 1), ("  ", 1), ("A1", -1)])
def test_a_redemption_without_order_or_below_zero_is_a_mistake(database: Database, order: str, fen: int) -> None:
    code = code_of(claims(database, campaign(database), people(database, 1)[0]))
    with pytest.raises(ValueError, match="order"):
        redeems(database, code, order=order, fen=fen)
    assert redeems(database, code).refusal is None


def test_codes_are_80_bits_of_an_alphabet_nobody_misreads() -> None:
    codes = [new_code() for _ in range(2_000)]
    assert len(set(codes)) == len(codes)
    assert all(normalise_code(code) == code and len(code) == 19 for code in codes)
    signs = Counter(sign for code in codes for sign in code.replace("-", ""))
    assert set(signs) == set(ALPHABET)
    assert len(ALPHABET) == 32
    assert not set("01IO") & set(ALPHABET)
    assert max(signs.values()) < 1.25 * 1_000  # 32,000 signs over 32: a thousand each, but for chance


@pytest.mark.parametrize("number", range(RACES))
def test_five_hundred_at_once_get_exactly_the_hundred_there_are(database: Database, number: int) -> None:
    gift, everyone = campaign(database, stock=100), people(database, 500)
    results = at_once([partial(claims, database, gift, member) for member in everyone])
    assert Counter(result.refusal for result in results) == {None: 100, "sold_out": 400}
    assert len({code_of(result) for result in results if result.refusal is None}) == 100
    assert issued(database, gift) == 100
    assert reconcile(database) == []


def test_stock_holds_between_processes_too(database: Database, database_url: str) -> None:
    gift, everyone = campaign(database, stock=20), people(database, 60)
    others = [open_database(database_url) for _ in range(3)]  # each with a queue, or a pool, of its own
    results = at_once([partial(claims, others[at % 3], gift, member) for at, member in enumerate(everyone)])
    for other in others:
        other.close()
    assert Counter(result.refusal for result in results) == {None: 20, "sold_out": 40}
    assert reconcile(database) == []


def test_one_person_a_hundred_times_at_once_gets_one(database: Database) -> None:
    gift, member = campaign(database), people(database, 1)[0]
    results = at_once([partial(claims, database, gift, member, f"m:{number}") for number in range(100)])
    assert len({code_of(result) for result in results}) == 1
    assert sum(result.fresh for result in results) == 1
    assert issued(database, gift) == 1


def test_one_message_answered_twenty_times_at_once_gives_one(database: Database) -> None:
    gift, member = campaign(database, per_member=20), people(database, 1)[0]
    results = at_once([partial(claims, database, gift, member) for _ in range(20)])
    assert len({code_of(result) for result in results}) == 1
    assert issued(database, gift) == 1


def test_at_fifty_tills_one_code_is_taken_once(database: Database) -> None:
    code = code_of(claims(database, campaign(database), people(database, 1)[0]))
    results = at_once([partial(redeems, database, code, f"till {number}") for number in range(50)])
    assert Counter(result.refusal for result in results) == {None: 1, "used": 49}


def test_a_claim_whose_transaction_fails_leaves_nothing(database: Database) -> None:
    gift, member = campaign(database), people(database, 1)[0]

    def claim_and_fail(tx: Transaction) -> None:
        claim(tx, gift.id, member, cause="m:1", now=NOW)
        raise LookupError

    with pytest.raises(LookupError):
        database.write(claim_and_fail)
    assert issued(database, gift) == 0
    assert coupons_of(database, member, NOW) == []


def test_reconciling_finds_a_count_that_was_tampered_with(database: Database) -> None:
    gift, (first, second) = campaign(database), people(database, 2)
    claims(database, gift, first)
    claims(database, gift, second)
    assert reconcile(database) == []
    database.write(lambda tx: tx.execute("UPDATE campaigns SET issued = 1, stock = 1"))
    database.write(lambda tx: tx.execute("UPDATE coupons SET nth = 4 WHERE member_id = :id", {"id": second}))
    assert reconcile(database) == [
        Difference("coupons = issued", gift.id, 2, 1),
        Difference("coupons ≤ stock", gift.id, 2, 1),
        Difference("coupons of one member ≤ cap", gift.id, 4, 1),
    ]
