"""``zhaohu backup`` and ``zhaohu restore``."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.context import Context
from storage import backups, postgres_copies
from storage.backups import Restored
from storage.opening import sqlite_path


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup_command(context: Context, file: Path) -> None:
    """Write a consistent, checked copy of the database to FILE, while the service goes on.

    FILE must not exist yet, and holds the dialogues of real people: keep it as safe as the database itself, and on another machine. With PostgreSQL it
    is pg_dump that writes it, in its custom format.

    Example: zhaohu backup backups/zhaohu-2026-01-01.db
    """
    database, url = context.database, context.settings.database_url
    size = backups.back_up(database, file) if sqlite_path(url) is not None else postgres_copies.back_up(url, file)
    click.echo(f"{size:,} bytes written to {file}, checked")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force",
    is_flag=True,
    help="Replace an embedded database that holds data; the former one is kept under another name.",
)
@click.pass_obj
def restore_command(context: Context, file: Path, *, force: bool) -> None:
    """Put the copy FILE at DATABASE_URL: checked, brought to the schema of this release, its figures proved.

    Stop the service and its workers first. A PostgreSQL database must be empty.

    Example: DATABASE_URL=sqlite:///data/zhaohu.db zhaohu restore backups/zhaohu-2026-01-01.db
    """
    done = _restored(context.settings.database_url, file, force=force)
    for migration in done.migrations:
        click.echo(f"carried out migration {migration.number} {migration.name}")
    if done.former is not None:
        click.echo(f"the former database is kept as {done.former}")
    for difference in done.differences:
        click.echo(
            f"attention: {difference.rule} does not hold for {difference.id}: {difference.proved} against {difference.kept}",
            err=True,
        )
    target = sqlite_path(context.settings.database_url)
    click.echo(f"{file} is now the database {target or 'that DATABASE_URL names'}")


def _restored(url: str, file: Path, *, force: bool) -> Restored:
    target = sqlite_path(url)
    if target is not None:
        if postgres_copies.is_server_copy(file):
            raise click.ClickException(f"{file} is a copy of a PostgreSQL database: name an empty one in DATABASE_URL")
        return backups.restore(file, target, replace=force, now=datetime.now(UTC))
    if force:
        raise click.ClickException(
            "--force replaces files only: make an empty PostgreSQL database (createdb) and name it in DATABASE_URL"
        )
    return postgres_copies.restore(file, url)
