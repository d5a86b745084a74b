"""``zhaohu serve`` and ``zhaohu migrate``."""

from contextlib import closing

import click

from bot.cli.context import Context
from bot.serving import run_server
from bot.settings import Settings, check_can_serve
from storage.migrations import check_current, migrate
from storage.opening import open_database


@click.command("migrate")
@click.pass_obj
def migrate_command(context: Context) -> None:
    """Bring the database to the schema of this release; safe to run again.

    Example: zhaohu migrate
    """
    with closing(open_database(context.settings.database_url)) as database:
        done = migrate(database)
    names = ", ".join(migration.name for migration in done)
    click.echo(f"carried out: {names}" if done else "the database is up to date")


@click.command()
@click.option("--with-worker", is_flag=True, help="Also send the outbox from this process; for a small machine.")
@click.pass_obj
def serve(context: Context, *, with_worker: bool) -> None:
    """Serve the webhook and the pages. An empty embedded database is migrated first.

    Example: zhaohu serve --with-worker
    """
    settings = context.settings
    check_can_serve(settings)
    prepare_database(settings)
    click.echo(f"listening on http://{settings.host}:{settings.port}")
    run_server(settings, with_worker=with_worker)


def prepare_database(settings: Settings) -> None:
    """Migrate an embedded database, saying so; check that any other has the schema of this release."""
    with closing(open_database(settings.database_url)) as database:
        if settings.database_url.startswith("sqlite:"):
            for migration in migrate(database):
                click.echo(f"database: carried out migration {migration.number} {migration.name}")
        check_current(database)
