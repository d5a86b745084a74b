"""Scans by followers: the store the code hangs in, or a friendly way on."""

from datetime import timedelta

from intents import scene_scan
from intents.messages import MenuScanEvent, ScanEvent
from intents.types import Reply
from storage import coupons
from storage.database import Database
from tests.intents.spoken import intents, labels, spoken
from tests.intents.test_welcome import add_store
from tests.intents.turns import ACCOUNT, NOON, OPENID, answer


def scan(database: Database, scene: str) -> Reply:
    event = ScanEvent(account_id=ACCOUNT, openid=OPENID, key=f"e:{scene}", sent_at=NOON, scene=scene)
    return answer(database, scene_scan.handle, event, intents=intents())


def offer(database: Database, name: str, *, stock: int) -> None:
    database.write(
        lambda tx: coupons.add_campaign(
            tx,
            code=name,
            name=name,
            offer="第二杯半价",
            stock=stock,
            valid_days=7,
            starts_at=NOON - timedelta(days=1),
            ends_at=NOON + timedelta(days=1),
            now=NOON,
            state="running",
        )
    )


def test_a_code_in_a_store_tells_about_that_store(database: Database) -> None:
    add_store(database)
    reply = scan(database, "store_SH0007")
    text = spoken(reply)
    assert all(part in text for part in ("静安嘉里店", "南京西路 1515 号", "08:00-22:00", "021-1"))
    assert "正在进行" not in text
    assert "checkin" in labels(reply)


def test_what_is_on_is_named_unless_it_is_sold_out(database: Database) -> None:
    add_store(database)
    offer(database, "周三买一送一", stock=5)
    offer(database, "已经领完的", stock=0)
    text = spoken(scan(database, "store_SH0007"))
    assert "正在进行：周三买一送一" in text
    assert "已经领完的" not in text


def test_an_unknown_code_is_met_kindly_with_a_way_on(database: Database) -> None:
    for scene in ("store_CLOSED", "20017", ""):
        reply = scan(database, scene)
        assert spoken(reply).startswith("扫码收到")
        assert labels(reply) == ["coupon_list", "store_nearest", "help"]


def test_something_scanned_from_the_menu_is_met_the_same_way(database: Database) -> None:
    event = MenuScanEvent(
        account_id=ACCOUNT, openid=OPENID, key="e:1", sent_at=NOON, scan_result="EAN_13,6900", waiting=True
    )
    assert spoken(answer(database, scene_scan.handle, event)).startswith("扫码收到")
