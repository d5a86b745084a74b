"""What a few words stand for, of several names."""

import pytest

from intents.matching.abbreviated import stands_for
from intents.matching.normalise import normalise

NAMES = ("周三第二杯半价 拿铁系列第二杯半价", "新客立减 满 30 元减 10 元", "桂花季尝鲜 桂花拿铁立减 8 元")
KEYS = [normalise(name).key for name in NAMES]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("周三半价的", 0),
        ("我要满减那张", 1),
        ("滿減嗰張", 1),
        ("桂花季还能领吗", 2),
        ("新客立减", 1),
        ("立减", None),
        ("拿铁的", None),
        ("元满", None),
        ("满", None),
        ("好的", None),
        ("", None),
        ("那张券", None),
    ],
)
def test_the_one_name_that_has_the_characters_in_order_is_meant(words: str, place: int | None) -> None:
    assert stands_for(words, KEYS) == place


def test_little_of_a_long_name_may_be_too_little() -> None:
    assert stands_for("第二杯", ["周三第二杯半价"], share=0.5) is None
    assert stands_for("周三半价", ["周三第二杯半价"], share=0.5) == 0
