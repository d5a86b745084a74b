"""Files of stores: what is read, what is refused with which row and reason, and that nothing is half-read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stores_file import (
    CHINESE_NAMES,
    COLUMNS,
    MOST_BYTES,
    MOST_PROBLEMS,
    MOST_ROWS,
    SENTENCES,
    BadStoresFile,
    Problem,
    read_stores,
    write_stores,
)
from storage.stores import Store

HEADER = ",".join(COLUMNS)
GOOD = "SH1,静安寺店,上海,静安区,南京西路 1 号,021-0000-0101,31.2235,121.4453,07:30-22:00,1"
JINGAN = Store("SH1", "静安寺店", "上海", "静安区", "南京西路 1 号", "021-0000-0101", 31.2235, 121.4453, "07:30-22:00")


def file_of(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *rows)).encode()


def problems_of(data: bytes) -> list[Problem]:
    with pytest.raises(BadStoresFile) as caught:
        read_stores(data)
    return caught.value.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_every_encoding_a_spreadsheet_writes(encoding: str) -> None:
    assert read_stores(file_of(GOOD).decode().encode(encoding)) == [JINGAN]


def test_chinese_headers_any_order_and_missing_optional_columns_are_taken() -> None:
    assert set(CHINESE_NAMES.values()) == set(COLUMNS)
    row = "121.4453,31.2235,静安寺店,SH1,07:30-22:00,上海市,南京西路 1 号"
    read = read_stores(file_of(row, header="经度,纬度,店名,编号,营业时间,城市,地址"))
    assert read == [Store("SH1", "静安寺店", "上海", "", "南京西路 1 号", "", 31.2235, 121.4453, "07:30-22:00")]


def test_blank_rows_are_skipped_but_counted() -> None:
    assert read_stores(file_of("", GOOD, ",,,,,,,,,", "")) == [JINGAN]
    assert problems_of(file_of("", GOOD, "", GOOD)) == [Problem(5, "code", "code-twice", {"code": "SH1", "first": 3})]


@pytest.mark.parametrize(
    ("written", "trades"), [("1", True), ("是", True), ("", True), ("TRUE", True), ("0", False), ("停业", False)]
)
def test_open_is_read_as_people_write_it(written: str, trades: bool) -> None:
    assert read_stores(file_of(GOOD.removesuffix("1") + written))[0].open is trades


@pytest.mark.parametrize(
    ("before", "after", "column", "code"),
    [
        ("SH1", "", "code", "needed"),
        ("SH1", "S" * 33, "code", "too-long"),
        ("静安寺店", "", "name", "needed"),
        ("静安寺店", "长" * 31, "name", "too-long"),
        ("静安寺店", "静安\x07店", "name", "bad-text"),
        ("静安寺店", "静安\u202e店", "name", "bad-text"),
        ("上海", "", "city", "needed"),
        ("南京西路 1 号", '"南京\n西路"', "address", "bad-text"),
        ("31.2235", "", "latitude", "needed"),
        ("31.2235", "北纬31", "latitude", "not-a-number"),
        ("31.2235", "nan", "latitude", "not-a-number"),
        ("31.2235", "1e1", "latitude", "not-a-number"),
        ("31.2235", "3_1", "latitude", "not-a-number"),
        ("31.2235", "121.4453", "latitude", "out-of-range"),
        ("121.4453", "181", "longitude", "out-of-range"),
        ("07:30-22:00", "", "hours", "needed"),
        ("07:30-22:00", "早上到晚上", "hours", "bad-hours"),
        (",1", ",也许", "open", "not-truth"),
        (",1", "", "", "cells"),
        (",1", ",1,2", "", "cells"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(before: str, after: str, column: str, code: str) -> None:
    assert before in GOOD
    bad = after.join(GOOD.rsplit(before, 1))
    found = problems_of(file_of(GOOD.replace("SH1", "SH0"), bad))
    assert [(problem.row, problem.column, problem.code) for problem in found] == [(3, column, code)]
    assert "{" not in found[0].chinese + str(found[0])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (file_of(), "empty"),
        (b"\xff\xff\xff", "bad-encoding"),
        (b"x" * (MOST_BYTES + 1), "too-big"),
        (file_of('"SH1'), "bad-csv"),
        (file_of(GOOD.replace("SH1", "SH\x001")), "bad-text"),
        (file_of(GOOD + ",1", header=HEADER + ",rating"), "unknown-column"),
        (file_of(GOOD + ",x", header=HEADER + ",店名"), "column-twice"),
        (file_of("SH1", header="code"), "column-missing"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(data: bytes, code: str) -> None:
    assert problems_of(data)[0].code == code


def test_too_many_rows_are_refused() -> None:
    rows = [f"S{number},店,沪,,路,,1,1,24小时,1" for number in range(MOST_ROWS + 1)]
    assert problems_of(file_of(*rows)) == [Problem(MOST_ROWS + 2, "", "too-many-rows", {"most": MOST_ROWS})]
    assert len(read_stores(file_of(*rows[:-1]))) == MOST_ROWS


def test_all_problems_are_counted_and_the_first_are_told() -> None:
    with pytest.raises(BadStoresFile) as caught:
        read_stores(file_of(*[f"S{number},,沪,,路,,1,1,24小时,1" for number in range(30)]))
    assert caught.value.count == 30
    assert [problem.row for problem in caught.value.problems] == list(range(2, 2 + MOST_PROBLEMS))


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(chinese and english for chinese, english in SENTENCES.values())


TEXTS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
STORES = st.builds(
    Store,
    code=TEXTS,
    name=TEXTS,
    city=TEXTS.filter(lambda city: not city.endswith("市")),
    district=TEXTS | st.just(""),
    address=TEXTS,
    phone=TEXTS | st.just(""),
    latitude=st.integers(-90_000_000, 90_000_000)
    .map(lambda micro: micro / 1e6)
    .filter(lambda one: "e" not in str(one)),
    longitude=st.integers(-180_000_000, 180_000_000)
    .map(lambda micro: micro / 1e6)
    .filter(lambda one: "e" not in str(one)),
    hours=st.sampled_from(["08:00-22:00", "24小时", "周一至周五 07:30-21:00; 周末 休息"]),
    open=st.booleans(),
)


@given(st.lists(STORES, min_size=1, max_size=5, unique_by=lambda store: store.code))
def test_what_is_written_is_read_back_and_no_cell_is_a_formula(stores: list[Store]) -> None:
    written = write_stores(stores)
    assert read_stores(written.encode()) == stores
    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    assert not [
        cell for cell in cells if cell[0:1] in tuple("=+@＝＋－＠") or (cell[0:1] == "-" and not cell[1:2].isdigit())
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for body in (data, HEADER.encode() + b"\n" + data):
        try:
            read_stores(body)
        except BadStoresFile as error:
            assert error.problems  # noqa: PT017 - either outcome is right
