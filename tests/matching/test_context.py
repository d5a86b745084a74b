"""A short message after an answer asks the same again of something else, or is a wish of its own."""

import pytest

from intents.matching.context import carry_over
from tests.matching.brand import INTENTS, PLACES, TODAY

HOURS = next(one for one in INTENTS if one.name == "store_hours")
POINTS = next(one for one in INTENTS if one.name == "points")
BEFORE = {"city": "北京", "district": "朝阳区", "number": "2"}


@pytest.mark.parametrize(
    ("said", "new"),
    [
        ("那上海呢", {"city": "上海"}),
        ("上海", {"city": "上海"}),
        ("換成杭州吧", {"city": "杭州市"}),
        ("不是北京，是上海", {"city": "上海"}),
        ("说错了，不是北京 是上海", {"city": "上海"}),
        ("那国贸店呢？", {"store": "BJ01"}),
        ("what about 上海", {"city": "上海"}),
    ],
)
def test_another_place_takes_the_place_of_the_one_before(said: str, new: dict[str, str]) -> None:
    assert carry_over(said, HOURS, BEFORE, PLACES, TODAY) == {"number": "2", **new}


@pytest.mark.parametrize(
    ("said", "day"), [("明天呢", "2026-01-02"), ("那周日呢", "2026-01-04"), ("如果是1月5号的呢", "2026-01-05")]
)
def test_another_day_keeps_the_place(said: str, day: str) -> None:
    assert carry_over(said, HOURS, BEFORE, PLACES, TODAY) == {**BEFORE, "date": day}


def test_place_and_day_may_change_together() -> None:
    assert carry_over("那后天国贸店呢", HOURS, BEFORE, PLACES, TODAY) == {
        "number": "2",
        "store": "BJ01",
        "date": "2026-01-03",
    }


@pytest.mark.parametrize(
    "said",
    [
        "上海有什么好吃的",
        "我要退款",
        "呢",
        "",
        "不是上海",
        "那明天几点开门",
        "谢谢",
        "那我在上海出差的时候买的券在国贸店还可以用吗",
    ],
)
def test_a_wish_of_its_own_carries_nothing_over(said: str) -> None:
    assert carry_over(said, HOURS, BEFORE, PLACES, TODAY) is None


def test_an_intent_that_asks_for_no_place_is_not_asked_again() -> None:
    assert carry_over("那上海呢", POINTS, {}, PLACES, TODAY) is None
