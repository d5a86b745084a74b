"""What the doctor says of the disk, of keys, and of the platform's answer."""

import secrets
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.diagnosis.surroundings import check_disk, check_settings, is_public
from bot.settings import Settings, read_settings
from tests.conftest import ENVIRONMENT

GOOD: Settings = replace(
    read_settings(ENVIRONMENT),
    secret_key="kF3vQx8zLw5mTn2rYb7pJc4g",
    wechat_token="Qx8zLw5mTn2rYb7p",
    wechat_mode="safe",
    base_url="https://wechat.example.com",
)


def remarks(settings: Settings) -> list[str]:
    found = list(check_settings(settings))
    assert all(finding.check == "settings" and finding.advice for finding in found)
    return [finding.message for finding in found]


def test_the_disk_is_told_with_its_folder_and_room(tmp_path: Path) -> None:
    [finding] = check_disk(tmp_path)
    assert finding.check == "disk"
    assert "GiB free at" in finding.message
    assert str(tmp_path) in finding.message


@pytest.mark.parametrize("draw", [lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(32)])
def test_no_key_that_was_drawn_at_random_is_called_guessable(draw: object) -> None:
    for _ in range(200):
        assert remarks(replace(GOOD, secret_key=draw())) == []  # type: ignore[operator]


@given(st.text(alphabet=string.ascii_letters + string.digits, min_size=1, max_size=2), st.integers(8, 20))
def test_a_key_that_repeats_itself_is_guessable(part: str, times: int) -> None:
    assert remarks(replace(GOOD, secret_key=part * times)) == ["SECRET_KEY can be guessed"]


@pytest.mark.parametrize(
    "key", ["changeme-secret1", "MyPassword123456", "zhaohu-zhaohu-zhaohu", "weixintoken", "Example_Default"]
)
def test_a_key_of_words_everybody_thinks_of_is_guessable(key: str) -> None:
    assert remarks(replace(GOOD, secret_key=key)) == ["SECRET_KEY can be guessed"]


def test_all_that_is_unwise_is_told_at_once() -> None:
    careless = replace(
        GOOD, wechat_token="weixin", wechat_app_secret="", base_url="http://wechat.example.com", simulator=True
    )
    assert len(remarks(careless)) == 4


def test_no_remark_shows_a_secret() -> None:
    careless = replace(GOOD, secret_key="changeme-secret1", wechat_token="weixin")
    shown = " ".join(f"{one.message} {one.advice}" for one in check_settings(careless))
    assert "changeme-secret1" not in shown
    assert "weixin " not in shown


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "shop.localhost", "127.8.9.10"])
def test_on_this_machine_alone_the_simulator_is_harmless(host: str) -> None:
    local = replace(GOOD, host=host, base_url="", simulator=True)
    assert not is_public(local)
    assert remarks(local) == [f"BASE_URL is missing: links will say {local.public_url}"]
