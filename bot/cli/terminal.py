"""What the phones of the command line share: one that is ready to use, and what it shows, in plain characters."""

import os
import re
import secrets
from dataclasses import replace

import click

from bot.app import account_of, create_app, utc_now
from bot.cli.context import Context
from bot.cli.demo_settings import DATABASE_URL, demo_environment
from bot.loading import load_settings
from bot.service import service_of
from bot.settings import Settings
from bot.simulator.looks import pieces_of
from bot.simulator.phone import Passed, SimulatedPhone
from storage.opening import sqlite_path
from templates.content import Content

OPENID = "oSayFromTheTerminal"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # could move the cursor, or worse


def pick_up(context: Context, openid: str, *, safe: bool, demo: bool) -> SimulatedPhone:
    """Return a phone before the configured account and database, or the demo's. An account without a token gets one for this once."""
    if demo:
        context.settings = _demo_settings()
    database, settings = context.database, context.settings
    settings = replace(settings, wechat_token=settings.wechat_token or secrets.token_hex(16))
    if safe and settings.mode == "plain":
        raise click.ClickException("--safe needs WECHAT_ENCODING_AES_KEY, and WECHAT_MODE compatible or safe")
    application = create_app(settings, database)
    # Learned here, not in the first turn, which keeps others from writing.
    service_of(application).engine.knowledge.newest(database)
    return SimulatedPhone(application, account_of(settings), database, utc_now, openid, safe)


def _demo_settings() -> Settings:
    """Return the settings of the demo brand. Raises ClickException when its database was never filled."""
    path = sqlite_path(os.environ.get("DATABASE_URL", "").strip() or DATABASE_URL)
    if path is not None and not path.exists():
        raise click.ClickException(f"there is no demo brand at {path} yet: `zhaohu demo --data-only` makes it")
    return load_settings(demo_environment(os.environ))


def words_of(content: Content | None) -> str:
    """Return what a phone shows, in words; choices to tap stand in brackets, links have their address behind them."""
    if content is None:
        return ""
    if content.kind == "text":
        return _clean("".join(_piece(text.text, text.address, text.say) for text in pieces_of(content.text)))
    parts = (content.title, content.description, content.link or content.media_id)
    return _clean("\n".join([f"[{content.kind}]", *(part for part in parts if part)]))


def check(passed: Passed) -> None:
    """Raise ClickException when the account's answer was none that the platform could use."""
    if passed.pushed.status != 200:
        raise click.ClickException(f"the account answered HTTP {passed.pushed.status}")


def _piece(text: str, address: str, say: str) -> str:
    if say:
        return f"[{text}]"
    return f"{text} ({address})" if address else text


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
