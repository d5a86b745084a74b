"""``zhaohu demo``: everything from one command, and never a real brand's data."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests
from click.testing import Result

from bot.cli.demo_settings import demo_environment, kept_secrets
from bot.demo.brand import STAFF
from bot.settings import read_settings
from bot.web.passwords import is_right, why_refused
from storage import members, users
from storage.database import Database
from storage.opening import open_database

Zhaohu = Callable[..., Result]
SECONDS_TO_START = 30.0
DEMO_ONLY = ("DATABASE_URL", "BRAND_NAME", "BASE_URL", "SECRET_KEY")


@pytest.fixture
def demo_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder with an environment that says nothing."""
    for name in list(os.environ):
        if name.startswith("WECHAT_") or name in DEMO_ONLY:
            monkeypatch.delenv(name)
    return folder


@contextmanager
def demo_database(folder: Path) -> Iterator[Database]:
    with closing(open_database(f"sqlite:///{folder / 'data' / 'demo.db'}")) as opened:
        yield opened


def test_the_data_is_filled_once(zhaohu: Zhaohu, demo_folder: Path) -> None:
    first = zhaohu("demo", "--data-only")
    assert first.exit_code == 0, first.output
    assert "demo data filled: 39 stores, 60 members" in first.stdout
    assert "demo data kept" in zhaohu("demo", "--data-only").stdout
    with demo_database(demo_folder) as database:
        assert members.count_members(database) == 60


def test_secrets_are_kept_for_their_owner_alone(zhaohu: Zhaohu, demo_folder: Path) -> None:
    zhaohu("demo", "--data-only")
    file = demo_folder / "data" / "demo.json"
    before = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    zhaohu("demo", "--data-only", "--reset")
    assert file.read_text() == before
    passwords = json.loads(before)["passwords"]
    assert set(passwords) == {person.name for person in STAFF}
    assert len(set(passwords.values())) == len(STAFF)
    assert all(why_refused(password, name, "汀禾咖啡") is None for name, password in passwords.items())


def test_the_printed_passwords_are_right_even_after_they_were_lost(zhaohu: Zhaohu, demo_folder: Path) -> None:
    zhaohu("demo", "--data-only")
    (demo_folder / "data" / "demo.json").unlink()
    zhaohu("demo", "--data-only")
    passwords = kept_secrets("sqlite:///data/demo.db").passwords
    with demo_database(demo_folder) as database:
        for name, password in passwords.items():
            user = users.find_user_by_name(database, name)
            assert user is not None
            assert is_right(user.password_hash, password)


def test_say_reaches_the_demo(zhaohu: Zhaohu, demo_folder: Path) -> None:
    zhaohu("demo", "--data-only")
    result = zhaohu("say", "签到", "--demo", "--follow", "--safe")
    assert result.exit_code == 0, result.output
    assert "欢迎关注汀禾咖啡" in result.stdout
    assert "签到成功" in result.stdout


def test_reset_begins_anew(zhaohu: Zhaohu, demo_folder: Path) -> None:
    zhaohu("demo", "--data-only")
    zhaohu("say", "签到", "--demo")
    result = zhaohu("demo", "--data-only", "--reset")
    assert "demo data filled" in result.stdout
    with demo_database(demo_folder) as database:
        assert members.count_members(database) == 60


def test_a_real_brands_database_is_left_alone(zhaohu: Zhaohu, brand: Database) -> None:
    zhaohu("say", "你好")
    for words in (["--data-only"], ["--data-only", "--reset"]):
        result = zhaohu("demo", *words)
        assert result.exit_code == 1
        assert "member" in result.output
    assert members.count_members(brand) == 1


def test_only_a_file_can_be_thrown_away(zhaohu: Zhaohu, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = zhaohu("demo", "--data-only", "--reset")
    assert result.exit_code == 1
    assert "--reset throws only a SQLite file away" in result.output


def test_nothing_of_an_env_file_gets_into_the_demo(demo_folder: Path) -> None:
    env_file = demo_folder / ".env"
    env_file.write_text(
        "BASE_URL=https://real.example.com\nWECHAT_APP_SECRET=real\nMEMBER_RATE_LIMIT=1/1\nSECRET_KEY=real-and-long-enough\n"
    )
    given = {"PORT": "8123", "TIMEZONE": "Asia/Tokyo", "DESK_HOURS": "10:00-11:00"}
    settings = read_settings(demo_environment(given), env_file)
    assert settings.desk_hours.opens.hour == 10
    assert (settings.base_url, settings.secret_key, settings.port) == ("", "", 8123)
    assert settings.wechat_app_secret != "real"
    assert settings.member_rate_limit.messages == 20
    assert settings.wechat_api_url == "http://127.0.0.1:8123/simulator/wechat-api"
    assert settings.timezone.key == "Asia/Tokyo"
    assert settings.simulator
    assert settings.mode == "compatible"


@pytest.mark.parametrize(
    ("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]"), ("10.0.0.5", "10.0.0.5")]
)
def test_the_worker_reaches_the_stand_in_whatever_is_listened_on(demo_folder: Path, host: str, reached: str) -> None:
    assert demo_environment({"HOST": host})["WECHAT_API_URL"] == f"http://{reached}:8000/simulator/wechat-api"


def test_a_port_in_use_is_said_before_anything_is_done(zhaohu: Zhaohu, demo_folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = zhaohu("demo", "--port", str(port))
    assert result.exit_code == 1
    assert f"port {port} is in use" in result.output
    assert "zhaohu demo --port" in result.output
    assert not (demo_folder / "data" / "demo.db").exists()


@pytest.mark.slow
def test_everything_starts_from_one_command(demo_folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [sys.executable, "-c", "from bot.cli.main import main; main()", "demo", "--port", str(port)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with (demo_folder / "printed").open("w+") as printed:
        process = subprocess.Popen(program, stdout=printed, stderr=subprocess.STDOUT, env=environment)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}")
            for path in ("simulator", "desk", "console"):
                answer = requests.get(f"http://127.0.0.1:{port}/{path}/", timeout=5)
                assert answer.status_code == 200, path
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    told = (demo_folder / "printed").read_text()
    passwords = kept_secrets("sqlite:///data/demo.db").passwords
    assert f"http://127.0.0.1:{port}/simulator/" in told
    assert all(f"{name} " in told and password in told for name, password in passwords.items())


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{address}/readyz", timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail("the demo did not start")
