"""QR codes for spots: made, counted, printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot import qr_codes, qr_sheet
from bot.console.form import fields, number
from bot.qr_codes import BadSpot, Wanted
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.outcomes import CallFailed, call_sentence
from storage import coupons, qr_spots, stores
from storage.qr_spots import QrSpot, SceneTaken, Visits

pages = Blueprint("codes", __name__, url_prefix="/codes")
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Line:
    """One code of the list: who came, in which store or for which campaign it is, and whether phones still know it."""

    spot: QrSpot
    visits: Visits
    belongs_to: str
    expired: bool


@pages.get("/")
@requires(Permission.SPOTS_READ)
def index() -> str:
    """Show the codes, and the form for a new one."""
    return _page({}, "")


@pages.post("/")
@requires(Permission.SPOTS_WRITE)
def make() -> BaseResponse | tuple[str, int]:
    """Have the platform make a code."""
    given, parts = fields("name", "caption", "scene", "store", "campaign", "days"), current()
    days = number(given["days"]) if given["days"] else None
    if given["days"] and days is None:
        days = 0  # not a number: refused with the limits
    wanted = Wanted(given["name"], given["caption"], given["scene"], given["store"], given["campaign"], days)
    by = f"user:{signed_in_user().name}"
    try:
        qr_codes.make(parts.wechat, parts.database, wanted, by=by, now=parts.clock())
    except BadSpot as error:
        return _page(given, error.chinese if language() == "zh" else error.english), 422
    except SceneTaken:
        return _page(given, gettext("这个场景已经有码了，换一个场景值。")), 409
    except CallFailed as error:
        return _page(given, call_sentence(error.outcome, language())), 502
    flash(gettext("“%(name)s”的码做好了。", name=given["name"]), "success")
    return redirect(url_for(".index"))


@pages.get("/sheet.<any(svg, png, pdf):kind>")
@requires(Permission.SPOTS_READ)
def sheet(kind: str) -> BaseResponse:
    """Hand out a sheet to print: of the codes that the address names, else of all that are good."""
    chosen = {found for value in request.args.getlist("spot") if (found := number(value)) is not None}
    now = current().clock()
    spots = [
        spot
        for spot in reversed(qr_spots.spots(current().database))
        if not spot.expired(now) and (spot.id in chosen or not chosen)
    ]
    return _sheet(kind, [qr_sheet.Printed(spot.url, spot.name, spot.caption) for spot in spots], "codes")


@pages.get("/<int:spot_id>.<any(svg, png, pdf):kind>")
@requires(Permission.SPOTS_READ)
def picture(spot_id: int, kind: str) -> BaseResponse:
    """Hand out one code to print."""
    spot = qr_spots.spot_by_id(current().database, spot_id) if spot_id < 2**63 else None
    if spot is None:
        abort(404)
    return _sheet(kind, [qr_sheet.Printed(spot.url, spot.name, spot.caption)], spot.scene)


def _sheet(kind: str, codes: Sequence[qr_sheet.Printed], name: str) -> BaseResponse:
    if not codes:
        abort(404)
    page = number(request.args.get("page", "1")) or 1
    if not 1 <= page <= qr_sheet.pages_of(codes):
        abort(404)
    font = current().settings.sheet_font
    try:
        content = (
            qr_sheet.svg(codes, page)
            if kind == "svg"
            else qr_sheet.png(codes, font, page)
            if kind == "png"
            else qr_sheet.pdf(codes, font)
        )
    except qr_sheet.NoFont:
        flash(
            gettext("服务器上没有中文字体，画不了 PNG 和 PDF。请管理员装一个（如 fonts-wqy-zenhei），或先用 SVG。"),
            "danger",
        )
        return redirect(url_for(".index"))
    numbered = f"{name}-{page}" if kind != "pdf" and qr_sheet.pages_of(codes) > 1 else name
    headers = {"Content-Disposition": f'attachment; filename="{numbered}.{kind}"'}
    return Response(content, mimetype=_TYPES[kind], headers=headers)


def _page(given: dict[str, str], complaint: str) -> str:
    database, now = current().database, current().clock()
    visits, found = qr_spots.visits(database), qr_spots.spots(database)
    all_stores, campaigns = stores.all_stores(database), coupons.campaigns(database)
    names = {store.code: store.name for store in all_stores} | {one.code: one.name for one in campaigns}
    lines = [
        Line(
            spot,
            visits.get(spot.scene, Visits()),
            " · ".join(names.get(code, code) for code in (spot.store_code, spot.campaign_code) if code),
            spot.expired(now),
        )
        for spot in found
    ]
    others = sorted(
        ((scene, came) for scene, came in visits.items() if scene not in {spot.scene for spot in found}),
        key=lambda pair: -pair[1].scans,
    )
    return render_template(
        "console/codes.html",
        lines=lines,
        others=others[:12],
        sheet_pages=qr_sheet.pages_of([qr_sheet.Printed("", "")] * sum(not line.expired for line in lines)),
        stores=[("", "–"), *((store.code, store.name) for store in all_stores)],
        campaigns=[("", "–"), *((one.code, one.name) for one in campaigns)],
        given=given,
        complaint=complaint,
    )
