"""``zhaohu menu``: the menu under the chat, from a file to the platform."""

import difflib
import json
from pathlib import Path
from typing import Any

import click

from bot import menus
from bot.cli.context import Context
from bot.cli.platform import now, platform
from bot.wechat import menu as shape
from intents.registry import all_intents
from storage import menus as versions
from storage.scripted_intents import all_scripted

VERSION = click.IntRange(1, 999_999_999)
menu_group = click.Group("menu", help="The menu under the chat.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BY = "cli"


@menu_group.command("show")
@click.option("--version", type=VERSION, help="Show this saved version instead of what is live.")
@click.option("--json", "as_json", is_flag=True, help="Print the JSON that publish takes.")
@click.pass_obj
def show_command(context: Context, version: int | None, *, as_json: bool) -> None:
    """Show the menu that is live.

    Example: zhaohu menu show --json > menu.json
    """
    menu = _live(context) if version is None else _saved(context, version)
    if as_json:
        click.echo(json.dumps(menu, ensure_ascii=False, indent=2))
    else:
        click.echo(shape.as_text(menu) or "no menu")


@menu_group.command("versions")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def versions_command(context: Context, *, as_json: bool) -> None:
    """Show the saved versions, newest first, and which one was published last.

    Example: zhaohu menu versions
    """
    published = versions.published(context.database)
    for one in versions.versions(context.database):
        is_published = published is not None and published.version == one.version
        if as_json:
            values = {"version": one.version, "author": one.author, "note": one.note, "published": is_published}
            click.echo(json.dumps({**values, "created_at": one.created_at.isoformat()}, ensure_ascii=False))
        else:
            mark = "\tpublished" if is_published else ""
            click.echo(f"{one.version}\t{one.created_at:%Y-%m-%d %H:%M}Z\t{one.author}\t{one.note}{mark}")


@menu_group.command("check")
@click.argument("file", type=FILE)
@click.pass_obj
def check_command(context: Context, file: Path) -> None:
    """Check a menu FILE (JSON) without publishing it; limits are counted in bytes, as the platform does.

    Example: zhaohu menu check menu.json
    """
    menu = _read(file)
    for key in menus.unknown_keys(menu, {one.name: one for one in all_intents(all_scripted(context.database))}):
        click.echo(f"{file}: the key {key} leads to no intent: a tap on it gets the help", err=True)
    click.echo(f"{file}: good")


@menu_group.command("diff")
@click.argument("file", type=FILE, required=False)
@click.option("--version", type=VERSION, help="Compare this saved version instead of a file.")
@click.pass_obj
def diff_command(context: Context, file: Path | None, version: int | None) -> None:
    """Show what publishing FILE, or a saved version, would change in the live menu. Exit status 1 when something would.

    Example: zhaohu menu diff menu.json
    """
    new = _chosen(context, file, version)
    lines = _difference(_live(context), new)
    click.echo("\n".join(lines) if lines else "no difference")
    click.get_current_context().exit(1 if lines else 0)


@menu_group.command("publish")
@click.argument("file", type=FILE, required=False)
@click.option("--version", type=VERSION, help="Publish this saved version: the way back to an earlier menu.")
@click.option("--note", default="", help="Why, for the list of versions.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def publish_command(context: Context, file: Path | None, version: int | None, note: str, *, yes: bool) -> None:
    """Publish the menu of a JSON FILE, or a saved version, after showing what changes.

    Example: zhaohu menu publish menu.json --note "summer drinks"
    """
    new = _chosen(context, file, version)
    with platform(context) as client:
        live = menus.live_menu(client)
        lines = _difference(live, new)
        if not lines and versions.published(context.database):
            click.echo("no difference: nothing to publish")
            return
        click.echo("\n".join(lines))
        if not yes:
            click.confirm("Publish this?", abort=True)
        number = version or menus.save(context.database, new, author=_BY, note=note, now=now())
        try:
            menus.publish(client, context.database, number, by=_BY, now=now(), seen=menus.fingerprint(live))
        except menus.MenuError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"published as version {number}; phones show it within five minutes")


@menu_group.command("delete")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete_command(context: Context, *, yes: bool) -> None:
    """Take the live menu away; saved versions stay.

    Example: zhaohu menu delete --yes
    """
    if not yes:
        click.confirm("Take the menu away from every phone?", abort=True)
    with platform(context) as client:
        menus.take_away(client, context.database, by=_BY, now=now())
    click.echo("the account has no menu now")


def _live(context: Context) -> dict[str, Any]:
    with platform(context) as client:
        return menus.live_menu(client)


def _chosen(context: Context, file: Path | None, version: int | None) -> dict[str, Any]:
    if (file is None) == (version is None):
        raise click.UsageError("give either a FILE or --version")
    return _read(file) if file is not None else _saved(context, version or 0)


def _saved(context: Context, version: int) -> dict[str, Any]:
    found = versions.version_of(context.database, version)
    if found is None:
        raise click.ClickException(f"there is no version {version} of the menu")
    menu: dict[str, Any] = json.loads(found.menu)
    return menu


def _read(file: Path) -> dict[str, Any]:
    """Return the menu of a file, tidied. Raises ClickException, after a line for each problem, when it cannot be published."""
    with file.open("rb") as opened:
        content = opened.read(menus.MOST_FILE_BYTES + 1)
    try:
        menu = menus.from_bytes(content)
    except menus.BadMenu as error:
        for problem in error.problems:
            click.echo(f"{file}: {problem} / {problem.in_chinese()}", err=True)
        raise click.ClickException(
            f"{file}: the platform would refuse it, problems found: {len(error.problems)}"
        ) from error
    return menu


def _difference(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    before, after = shape.as_text(old).splitlines(), shape.as_text(new).splitlines()
    return list(difflib.unified_diff(before, after, "live", "new", lineterm="", n=99))
