"""``zhaohu chat``: a phone in the terminal."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE

import pytest
from click.testing import CliRunner

from bot.cli.chat import chat
from bot.cli.context import Context
from bot.simulator.records import Shown
from storage import exchanges, members, simulated_deliveries
from storage.database import Database
from templates.content import Content

OPENID = "oSayFromTheTerminal"


def typed(*lines: str) -> tuple[str, str]:
    """Type lines into the chat and return what it printed, and what it complained about."""
    context = Context()
    result = CliRunner().invoke(chat, input="".join(f"{line}\n" for line in lines), obj=context)
    context.database.close()
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_words_are_answered(brand: Database) -> None:
    out, err = typed("签到", "我的积分", "/quit", "还在说")
    assert "签到成功" in out
    assert "当前" in out
    assert err == ""
    member_id = members.member_ids_by_openid(brand, OPENID)[0]
    assert [each.text for each in exchanges.timeline(brand, member_id) if each.direction == "in"] == [
        "签到",
        "我的积分",
    ]


def test_it_ends_with_the_input(brand: Database) -> None:
    assert typed()[0].strip() == "/help  /quit"


def test_a_message_delivered_again_counts_once(brand: Database) -> None:
    out, _ = typed("签到", "/again")
    assert out.count("签到成功") == 1
    assert "the same reply, nothing counted twice" in out


def test_all_that_a_phone_can_do(brand: Database) -> None:
    typed(
        "/follow flyer_spring", "/scan bag_gift", "/menu ZH_MENU_CHECKIN", "/location 31.2，121.4 静安", "/picture",
        "/voice", "/video", "/unfollow", "/help",
    )  # fmt: skip
    member_id = members.member_ids_by_openid(brand, OPENID)[0]
    kinds = [each.kind for each in exchanges.timeline(brand, member_id) if each.direction == "in"]
    assert kinds == [
        "event.subscribe", "event.scan", "event.click", "location", "image", "voice", "video", "event.unsubscribe"
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["/fly", "/location", "/location here", "/location 1,2,3", "/again"])
def test_what_is_not_understood_is_said_and_sends_nothing(brand: Database, line: str) -> None:
    _, err = typed(line)
    assert err
    assert members.member_ids_by_openid(brand, OPENID) == []


@pytest.mark.slow
def test_an_empty_line_shows_what_an_agent_answered_meanwhile(brand: Database) -> None:
    shown, now = Shown(via="api", content=Content("text", text="您好，我是林夏")), datetime.now(UTC)
    program = [sys.executable, "-c", "from bot.cli.main import main; main()", "chat"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(program, stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8", env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        print("签到", file=process.stdin, flush=True)
        while "签到成功" not in process.stdout.readline():
            pass
        brand.write(lambda tx: simulated_deliveries.keep(tx, OPENID, "down", shown.to_text(), now))
        print("\n/quit", file=process.stdin, flush=True)
        assert "您好，我是林夏" in process.stdout.read()
