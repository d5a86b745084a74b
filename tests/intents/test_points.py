"""Points in the chat: how many there are, where they came from."""

from datetime import UTC, datetime

from intents import points_balance, points_history
from storage.database import Database
from storage.points import add_points
from tests.intents.turns import answer, member_of, shown

LATE = datetime(2026, 1, 1, 17, 0, tzinfo=UTC)  # 2 January, 01:00 in Shanghai


def give(database: Database, amount: int, kind: str, cause: str) -> None:
    database.write(lambda tx: add_points(tx, member_of(tx), amount, kind=kind, cause=cause, now=LATE))


def test_the_balance_is_told(database: Database) -> None:
    give(database, 1280, "gift", "g")
    said = shown(answer(database, points_balance.handle, "我的积分"), points_balance.INTENT)
    assert "1,280 积分" in said


def test_who_has_none_hears_how_to_earn_some(database: Database) -> None:
    said = shown(answer(database, points_balance.handle, "我的积分"), points_balance.INTENT)
    assert "还没有积分" in said
    assert "“签到”，+5 积分" in said


def test_the_latest_ten_changes_are_listed_newest_first_by_the_brands_calendar(database: Database) -> None:
    for number in range(11):
        give(database, 100 + number, "checkin", f"c{number}")
    give(database, -300, "exchange", "x")
    give(database, 7, "something new", "n")
    said = shown(answer(database, points_history.handle, "积分明细"), points_history.INTENT)
    assert said.splitlines()[1:4] == ["1月2日 其他 +7", "1月2日 兑换 -300", "1月2日 签到 +110"]
    assert len(said.splitlines()) == 11
    assert "您现在有 862 积分" in said


def test_who_has_no_history_is_invited(database: Database) -> None:
    said = shown(answer(database, points_history.handle, "积分明细"), points_history.INTENT)
    assert "还没有积分记录" in said
