"""The settings: one table of name, type, default and meaning, read once from the environment (and a ``.env`` file) into a frozen value.

SettingsError    a setting is missing or wrong; the message names it and says what it should be
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from io import StringIO
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from dotenv.parser import parse_stream

Mode = Literal["plain", "compatible", "safe"]


class SettingsError(Exception):
    """A setting is missing or wrong."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``messages`` answered within ``seconds``; 0 messages means no limit."""

    messages: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``opens`` until ``closes`` each day; equal times mean around the clock."""

    opens: time
    closes: time


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 < int(value) < 65536:
        raise ValueError("a port from 1 to 65535")
    return int(value)


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("a whole number, 0 or more")
    return int(value)


_LONGEST_LEASE_MINUTES = 720  # 12 hours, the LONGEST_LEASE of storage.conversations


def _lease(value: str) -> int:
    minutes = _count(value)
    if not 1 <= minutes <= _LONGEST_LEASE_MINUTES:
        raise ValueError("a whole number from 1 to 720")
    return minutes


def _switch(value: str) -> bool:
    if value.lower() not in ("on", "off", "true", "false", "1", "0"):
        raise ValueError("on or off")
    return value.lower() in ("on", "true", "1")


def _folder(value: str) -> Path | None:
    return Path(value) if value else None


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a time zone such as Asia/Shanghai") from error


def _rate(value: str) -> RateLimit:
    if value == "0":
        return RateLimit(0, 1)
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", value)
    if not match or not int(match[1]) or not int(match[2]):
        raise ValueError("messages/seconds such as 20/10, or 0 for no limit")
    return RateLimit(int(match[1]), int(match[2]))


def _hours(value: str) -> Hours:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", value)
    if not match or (match[3] == "24" and match[4] != "00"):
        raise ValueError("hours such as 09:00-21:00 (00:00-24:00 for around the clock)")
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))
    return Hours(opens, closes)


def _web_address(value: str) -> str:
    meant = "an address such as https://wechat.example.com"
    parts = _parts(value, meant)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError(meant)
    return value.rstrip("/")


def _https_address(value: str) -> str:
    meant = "an https address such as https://crm.example.com/orders"
    parts = _parts(value, meant)
    if value and (parts.scheme != "https" or not parts.hostname or parts.username or parts.fragment):
        raise ValueError(meant)
    return value


def _database_address(value: str) -> str:
    _parts(
        value,
        "sqlite:///path/file.db or postgresql://user:password@host/name, with %5B, %40 and the like for [, @ and other signs of the password",
    )
    return value


def _parts(value: str, meant: str) -> SplitResult:
    """Take an address apart. Raises ValueError with what is meant when its host or port cannot be one."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise ValueError(meant) from error
    return parts


