"""English as thumbs write it is understood, and what is none of the brand's business is still refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.matching.spelling import Spelling
from tests.matching.brand import MATCHER as BAKERY
from tests.matching.brand import TODAY
from tests.matching.noisy_english import FOREIGN, MATCHER, MEANT

KNOWN = Spelling(
    [
        "where",
        "is",
        "my",
        "order",
        "delivery",
        "when",
        "will",
        "cost",
        "cash",
        "on",
        "payment",
        "i",
        "want",
        "to",
        "return",
        "water",
        "often",
    ]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("whr is my ordr", "where is my order"),
        ("wen wil my delivry come", "when will my delivery come"),
        ("mera order kaha hai", "my order where is"),
        ("cashon delivery", "cash on delivery"),
        ("paymnet faild", "payment faild"),
        ("i wnt 2 retrun", "i want to return"),
        ("post", "post"),
        ("most", "most"),
        ("weather", "weather"),
        ("order", "order"),
        ("xk7 2024", "xk7 2024"),
    ],
)
def test_words_are_put_into_known_ones_where_that_is_clear(typed: str, meant: str) -> None:
    assert KNOWN.corrected(typed) == meant


@given(st.text(max_size=60))
def test_any_text_can_be_corrected(text: str) -> None:
    KNOWN.corrected(text)


def test_misspelt_short_and_mixed_messages_are_understood() -> None:
    said = [(text, name) for name, texts in MEANT.items() for text in texts.split("|")]
    wrong = [text for text, name in said if MATCHER.match(text, today=TODAY).guess != name]
    assert len(wrong) <= len(said) // 10, wrong


def test_what_is_none_of_the_shops_business_is_not_answered() -> None:
    answered = [text for text in FOREIGN.split("|") if MATCHER.match(text, today=TODAY).intent is not None]
    assert len(answered) <= 1, answered


def test_a_brand_whose_phrases_are_chinese_reads_latin_words_as_before() -> None:
    assert BAKERY.match("coupon", today=TODAY).guess == "coupon_claim"
    assert BAKERY.match("wo yao tuikuan", today=TODAY).guess == "refund"
