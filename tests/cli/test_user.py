"""``zhaohu user``: adding people, showing them, shutting them out, giving them a new link."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import Context
from bot.cli.main import main
from bot.cli.user import user_group
from bot.web.passwords import is_right
from storage import users
from storage.audit import list_audit
from storage.migrations import migrate
from storage.opening import open_database

GOOD = "four more words nobody guesses"
Run = Callable[..., Result]


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "a-key-for-tests-that-is-long-enough")
    monkeypatch.setenv("BASE_URL", "https://wechat.example.com")
    opened = open_database(url)
    migrate(opened)
    opened.close()
    context = Context()
    yield context
    context.database.close()


@pytest.fixture
def run(context: Context) -> Run:
    return lambda *words, typed="": CliRunner().invoke(user_group, list(words), obj=context, input=typed)


def test_adding_prints_a_link_that_sets_up_that_user(context: Context, run: Run) -> None:
    done = run("add", "xiaoyu", "--role", "agent", "--display-name", "小雨")
    assert done.exit_code == 0
    address, _, token = done.stdout.strip().rpartition("/")
    assert address == "https://wechat.example.com/setup"
    user = users.find_user_of_setup_link(context.database, token, datetime.now(UTC))
    assert user is not None
    assert (user.name, user.role, user.display_name) == ("xiaoyu", "agent", "小雨")


def test_password_can_come_from_a_script(context: Context, run: Run) -> None:
    done = run("add", "boss", "--role", "admin", "--password-stdin", typed=f"{GOOD}\n")
    assert (done.exit_code, done.stdout) == (0, "boss can sign in with the password given\n")
    user = users.find_user_by_name(context.database, "boss")
    assert user is not None
    assert is_right(user.password_hash, GOOD)


@pytest.mark.parametrize("typed", ["short\n", "", "my name is boss, hello\n", "qwertyuiop123\n"])
def test_poor_password_from_a_script_adds_nobody(context: Context, run: Run, typed: str) -> None:
    done = run("add", "boss", "--role", "admin", "--password-stdin", typed=typed)
    assert done.exit_code == 1
    assert "password" in done.stderr
    assert users.list_users(context.database) == []


def test_list_shows_names_roles_and_states(run: Run) -> None:
    run("add", "boss", "--role", "admin", "--password-stdin", typed=f"{GOOD}\n")
    run("add", "xiaoyu", "--role", "agent", "--display-name", "小雨")
    assert run("list").stdout == "boss  admin  ready\nxiaoyu  agent  no password yet  小雨\n"
    lines = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert lines[1] == {"name": "xiaoyu", "display_name": "小雨", "role": "agent", "state": "no password yet"}


def test_disabled_user_gets_no_link_until_enabled_again(context: Context, run: Run) -> None:
    run("add", "xiaoyu", "--role", "agent")
    assert run("disable", "xiaoyu").exit_code == 0
    assert run("list").stdout == "xiaoyu  agent  disabled\n"
    refused = run("reset", "xiaoyu")
    assert refused.exit_code == 1
    assert "zhaohu user enable xiaoyu" in refused.stderr
    assert run("enable", "xiaoyu").exit_code == 0
    assert "/setup/" in run("reset", "xiaoyu").stdout
    assert [entry.action for entry in list_audit(context.database, limit=9)] == [
        "user.reset",
        "user.enabled",
        "user.disabled",
        "user.added",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("disable", "nobody"),
        ("reset", "nobody"),
        ("enable", "nobody"),
        ("add", "boss", "--role", "admin"),
        ("add", "x", "--role", "admin"),
        ("disable", "boss"),
    ],
)
def test_mistakes_are_one_line_and_status_1(
    context: Context,
    run: Run,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("add", "boss", "--role", "admin")
    monkeypatch.setattr("sys.argv", ["zhaohu", "user", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == 1
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("zhaohu: ")
