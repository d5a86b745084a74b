"""Manners of every command: help with an example, errors in one line, and pages that agree with the commands."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.cli.reference import DOCS, commands_page, helps, settings_page, write_pages
from bot.settings import Settings
from storage.database import Database
from tests.conftest import ENVIRONMENT
from tests.faults.web_process import free_port

COMMANDS = dict(helps())
NOBODY = free_port()  # listens there


def typed(folder: Path, *words: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """Run ``zhaohu`` as a program of its own, in a folder, with the settings of the tests."""
    environment: Mapping[str, str] = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **ENVIRONMENT,
        "PYTHONPATH": str(DOCS.parent),
        "DATABASE_URL": "sqlite:///brand.db",
        **changed,
    }
    program = [sys.executable, "-c", "from bot.cli.main import main; main()", *words]
    return subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_a_sentence_and_an_example(command: str) -> None:
    text = " ".join(COMMANDS[command].split()).replace("Usage: " + command, "", 1)
    assert f"{command} " in f"{text} ", "give an example: the command as it is typed"
    assert "Options:" in text


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert (DOCS / "commands.md").read_text("utf-8") == commands_page(), "stale: run make docs"
    assert all(f"\n## {command}\n" in commands_page() for command in COMMANDS)


def test_the_page_of_settings_is_what_the_table_says() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    assert page == settings_page(), "stale: run make docs"
    for entry in fields(Settings):
        assert f"| `{entry.name.upper()}` |" in page
        assert entry.metadata["meaning"]


def test_pages_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    write_pages(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["commands.md", "settings.md"]


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    done = typed(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Commands:" in done.stderr


@pytest.mark.parametrize(
    ("words", "changed", "status", "said"),
    [
        (["membership"], {}, 2, "membership"),
        (["token", "add"], {}, 2, "NAME"),
        (["token", "add", "crm"], {}, 2, "--scope"),
        (["export", "secrets"], {}, 2, "exchanges"),
        (["menu", "show", "--version", "9" * 30], {}, 2, "--version"),
        (["restore", "nowhere.db"], {}, 2, "nowhere.db"),
        (["migrate"], {"PORT": "0"}, 1, "PORT must be a port from 1 to 65535, not '0'"),
        (["migrate"], {"DATABASE_URL": "mysql://db/brand"}, 1, "DATABASE_URL"),
        (["migrate"], {"DATABASE_URL": "sqlite:////dev/null/x/brand.db"}, 1, "/dev/null/x"),
        (["migrate"], {"DATABASE_URL": "sqlite:////dev/null/x/brand.db", "SECRET_KEY": ""}, 1, "/dev/null/x"),
        (["serve"], {"WECHAT_TOKEN": ""}, 1, "WECHAT_TOKEN is missing"),
        (["token", "list"], {}, 1, "there is no database at brand.db: correct DATABASE_URL"),
        (["token", "list"], {}, 1, "zhaohu migrate"),
        (["say", "签到", "--demo"], {}, 1, "zhaohu demo --data-only"),
        (["serve"], {"HOST": "brand.invalid"}, 1, "HOST must be an address of this machine"),
        (["stores", "list"], {"DATABASE_URL": f"postgresql://u:hush@127.0.0.1:{NOBODY}/brand"}, 1, "start the server"),
        (["migrate"], {"DATABASE_URL": f"postgresql://u:hush@127.0.0.1:{NOBODY}/brand"}, 1, "Connection refused"),
        (["backup", "copy"], {"DATABASE_URL": "postgresql://u:hush@brand.invalid/x"}, 1, "(DNS)"),
    ],
)
def test_an_error_is_one_line_that_says_what_is_wrong(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    changed: dict[str, str],
    status: int,
    said: str,
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    assert refusal(monkeypatch, capsys, *words, said=said) == status


# What is typed after each command that works with the database.
NEEDS_DATABASE = (
    "backup copy.db",
    "chat",
    "coupons list",
    "export members",
    "intents match 你好",
    "members tags",
    "menu versions",
    "notices list",
    "qr list",
    "say 你好",
    "sentiment match 好",
    "stores list",
    "token list",
    "user add xiaoyu --role admin",
    "wechat quota",
    "worker",
)


@pytest.mark.parametrize("line", NEEDS_DATABASE)
def test_a_command_in_the_wrong_folder_makes_nothing_there(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere/brand.db")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert refusal(monkeypatch, capsys, *line.split(), said="there is no database at elsewhere/brand.db") == 1
    assert list(folder.iterdir()) == []


def test_a_file_that_is_something_else_is_named_and_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "brand.db").write_text("a letter, not a database\n" * 100)
    for words in (["migrate"], ["token", "list"]):
        assert refusal(monkeypatch, capsys, *words, said="brand.db cannot be used: file is not a database") == 1
    assert (folder / "brand.db").read_text().startswith("a letter")


def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str, said: str) -> int:
    """Run a command line that is refused; return its status after checking that it said so in one line."""
    monkeypatch.setattr(sys, "argv", ["zhaohu", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("zhaohu: ")
    assert shown.err.count("\n") == 1, shown.err
    assert said in shown.err
    return int(str(ended.value.code))


def test_a_database_of_another_release_is_one_line(
    brand: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    brand.write(lambda tx: tx.execute("INSERT INTO schema_migrations (number, name) VALUES (9999, 'later')"))
    assert refusal(monkeypatch, capsys, "token", "list", said="install the newer release") == 1


def test_a_status_given_to_the_shell_is_kept(tmp_path: Path) -> None:
    done = typed(tmp_path, "doctor", "--offline", "--json")
    assert done.returncode == 1
    assert '"ok": false' in done.stdout
    assert done.stderr == ""


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", "from bot.cli.main import main; main()", "--help"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(DOCS.parent)},
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert b"Traceback" not in done.stderr
