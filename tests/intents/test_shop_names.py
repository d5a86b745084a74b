"""A shop's name in words, and what only points at a shop."""

import pytest

from intents import store_hours, store_nearest
from intents.shop_names import shop_named

NAMED = {"徐家汇店", "国贸店", "静安寺店"}  # in the sample phrases, as somebody's shops


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("武康路店几点关门", "武康路店"),
        ("请问一下你们武康路店今天开门吗", "武康路店"),
        ("我在k11店", "k11店"),
        ("万达广场店怎么走", "万达广场店"),
        ("武康路店长态度不好", ""),
        ("这家店几点开门", ""),
        ("最近的店在哪", ""),
        ("24小时的店有吗", ""),
        ("附近便利店", ""),
        ("那边有店吗", ""),
        ("店里打烊了吗", ""),
        ("你们有多少家店", ""),
        ("", ""),
    ],
)
def test_a_name_is_told_from_what_points_at_any_shop(words: str, name: str) -> None:
    assert shop_named(words) == name


@pytest.mark.parametrize("phrase", [*store_hours.INTENT.phrases, *store_nearest.INTENT.phrases])
def test_no_sample_phrase_names_a_shop_but_those_that_do(phrase: str) -> None:
    assert shop_named(phrase) in NAMED | {""}
    assert bool(shop_named(phrase)) == any(name in phrase for name in NAMED)
