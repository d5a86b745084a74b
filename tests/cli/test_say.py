"""``zhaohu say``: one message through the real gate."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from bot.cli.context import Context
from bot.cli.terminal import pick_up, words_of
from bot.service import service_of
from storage import exchanges, members
from storage.database import Database
from templates.content import Content

Zhaohu = Callable[..., Result]
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def said_by(brand: Database, openid: str) -> list[tuple[str, str]]:
    found = members.member_ids_by_openid(brand, openid)
    return [(each.direction, each.kind) for each in exchanges.timeline(brand, found[0])] if found else []


def test_the_reply_is_printed_and_recorded(zhaohu: Zhaohu, brand: Database) -> None:
    result = zhaohu("say", "签到")
    assert result.exit_code == 0, result.output
    assert "签到成功" in result.stdout
    assert said_by(brand, "oSayFromTheTerminal") == [("in", "text"), ("out", "text")]


def test_json_tells_what_was_understood(zhaohu: Zhaohu, brand: Database) -> None:
    result = zhaohu("say", "签到", "--openid", "oAlice", "--json")
    told = json.loads(result.stdout)
    assert (told["openid"], told["http_status"], told["intent"], told["status"]) == (
        "oAlice",
        200,
        "checkin",
        "answered",
    )
    assert told["template"] == "checkin_done"
    assert told["reply"]["kind"] == "text"
    assert told["milliseconds"] > 0


def test_following_by_a_scene_comes_first(zhaohu: Zhaohu, brand: Database) -> None:
    result = zhaohu("say", "签到", "--follow", "--scene", "flyer_spring", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["intent"] for line in lines] == ["welcome", "checkin"]
    member = members.member_by_id(brand, members.member_ids_by_openid(brand, "oSayFromTheTerminal")[0])
    assert member is not None
    assert member.source == "flyer_spring"


def test_a_scene_alone_is_scanned(zhaohu: Zhaohu, brand: Database) -> None:
    zhaohu("say", "你好")
    zhaohu("say", "签到", "--scene", "flyer_spring")
    assert ("in", "event.scan") in said_by(brand, "oSayFromTheTerminal")


@pytest.mark.parametrize("mode", ["compatible", "safe"])
def test_it_can_be_encrypted(zhaohu: Zhaohu, brand: Database, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("WECHAT_MODE", mode)
    assert "签到成功" in zhaohu("say", "签到", "--safe").stdout


def test_in_plain_mode_nothing_can_be_encrypted(zhaohu: Zhaohu, brand: Database) -> None:
    result = zhaohu("say", "签到", "--safe")
    assert result.exit_code == 1
    assert "--safe needs WECHAT_ENCODING_AES_KEY" in result.output
    assert said_by(brand, "oSayFromTheTerminal") == []


def test_an_account_without_a_token_can_be_tried(
    zhaohu: Zhaohu, brand: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECHAT_TOKEN", "")
    assert "签到成功" in zhaohu("say", "签到").stdout


def test_silence_is_said_to_be_silence(zhaohu: Zhaohu, brand: Database) -> None:
    zhaohu("say", "人工")
    assert "(no reply)" not in zhaohu("say", "甲乙丙丁戊己").stdout
    result = zhaohu("say", "甲乙丙丁戊己")
    assert (result.exit_code, result.stdout) == (0, "(no reply)\n")


@pytest.mark.parametrize("control", ["\x1b[2J", "\x9b2J", "\x07", "\r", "\x08"])
def test_nothing_that_moves_the_cursor_is_printed(control: str) -> None:
    for content in (Content("text", text=f"甲{control}乙\n丙"), Content("news", title=f"甲{control}乙", link="丙")):
        words = words_of(content)
        assert words.isprintable() or words.replace("\n", "").isprintable()
        assert "甲" in words
        assert "丙" in words


def test_choices_stand_in_brackets_and_links_show_where_they_lead() -> None:
    choice = '<a href="weixin://bizmsgmenu?msgmenucontent=%E7%AD%BE%E5%88%B0&msgmenuid=1">签到</a>'
    text = f'{choice} <a href="https://example.com/">地图</a>'
    assert words_of(Content("text", text=text)) == "[签到] 地图 (https://example.com/)"


def test_what_must_be_learned_is_learned_before_the_message_that_keeps_others_from_writing(brand: Database) -> None:
    context = Context()
    phone = pick_up(context, "oAlice", safe=False, demo=False)
    assert isinstance(phone.application, Flask)
    knowledge = service_of(phone.application).engine.knowledge
    assert [build.failure for build in knowledge.take_builds()] == [""]
    phone.says("签到")
    assert knowledge.take_builds() == []
    context.close()
