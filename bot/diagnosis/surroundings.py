"""Checks of what the service is given: settings, clock, disk, and the platform's API."""

import ipaddress
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from bot.diagnosis.findings import Finding, failed, ok, warning
from bot.settings import Settings
from bot.wechat.client import WeChatClient
from bot.wechat.error_codes import Action
from bot.wechat.outcomes import CallFailed, call_sentence, outcome_of
from bot.wechat.self_description import WATCHED, read_quota
from bot.wechat.tokens import Tokens
from storage import platform_lists
from storage.database import Queries
from storage.opening import sqlite_path

_LEAST_FREE_BYTES = 200 * 1024 * 1024
_SCARCE_FREE_BYTES = 1024 * 1024 * 1024
_FIRST_YEAR, _LAST_YEAR = 2024, 2090  # ids count milliseconds from the start of the one, for 41 bits
_CLOCK_TOLERANCE = timedelta(minutes=1)
_GUESSABLE = (
    "change",
    "secret",
    "password",
    "example",
    "default",
    "token",
    "zhaohu",
    "weixin",
    "wechat",
    "123456",
    "test",
    "demo",
)
_OLDEST_LIST = timedelta(days=3)
_FEWEST_CHARACTERS = 8  # different ones, in a key that was drawn at random


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check that the webhook can be served with these settings, and that they are safe on the address they are for."""
    check = "settings"
    if not settings.wechat_token:
        yield failed(
            check,
            "WECHAT_TOKEN is missing",
            "type a token in the account's server settings (mp.weixin.qq.com, 设置与开发), and the same one here",
        )
    if not settings.wechat_app_secret:
        yield warning(
            check,
            "WECHAT_APP_SECRET is missing: agents' answers cannot be sent",
            "copy AppID and AppSecret from the account's settings; without them members still get every reply",
        )
    if not settings.secret_key and sqlite_path(settings.database_url) is None:  # beside a file it is made by itself
        yield failed(check, "SECRET_KEY is missing", "draw one, the same for every process: openssl rand -hex 32")
    for name in ("secret_key", "wechat_token"):
        if _looks_guessable(getattr(settings, name)):
            yield failed(check, f"{name.upper()} can be guessed", "draw a new one: openssl rand -hex 16")
    yield from _address(settings)
    if settings.sheet_font and not Path(settings.sheet_font).is_file():
        yield warning(check, f"SHEET_FONT: there is no file {settings.sheet_font}", "correct it, or leave it out")
    if is_public(settings) and settings.mode == "plain":
        yield warning(
            check,
            "messages come unencrypted (WECHAT_MODE is plain)",
            "choose safe mode (安全模式) in the account's server settings, and set WECHAT_ENCODING_AES_KEY",
        )


def check_names(given: Iterable[str], in_file: Iterable[str]) -> Iterator[Finding]:
    """Tell of names that no setting has: all that stand in the file, and of the environment those that begin as ours do."""
    ours = [field.name.upper() for field in fields(Settings)]
    unknown = {name for name in in_file if name not in ours}
    unknown |= {name for name in given if name.startswith("WECHAT_") and name not in ours}
    for name in sorted(unknown):
        meant = get_close_matches(name.upper(), ours, 1)
        advice = f"perhaps {meant[0]} is meant" if meant else "correct it, or leave it out"
        yield warning("settings", f"{name} is no setting: it does nothing", f"{advice}; docs/settings.md lists all")


def _address(settings: Settings) -> Iterator[Finding]:
    check = "settings"
    if not settings.base_url:
        yield warning(
            check,
            f"BASE_URL is missing: links will say {settings.public_url}",
            "set it to the address people reach the service at, such as https://wechat.example.com",
        )
    elif is_public(settings) and not settings.base_url.startswith("https://"):
        yield failed(check, f"BASE_URL is not https: {settings.base_url}", "put a proxy with a certificate in front")
    if settings.simulator and is_public(settings):
        yield failed(check, "the simulator is on at a public address", "set SIMULATOR=off")


def is_public(settings: Settings) -> bool:
    """Say whether others than this machine can reach the service, as far as the settings tell."""
    return not _is_local(urlsplit(settings.base_url).hostname or settings.host) or not _is_local(settings.host)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _looks_guessable(secret: str) -> bool:
    """Say whether a secret is little more than words everybody thinks of, or a few characters over and over."""
    left = secret.casefold()
    for word in _GUESSABLE:
        left = left.replace(word, "")
    few = len(set(secret)) < min(_FEWEST_CHARACTERS, len(secret)) // 2
    return few or (len(left) < min(_FEWEST_CHARACTERS, len(secret)))


def check_clock(settings: Settings, now: datetime, newest: datetime | None) -> Iterator[Finding]:
    """Check the clock for sense, and against the newest thing that was written; ``newest`` is None when there is none."""
    here = f"{now.astimezone(settings.timezone):%Y-%m-%d %H:%M} in {settings.timezone.key}"
    if not _FIRST_YEAR <= now.year <= _LAST_YEAR:
        yield failed("clock", f"the clock says {here}", "set the clock; time synchronisation (NTP) keeps it right")
    elif newest is not None and newest > now + _CLOCK_TOLERANCE:
        late = f"{newest.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
        yield failed(
            "clock",
            f"the clock says {here}, but something was written at {late}",
            "set the clock; if it was ahead before, nothing is lost, but wait until that time has passed",
        )
    else:
        yield ok("clock", here)


def check_disk(folder: Path) -> Iterator[Finding]:
    """Check the room left where the database lies."""
    free = shutil.disk_usage(folder).free
    message, advice = f"{free / 1024**3:.1f} GiB free at {folder}", "make room: without it no message is answered"
    if free < _LEAST_FREE_BYTES:
        yield failed("disk", message, advice)
    elif free < _SCARCE_FREE_BYTES:
        yield warning("disk", message, advice)
    else:
        yield ok("disk", message)


def check_platform(settings: Settings, tokens: Tokens) -> Iterator[Finding]:
    """Ask the platform for an access token with the account's credentials; nothing is stored."""
    outcome = tokens.try_credentials()
    if outcome is None:
        yield ok("wechat", f"{settings.wechat_api_url} takes the AppID and the AppSecret")
    else:
        code = outcome.partition(":")[0]
        advice = f"{call_sentence(outcome, 'en')} (code {code})"
        if outcome_of(outcome).action is Action.OFFLINE:
            advice = (
                f"let this machine reach {settings.wechat_api_url} (DNS, firewall, proxy), or correct WECHAT_API_URL"
            )
        yield failed("wechat", f"no access token: {outcome}", advice)


