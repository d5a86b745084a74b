"""Tags and remarks: the platform's are the truth, members carry the names of their tags.

Limits from https://developers.weixin.qq.com/doc/service/api/usermanage/tag/api_createtag.html and the pages beside it, read 2026-03.
Each change is made on the platform first, and noted here after its yes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.wechat.client import WeChatClient
from storage import audit, members, platform_tags
from storage.database import Database, Transaction
from storage.platform_tags import PlatformTag

GET, CREATE, UPDATE, DELETE = (
    "/cgi-bin/tags/get",
    "/cgi-bin/tags/create",
    "/cgi-bin/tags/update",
    "/cgi-bin/tags/delete",
)
ATTACH, DETACH = "/cgi-bin/tags/members/batchtagging", "/cgi-bin/tags/members/batchuntagging"
REMARK = "/cgi-bin/user/info/updateremark"
MOST_OPENIDS = 50  # in one call
LONGEST_NAME, LONGEST_REMARK = 30, 29
_BATCH = 500


def read_tags(client: WeChatClient, database: Database, now: datetime) -> list[PlatformTag]:
    """Read the tags from the platform, keep them, and return them. Raises CallFailed."""
    found = client.call(GET).get("tags")
    rows = [
        (tag["id"], tag["name"], tag.get("count", 0))
        for tag in (found if isinstance(found, list) else [])
        if isinstance(tag, dict) and isinstance(tag.get("id"), int) and isinstance(tag.get("name"), str)
    ]
    database.write(lambda tx: platform_tags.replace_all(tx, rows, now))
    return platform_tags.all_tags(database)


def create(client: WeChatClient, database: Database, name: str, *, by: str, now: datetime) -> None:
    """Make a tag. Raises CallFailed."""
    client.call(CREATE, {"tag": {"name": name}})
    database.write(lambda tx: audit.record(tx, by, "tag.created", name, "", now))
    read_tags(client, database, now)


def rename(client: WeChatClient, database: Database, tag: PlatformTag, name: str, *, by: str, now: datetime) -> None:
    """Give a tag another name, also on the members who carry it. Raises CallFailed."""
    client.call(UPDATE, {"tag": {"id": tag.tag_id, "name": name}})
    database.write(lambda tx: audit.record(tx, by, "tag.renamed", tag.name, f"to={name}", now))
    _on_carriers(database, tag.name, lambda tags: [name if each == tag.name else each for each in tags])
    read_tags(client, database, now)


def delete(client: WeChatClient, database: Database, tag: PlatformTag, *, by: str, now: datetime) -> None:
    """Delete a tag, also from the members who carry it. Raises CallFailed."""
    client.call(DELETE, {"tag": {"id": tag.tag_id}})
    database.write(lambda tx: audit.record(tx, by, "tag.deleted", tag.name, "", now))
    _on_carriers(database, tag.name, lambda tags: [each for each in tags if each != tag.name])
    read_tags(client, database, now)


def tag_people(client: WeChatClient, tag: PlatformTag, openids: Sequence[str], *, on: bool) -> None:
    """Put a tag on people or take it off, on the platform alone, fifty at a time. Raises CallFailed."""
    for at in range(0, len(openids), MOST_OPENIDS):
        part = list(openids[at : at + MOST_OPENIDS])
        client.call(ATTACH if on else DETACH, {"openid_list": part, "tagid": tag.tag_id})


def tag_members(
    client: WeChatClient,
    database: Database,
    tag: PlatformTag,
    openids: Sequence[str],
    *,
    on: bool,
    by: str,
    now: datetime,
) -> int:
    """Put a tag on people or take it off, on the platform and on their members; return how many of them are known. Raises CallFailed."""
    tag_people(client, tag, openids, on=on)

    def work(tx: Transaction) -> int:
        known = [member_id for openid in openids for member_id in members.member_ids_by_openid(tx, openid)]
        for member_id in known:
            member = members.member_by_id(tx, member_id)
            if member is not None:
                others = [each for each in member.tags if each != tag.name]
                platform_tags.set_tags(tx, member_id, [*others, tag.name] if on else others)
        audit.record(tx, by, "tag.attached" if on else "tag.detached", tag.name, f"people={len(known)}", now)
        return len(known)

    return database.write(work)


def change_tags(client: WeChatClient, database: Database, openid: str, old: Sequence[str], new: Sequence[str]) -> None:
    """Bring one person's tags on the platform from what they were to what they shall be; names that are no platform tags are ours alone.

    Raises CallFailed.
    """
    for tag in platform_tags.all_tags(database):
        if (tag.name in new) != (tag.name in old):
            tag_people(client, tag, [openid], on=tag.name in new)


def set_remark(client: WeChatClient, openid: str, remark: str) -> None:
    """Show this remark in the platform's own list of followers, if it fits there. Raises CallFailed."""
    if len(remark) <= LONGEST_REMARK:
        client.call(REMARK, {"openid": openid, "remark": remark})


def _on_carriers(database: Database, name: str, change: Callable[[Sequence[str]], Sequence[str]]) -> None:
    """Change the tags of everybody who carries one, some at a time."""
    after_id = 0
    while found := platform_tags.carriers(database, name, after_id=after_id, limit=_BATCH):
        after_id = found[-1]

        def work(tx: Transaction, ids: Sequence[int] = found) -> None:
            for member_id in ids:
                member = members.member_by_id(tx, member_id)
                if member is not None:
                    platform_tags.set_tags(tx, member_id, change(member.tags))

        database.write(work)
