"""``zhaohu wechat``: what the platform tells of itself."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from bot.cli.context import Context
from bot.cli.platform import now, platform
from bot.wechat.outcomes import CallFailed
from bot.wechat.self_description import (
    ADDRESS_CALLS,
    WATCHED,
    ListName,
    Quota,
    explain_request,
    read_addresses,
    read_quota,
)
from storage import platform_lists

wechat_group = click.Group("wechat", help="WeChat's API: quotas, refused requests, addresses.")
_SKIPPED = frozenset({"76021", "76022", "48001"})  # calls that this kind of account does not have
_LISTS: tuple[ListName, ...] = tuple(ADDRESS_CALLS)


@wechat_group.command("quota")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def quota_command(context: Context, paths: tuple[str, ...], *, as_json: bool) -> None:
    """Show how much of today's quota is used, of the calls at PATH, or of all calls that Zhaohu makes.

    Example: zhaohu wechat quota /cgi-bin/message/custom/send
    """
    with platform(context) as client:
        for path in paths or tuple(call.path for call in WATCHED):
            try:
                quota = read_quota(client, path)
            except CallFailed as error:
                if paths or error.outcome.partition(":")[0] not in _SKIPPED:
                    raise
                continue
            click.echo(json.dumps(asdict(quota)) if as_json else _as_line(quota))


@wechat_group.command("request")
@click.argument("rid")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def request_command(context: Context, rid: str, *, as_json: bool) -> None:
    """Show what WeChat kept of a request, by the RID in its error message. It may hold what somebody wrote.

    Example: zhaohu wechat request 6a1b2c3d-0a1b2c3d-4e5f6a7b
    """
    with platform(context) as client:
        found = explain_request(client, rid)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    at = datetime.fromtimestamp(found.invoked_at, UTC).astimezone(context.settings.timezone)
    click.echo(f"{at:%Y-%m-%d %H:%M:%S}\t{found.url}\t{found.cost_milliseconds} ms\tfrom {found.client_address}")
    click.echo(f"asked:    {found.asked}\nanswered: {found.answered}")


@wechat_group.command("addresses")
@click.option("--of", "name", type=click.Choice(_LISTS), default=_LISTS[0], show_default=True, help="Which ones.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def addresses_command(context: Context, name: ListName, *, as_json: bool) -> None:
    """Fetch, keep and show the addresses that WeChat calls from, or those of its API.

    Example: zhaohu wechat addresses --of api_addresses
    """
    with platform(context) as client:
        items = read_addresses(client, name)
    context.database.write(lambda tx: platform_lists.keep(tx, name, items, now()))
    click.echo(json.dumps({"name": name, "items": items}) if as_json else "\n".join(items))


def _as_line(quota: Quota) -> str:
    share = f"{quota.used} of {quota.daily_limit} used, {quota.remain} left" if quota.daily_limit else "no limit"
    return f"{quota.path}\t{share}{'  (scarce)' if quota.scarce else ''}"
