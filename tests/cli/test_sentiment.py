"""``zhaohu sentiment``: evidence for one text, predictions and figures for a file."""

import gzip
import json
from pathlib import Path

import pytest

from storage.database import Database
from tests.cli.conftest import Zhaohu

ROWS = [
    {"id": "a", "text": "难喝", "label": "negative"},
    {"id": "b", "text": "怎么退款", "label": "neutral"},
    {"id": "c", "text": "好喝", "label": "positive"},
    {"id": "d", "text": "好喝", "label": "neutral", "place": "ignored"},
]


def write(path: Path, rows: list[dict[str, str]]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")


@pytest.mark.parametrize("name", ["test.jsonl", "test.jsonl.gz"])
def test_each_line_gets_a_label_and_a_score_in_its_order(zhaohu: Zhaohu, folder: Path, name: str) -> None:
    write(folder / name, ROWS)
    done = zhaohu("sentiment", "evaluate", name, "--predictions", "out.jsonl", "--json")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(row["id"], row["label"]) for row in rows] == [
        ("a", "negative"),
        ("b", "neutral"),
        ("c", "positive"),
        ("d", "positive"),
    ]
    assert all(set(row) == {"id", "label", "score"} for row in rows)
    found = json.loads(done.output)
    assert found["rates"]["positive"] == {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3)}
    assert found["macro_f1"] == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    assert (found["messages"], found["false_alarms"]) == (4, 0.0)
    assert found["microseconds_per_message"] > 0


def test_figures_are_printed_where_labels_are_known_and_left_out_where_not(zhaohu: Zhaohu, folder: Path) -> None:
    write(folder / "with.jsonl", ROWS)
    write(folder / "without.jsonl", [{"id": row["id"], "text": row["text"]} for row in ROWS])
    assert "macro F1" in zhaohu("sentiment", "evaluate", "with.jsonl", "--predictions", "out.jsonl").output
    bare = zhaohu("sentiment", "evaluate", "without.jsonl", "--predictions", "out.jsonl")
    assert "macro F1" not in bare.output
    assert "microseconds per message" in bare.output


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": "a"}', '"text" must be a text'),
        ('{"text": "a"}', '"id" must be a text'),
        ('{"id": "a", "text": "b", "label": "angry"}', '"label" must be one of'),
        ("[]", "not a JSON object"),
    ],
)
def test_a_wrong_line_is_named(zhaohu: Zhaohu, folder: Path, line: str, told: str) -> None:
    (folder / "test.jsonl").write_text(line + "\n", "utf-8")
    done = zhaohu("sentiment", "evaluate", "test.jsonl", "--predictions", "out.jsonl")
    assert done.exit_code == 1
    assert f"test.jsonl:1: {told}" in done.output


def test_one_text_is_shown_with_its_evidence(zhaohu: Zhaohu, brand: Database) -> None:
    told = zhaohu("sentiment", "match", "咖啡凉了，垃圾").output
    assert "negative" in told
    assert "at 2   凉了" in told
    found = json.loads(zhaohu("sentiment", "match", "--json", "咖啡凉了").output)
    assert found["label"] == "negative"
    assert found["evidence"] == [{"start": 2, "words": "凉了", "weight": -1.6}]
