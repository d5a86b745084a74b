"""``zhaohu coupons``: what is on, and redeeming a code at the counter."""

import json
import re
from datetime import UTC, datetime

import click

from bot.cli.context import Context
from storage.coupons import Campaign, Coupon, RedeemRefusal, Redemption, campaigns, redeem

_REFUSALS: dict[RedeemRefusal, str] = {
    "unknown": "there is no coupon with this code",
    "used": "this coupon was used already, on {used_at}, for order {order}",
    "expired": "this coupon expired on {expires_at}",
}

coupons_group = click.Group("coupons", help="Campaigns, and coupons at the counter.")


def _fen(context: click.Context, parameter: click.Parameter, yuan: str) -> int:
    """Return an amount in yuan, such as 32 or 32.00, in fen."""
    match = re.fullmatch(r"(\d{1,9})(?:\.(\d{1,2}))?", yuan, re.ASCII)
    if not match:
        raise click.BadParameter(f"{yuan!r} is not an amount in yuan such as 32.00", context, parameter)
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


@coupons_group.command("redeem")
@click.argument("code")
@click.option(
    "--order", required=True, help="The till's number of the order; asking again for the same one is harmless."
)
@click.option("--amount", required=True, callback=_fen, help="What the order came to, in yuan.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def redeem_command(context: Context, code: str, order: str, amount: int, *, as_json: bool) -> None:
    """Use up the coupon CODE for an order.

    Example: zhaohu coupons redeem 7K2M-9QXT-4HJP-8WNC --order A1024 --amount 32.00
    """
    if not order.strip():
        raise click.BadParameter("must not be empty", param_hint="--order")
    now = datetime.now(UTC)
    done = context.database.write(lambda tx: redeem(tx, code, order=order, amount_fen=amount, now=now))
    if as_json:
        click.echo(json.dumps(_outcome(done), ensure_ascii=False))
        if done.refusal:
            click.get_current_context().exit(1)
    elif done.refusal:
        raise click.ClickException(_refusal(context, done.refusal, done.coupon))
    elif done.coupon:
        click.echo(f"accepted: {done.coupon.name}, {done.coupon.offer}")


@coupons_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(context: Context, *, as_json: bool) -> None:
    """Show every campaign, newest first: what it gives, how many are issued, whether it can be claimed from now.

    Example: zhaohu coupons list
    """
    now = datetime.now(UTC)
    for campaign in campaigns(context.database):
        click.echo(_as_json(campaign, now) if as_json else _as_line(context, campaign, now))


def _outcome(done: Redemption) -> dict[str, object]:
    outcome: dict[str, object] = {"accepted": done.refusal is None, "refusal": done.refusal}
    if done.coupon is None:
        return outcome
    coupon = done.coupon
    return outcome | {
        "code": coupon.code,
        "member_id": str(coupon.member_id),
        "name": coupon.name,
        "offer": coupon.offer,
        "order": coupon.used_order,
        "amount_fen": coupon.used_amount_fen,
        "used_at": coupon.used_at.isoformat() if coupon.used_at else None,
        "expires_at": coupon.expires_at.isoformat(),
    }


def _refusal(context: Context, refusal: RedeemRefusal, coupon: Coupon | None) -> str:
    if coupon is None:
        return _REFUSALS[refusal]
    used_at = _when(context, coupon.used_at) if coupon.used_at else ""
    return _REFUSALS[refusal].format(
        used_at=used_at, order=coupon.used_order, expires_at=_when(context, coupon.expires_at)
    )


def _as_json(campaign: Campaign, now: datetime) -> str:
    payload = {
        "code": campaign.code,
        "name": campaign.name,
        "offer": campaign.offer,
        "kind": campaign.kind,
        "scene": campaign.scene,
        "state": campaign.state,
        "closed": campaign.closed(now),
        "stock": campaign.stock,
        "issued": campaign.issued,
        "starts_at": campaign.starts_at.isoformat(),
        "ends_at": campaign.ends_at.isoformat(),
    }
    return json.dumps(payload, ensure_ascii=False)


def _as_line(context: Context, campaign: Campaign, now: datetime) -> str:
    state = campaign.state if campaign.state == "draft" else campaign.closed(now) or "open"
    window = f"{_when(context, campaign.starts_at)} to {_when(context, campaign.ends_at)}"
    return f"{campaign.code}\t{state}\t{campaign.issued}/{campaign.stock}\t{window}\t{campaign.name}: {campaign.offer}"


def _when(context: Context, moment: datetime) -> str:
    return f"{moment.astimezone(context.settings.timezone):%Y-%m-%d %H:%M}"