def _notice_fields(value: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
    if not all(name and what in ("name", "offer", "code", "until") for name, _, what in pairs):
        raise ValueError("fields such as thing1=name,time2=until, of name, offer, code and until")
    return tuple((name, what) for name, _, what in pairs)


def _mode(value: str) -> str:
    if value not in ("", "plain", "compatible", "safe"):
        raise ValueError("plain, compatible or safe")
    return value


def _aes_key(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9]{43}", value):
        raise ValueError("the 43 letters and digits shown in the account's server settings")
    return value


def _token(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9_]{3,64}", value):
        raise ValueError("the 3 to 32 letters and digits typed in the account's server settings")
    return value


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def setting(read: Callable[[str], Any], default: str, meaning: str, *, secret: bool = False) -> Any:
    """Describe one setting: how its text is read, the default text, what it means, and whether it must never be shown."""
    return field(
        default=read(default), metadata={"read": read, "default": default, "meaning": meaning, "secret": secret}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting; the environment's name is the field's name in capitals."""

    database_url: str = setting(
        _database_address,
        "sqlite:///data/zhaohu.db",
        "Where everything is kept: sqlite:///path/file.db or postgresql://user:password@host/name",
    )
    spool_folder: Path | None = setting(
        _folder,
        "",
        "Where messages are kept while the database is away; spool/ beside an embedded database, else data/spool",
    )
    host: str = setting(_text, "127.0.0.1", "The address to listen on; 0.0.0.0 for all")
    port: int = setting(_port, "8000", "The port to listen on")
    secret_key: str = setting(
        _text,
        "",
        "At least 32 random characters that sign forms; made and kept beside the SQLite file when absent",
        secret=True,
    )
    base_url: str = setting(
        _web_address, "", "The address people reach the service at, such as https://wechat.example.com; used in links"
    )
    brand_name: str = setting(_text, "招呼", "The brand's name, as pages and replies say it")
    timezone: ZoneInfo = setting(_zone, "Asia/Shanghai", "The brand's time zone: its days, hours and texts")
    wechat_app_id: str = setting(_text, "", "The account's AppID (wx…)")
    wechat_app_secret: str = setting(
        _text, "", "The account's AppSecret; without it nothing can be sent outside the reply", secret=True
    )
    wechat_token: str = setting(_token, "", "The token typed in the account's server settings", secret=True)
    wechat_encoding_aes_key: str = setting(
        _aes_key, "", "The EncodingAESKey of the account's server settings", secret=True
    )
    wechat_previous_encoding_aes_key: str = setting(
        _aes_key, "", "The key before it, still accepted after a change", secret=True
    )
    wechat_mode: str = setting(
        _mode, "", "plain, compatible or safe, as in the account's settings; safe when a key is set, else plain"
    )
    wechat_account_id: str = setting(
        _text, "", "The account's original id (gh_…); when set, pushes for other accounts are put aside"
    )
    wechat_api_url: str = setting(_web_address, "https://api.weixin.qq.com", "Where WeChat's API is")
    wechat_max_age_seconds: int = setting(_count, "600", "How old a push may be, in seconds; 0 switches the check off")
    media_folder: Path | None = setting(
        _folder,
        "",
        "Where pictures and clips of dialogues are kept for a while; media/ beside an embedded database, else data/media",
    )
    media_days: int = setting(
        _count, "30", "How many days pictures and clips are kept there (WeChat keeps them for three)"
    )
    media_megabytes: int = setting(_count, "500", "How many megabytes they may take together; the oldest go first")
    wechat_callback_only: bool = setting(
        _switch,
        "off",
        "Take pushes only from the addresses that WeChat says it calls from (behind a proxy, set PROXY_HOPS)",
    )
    proxy_hops: int = setting(
        _count,
        "0",
        "How many proxies of yours stand in front; the last so many entries of X-Forwarded-For are believed",
    )
    mass_sends_per_month: int = setting(
        _count,
        "4",
        "How many messages may go to many people in a calendar month; WeChat lets each follower of a service account get 4",
    )
    wechat_choice_links: bool = setting(
        _switch, "off", "Offer choices as links to tap (verified accounts), not as numbered lines"
    )
    member_rate_limit: RateLimit = setting(
        _rate,
        "20/10",
        "messages/seconds that one member is answered, but for a call for a person, once; other words beyond it wait at the desk; 0 for no limit",
    )
    negative_burst: RateLimit = setting(
        _rate, "5/600", "messages/seconds: so many negative messages of everybody raise an alert; 0 for none"
    )
    desk_hours: Hours = setting(_hours, "09:00-21:00", "When people are at the desk; 00:00-24:00 for around the clock")
    desk_lease_minutes: int = setting(
        _lease, "30", "How long a conversation stays with an agent who does nothing: 1 to 720"
    )
    checkin_points: int = setting(_count, "5", "Points for a day's check-in")
    coupon_notice_template: str = setting(
        _text,
        "",
        "The subscription notice by which members who agreed to it hear of that when the reply window is closed",
    )
    coupon_once_template: str = setting(
        _text,
        "",
        "Instead of it: the template of one-time subscription messages; replies about coupons then offer a link by which a member allows one",
    )
    coupon_notice_fields: tuple[tuple[str, str], ...] = setting(
        _notice_fields, "thing1=name,time2=until", "Its fields, and which of name, offer, code and until each holds"
    )
    coupon_notice_days: int = setting(
        _count, "3", "How many days before coupons expire a member is told, inside the reply window; 0 for never"
    )
    crm_lookup_url: str = setting(
        _https_address, "", "Where orders are asked for, such as https://crm.example.com/zhaohu/orders; empty: nowhere"
    )
    crm_lookup_token: str = setting(_text, "", "Sent to CRM_LOOKUP_URL as the bearer token", secret=True)
    crm_lookup_private: bool = setting(_switch, "off", "Allow CRM_LOOKUP_URL to lead into a private network")
    simulator: bool = setting(_switch, "off", "Offer the pocket WeChat at /simulator/; never on a public address")
    sheet_font: str = setting(
        _text,
        "",
        "A font file with Chinese letters for printed sheets of QR codes; found by itself where one is installed",
    )
    threads: int = setting(
        _count, "96", "How many requests to pages one process handles at once; messages need no threads"
    )
    live_streams: int = setting(
        _count, "64", "How many live pages one process feeds at once; must be fewer than THREADS"
    )
    drain_seconds: int = setting(
        _count, "0", "How long, once told to stop, it still serves while /readyz says no: for a balancer that asks"
    )
    monitoring_token: str = setting(
        _text,
        "",
        "Opens /metrics and what /readyz tells in detail; without one both are for this machine alone",
        secret=True,
    )
    log_level: str = setting(_level, "INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def mode(self) -> Mode:
        """The encryption mode in force."""
        if self.wechat_mode:
            return cast(Mode, self.wechat_mode)
        return "safe" if self.wechat_encoding_aes_key else "plain"

    @property
    def public_url(self) -> str:
        """The address for links."""
        return self.base_url or f"http://{self.host}:{self.port}"


def read_settings(environment: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """Read the settings from the environment, and what it lacks from ``env_file``.

    Raises SettingsError naming the first setting that is wrong; a secret's value is never in the message.
    """
    texts = {**(_env_file(env_file) if env_file else {}), **environment}
    values: dict[str, Any] = {}
    for entry in fields(Settings):
        name = entry.name.upper()
        if not (text := texts.get(name, "").strip()):
            continue
        try:
            values[entry.name] = entry.metadata["read"](text)
        except ValueError as error:
            shown = "" if entry.metadata["secret"] or entry.name == "database_url" else f", not {text!r}"
            raise SettingsError(f"{name} must be {error}{shown}") from None
    settings = Settings(**values)
    _check_together(settings)
    return settings


def secrets_of(settings: Settings) -> list[str]:
    """Return every value that must never be shown: of the secret settings, and the password in the database's address."""
    values = [str(getattr(settings, entry.name)) for entry in fields(Settings) if entry.metadata["secret"]]
    return [value for value in (*values, urlsplit(settings.database_url).password) if value]


def names_in(path: Path) -> list[str]:
    """Return the names that a file of settings gives a value, ours or not. Raises SettingsError as ``read_settings`` does."""
    return list(_env_file(path))


def _env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path} line {line} is not in UTF-8: save the file in that encoding") from None
    for part in parse_stream(StringIO(text)):
        if part.error:
            raise SettingsError(f"{path} line {part.original.line} is not NAME=value")
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value is not None}


