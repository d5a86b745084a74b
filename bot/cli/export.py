"""``zhaohu export``: records out of the database, for people and programs."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from bot.cli.context import Context
from bot.exporting import WRITERS, Format
from bot.records import COUPONS, EXCHANGES, LEDGER, MEMBERS, OUTBOX, plain
from storage import audit
from storage.listing import Span, every

_EXPORTED = {collection.name: collection for collection in (EXCHANGES, MEMBERS, COUPONS, LEDGER, OUTBOX)}
_AT_ONCE = 200  # records read at a time


@click.command("export")
@click.argument("what", type=click.Choice(list(_EXPORTED)))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(WRITERS)),
    default="jsonl",
    show_default=True,
    help="One JSON object a line, or a table for spreadsheets.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not to the screen."
)
@click.option("--openid", help="Only what belongs to the person with this openid.")
@click.option("--whole-phones", is_flag=True, help="Phone numbers in full; the audit log says so.")
@click.pass_obj
def export_command(
    context: Context, what: str, form: Format, output: Path | None, openid: str | None, *, whole_phones: bool
) -> None:
    """Write every record of one kind, oldest first.

    Example: zhaohu export exchanges --format csv --output exchanges.csv
    """
    collection, now, database = _EXPORTED[what], datetime.now(UTC), context.database
    detail = f"format={form} of={'one member' if openid else 'everyone'} phones={'whole' if whole_phones else 'masked'}"
    database.write(lambda tx: audit.record(tx, "cli", "data.exported", what, detail, now))
    found = every(database, collection.listing, Span(now=now, limit=_AT_ONCE, openid=openid))
    with _file(output) as file:
        count = WRITERS[form](file, collection, (plain(collection, one, whole_phones=whole_phones) for one in found))
    if output is not None:
        click.echo(f"{count} {what} written to {output}", err=True)


@contextmanager
def _file(path: Path | None) -> Iterator[TextIO]:
    """Lend a file in UTF-8, readable to its owner alone, that takes its name once it is whole; or the screen."""
    if path is None:
        screen = io.TextIOWrapper(click.open_file("-", "wb"), "utf-8", newline="")
        try:
            yield screen
            screen.flush()
        finally:
            screen.detach()
        return
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with open(part, "x", encoding="utf-8", newline="", opener=_private) as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
