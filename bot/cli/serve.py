"""``zhaohu serve`` and ``zhaohu migrate``."""

import click

from bot.cli.context import Context, opening
from bot.listening import place_to_listen
from bot.serving import run_server
from bot.settings import Settings, check_can_serve
from storage.migrations import check_current, migrate
from storage.moving import check_not_moved

_PATIENCE_SECONDS = 5.0  # for a server before this one to be gone; a service manager starts the next at once


@click.command("migrate")
@click.pass_obj
def migrate_command(context: Context) -> None:
    """Bring the database to the schema of this release; safe to run again.

    Example: zhaohu migrate
    """
    with opening(context.settings.database_url) as database:
        done = migrate(database)
    database.close()
    names = ", ".join(migration.name for migration in done)
    click.echo(f"carried out: {names}" if done else "the database is up to date")


@click.command()
@click.option("--with-worker", is_flag=True, help="Also send the outbox from this process; for a small machine.")
@click.pass_obj
def serve(context: Context, *, with_worker: bool) -> None:
    """Serve the webhook and the pages. An embedded database is made when absent, and brought to the schema of this release first.

    Example: zhaohu serve --with-worker
    """
    settings = context.settings
    check_can_serve(settings)
    place_to_listen(settings.host, settings.port, patience_seconds=_PATIENCE_SECONDS)  # before anything is changed
    prepare_database(settings)
    click.echo(f"listening on http://{settings.host}:{settings.port}")
    run_server(settings, with_worker=with_worker)


def prepare_database(settings: Settings) -> None:
    """Migrate an embedded database, saying so; check that any other has the schema of this release."""
    with opening(settings.database_url) as database:
        check_not_moved(database)
        if settings.database_url.startswith("sqlite:"):
            for migration in migrate(database):
                click.echo(f"database: carried out migration {migration.number} {migration.name}")
        check_current(database)
    database.close()
