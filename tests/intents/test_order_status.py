"""Order status: asked of the brand's own system, and worded by what it said."""

from dataclasses import replace

import pytest

from intents.order_status import INTENT, handle, late
from intents.types import Found, Later
from storage.database import Database
from tests.intents.turns import BRAND, OPENID, answer, shown, turn

WITH_A_SYSTEM = replace(BRAND, orders_known=True)


def asked(database: Database, **slots: str) -> Later:
    """What the handler wants looked up."""
    wish = database.write(lambda tx: handle(turn(tx, "我的订单", brand=WITH_A_SYSTEM, slots=slots)))
    assert isinstance(wish, Later)
    return wish


def test_without_a_system_to_ask_one_is_told_where_to_look(database: Database) -> None:
    said = shown(answer(database, handle, "我的订单"), INTENT)
    assert "点单页" in said
    assert "人工" in said


def test_it_is_asked_by_openid_and_by_the_phone_that_was_said_or_is_known(database: Database) -> None:
    assert asked(database).asked == {"openid": OPENID, "phone": ""}
    database.write(lambda tx: tx.execute("UPDATE members SET phone = '13800138000'"))
    assert asked(database).asked["phone"] == "13800138000"
    assert asked(database, phone="13900139000").asked["phone"] == "13900139000"


def test_orders_are_listed_with_what_is_known_of_them() -> None:
    full = {"number": "A1", "status": "制作中", "item": "桂花拿铁", "updated": "10:24"}
    said = shown(late({"orders": [full, {"number": "", "status": "", "item": "", "updated": ""}]}), INTENT)
    assert "A1 · 制作中\n桂花拿铁\n更新于 10:24" in said
    assert "处理中" in said


@pytest.mark.parametrize(
    ("found", "words"), [({"orders": []}, "没有查到"), ({"orders": None}, "没有查到"), (None, "没有回应")]
)
def test_nothing_found_and_no_answer_are_told_apart(found: Found | None, words: str) -> None:
    assert words in shown(late(found), INTENT)
