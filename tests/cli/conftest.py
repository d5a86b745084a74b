"""The command line in a folder of its own, with a database there."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import Context
from bot.cli.main import cli
from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database
from tests.conftest import ENVIRONMENT

Zhaohu = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder with the settings of the tests."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///brand.db")
    monkeypatch.setenv("DESK_HOURS", "00:00-24:00")  # commands go by the real clock, and tests run at any hour
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def brand(folder: Path) -> Iterator[Database]:
    """The database that the commands work with."""
    with closing(open_database(f"sqlite:///{folder / 'brand.db'}")) as opened:
        migrate(opened)
        yield opened


@pytest.fixture
def zhaohu(folder: Path) -> Zhaohu:
    """Run a command as it is typed, each time as a program of its own."""

    def run(*words: str) -> Result:
        context = Context()
        command, rest = cli.commands[words[0]], list(words[1:])
        result = CliRunner().invoke(command, rest, obj=context, prog_name=f"zhaohu {words[0]}")
        context.close()
        return result

    return run
