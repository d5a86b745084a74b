"""Campaigns: what is given out, how much of it is left; starting and pausing; and the counter where a coupon is used."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields
from bot.console.labels import campaign_label
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.labels import Label
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import audit, coupons
from storage.coupons import Campaign, Redemption
from storage.database import Transaction
from storage.overview import redeemed_by_campaign

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
_YUAN = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One campaign of the list, with how many of its coupons were used, and its state as of now in words."""

    campaign: Campaign
    redeemed: int
    state: Label


@pages.get("/")
@requires(Permission.COUPONS_READ)
def index() -> str:
    """Show the campaigns."""
    database, now = current().database, current().clock()
    used = redeemed_by_campaign(database)
    lines = [Line(one, used.get(one.id, 0), campaign_label(_state(one, now))) for one in coupons.campaigns(database)]
    return render_template("console/campaigns.html", lines=lines)


@pages.post("/<int:campaign_id>/start")
@requires(Permission.CAMPAIGNS_START, fresh=True)
def start(campaign_id: int) -> Response:
    """Let a campaign give out coupons."""
    return _set(campaign_id, "running", gettext("“%(name)s”已经开始。"))


@pages.post("/<int:campaign_id>/pause")
@requires(Permission.CAMPAIGNS_START)
def pause(campaign_id: int) -> Response:
    """Stop a campaign at once; coupons that are out stay good. No password is asked for: stopping must be quick."""
    return _set(campaign_id, "paused", gettext("“%(name)s”已经暂停，发出去的券照样能用。"))


@pages.get("/counter")
@requires(Permission.COUPONS_REDEEM)
def counter() -> str:
    """Show the form for using a coupon."""
    return render_template("console/counter.html", given={}, error="", redemption=None)


@pages.post("/counter")
@requires(Permission.COUPONS_REDEEM)
def redeem() -> str | tuple[str, int]:
    """Use a coupon for an order; the same order again gets the same yes."""
    given = fields("code", "order", "amount", longest=64)
    amount = _fen(given["amount"])
    if not given["code"] or not given["order"] or amount is None:
        error = gettext("请填写券码、订单号和金额，金额写成 38 或 38.50。")
        return render_template("console/counter.html", given=given, error=error, redemption=None), 422
    now, user = current().clock(), signed_in_user()

    def work(tx: Transaction) -> Redemption:
        done = coupons.redeem(tx, given["code"], order=given["order"], amount_fen=amount, now=now)
        if done.coupon is not None and done.fresh:
            detail = f"order={given['order']} amount_fen={amount}"
            audit.record(tx, f"user:{user.name}", "coupon.redeemed", str(done.coupon.id), detail, now)
        return done

    redemption = current().database.write(work)
    return render_template(
        "console/counter.html",
        given=given if redemption.refusal else {},
        error="",
        redemption=redemption,
        asked_fen=amount,
    )


def _set(campaign_id: int, state: coupons.CampaignState, said: str) -> Response:
    database, now, user = current().database, current().clock(), signed_in_user()
    campaign = coupons.campaign_by_id(database, campaign_id) if campaign_id < 2**63 else None
    if campaign is None:
        abort(404)
    fields()

    def work(tx: Transaction) -> bool:
        changed = coupons.set_campaign_state(tx, campaign.id, state)
        if changed and state != campaign.state:  # two tabs may have paused it
            detail = f"from={campaign.state} to={state}"
            audit.record(tx, f"user:{user.name}", "campaign.state_changed", campaign.code, detail, now)
        return changed

    if database.write(work):
        flash(said % {"name": campaign.name}, "success")
    else:
        flash(gettext("活动已经结束，不能再开始。"), "danger")
    return redirect(url_for(".index"))


def _state(campaign: Campaign, now: datetime) -> str:
    """Return the campaign's state as of now: one that runs may not have begun, be over or be sold out."""
    if campaign.state != "running":
        return campaign.state
    return {"not_started": "coming", "ended": "ended", "sold_out": "sold_out"}.get(
        campaign.closed(now) or "", "running"
    )


def _fen(text: str) -> int | None:
    """Return an amount in yuan as fen, None when it is none."""
    found = _YUAN.fullmatch(text.replace(",", "").removeprefix("¥"))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
