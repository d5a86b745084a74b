"""The byte meter, and cuts that never break what a reader sees as one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.content import Content
from templates.graphemes import first, is_boundary
from templates.limits import TEXT_BYTES, cut_to_bytes, fit, measure, text_bytes

FAMILY = "👨‍👩‍👧‍👦"
CHARACTERS = {
    "letter": "a",
    "han": "好",
    "emoji": "😊",
    "family": FAMILY,
    "skin": "👍🏽",
    "flag": "🇨🇳",
    "scotland": "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "keycap": "1️⃣",
    "heart": "❤️",
    "accent": "e\u0301",
    "two accents": "o\u0302\u0323",
    "hangul parts": "\u1112\u1161\u11ab",
    "line end": "\r\n",
}


@pytest.mark.parametrize(
    ("text", "used"),
    [("", 0), ("abc", 3), ("您好", 6), ("😊", 4), (FAMILY, 25), ("]]>", 15)],
)
def test_the_meter_counts_bytes_of_utf8_and_of_escaping(text: str, used: int) -> None:
    assert measure(Content("text", text)).bytes_used == used


@pytest.mark.parametrize(
    ("count", "fits", "comfortable"), [(600, True, True), (601, True, False), (682, True, False), (683, False, False)]
)
def test_the_meter_knows_the_hard_and_the_advised_limit_of_texts(count: int, fits: bool, comfortable: bool) -> None:
    meter = measure(Content("text", "好" * count))
    assert (meter.fits, meter.comfortable) == (fits, comfortable)
    assert meter.bytes_left == 2048 - 3 * count


def test_no_limit_is_claimed_where_none_is_known() -> None:
    meter = measure(Content("news", title="长" * 500, link="https://a.cn"))
    assert (meter.fits, meter.bytes_limit, meter.bytes_left) == (True, None, None)
    assert meter.bytes_used == 1500 + 12


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS.keys())
def test_a_cut_leaves_whole_characters_only(character: str) -> None:
    size = len(character.encode())
    for limit in range(4 * size + 1):
        assert cut_to_bytes(character * 4, limit) == character * (limit // size)


def test_a_cut_between_different_characters_is_found_in_a_mixed_text() -> None:
    parts = list(CHARACTERS.values())
    text = "".join(parts)
    allowed = {"".join(parts[:count]) for count in range(len(parts) + 1)}
    assert {cut_to_bytes(text, limit) for limit in range(len(text.encode()) + 1)} == allowed


def test_a_run_of_marks_without_end_is_cut_nevertheless() -> None:
    text = "a" + "\u0301" * 3_000
    assert 1_990 <= len(cut_to_bytes(text, 2_000).encode()) <= 2_000


@given(st.text(), st.integers(min_value=-1, max_value=60))
def test_whatever_is_cut_is_a_beginning_that_fits(text: str, limit: int) -> None:
    cut = cut_to_bytes(text, limit)
    assert text.startswith(cut)
    assert len(cut.encode("utf-8", "replace")) <= max(limit, 0)


@given(st.lists(st.sampled_from(list(CHARACTERS.values())), max_size=8), st.integers(min_value=0, max_value=9))
def test_the_first_characters_are_those_a_reader_counts(parts: list[str], count: int) -> None:
    spaced = [part for part in parts if part != CHARACTERS["hangul parts"]]  # two of these in a row may join
    assert first("".join(spaced), count) == "".join(spaced[:count])


def test_the_ends_of_a_text_are_boundaries() -> None:
    assert is_boundary("\u0301", 0)
    assert is_boundary("a", 1)


@given(st.text(alphabet="好a😊]>", max_size=1500))
def test_a_fitted_reply_is_within_the_limit(text: str) -> None:
    fitted = fit(Content("text", text))
    assert measure(fitted).fits
    assert fitted.text == text or fitted.text.endswith("…")


def test_a_fitted_reply_has_no_link_cut_open() -> None:
    text = "好" * 670 + '<a href="https://a.cn/very/long">看看有哪些门店</a>'
    assert fit(Content("text", text)).text == "好" * 670 + "…"


def test_what_fits_is_left_alone() -> None:
    for content in (Content("text", "好" * 682), Content("news", title="好" * 2000, link="https://a.cn")):
        assert fit(content) is content
    assert TEXT_BYTES == 2048


def test_of_a_text_that_needs_much_escaping_all_that_fits_is_kept() -> None:
    kept = fit(Content("text", text="]]>" * 400)).text
    assert TEXT_BYTES - 20 < text_bytes(kept) <= TEXT_BYTES
