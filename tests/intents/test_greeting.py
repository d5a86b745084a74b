"""Greeting: by the brand's clock, not the server's."""

from datetime import UTC, datetime

import pytest

from intents import greeting
from storage import members
from storage.database import Database, Transaction
from tests.intents.spoken import intents, labels, spoken
from tests.intents.turns import answer, member_of


@pytest.mark.parametrize(
    ("utc_hour", "words"),
    [
        (22, "早上好"),
        (2, "早上好"),
        (3, "中午好"),
        (5, "下午好"),
        (9, "下午好"),
        (10, "晚上好"),
        (15, "夜深了"),
        (20, "夜深了"),
    ],
)
def test_the_greeting_follows_the_hour_in_the_brands_zone(database: Database, utc_hour: int, words: str) -> None:
    reply = answer(database, greeting.handle, "你好", now=datetime(2026, 1, 1, utc_hour, 0, tzinfo=UTC))
    assert spoken(reply).startswith(words + "！")


def test_a_member_whose_name_is_known_is_called_by_it(database: Database) -> None:
    def rename(tx: Transaction) -> None:
        members.update_profile(tx, member_of(tx), name="林晓{{7*7}}", phone="", city="", remark="", tags=[])

    database.write(rename)
    assert spoken(answer(database, greeting.handle, "你好")).startswith("中午好，林晓{{7*7}}！")


def test_it_offers_what_to_do_next_but_nothing_that_is_switched_off(database: Database) -> None:
    known = intents()
    reply = answer(database, greeting.handle, "你好", intents={"help": known["help"]})
    assert labels(reply) == ["help"]
    assert reply.choices[0].label == known["help"].title
