"""Welcome: by scene, with the gift once in a lifetime."""

from datetime import timedelta

import pytest

from intents import welcome
from intents.messages import FollowEvent
from intents.types import Reply
from storage import coupons, members, stores
from storage.database import Database, Transaction
from tests.intents.spoken import intents, labels, spoken
from tests.intents.turns import ACCOUNT, NOON, OPENID, member_of, turn


def follow(database: Database, scene: str = "", *, days: int = 0, openid: str = OPENID) -> Reply:
    """Follow as the platform reports it: recorded first, then answered, in one transaction."""
    now = NOON + timedelta(days=days)
    event = FollowEvent(account_id=ACCOUNT, openid=openid, key=f"e:{openid}:{days}", sent_at=now, scene=scene)

    def work(tx: Transaction) -> Reply:
        members.record_follow(tx, member_of(tx, event.openid), follows=True, event_at=now)
        return welcome.handle(turn(tx, event, now=now, intents=intents()))

    return database.write(work)


def unfollow(database: Database, *, days: int, openid: str = OPENID) -> None:
    database.write(
        lambda tx: members.record_follow(tx, member_of(tx, openid), follows=False, event_at=NOON + timedelta(days=days))
    )


def gift(database: Database, *, scene: str = "", stock: int = 10, code: str = "WELCOME") -> int:
    return database.write(
        lambda tx: coupons.add_campaign(
            tx,
            code=code,
            name=f"见面礼{scene}",
            offer="任意饮品立减 8 元",
            stock=stock,
            valid_days=30,
            starts_at=NOON - timedelta(days=1),
            ends_at=NOON + timedelta(days=60),
            now=NOON,
            kind="welcome",
            scene=scene,
            state="running",
        )
    )


def held(database: Database, openid: str = OPENID) -> list[coupons.Coupon]:
    [member_id] = members.member_ids_by_openid(database, openid)
    return coupons.coupons_of(database, member_id, NOON)


def test_a_new_follower_is_welcomed_with_the_gift_in_their_hands(database: Database) -> None:
    gift(database)
    reply = follow(database)
    [coupon] = held(database)
    text = spoken(reply)
    assert reply.template == "welcome"
    assert coupon.code in text
    assert coupon.offer in text
    assert "1月31日 12:00" in text
    assert labels(reply)[0] == "coupon_mine"


def test_without_a_gift_the_welcome_is_still_warm_and_offers_something(database: Database) -> None:
    reply = follow(database)
    assert "券码" not in spoken(reply)
    assert labels(reply)[0] == "coupon_list"
    assert "help" in labels(reply)


def test_who_comes_back_gets_a_welcome_back_and_no_second_gift(database: Database) -> None:
    gift(database)
    follow(database)
    unfollow(database, days=1)
    reply = follow(database, days=2)
    assert reply.template == "welcome_back"
    assert "券码" not in spoken(reply)
    assert len(held(database)) == 1


def test_coming_back_when_another_gift_runs_gives_nothing_either(database: Database) -> None:
    gift(database)
    follow(database)
    gift(database, scene="flyer_may", code="SECOND")
    for days in range(1, 9, 2):
        unfollow(database, days=days)
        follow(database, "flyer_may", days=days + 1)
    assert len(held(database)) == 1


def test_the_same_event_twice_gives_the_same_coupon(database: Database) -> None:
    gift(database)
    event = FollowEvent(account_id=ACCOUNT, openid=OPENID, key="e:1", sent_at=NOON)
    replies = [database.write(lambda tx: welcome.handle(turn(tx, event))) for _ in range(2)]
    assert replies[0] == replies[1]
    assert len(held(database)) == 1


def test_a_sold_out_gift_is_not_promised(database: Database) -> None:
    gift(database, stock=1)
    follow(database)
    assert "券码" not in spoken(follow(database, openid="oLate"))
    assert held(database, "oLate") == []


def test_a_scene_with_its_own_gift_gives_that_one(database: Database) -> None:
    gift(database)
    gift(database, scene="flyer_may", code="MAY")
    assert "见面礼flyer_may" in spoken(follow(database, "flyer_may"))


@pytest.mark.parametrize(
    ("scene", "template"),
    [
        ("", "welcome"),
        ("store_SH0007", "welcome_store"),
        ("store_NOWHERE", "welcome"),
        ("store_", "welcome"),
        ("flyer_may", "welcome_flyer"),
        ("bag", "welcome_flyer"),
        ("last_trade_no_4200", "welcome"),
        ("20017", "welcome"),
        ("{{7*7}}", "welcome"),
    ],
)
def test_the_welcome_fits_the_scene(database: Database, scene: str, template: str) -> None:
    add_store(database)
    reply = follow(database, scene)
    assert reply.template == template
    assert ("静安嘉里店" in spoken(reply)) == (template == "welcome_store")


def add_store(database: Database) -> None:
    store = stores.Store(
        "SH0007", "静安嘉里店", "上海", "静安区", "南京西路 1515 号", "021-1", 31.2, 121.4, "08:00-22:00"
    )
    database.write(lambda tx: stores.import_stores(tx, [store]))
