"""docs/stores.md tells the truth: its example file is read, its hours are understood, its columns are all there are."""

import re
from pathlib import Path

from bot.stores_file import CHINESE_NAMES, COLUMNS, read_stores
from intents.business_hours import parse

GUIDE = Path(__file__).parents[2].joinpath("docs", "stores.md").read_text("utf-8")


def test_the_example_file_is_read() -> None:
    example = re.search(r"```csv\n(.*?)```", GUIDE, re.DOTALL)
    assert example is not None
    assert [store.code for store in read_stores(example[1].encode())] == ["SH0001", "SH0002"]


def test_every_column_is_told_under_both_names() -> None:
    table = GUIDE.split("## The file")[1].split("##")[0]
    assert re.findall(r"^\| `(\w+)` \| (\S+) \|", table, re.MULTILINE) == [
        (column, chinese) for chinese, column in CHINESE_NAMES.items()
    ]
    assert len(CHINESE_NAMES) == len(COLUMNS)


def test_every_example_of_hours_is_understood() -> None:
    table = GUIDE.split("## Business hours")[1].split("##")[0]
    examples = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(examples) >= 7
    for example in examples:
        assert len(parse(example).days) == 7
