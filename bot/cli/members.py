"""``zhaohu members``: the followers as the platform knows them, and tags on them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from bot import followers, tagging
from bot.cli.context import Context
from bot.cli.platform import now, platform
from bot.followers import Progress
from storage import follower_syncs
from storage.follower_syncs import FollowerSync
from storage.platform_tags import PlatformTag

members_group = click.Group("members", help="Followers, read from the platform, and their tags.")


@members_group.command("sync")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def sync_command(context: Context, *, as_json: bool) -> None:
    """Read every follower from the platform: unknown ones become members, who left is noted, tags and remarks are taken over.

    A run that was cut off goes on where it stopped. Example: zhaohu members sync
    """
    with platform(context) as client, _bar(hidden=as_json) as progress:
        try:
            done = followers.sync_followers(
                client,
                context.database,
                now,
                account_id=context.settings.wechat_account_id,
                by="cli",
                progress=progress,
            )
        except (followers.SyncRunning, followers.NoAccount) as error:
            raise click.ClickException(str(error)) from error
    met = follower_syncs.met(context.database, done.id)
    if as_json:
        click.echo(json.dumps(_as_json(done, met)))
    else:
        click.echo(
            f"{met} followers: {done.added} new, {done.followed} followed again, {done.unfollowed} no longer follow"
        )


@members_group.command("tags")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def tags_command(context: Context, *, as_json: bool) -> None:
    """Show the platform's tags and how many people have each.

    Example: zhaohu members tags
    """
    with platform(context) as client:
        found = tagging.read_tags(client, context.database, now())
    for tag in found:
        values = {"id": tag.tag_id, "name": tag.name, "people": tag.people}
        click.echo(json.dumps(values, ensure_ascii=False) if as_json else f"{tag.tag_id}\t{tag.name}\t{tag.people}")


@members_group.command("tag")
@click.argument("name")
@click.argument("openids", nargs=-1)
@click.option("--off", is_flag=True, help="Take the tag off instead.")
@click.pass_obj
def tag_command(context: Context, name: str, openids: tuple[str, ...], *, off: bool) -> None:
    """Put the platform's tag NAME on the people with these OPENIDS, or those that standard input names, one a line.

    Example: zhaohu members tag VIP < openids.txt
    """
    people = list(dict.fromkeys(openids or (line.strip() for line in sys.stdin if line.strip())))
    if not people:
        raise click.UsageError("give OPENIDS, or one a line on standard input")
    with platform(context) as client:
        tag = _tag(tagging.read_tags(client, context.database, now()), name)
        known = tagging.tag_members(client, context.database, tag, people, on=not off, by="cli", now=now())
    click.echo(f"{len(people)} people, {known} of them known members")


def _tag(tags: list[PlatformTag], name: str) -> PlatformTag:
    for tag in tags:
        if tag.name == name:
            return tag
    raise click.ClickException(f"the account has no tag {name}: zhaohu members tags shows those it has")


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Progress]:
    """Give what shows how far the run is, on standard error."""
    with click.progressbar(length=1, label="followers", file=sys.stderr, hidden=hidden) as bar:

        def progress(met: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(met - bar.pos)

        yield progress


def _as_json(done: FollowerSync, met: int) -> dict[str, Any]:
    names = ("added", "followed", "unfollowed", "total")
    return {"followers": met, **{name: getattr(done, name) for name in names}}
