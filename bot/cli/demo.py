"""``zhaohu demo``: an invented brand with everything, to try and to show."""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from bot.app import brand_of
from bot.cli.demo_settings import Kept, demo_environment, kept_secrets, reachable
from bot.cli.serve import prepare_database
from bot.demo.brand import NAME, STAFF
from bot.demo.campaigns import MARK
from bot.demo.filling import DatabaseInUse, fill
from bot.listening import PortTaken, place_to_listen
from bot.loading import load_settings
from bot.serving import run_server
from bot.settings import Settings
from bot.web.passwords import hash_password, is_right
from storage import members, users
from storage.coupons import campaign_by_code
from storage.database import Database
from storage.migrations import migrate
from storage.opening import open_database

_ROLES = {"agent": "客服 agent", "editor": "编辑 editor", "supervisor": "主管 supervisor", "admin": "管理员 admin"}
_GAP = 3


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port instead of PORT or 8000.")
@click.option("--data-only", is_flag=True, help="Fill the database and exit.")
@click.option("--reset", is_flag=True, help="Throw the demo's SQLite database away first, and begin anew.")
def demo(port: int | None, *, data_only: bool, reset: bool) -> None:
    """Start an invented coffee chain with everything: the WeChat in the browser, the desk, the console, two weeks of past.

    It has a database of its own (data/demo.db) and takes nothing from .env. Example: zhaohu demo --port 8001
    """
    given = {**os.environ, "PORT": str(port)} if port is not None else dict(os.environ)
    environment = demo_environment(given)
    settings = load_settings(environment)
    kept = kept_secrets(settings.database_url)
    if not data_only:
        check_port_is_free(settings.host, settings.port)
    if reset:
        throw_away(settings.database_url)
    prepare_database(settings)
    _fill(settings, kept)
    if data_only:
        return
    click.echo(_welcome(settings, kept))
    os.environ.update(environment)  # the server's own process reads it
    run_server(settings, with_worker=True)


def check_port_is_free(host: str, port: int) -> None:
    """Raise ClickException with what to do when somebody listens there already, SettingsError when nobody can."""
    try:
        place_to_listen(host, port)
    except PortTaken as error:
        other = port + 1 if port < 65535 else port - 1
        raise click.ClickException(
            f"port {port} is in use by another program; choose another: "
            f"zhaohu demo --port {other}, or PORT={other} make run"
        ) from error


def throw_away(database_url: str) -> None:
    """Delete the demo's database. Raises ClickException when it is not a file, or not the demo's."""
    parts = urlsplit(database_url)
    if parts.scheme != "sqlite":
        raise click.ClickException("--reset throws only a SQLite file away; empty any other database yourself")
    path = Path(unquote(parts.path).removeprefix("/"))
    if not path.exists():
        return
    database = open_database(database_url)
    try:
        if not _is_demo(database):
            raise click.ClickException(f"{path} holds members of a real brand; nothing was thrown away")
    finally:
        database.close()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _is_demo(database: Database) -> bool:
    """Say whether a database is the demo's, or nobody's yet."""
    migrate(database)
    return campaign_by_code(database, MARK) is not None or members.count_members(database) == 0


def _fill(settings: Settings, kept: Kept) -> None:
    """Fill the database unless it is filled, and see that the passwords to be printed are the right ones."""
    database, now = open_database(settings.database_url), datetime.now(UTC)
    account_id = settings.wechat_account_id
    try:
        filled = fill(database, now, brand=brand_of(settings), account_id=account_id, passwords=kept.passwords)
    except DatabaseInUse as error:
        raise click.ClickException(str(error)) from error
    else:
        if not filled.fresh:
            _mend_passwords(database, kept)
        what = "filled" if filled.fresh else "kept"
        click.echo(f"demo data {what}: {filled.stores} stores, {filled.members} members")
    finally:
        database.close()


def _mend_passwords(database: Database, kept: Kept) -> None:
    for name, password in kept.passwords.items():
        user = users.find_user_by_name(database, name)
        if user is not None and not is_right(user.password_hash, password):
            new_hash = hash_password(password)
            database.write(partial(users.set_password_hash, user_id=user.id, password_hash=new_hash))


def _welcome(settings: Settings, kept: Kept) -> str:
    """Return the addresses and log-ins, in Chinese and English."""
    root = settings.base_url or f"http://{reachable(settings.host)}:{settings.port}"
    rooms = (
        ("口袋微信", "a WeChat in the browser", f"{root}/simulator/"),
        ("客服台", "the desk of agents", f"{root}/desk/"),
        ("控制台", "the console of staff", f"{root}/console/"),
    )
    people = [(person.name, kept.passwords[person.name], _ROLES[person.role], person.display_name) for person in STAFF]
    lines = (
        f"{NAME} · 招呼 Zhaohu",
        "",
        *_table(rooms),
        "",
        *_table([("登录名 log in", "密码 password", "", ""), *people]),
        "",
        "Ctrl+C 停止 stops · zhaohu demo --reset 重新开始 begins anew",
    )
    return "\n".join(["", *(f"  {line}".rstrip() for line in lines), ""])


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows with their columns below each other, wide characters counted as two."""
    rows = list(rows)
    widths = [max(_width(cell) for cell in column) + _GAP for column in zip(*rows, strict=True)]
    return [
        "".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
