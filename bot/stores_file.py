"""A file of stores: CSV that staff wrote, checked whole, and the same written back. Pure.

The columns are ``code, name, city, district, address, phone, latitude, longitude, hours, open`` in any order, or their Chinese names. A file
with one bad row is refused whole, with every row that is bad and why (the first MOST_PROBLEMS of them).

BadStoresFile   the file cannot be imported; ``problems`` say where and why
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from intents.business_hours import HoursNotUnderstood, parse
from storage.stores import Store

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 50_000
MOST_PROBLEMS = 20
COLUMNS = ("code", "name", "city", "district", "address", "phone", "latitude", "longitude", "hours", "open")
CHINESE_NAMES = MappingProxyType(
    dict(zip(("编号", "店名", "城市", "区", "地址", "电话", "纬度", "经度", "营业时间", "营业"), COLUMNS, strict=True))
)
LONGEST = MappingProxyType(
    {"code": 32, "name": 30, "city": 12, "district": 15, "address": 60, "phone": 30, "hours": 100}
)  # characters; three stores of this size still fit in one reply
_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,15})?", re.ASCII)
_FORMULA = re.compile(r"'?[=+\-@＝＋－＠]")  # what a spreadsheet would carry out, or hide behind the mark that stops it
_NEEDED = ("code", "name", "city", "address", "latitude", "longitude", "hours")
_TRUTH = MappingProxyType(
    dict.fromkeys(("", "1", "true", "yes", "是", "营业"), True)
    | dict.fromkeys(("0", "false", "no", "否", "停业"), False)
)

SENTENCES = MappingProxyType(
    {
        "too-big": ("文件超过 {most} MB", "the file is larger than {most} MB"),
        "too-many-rows": ("超过 {most} 行", "there are more than {most} rows"),
        "bad-encoding": ("文件编码看不懂，请存成 UTF-8 的 CSV", "the encoding is neither UTF-8 nor GB18030"),
        "bad-csv": ("CSV 格式不对：{reason}", "this is not CSV: {reason}"),
        "empty": ("文件里没有门店", "the file holds no stores"),
        "unknown-column": ("不认识“{name}”这一列", "the column {name} is unknown"),
        "column-twice": ("“{name}”这一列出现了两次", "the column {name} is there twice"),
        "column-missing": ("缺少“{name}”这一列", "the column {name} is missing"),
        "cells": ("有 {found} 格，表头是 {wanted} 格", "the row has {found} cells, the header {wanted}"),
        "needed": ("不能为空", "must not be empty"),
        "too-long": ("最多 {most} 个字", "takes at most {most} characters"),
        "bad-text": ("含有看不见的字符", "holds invisible characters"),
        "not-a-number": ("“{value}”不是数字", "“{value}” is no number"),
        "out-of-range": ("“{value}”超出了 {least} 到 {most}", "{value} is not between {least} and {most}"),
        "not-truth": ("“{value}”要写 1（营业）或 0（停业）", "“{value}” should be 1 (trades) or 0 (does not)"),
        "bad-hours": ("{chinese}", "{english}"),
        "code-twice": ("编号“{code}”和第 {first} 行重复", "the code {code} was used in row {first} already"),
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the file: its row (1 is the header, 0 the file as a whole), column (or empty), and why in both languages."""

    row: int
    column: str
    code: str
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def chinese(self) -> str:
        """The reason in Chinese."""
        return SENTENCES[self.code][0].format(**self.details)

    @property
    def english(self) -> str:
        """The reason in English."""
        return SENTENCES[self.code][1].format(**self.details)

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.english}" if self.row else self.english


