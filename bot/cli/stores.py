"""``zhaohu stores``: the brand's stores in, out and on the screen."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from bot.cli.context import Context
from bot.stores_file import MOST_BYTES, BadStoresFile, Problem, read_stores, write_stores
from storage.stores import ImportResult, Store, all_stores, check_import, import_stores, stores_in

stores_group = click.Group("stores", help="The brand's stores.")


@stores_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and tell what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def import_command(context: Context, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Add the stores of a CSV FILE, and replace those whose code is known; all of them, or none when a row is bad.

    Columns: code,name,city,district,address,phone,latitude,longitude,hours,open, or their Chinese names. For example:

    zhaohu stores import stores.csv --dry-run
    """
    try:
        stores = read_stores(_content(file))
    except BadStoresFile as error:
        _refuse(file, error, as_json=as_json)
        return
    result = _carry_out(context, stores, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"imported": not dry_run, **asdict(result)}))
    else:
        said = "would be: " if dry_run else ""
        click.echo(f"{said}{result.added} added, {result.changed} changed, {result.unchanged} unchanged")


@stores_group.command("list")
@click.option("--city", default="", help="Only those of this city.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(context: Context, city: str, *, as_json: bool) -> None:
    """Show the stores.

    Example: zhaohu stores list --city 上海
    """
    for store in stores_in(context.database, city) if city else all_stores(context.database):
        click.echo(json.dumps(asdict(store), ensure_ascii=False) if as_json else _as_line(store))


@stores_group.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8-sig", lazy=False), default="-")
@click.pass_obj
def export_command(context: Context, file: TextIO) -> None:
    """Write all stores as CSV to FILE, or to the screen; ``zhaohu stores import`` takes it back.

    Example: zhaohu stores export stores.csv
    """
    file.write(write_stores(all_stores(context.database)))


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error


def _carry_out(context: Context, stores: list[Store], *, dry_run: bool) -> ImportResult:
    if dry_run:
        return check_import(context.database, stores)
    return context.database.write(lambda tx: import_stores(tx, stores))


def _refuse(file: Path, error: BadStoresFile, *, as_json: bool) -> None:
    """Tell what is wrong with the file, a line for each problem, and end with status 1."""
    if as_json:
        problems = [_as_json(problem) for problem in error.problems]
        click.echo(json.dumps({"imported": False, "count": error.count, "problems": problems}, ensure_ascii=False))
        click.get_current_context().exit(1)
    for problem in error.problems:
        click.echo(f"{file}: {problem} / {problem.chinese}", err=True)
    raise click.ClickException(f"{file}: nothing was imported, problems found: {error.count}")


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "reason": problem.english,
        "reason_zh": problem.chinese,
    }


def _as_line(store: Store) -> str:
    state = "" if store.open else "\tclosed"
    return f"{store.code}\t{store.name}\t{store.city}{store.district}\t{store.hours}{state}"
