"""Scripted intents: files read strictly, records of staff over them, and their replies."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intents.registry import all_intents
from intents.scripted.loading import BadScriptedIntent, from_record, read, shipped
from intents.types import Keyword
from storage.database import Database
from storage.scripted_intents import ScriptedIntent
from tests.intents.spoken import spoken
from tests.intents.turns import answer

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
RECORD = ScriptedIntent(
    "parking", "停车", ("停哪儿", "有车位吗"), (("停车", 3),), enabled=True, updated_by="x", updated_at=NOW
)
GOOD = 'title = "停车"\nphrases = ["停哪儿", "有车位吗"]\n[keywords]\n"停车" = 3\n'


def by_name(*records: ScriptedIntent) -> dict[str, tuple[str, ...]]:
    return {intent.name: intent.phrases for intent in all_intents(records)}


def test_what_is_shipped_is_what_the_account_needs_first() -> None:
    names = {intent.name for intent in shipped()}
    assert names >= {
        "opening_hours",
        "delivery",
        "payment",
        "invoice",
        "refund",
        "membership_card",
        "follow",
        "unfollow",
        "points_rules",
        "robot",
    }


def test_who_wants_no_more_messages_is_told_how_to_unfollow_and_what_is_sent_at_all(database: Database) -> None:
    [intent] = [intent for intent in shipped() if intent.name == "unfollow"]
    said = spoken(answer(database, intent.handler, "怎么退订"))
    assert "不再关注" in said
    assert "群发消息" in said
    assert "允许一次只发一条" in said


@pytest.mark.parametrize("name", [intent.name for intent in shipped()])
def test_each_shipped_intent_answers_with_its_own_words(database: Database, name: str) -> None:
    [intent] = [intent for intent in shipped() if intent.name == name]
    reply = answer(database, intent.handler, intent.phrases[0])
    assert reply.template == name
    assert len(spoken(reply)) > 20


def test_who_asks_whether_we_are_a_machine_is_told_so_and_how_to_get_a_person(database: Database) -> None:
    [intent] = [intent for intent in shipped() if intent.name == "robot"]
    said = spoken(answer(database, intent.handler, "你是机器人吗"))
    assert "不是真人" in said
    assert "回复“人工”" in said


def test_a_file_is_read_as_it_is_written() -> None:
    intent = read("parking.toml", GOOD.encode())
    assert (intent.name, intent.title) == ("parking", "停车")
    assert intent.phrases == ("停哪儿", "有车位吗")
    assert intent.keywords == (Keyword("停车", 3),)
    assert intent.replies == ("parking",)


@pytest.mark.parametrize(
    ("file_name", "content", "reason"),
    [
        ("parking.toml", "title = ", "not TOML"),
        ("parking.toml", "\udcff", "not UTF-8"),
        ("parking.toml", GOOD.replace('title = "停车"', ""), "title '' has no words"),
        ("parking.toml", GOOD.replace('"停车"\n', "7\n", 1), "title must be a str"),
        ("parking.toml", GOOD.replace("停车", "停" * 13, 1), "longer than 12"),
        ("parking.toml", 'title = "停车"', "0 phrases"),
        ("parking.toml", GOOD.replace('"有车位吗"', "3"), "phrase 3 has no words"),
        ("parking.toml", GOOD.replace("有车位吗", "？！"), "phrase '？！' has no words"),
        ("parking.toml", GOOD.replace("有车位吗", "停 哪 儿？"), "are the same"),
        ("parking.toml", GOOD.replace("有车位吗", "长" * 101), "longer than 100"),
        ("parking.toml", GOOD.replace("= 3", "= 10"), "must be 0 to 9"),
        ("parking.toml", GOOD.replace("= 3", "= true"), "must be 0 to 9"),
        ("parking.toml", GOOD.replace("= 3", "= -1"), "must be 0 to 9"),
        ("parking.toml", GOOD.replace("phrases", "phrase"), "unknown key: phrase"),
        ("Parking.toml", GOOD, "not made of a to z"),
        ("../x.toml", GOOD, "not made of a to z"),
        ("停车.toml", GOOD, "not made of a to z"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(file_name: str, content: str, reason: str) -> None:
    with pytest.raises(BadScriptedIntent) as refused:
        read(file_name, content.encode("utf-8", "surrogateescape"))
    assert str(refused.value).startswith(f"{file_name}: ")
    assert reason in refused.value.reason


def test_an_intent_of_staff_joins_the_others_and_answers(database: Database) -> None:
    names = by_name(RECORD)
    assert names["parking"] == ("停哪儿", "有车位吗")
    assert len(names) == len(by_name()) + 1
    assert answer(database, from_record(RECORD).handler, "停哪儿").values == {"brand": "山茶咖啡", "remind_link": ""}


def test_a_record_takes_the_place_of_what_is_shipped() -> None:
    names = by_name(replace(RECORD, name="invoice", phrases=("开票",)))
    assert names["invoice"] == ("开票",)
    assert len(names) == len(by_name())


def test_a_record_switched_off_takes_its_intent_away() -> None:
    off = replace(RECORD, enabled=False)
    assert by_name().keys() - by_name(off, replace(off, name="invoice")).keys() == {"invoice"}


def test_a_record_cannot_take_the_place_of_code(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert by_name(replace(RECORD, name="coupon_claim", enabled=False)) == by_name()
    assert "coupon_claim is not used" in caplog.text


def test_a_broken_record_leaves_what_is_shipped_and_the_other_records(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        names = by_name(replace(RECORD, name="invoice", phrases=()), RECORD)
    assert names["invoice"] == by_name()["invoice"]
    assert "parking" in names
    assert "invoice: 0 phrases" in caplog.text
