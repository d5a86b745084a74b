"""Talk of every day, from outside, with the demo brand's stores: what people really say one after another, and what they then read."""

import pytest

from bot.demo.brand import demo_stores
from storage import cases, conversations, exchanges, members
from storage.database import Database
from storage.exchanges import Exchange
from storage.stores import import_stores
from tests.phone import Phone
from tests.storage.people import campaign


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    database.write(lambda tx: import_stores(tx, demo_stores()))
    campaign(database)


def last(database: Database) -> Exchange:
    """Return what was said last."""
    [member_id] = members.member_ids_by_openid(database, "oAlice")
    return exchanges.timeline(database, member_id, limit=1)[-1]


# --- giving up, and waiting ---


def test_who_gives_up_leaves_no_suggestion_behind(phone: Phone, database: Database) -> None:
    assert "想到什么说什么" in phone.says("我有个建议")
    assert "先不说这个了" in phone.says("算了不说了")
    assert cases.cases_of(database, last(database).member_id) == []


def test_a_question_put_before_the_suggestion_is_answered_and_not_recorded(phone: Phone, database: Database) -> None:
    phone.says("我有个建议")
    assert "08:00-22:00" in phone.says("等下先问个问题，湖滨店几点关门")
    assert cases.cases_of(database, last(database).member_id) == []
    assert "记下了" in phone.says("希望多出点热饮")


@pytest.mark.parametrize("words", ["不等了", "算了不等了", "不用了送到了", "never mind"])
def test_who_no_longer_waits_leaves_the_queue(phone: Phone, database: Database, words: str) -> None:
    phone.says("人工")
    assert "已为您取消排队" in phone.says(words)
    assert conversations.count_waiting(database) == 0


@pytest.mark.parametrize("words", ["还要等多久", "人呢", "怎么还没有人啊"])
def test_who_asks_where_the_person_is_is_told_the_place_in_the_queue(phone: Phone, words: str) -> None:
    phone.says("人工")
    assert "您已经在排队了" in phone.says(words)


def test_goodbye_from_the_queue_is_answered_by_goodbye(phone: Phone) -> None:
    phone.says("人工")
    assert phone.says("拜拜👋").startswith("再见")


# --- hours of another day ---


def test_a_day_that_only_changes_asks_the_same_of_that_day(phone: Phone) -> None:
    assert "现在" not in phone.says("会展中心店几点关门")
    assert "后天（周六）休息" in phone.says("周六呢")
    assert "明天（周五） 07:30–20:30" in phone.says("那明天呢")
    assert "明天（周五） 08:30–22:30" in phone.says("海岸城店呢")


def test_the_time_that_was_asked_for_is_told(phone: Phone) -> None:
    assert "14:30 不营业，15:00 开门" in phone.says("昆明店下午两点半开吗")
    assert "01:00 不营业" in phone.says("长沙店凌晨一点还开吗")
    assert "后天（周六） 08:00 不营业" in phone.says("国贸店周六早上8点开门吗")
