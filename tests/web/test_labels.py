"""What codes are called on pages: no rule, remark, status, reason or slot of the code is left without a word."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from flask import Flask

from bot.web import labels
from bot.web.cards import reasons_of_text
from intents.registry import CODED
from storage.outbox import State

ROOT = Path(__file__).parents[2]
MAKERS_OF_STEPS = [*(ROOT / "intents" / "matching").glob("*.py"), *(ROOT / "bot" / "conversation").glob("*.py")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def written(*, by: str) -> Iterator[list[str]]:
    """Yield the texts given to every call ``by(...)`` in the modules that write cards, empty where one is made at the time."""
    for file in MAKERS_OF_STEPS:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == by:
                given = [one.value if isinstance(one, ast.Constant) else "" for one in node.args]
                yield [value if isinstance(value, str) else "" for value in given]


def reasons_in_code() -> set[str]:
    """Return the reasons the code hands over for."""
    found = set()
    for file in [*(ROOT / "intents").glob("*.py"), *(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").glob("*.py")]:
        found.update(re.findall(r'\bhandoff="(\w+)"|\bhandoff_reason = \'(\w+)\'', file.read_text("utf-8")))
    return {one or other for one, other in found}


def is_named(words: str) -> bool:
    return CHINESE.search(words) is not None


def test_every_rule_of_a_card_is_named(app: Flask) -> None:
    rules = {given[0] for given in written(by="Step") if given[0]}
    assert {"exact", "learned", "clause", "decide"} <= rules
    with app.test_request_context():
        assert [rule for rule in rules if not is_named(labels.rule_label(rule))] == []


def test_every_remark_of_the_matcher_is_named(app: Flask) -> None:
    remarks = {(given[0], given[1]) for given in written(by="Step") if given[0] and given[1]}
    remarks |= {("decide", given[4]) for given in written(by="Decision") if len(given) > 4 and given[4]}
    assert {("place", "nothing but a place was said"), ("decide", "answer: sure, and ahead of the next")} <= remarks
    with app.test_request_context():
        assert [one for one in remarks if not is_named(labels.found_label(*one))] == []


def test_words_of_the_consumer_stay_as_they_are(app: Flask) -> None:
    with app.test_request_context():
        for rule in ("exact", "fuzzy", "learned", "choice", "menu", "route"):
            assert labels.found_label(rule, "nothing is near = <b>") == "nothing is near = <b>"


@pytest.mark.parametrize(
    ("rule", "found", "shown"),
    [
        ("slots", "city = 上海", "城市：上海"),
        ("pending", "text: 第一行\n第二行", "内容：第一行\n第二行"),
        ("keyword", "人工 (priority 9)", "人工（优先级 9）"),
        ("keyword", "优惠券", "优惠券"),
        ("guard", "签到 is declined", "不要：签到"),
        ("choice", "3 answers a question, it asks none", "单个数字是在回答问题，不是提问"),
    ],
)
def test_what_a_step_found_is_told_with_its_words(app: Flask, rule: str, found: str, shown: str) -> None:
    with app.test_request_context():
        assert labels.found_label(rule, found) == shown


def test_every_reason_for_a_person_is_named(app: Flask) -> None:
    reasons = reasons_in_code()
    assert {"misses", "complaint", "lapsed"} <= reasons
    with app.test_request_context():
        assert [reason for reason in reasons if not is_named(labels.handoff_label(reason))] == []


def test_every_status_and_every_slot_is_named(app: Flask) -> None:
    statuses = {"answered", "missed", "held", "silent", "limited", "replied", *get_args(State)}
    slots = {slot for intent in CODED for slot in intent.slots}
    assert statuses
    assert slots
    with app.test_request_context():
        assert [status for status in statuses if not is_named(labels.status_label(status)[0])] == []
        assert [slot for slot in slots if not is_named(labels.slot_label(slot))] == []


@pytest.mark.parametrize("card", ["", "{", "[]", '{"steps": [["exact"]]}', '{"steps": 3, "margin": 0}'])
def test_a_card_that_cannot_be_read_is_none(app: Flask, card: str) -> None:
    with app.test_request_context():
        assert reasons_of_text(card, {}) is None


def test_a_card_is_told_line_by_line_with_titles(app: Flask) -> None:
    card = json.dumps({"steps": [["exact", "签到", "checkin", 1.0], ["decide", "x", "gone", 0]], "margin": 0.5})
    with app.test_request_context():
        told = reasons_of_text(card, {intent.name: intent for intent in CODED})
    assert told is not None
    assert [(line.rule, line.intent, line.score, line.decides) for line in told.lines] == [
        ("与例句一字不差", "每日签到", 1.0, False),
        ("决定", "gone", None, True),
    ]
    assert told.margin == 0.5