def _check_together(settings: Settings) -> None:
    if settings.mode != "plain" and not settings.wechat_encoding_aes_key:
        raise SettingsError(f"WECHAT_ENCODING_AES_KEY is missing: mode {settings.mode} needs it")
    if settings.mode != "plain" and not settings.wechat_app_id:
        raise SettingsError(f"WECHAT_APP_ID is missing: mode {settings.mode} needs it")
    if settings.coupon_once_template and settings.coupon_notice_template:
        raise SettingsError("COUPON_ONCE_TEMPLATE and COUPON_NOTICE_TEMPLATE are two ways to the same notice: set one")
    if settings.coupon_once_template and not settings.wechat_app_id:
        raise SettingsError("WECHAT_APP_ID is missing: COUPON_ONCE_TEMPLATE needs it")
    if settings.coupon_once_template and not (settings.base_url or settings.simulator):
        raise SettingsError(
            "BASE_URL is missing: COUPON_ONCE_TEMPLATE needs it, as WeChat leads members to a page below it"
        )
    if settings.secret_key and len(settings.secret_key) < 16:
        raise SettingsError("SECRET_KEY must be at least 16 characters, better 32 random ones")
    if settings.threads < settings.live_streams + 24:
        raise SettingsError(
            "THREADS must be at least LIVE_STREAMS + 24, so that live pages never hold up messages and other pages"
        )


def check_can_serve(settings: Settings) -> None:
    """Raise SettingsError unless the webhook could be served with these settings."""
    if not settings.wechat_token:
        raise SettingsError("WECHAT_TOKEN is missing: the token typed in the account's server settings")
    if not settings.secret_key:
        raise SettingsError("SECRET_KEY is missing: at least 32 random characters")
