"""Records as lines of JSON or as a table for spreadsheets, one at a time, so that any number fits in the same memory."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal, TextIO

from bot.records import Collection

Format = Literal["jsonl", "csv"]
Writer = Callable[[TextIO, Collection, Iterable[Mapping[str, object]]], int]
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for something else
# What a spreadsheet may carry out, also after blanks or signs that cannot be seen.
_FORMULA = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[\t\r\n=+\-@＝＋－＠]")


def write_jsonl(file: TextIO, collection: Collection, records: Iterable[Mapping[str, object]]) -> int:  # noqa: ARG001 (as its sibling)
    """Write one JSON object a line and return how many."""
    count = 0
    for record in records:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(file: TextIO, collection: Collection, records: Iterable[Mapping[str, object]]) -> int:
    """Write a table with a head, every cell quoted, none of them a formula, and return how many records it has."""
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([field.name for field in collection.fields])
    count = 0
    for record in records:
        writer.writerow([cell_of(value) for value in record.values()])
        count += 1
    return count


WRITERS: Mapping[Format, Writer] = MappingProxyType({"jsonl": write_jsonl, "csv": write_csv})


def cell_of(value: object) -> str | int | float:
    """Return the cell for a value: texts with a mark before what would be a formula, lists and objects as JSON, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if _FORMULA.match(text) else text
