"""``zhaohu move``."""

from collections.abc import Callable, Sequence

import click

from bot.cli.context import Context
from storage import moving
from storage.moving import Table
from storage.opening import sqlite_path


@click.command("move")
@click.option(
    "--to", "target", required=True, metavar="URL", help="An empty database: postgresql://user:password@host/name"
)
@click.pass_obj
def move_command(context: Context, target: str) -> None:
    """Carry the embedded database over to PostgreSQL; when interrupted, run it again and it goes on.

    Every row is carried and then compared. Nobody can write meanwhile: what consumers write is kept, and met by the service once it runs with the
    new DATABASE_URL. The file stays as it is, but closed.

    Example: zhaohu move --to postgresql://zhaohu:secret@db.example.com/zhaohu
    """
    source = sqlite_path(context.settings.database_url)
    if source is None:
        raise click.ClickException("DATABASE_URL names no embedded database: there is nothing to move")
    if not target.startswith(("postgresql://", "postgres://")):
        raise click.ClickException("--to must look like postgresql://user:password@host/name")
    proofs = moving.move(source, target, _bar)
    rows = sum(proof.rows for proof in proofs.values())
    click.echo(f"{rows:,} rows of {len(proofs)} tables moved, counts and checksums are the same")
    click.echo(
        f"now set DATABASE_URL to the new address and restart; {source} is closed, delete it when you trust the move"
    )


def _bar(tables: Sequence[Table]) -> Callable[[int], None]:
    bar = click.progressbar(length=2 * sum(table.rows for table in tables), label="moving", show_pos=True)
    bar.render_progress()

    def done(rows: int) -> None:
        bar.update(rows)
        if bar.pos >= (bar.length or 0):
            bar.render_finish()

    return done