def check_quotas(client: WeChatClient) -> Iterator[Finding]:
    """Ask the platform how much of today's quotas is left."""
    left = []
    for call in WATCHED:
        try:
            quota = read_quota(client, call.path)
        except CallFailed as error:
            if outcome_of(error.outcome).action in (Action.REFUSE, Action.ALARM):  # this kind of account lacks the call
                continue
            yield warning("quota", f"could not be read: {call_sentence(error.outcome, 'en')}", "run this again later")
            return
        if quota.scarce:
            advice = "it is renewed at midnight in China; until then some things will not go out"
            yield warning("quota", f"{call.en}: {quota.remain} of {quota.daily_limit} left today", advice)
        else:
            left.append(call.en)
    if left:
        yield ok("quota", f"enough left today for {len(left)} kinds of calls")


def check_callers(settings: Settings, queries: Queries, now: datetime) -> Iterator[Finding]:
    """Check that the list of the platform's addresses is there and fresh, when pushes from elsewhere are refused."""
    if not settings.wechat_callback_only:
        return
    found = platform_lists.stored(queries, "callback_addresses")
    if found is None or not found.items:
        yield warning(
            "addresses",
            "WECHAT_CALLBACK_ONLY is on, but WeChat's addresses are not known: pushes from everywhere are taken",
            "zhaohu wechat addresses fetches them",
        )
    elif now - found.fetched_at > _OLDEST_LIST:
        days = (now - found.fetched_at).days
        yield warning(
            "addresses", f"WeChat's addresses are {days} days old", "zhaohu wechat addresses fetches them anew"
        )
    else:
        yield ok("addresses", f"pushes are taken from {len(found.items)} addresses of WeChat")
