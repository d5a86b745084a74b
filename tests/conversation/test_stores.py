"""Asking for stores through the real gate: a shared place, a question left open and answered by any kind of place, a menu's two pushes."""

import pytest

from storage.database import Database
from storage.stores import Store, import_stores
from tests.phone import Phone

STORES = (
    Store("SH1", "静安寺店", "上海", "静安区", "南京西路 1 号", "", 31.2235, 121.4453, "07:30-22:00"),
    Store("SH2", "外滩店", "上海", "黄浦区", "中山东一路 2 号", "", 31.2400, 121.4900, "18:00-02:00"),
    Store("HZ1", "西湖店", "杭州", "西湖区", "曙光路 1 号", "", 30.2590, 120.1300, "工作日 08:00-20:00"),
)


@pytest.fixture(autouse=True)
def stores(database: Database) -> None:
    database.write(lambda tx: import_stores(tx, STORES))


def test_a_shared_location_is_latitude_then_longitude(phone: Phone) -> None:
    assert phone.shares_location(31.2238, 121.4470).startswith(
        "离您最近的 2 家门店：\n\n1. 静安寺店 · 170米\n营业中，到 22:00"
    )


@pytest.mark.parametrize(
    ("answer", "store"), [("上海", "静安寺店"), ("西湖区", "西湖店"), ("外滩店", "外滩店"), ("我在杭州", "西湖店")]
)
def test_the_question_where_takes_a_city_a_district_or_a_store(phone: Phone, answer: str, store: str) -> None:
    assert "＋ → 位置" in phone.says("附近有店吗")
    assert store in phone.says(answer)


@pytest.mark.parametrize("answer", ["外滩店", "黄浦区", "上海黄浦区"])
def test_the_question_which_stores_hours_takes_any_place(phone: Phone, answer: str) -> None:
    assert "哪家门店" in phone.says("店里几点关门")
    assert "休息中，今天 18:00 开门" in phone.says(answer)


def test_the_question_where_takes_a_shared_location(phone: Phone) -> None:
    phone.taps("ZH_MENU_STORES")
    assert "西湖店" in phone.shares_location(30.2590, 120.1310)


def test_a_place_picked_from_the_menu_is_answered_once(phone: Phone) -> None:
    place = {"Location_X": "31.2238", "Location_Y": "121.4470", "Scale": "16", "Label": "静安", "Poiname": ""}
    assert phone.does("location_select", EventKey="ZH_MENU_STORES", SendLocationInfo=place) == ""
    assert "静安寺店" in phone.shares_location(31.2238, 121.4470)


def test_stores_imported_meanwhile_are_known_with_the_next_message(phone: Phone, database: Database) -> None:
    assert "成都还没有" in phone.says("成都有店吗")
    new = Store("CD1", "春熙路店", "成都", "锦江区", "春熙路 1 号", "", 30.6557, 104.0810, "24小时")
    database.write(lambda tx: import_stores(tx, [new]))
    assert "春熙路店" in phone.says("成都有店吗")


@pytest.mark.parametrize(
    "words", ["武康路店几点关门", "请问你们武康路店现在开着吗", "武康路店在哪", "我想去武康路店，怎么走"]
)
def test_a_shop_that_there_is_not_is_told_to_be_unknown_and_the_way_to_the_others(phone: Phone, words: str) -> None:
    said = phone.says(words)
    assert "没有找到“武康路店”" in said
    assert "上海、杭州" in said
    assert "西湖店" in phone.says("杭州")


@pytest.mark.parametrize(
    "words", ["你们店几点关门", "店里几点关门", "旗舰店几点关门", "几点关门的店", "静安寺店几点关门", "周末门店几点开"]
)
def test_where_no_shop_is_named_or_one_there_is_none_is_told_to_be_unknown(phone: Phone, words: str) -> None:
    assert "没有找到" not in phone.says(words)
