"""Settings: each kind reads what is good, refuses what is not in a sentence that names it, and never shows a secret."""

from dataclasses import fields, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.settings import Hours, RateLimit, Settings, SettingsError, check_can_serve, read_settings
from storage.conversations import LONGEST_LEASE
from tests.conftest import ENVIRONMENT

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
GOOD = [
    ("PORT", "1", 1),
    ("PORT", " 65535 ", 65535),
    ("WECHAT_MAX_AGE_SECONDS", "0", 0),
    ("SIMULATOR", "on", True),
    ("SIMULATOR", "FALSE", False),
    ("SIMULATOR", "1", True),
    ("TIMEZONE", "Asia/Urumqi", ZoneInfo("Asia/Urumqi")),
    ("DESK_LEASE_MINUTES", "720", LONGEST_LEASE // timedelta(minutes=1)),
    ("MEMBER_RATE_LIMIT", "5/60", RateLimit(5, 60)),
    ("MEMBER_RATE_LIMIT", "0", RateLimit(0, 1)),
    ("DESK_HOURS", "9:00-18:30", Hours(time(9), time(18, 30))),
    ("DESK_HOURS", "00:00-24:00", Hours(time(0), time(0))),
    ("BASE_URL", "https://wechat.example.com/", "https://wechat.example.com"),
    ("WECHAT_ENCODING_AES_KEY", KEY, KEY),
    ("WECHAT_TOKEN", "abc", "abc"),
    ("LOG_LEVEL", "debug", "DEBUG"),
    ("BRAND_NAME", "山茶咖啡", "山茶咖啡"),
]
BAD = [
    *(("PORT", text) for text in ("0", "65536", "-1", "8000.0", "８０００", "http", "1e3", "0x50", "123456")),
    *(("WECHAT_MAX_AGE_SECONDS", text) for text in ("-1", "1.5", "ten", "1_000", "1" * 10)),
    *(("DESK_LEASE_MINUTES", text) for text in ("0", "721", "-1", "30.5", "half an hour")),
    *(("SIMULATOR", text) for text in ("yes", "2", "开")),
    *(("TIMEZONE", text) for text in ("Beijing", "../etc/passwd", "/etc/passwd", "UTC+8", "a" * 300)),
    *(("MEMBER_RATE_LIMIT", text) for text in ("20", "20/0", "0/10", "20 / 10", "-1/10", "20/10/1")),
    *(("DESK_HOURS", text) for text in ("9-18", "25:00-26:00", "09:00-24:30", "09:60-10:00", "09:00")),
    *(("BASE_URL", text) for text in ("wechat.example.com", "ftp://example.com", "https://", "https://a.com/?x=1", "https://a.com/#x")),
    *(("BASE_URL", text) for text in ("https://[::1", "https://a.com:99999", "https://:443")),
    *(("WECHAT_API_URL", text) for text in ("api.weixin.qq.com", "javascript:alert(1)")),
    *(("WECHAT_MODE", text) for text in ("none", "SAFE")),
    *(("WECHAT_TOKEN", text) for text in ("ab", "has space", "é" * 5, "a" * 65)),
    *(("WECHAT_ENCODING_AES_KEY", text) for text in ("short", KEY + "H", KEY[:-1] + "=")),
    *(("WECHAT_PREVIOUS_ENCODING_AES_KEY", text) for text in ("short",)),
    *(("LOG_LEVEL", text) for text in ("TRACE", "5")),
    *(("SECRET_KEY", text) for text in ("tooshort",)),
]  # fmt: skip
SECRETS = {entry.name.upper() for entry in fields(Settings) if entry.metadata["secret"]}


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_a_good_value_is_read(name: str, text: str, value: object) -> None:
    assert getattr(read_settings({**ENVIRONMENT, name: text}), name.lower()) == value


@pytest.mark.parametrize(("name", "text"), BAD)
def test_a_bad_value_stops_the_start_and_names_the_setting(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**ENVIRONMENT, name: text})
    said = str(caught.value)
    assert said.startswith(f"{name} must be ")
    assert "\n" not in said
    assert (repr(text) in said) == (name not in SECRETS)


def test_every_key_and_token_is_marked_secret() -> None:
    assert {
        name.upper() for name in Settings.__dataclass_fields__ if name.endswith(("_key", "_secret", "_token"))
    } == SECRETS


def test_what_is_not_set_has_its_default() -> None:
    settings = read_settings({"PORT": "", "BRAND_NAME": "  "})
    assert settings == Settings()
    for entry in fields(Settings):
        assert getattr(settings, entry.name) == entry.metadata["read"](entry.metadata["default"])


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nBRAND_NAME='山茶 咖啡'\nUNKNOWN=1\n", "utf-8")
    settings = read_settings({"PORT": "9001"}, file)
    assert (settings.port, settings.brand_name) == (9001, "山茶 咖啡")
    assert read_settings({}, tmp_path / "absent") == Settings()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("PORT=9000\nBRAND_NAME=汀禾\n".encode("gbk"), ".env line 2 is not in UTF-8"),
        (b'PORT=9000\nBRAND_NAME="never closed\n', ".env line 2 is not NAME=value"),
        (b"PORT=9000\n\n# a remark\nPORT 9000\n=x\n", ".env line 4 is not NAME=value"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_settings({}, file)
    assert said in str(caught.value)


def test_a_file_with_a_mark_of_its_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\n", "utf-8-sig")
    assert read_settings({}, tmp_path / ".env").port == 9000


def test_an_address_with_a_password_that_is_not_encoded_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_URL must be .*%5B") as caught:
        read_settings({"DATABASE_URL": "postgresql://zhaohu:hu[sh@db/zhaohu"})
    assert "hu[sh" not in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        read_settings({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"WECHAT_MODE": "safe", "WECHAT_ENCODING_AES_KEY": ""}, "WECHAT_ENCODING_AES_KEY is missing"),
        ({"WECHAT_MODE": "safe", "WECHAT_APP_ID": ""}, "WECHAT_APP_ID is missing"),
        ({"THREADS": "10", "LIVE_STREAMS": "3"}, "THREADS must be"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changed: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings({**ENVIRONMENT, **changed})


@pytest.mark.parametrize("name", ["wechat_token", "secret_key"])
def test_nothing_is_served_without_its_secrets(name: str) -> None:
    good = read_settings(ENVIRONMENT)
    empty: dict[str, Any] = {name: ""}
    check_can_serve(good)
    with pytest.raises(SettingsError, match=f"{name.upper()} is missing"):
        check_can_serve(replace(good, **empty))


@pytest.mark.parametrize(
    ("mode", "key", "expected"), [("", KEY, "safe"), ("", "", "plain"), ("plain", KEY, "plain"), ("compatible", KEY, "compatible")]
)  # fmt: skip
def test_the_mode_follows_the_key_unless_it_is_said(mode: str, key: str, expected: str) -> None:
    assert read_settings({**ENVIRONMENT, "WECHAT_MODE": mode, "WECHAT_ENCODING_AES_KEY": key}).mode == expected