class BadStoresFile(Exception):
    """The file cannot be imported; ``problems`` are the first MOST_PROBLEMS of ``count``."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[:MOST_PROBLEMS])
        self.problems = problems[:MOST_PROBLEMS]
        self.count = len(problems)


def read_stores(data: bytes) -> list[Store]:
    """Return the stores of a CSV file. Raises BadStoresFile."""
    if len(data) > MOST_BYTES:
        raise BadStoresFile([Problem(0, "", "too-big", {"most": MOST_BYTES // 1024 // 1024})])
    rows = _rows(_decoded(data))
    header_row, header = next(rows, (1, []))
    columns = _columns(header_row, header)
    stores, problems, seen = list[Store](), list[Problem](), dict[str, int]()
    for count, (number, cells) in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise BadStoresFile([Problem(number, "", "too-many-rows", {"most": MOST_ROWS}), *problems])
        found = _store(number, columns, cells)
        if isinstance(found, list):
            problems += found
        elif found.code in seen:
            problems.append(Problem(number, "code", "code-twice", {"code": found.code, "first": seen[found.code]}))
        else:
            seen[found.code] = number
            stores.append(found)
    if problems or not stores:
        raise BadStoresFile(problems or [Problem(0, "", "empty")])
    return stores


def write_stores(stores: Iterable[Store]) -> str:
    """Return the stores as CSV that ``read_stores`` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for store in stores:
        values = (getattr(store, name) for name in COLUMNS)
        writer.writerow(_written(value) for value in values)
    return out.getvalue()


def _written(value: str | float | bool) -> str | float:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    return int(value) if isinstance(value, bool) else value


def _read(cell: str) -> str:
    """Return what a cell says, without the mark that ``_written`` put before a formula's sign."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _decoded(data: bytes) -> str:
    """Return the text of the file: UTF-8 with or without a mark, else GB18030, which Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadStoresFile([Problem(0, "", "bad-encoding")])


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, trimmed, with its number as a spreadsheet counts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            trimmed = [_read(cell) for cell in cells]
            if any(trimmed):
                yield number, trimmed
    except csv.Error as error:
        raise BadStoresFile([Problem(number + 1, "", "bad-csv", {"reason": str(error)})]) from error


def _columns(row: int, header: list[str]) -> list[str]:
    """Return our names of the columns. Raises BadStoresFile with all that is wrong with them."""
    names = [CHINESE_NAMES.get(name, name.lower()) for name in header]
    if not names:
        raise BadStoresFile([Problem(0, "", "empty")])
    problems = [
        Problem(row, "", "column-twice" if name in COLUMNS else "unknown-column", {"name": header[at][:40]})
        for at, name in enumerate(names)
        if name not in COLUMNS or name in names[:at]
    ]
    problems += [Problem(row, "", "column-missing", {"name": name}) for name in _NEEDED if name not in names]
    if problems:
        raise BadStoresFile(problems)
    return names


def _store(row: int, columns: list[str], cells: list[str]) -> Store | list[Problem]:
    """Return the store of a row, or all that is wrong with it."""
    if len(cells) != len(columns):
        return [Problem(row, "", "cells", {"found": len(cells), "wanted": len(columns)})]
    values = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=True))
    problems = [problem for name, value in values.items() if (problem := _problem_of(row, name, value))]
    if problems:
        return problems
    return Store(
        code=values["code"],
        name=values["name"],
        city=_plain_city(values["city"]),
        district=values["district"],
        address=values["address"],
        phone=values["phone"],
        latitude=float(values["latitude"]),
        longitude=float(values["longitude"]),
        hours=values["hours"],
        open=_TRUTH[values["open"].lower()],
    )


def _problem_of(row: int, name: str, value: str) -> Problem | None:
    """Return what is wrong with one cell, None when nothing is."""
    if not value and name in _NEEDED:
        return Problem(row, name, "needed")
    if name in LONGEST and len(value) > LONGEST[name]:
        return Problem(row, name, "too-long", {"most": LONGEST[name]})
    if any(not character.isprintable() for character in value):
        return Problem(row, name, "bad-text")
    if name in ("latitude", "longitude"):
        return _problem_of_degrees(row, name, value, 90 if name == "latitude" else 180)
    if name == "open" and value.lower() not in _TRUTH:
        return Problem(row, name, "not-truth", {"value": value[:20]})
    if name == "hours":
        try:
            parse(value)
        except HoursNotUnderstood as error:
            return Problem(row, name, "bad-hours", {"chinese": error.chinese, "english": str(error)})
    return None


def _problem_of_degrees(row: int, name: str, value: str, most: int) -> Problem | None:
    if not _DEGREES.fullmatch(value):
        return Problem(row, name, "not-a-number", {"value": value[:20]})
    if abs(float(value)) > most:
        return Problem(row, name, "out-of-range", {"value": value[:20], "least": -most, "most": most})
    return None


def _plain_city(city: str) -> str:
    """Return the city as people say it, without 市, so that one city is not two."""
    return city.removesuffix("市") if len(city) > 2 else city
