"""``zhaohu qr``: QR codes for spots, and sheets of them to print."""

import json
from pathlib import Path

import click

from bot import qr_codes, qr_sheet
from bot.cli.context import Context
from bot.cli.platform import now, platform
from bot.qr_codes import Wanted
from storage import qr_spots
from storage.qr_spots import QrSpot, SceneTaken, Visits

qr_group = click.Group("qr", help="QR codes for tables, flyers, bags, and who came through them.")
FORMATS = (".svg", ".png", ".pdf")


@qr_group.command("make")
@click.argument("name")
@click.option("--store", default="", help="The code of the store it hangs in; the scene is then store_CODE.")
@click.option("--scene", default="", help="What the code carries: 1 to 64 letters, digits, _ . or -.")
@click.option("--campaign", default="", help="The code of the campaign it belongs to.")
@click.option("--caption", default="", help="A line printed below the name.")
@click.option("--days", type=int, help="Make a temporary code for so many days, at most 30; permanent without.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def make_command(
    context: Context, name: str, store: str, scene: str, campaign: str, caption: str, days: int | None, *, as_json: bool
) -> None:
    """Make a QR code for the spot called NAME.

    Example: zhaohu qr make "静安寺店桌贴" --store SH0001 --caption "扫码领券"
    """
    wanted = Wanted(name.strip(), caption.strip(), scene, store, campaign, days)
    with platform(context) as client:
        try:
            spot_id = qr_codes.make(client, context.database, wanted, by="cli", now=now())
        except qr_codes.BadSpot as error:
            raise click.ClickException(f"{error.english} / {error.chinese}") from error
        except SceneTaken as error:
            raise click.ClickException(str(error)) from error
    spot = qr_spots.spot_by_id(context.database, spot_id)
    assert spot is not None
    click.echo(_as_json(spot, Visits()) if as_json else f"{spot.scene}\t{spot.url}")


@qr_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(context: Context, *, as_json: bool) -> None:
    """Show every code with its scans, the follows among them, and how many people that were.

    Example: zhaohu qr list
    """
    visits = qr_spots.visits(context.database)
    for spot in qr_spots.spots(context.database):
        came = visits.get(spot.scene, Visits())
        if as_json:
            click.echo(_as_json(spot, came))
        else:
            until = f"until {spot.expires_at:%Y-%m-%d}" if spot.expires_at else "permanent"
            click.echo(
                f"{spot.scene}\t{spot.name}\t{came.scans} scans\t{came.follows} follows\t{came.people} people\t{until}"
            )


@qr_group.command("sheet")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--scene", "scenes", multiple=True, help="Only this code; may be given several times.")
@click.pass_obj
def sheet_command(context: Context, file: Path, scenes: tuple[str, ...]) -> None:
    """Write a sheet to print: FILE ends in .pdf, .png or .svg. A PNG or SVG for each page of twelve: sheet-1.png, sheet-2.png …

    Example: zhaohu qr sheet tables.pdf --scene store_SH0001 --scene store_SH0002
    """
    codes = [
        qr_sheet.Printed(spot.url, spot.name, spot.caption)
        for spot in reversed(qr_spots.spots(context.database))
        if (spot.scene in scenes or not scenes) and not spot.expired(now())
    ]
    if not codes:
        raise click.ClickException("there is no such code: zhaohu qr list shows them")
    if file.suffix not in FORMATS:
        raise click.ClickException(f"{file}: the name must end in {', '.join(FORMATS)}")
    try:
        _write(file, codes, context.settings.sheet_font)
    except qr_sheet.NoFont as error:
        raise click.ClickException(str(error)) from error


def _write(file: Path, codes: list[qr_sheet.Printed], font: str) -> None:
    if file.suffix == ".pdf":
        file.write_bytes(qr_sheet.pdf(codes, font))
        click.echo(file)
        return
    pages = qr_sheet.pages_of(codes)
    for page in range(1, pages + 1):
        each = file.with_stem(f"{file.stem}-{page}") if pages > 1 else file
        content = qr_sheet.svg(codes, page) if file.suffix == ".svg" else qr_sheet.png(codes, font, page)
        each.write_bytes(content)
        click.echo(each)


def _as_json(spot: QrSpot, came: Visits) -> str:
    values = {
        "scene": spot.scene,
        "name": spot.name,
        "caption": spot.caption,
        "store": spot.store_code,
        "campaign": spot.campaign_code,
        "url": spot.url,
        "expires_at": spot.expires_at.isoformat() if spot.expires_at else None,
        "scans": came.scans,
        "follows": came.follows,
        "people": came.people,
    }
    return json.dumps(values, ensure_ascii=False)
