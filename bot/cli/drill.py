"""``zhaohu drill``: prove that a copy can be restored and answers, without touching what is in use."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.app import account_of, create_app, utc_now
from bot.cli.context import Context
from bot.cli.terminal import words_of
from bot.settings import Settings
from bot.simulator.phone import SimulatedPhone
from storage import backups, postgres_copies
from storage.backups import Restored
from storage.exchanges import newest_id
from storage.opening import open_database, sqlite_path

_OPENID = "oRestoreDrill"
_SAID = "你好"


@click.command("drill")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--server",
    metavar="URL",
    help="For a copy of a PostgreSQL database: the server that restores it for a while. Default: that of DATABASE_URL.",
)
@click.pass_obj
def drill_command(context: Context, file: Path, server: str | None) -> None:
    """Restore the copy FILE to an empty place, check it, add up its figures, start the service on it and have it answer a message.

    Nothing that is in use is touched, and what was restored is removed again: a file in a temporary folder or, for a copy of a PostgreSQL database, a
    database of its own beside the others of its server. Exit status 1 when the copy is of no use.

    Example: zhaohu drill backups/zhaohu-2026-01-01.db
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="zhaohu-drill-") as folder:
        for line in _steps(context.settings, file, server or context.settings.database_url, Path(folder)):
            click.echo(f"✓ {line} ({time.monotonic() - began:.1f} s)")


def _steps(settings: Settings, file: Path, server: str, folder: Path) -> Iterator[str]:
    """Take the steps, yielding what each has shown. Raises ClickException or StorageError at the first that fails."""
    with _restored(file, server, folder) as (url, restored):
        yield f"restored: every page and every reference is sound, {len(restored.migrations)} migrations carried out"
        if restored.differences:
            first = restored.differences[0]
            raise click.ClickException(
                f"{len(restored.differences)} figures do not add up: {first.rule} for {first.id}, {first.proved} against {first.kept}"
            )
        yield "coupons and points add up"
        yield f"the service answers on it: {_answer(settings, url, folder)}"


@contextmanager
def _restored(file: Path, server: str, folder: Path) -> Iterator[tuple[str, Restored]]:
    """Lend the address of a database with the copy in it, and what restoring it was like."""
    if not postgres_copies.is_server_copy(file):
        path = folder / "drill.db"
        yield f"sqlite:///{path}", backups.restore(file, path, replace=False, now=datetime.now(UTC))
        return
    if sqlite_path(server) is not None:
        raise click.ClickException(
            f"{file} is a copy of a PostgreSQL database: name a server that may restore it with --server URL"
        )
    with postgres_copies.database_for_a_while(server) as url:
        yield url, postgres_copies.restore(file, url)


def _answer(settings: Settings, url: str, folder: Path) -> str:
    """Start the service on a database, write to it, and return the first line of its answer. Raises ClickException when there is none."""
    with closing(open_database(url)) as database:
        before = newest_id(database)
        alone = replace(
            settings,
            database_url=url,
            spool_folder=folder / "spool",
            secret_key=secrets.token_hex(32),
            wechat_token=secrets.token_hex(16),
            wechat_mode="plain",
            wechat_callback_only=False,
        )
        phone = SimulatedPhone(create_app(alone, database), account_of(alone), database, utc_now, _OPENID)
        passed = phone.says(_SAID)
        if passed.pushed.status != 200 or passed.content is None or newest_id(database) <= before:
            raise click.ClickException(f"the service started on the copy did not answer (HTTP {passed.pushed.status})")
    return words_of(passed.content).splitlines()[0]
