"""``zhaohu backup`` and ``zhaohu restore``."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click

from bot.cli.context import Context
from storage import backups
from storage.opening import sqlite_path


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup_command(context: Context, file: Path) -> None:
    """Write a consistent, checked copy of the database to FILE, while the service goes on.

    FILE must not exist yet, and holds the dialogues of real people: keep it as safe as the database itself, and on another machine.

    Example: zhaohu backup backups/zhaohu-2026-01-01.db
    """
    url = context.settings.database_url
    if sqlite_path(url) is None:
        raise click.ClickException(
            f"PostgreSQL has a tool of its own, which asks for the password: {_typed('pg_dump --format=custom --file', file, url)}"
        )
    size = backups.back_up(context.database, file)
    click.echo(f"{size:,} bytes written to {file}, checked")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force", is_flag=True, help="Replace a database that holds data; the former one is kept under another name."
)
@click.pass_obj
def restore_command(context: Context, file: Path, *, force: bool) -> None:
    """Put the copy FILE at DATABASE_URL: checked, brought to the schema of this release, its figures proved.

    Stop the service and its workers first.

    Example: DATABASE_URL=sqlite:///data/zhaohu.db zhaohu restore backups/zhaohu-2026-01-01.db
    """
    url = context.settings.database_url
    target = sqlite_path(url)
    if target is None:
        command = _typed("pg_restore --clean --if-exists --no-owner --exit-on-error --single-transaction", file, url)
        raise click.ClickException(f"PostgreSQL has a tool of its own; with the service stopped: {command}")
    done = backups.restore(file, target, replace=force, now=datetime.now(UTC))
    for migration in done.migrations:
        click.echo(f"carried out migration {migration.number} {migration.name}")
    if done.former is not None:
        click.echo(f"the former database is kept as {done.former}")
    for difference in done.differences:
        click.echo(
            f"attention: {difference.rule} does not hold for {difference.id}: {difference.proved} against {difference.kept}",
            err=True,
        )
    click.echo(f"{file} is now the database {target}")


def _typed(tool: str, file: Path, url: str) -> str:
    """Return the command line that uses a tool of PostgreSQL on a file and our database, without the password."""
    parts = urlsplit(url)
    where = urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")))
    return f"{tool} {shlex.quote(str(file))} --dbname={shlex.quote(where)}"
