"""``zhaohu serve`` and ``zhaohu migrate``."""

import os
from pathlib import Path

import click
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bot.app import create_app
from bot.cli.context import Context, load_settings
from bot.logs import start_logging
from bot.settings import check_can_serve
from storage.migrations import check_current, migrate
from storage.opening import open_database

WITH_WORKER = "ZHAOHU_WITH_WORKER"  # tells the server's process, which reads the environment anew, to run a worker too


@click.command("migrate")
@click.pass_obj
def migrate_command(context: Context) -> None:
    """Bring the database to the schema of this release; safe to run again."""
    done = migrate(open_database(context.settings.database_url))
    click.echo(
        f"carried out: {', '.join(migration.name for migration in done)}" if done else "the database is up to date"
    )


@click.command()
@click.option("--with-worker", is_flag=True, help="Also send the outbox from this process; for a small machine.")
@click.pass_obj
def serve(context: Context, *, with_worker: bool) -> None:
    """Serve the webhook and the pages. An empty embedded database is migrated first."""
    settings = context.settings
    check_can_serve(settings)
    database = open_database(settings.database_url)
    if settings.database_url.startswith("sqlite:"):
        for migration in migrate(database):
            click.echo(f"database: carried out migration {migration.number} {migration.name}")
    check_current(database)
    database.close()
    if with_worker:
        os.environ[WITH_WORKER] = "1"
    click.echo(f"listening on http://{settings.host}:{settings.port}")
    Server(
        "bot.cli.serve:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,  # one process writes to an embedded database best: its threads share commits
        blocking_threads=settings.threads,
        backlog=1024,
        backpressure=settings.threads * 4,
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
        workers_kill_timeout=10,
        working_dir=Path.cwd(),
    ).serve()


def application() -> Flask:
    """Build the application inside the server's process (called by the server)."""
    settings = load_settings()
    start_logging(settings.log_level)
    database = open_database(settings.database_url)
    check_current(database)
    return create_app(settings, database)
