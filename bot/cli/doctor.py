"""``zhaohu doctor``: is everything as it should be, and if not, what to do."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime

import click

from bot.diagnosis.contents import check_database, check_figures, check_people, check_published, check_work
from bot.diagnosis.findings import Finding, State, failed, ok
from bot.diagnosis.surroundings import (
    check_callers,
    check_clock,
    check_disk,
    check_names,
    check_platform,
    check_quotas,
    check_settings,
)
from bot.loading import ENV_FILE
from bot.settings import Settings, SettingsError, names_in, read_settings
from bot.wechat.client import WeChatClient
from bot.wechat.tokens import Tokens
from bot.wechat.wire import Wire
from storage.database import Database
from storage.errors import StorageError
from storage.integrity import newest_written_at
from storage.opening import open_database, sqlite_path

_SIGNS: dict[State, str] = {"ok": "✓", "warning": "!", "failed": "✗"}


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask WeChat whether it takes the account's credentials.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(*, offline: bool, as_json: bool) -> None:
    """Check settings, database, clock, figures, replies, WeChat's credentials, worker and users; say what to do.

    Exit status 1 when something does not work; what is only unwise (!) does not count.

    Example: zhaohu doctor --offline
    """
    found = []
    for finding in _examine(offline=offline):
        found.append(finding)
        if not as_json:
            click.echo(_as_line(finding))
    good = all(finding.state != "failed" for finding in found)
    if as_json:
        click.echo(json.dumps({"ok": good, "checks": [asdict(finding) for finding in found]}, ensure_ascii=False))
    if not good:
        click.get_current_context().exit(1)


def _examine(*, offline: bool) -> Iterator[Finding]:
    now = datetime.now(UTC)
    try:
        settings = read_settings(os.environ, ENV_FILE)
    except SettingsError as error:
        yield failed("settings", str(error), "correct it in the environment or in .env, and run this again")
        return
    remarks = [*check_settings(settings), *check_names(os.environ, names_in(ENV_FILE))]
    yield from remarks or [ok("settings", f"complete, {settings.mode} mode, {settings.public_url}")]
    path = sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        yield failed("database", f"there is no database at {path}", "zhaohu migrate makes an empty one")
        yield from check_clock(settings, now, None)
        return
    if path is not None:
        yield from check_disk(path.parent)
    try:
        opened = open_database(settings.database_url)
    except StorageError as error:
        yield failed("database", str(error), "check DATABASE_URL, and the rights on the file and its folder")
        return
    with closing(opened) as database:
        yield from _examine_database(settings, database, now, offline=offline)


def _examine_database(settings: Settings, database: Database, now: datetime, *, offline: bool) -> Iterator[Finding]:
    of_database = list(check_database(database))
    yield from of_database
    if any(finding.state == "failed" for finding in of_database):
        return
    yield from check_clock(settings, now, newest_written_at(database))
    yield from check_figures(database)
    yield from check_published(database, settings, now)
    yield from check_work(database, now)
    yield from check_people(database)
    yield from check_callers(settings, database, now)
    if settings.wechat_app_id and settings.wechat_app_secret and not offline:
        yield from _ask_platform(settings, database, now)


def _ask_platform(settings: Settings, database: Database, now: datetime) -> Iterator[Finding]:
    with closing(Wire(settings.wechat_api_url)) as wire:
        secret = settings.wechat_app_secret
        tokens = Tokens(database, lambda: now, wire, app_id=settings.wechat_app_id, secret=secret)
        finding, *_ = check_platform(settings, tokens)
    yield finding
    if finding.state == "ok":
        with WeChatClient(settings, database, lambda: now) as client:
            yield from check_quotas(client)


def _as_line(finding: Finding) -> str:
    advice = f"\n    → {finding.advice}" if finding.advice else ""
    return f"{_SIGNS[finding.state]} {finding.check}: {finding.message}{advice}"
