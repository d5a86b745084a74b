"""Reading all followers from the platform: nobody lost, nobody twice, and the state of following set right.

    SyncRunning     somebody else is at it
    NoAccount       nobody told us the account's id, and no member has
    Stopping        this process is about to end; another one goes on

Pages of ten thousand openids, then who they are, a hundred at a time, each hundred in one transaction. A run that is cut off goes on from its page;
meeting somebody twice changes nothing. Who was not met is asked about one by one before they count as gone.

Source: https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/api_getfans.html and the pages beside it, read 2026-03.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.conversation.consents import end_consents
from bot.tagging import read_tags
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed
from storage import follower_syncs, members, platform_tags
from storage.database import Database, Queries, Transaction
from storage.follower_syncs import FollowerSync

LIST, BATCH = "/cgi-bin/user/get", "/cgi-bin/user/info/batchget"
MOST_INFOS = 100  # in one call
LEASE = timedelta(minutes=2)  # longer than one call with a fresh token may take
log = logging.getLogger(__name__)
SYNC = "sync"  # source of members whom only the list told us of

Clock = Callable[[], datetime]
Progress = Callable[[int, int], None]


class SyncRunning(Exception):
    """Somebody else reads the followers right now."""

    def __init__(self) -> None:
        super().__init__("the followers are being read already; if that process died, try again in two minutes")


class NoAccount(Exception):
    """Nobody told us the account's id."""

    def __init__(self) -> None:
        super().__init__("set WECHAT_ACCOUNT_ID (gh_…): no member has told the account's id yet")


class Stopping(Exception):
    """This process is about to end."""


def account_of_followers(database: Queries, account_id: str) -> str:
    """Return the account whose followers are read: the one that was set, else the one last heard of. Raises NoAccount."""
    found = account_id or follower_syncs.account_last_heard_of(database)
    if not found:
        raise NoAccount
    return found


def take_up(client: WeChatClient, database: Database, clock: Clock, stop: threading.Event) -> bool:
    """Do a reading that waits for a worker, because staff asked for it or its process died; False when there is none.

    What stands in its way is written down with it; once ``stop`` is set the rest is left to another worker. Raises StorageError.
    """
    asked = follower_syncs.waiting(database, clock())
    if asked is None:
        return False

    def progress(_met: int, _total: int) -> None:
        if stop.is_set():
            raise Stopping

    try:
        sync_followers(client, database, clock, account_id=asked.account_id, by=asked.started_by, progress=progress)
    except (SyncRunning, Stopping):
        return False
    except CallFailed as error:
        log.warning("reading the followers stopped: %s", error.outcome.partition(":")[0])
    return True


def sync_followers(
    client: WeChatClient,
    database: Database,
    clock: Clock,
    *,
    account_id: str,
    by: str,
    progress: Progress = lambda _met, _total: None,
) -> FollowerSync:
    """Read every follower, and return the run; ``progress`` is told how many were met of how many.

    Raises SyncRunning, NoAccount, CallFailed (then the run can be taken up again).
    """
    account_id = account_of_followers(database, account_id)
    run = database.write(lambda tx: follower_syncs.begin_or_resume(tx, account_id, by=by, now=clock(), lease=LEASE))
    if run is None:
        raise SyncRunning
    try:
        names = {tag.tag_id: tag.name for tag in read_tags(client, database, clock())}
        _Run(client, database, clock, run, names, progress).work()
    except BaseException as error:
        failure = error.outcome if isinstance(error, CallFailed) else type(error).__name__
        failure = "" if isinstance(error, Stopping) else failure
        database.write(lambda tx: follower_syncs.cut_off(tx, run.id, failure, clock()))
        raise
    database.write(lambda tx: follower_syncs.finish(tx, run.id, clock()))
    done = follower_syncs.newest(database)
    assert done is not None
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    client: WeChatClient
    database: Database
    clock: Clock
    run: FollowerSync
    tag_names: Mapping[int, str]
    progress: Progress

    def work(self) -> None:
        """Read page after page, then ask about those who were not met."""
        cursor = self.run.page_cursor
        while True:
            page = self.client.call(LIST, query={"next_openid": cursor} if cursor else {})
            data, total = page.get("data"), _whole(page.get("total"))
            openids = [
                each for each in (data.get("openid") or [] if isinstance(data, dict) else []) if isinstance(each, str)
            ]
            self._turn_page(cursor, total)
            for at in range(0, len(openids), MOST_INFOS):
                self._meet(openids[at : at + MOST_INFOS], total)
            following = page.get("next_openid")
            if not openids or not isinstance(following, str) or following in ("", cursor):
                break
            cursor = following
        self._ask_about_the_missing()

    def _turn_page(self, cursor: str, total: int) -> None:
        self.database.write(
            lambda tx: follower_syncs.turn_page(
                tx, self.run.id, cursor=cursor, total=total, now=self.clock(), lease=LEASE
            )
        )

    def _meet(self, openids: Sequence[str], total: int) -> None:
        """Ask who some followers are, and take all of them in at once."""
        infos = self._infos(openids)

        def work(tx: Transaction) -> None:
            added = followed = 0
            for openid in openids:
                info = infos.get(openid, {})
                if info.get("subscribe", 1) == 0:  # left since the list was made
                    continue
                is_new, changed = self._take_in(tx, openid, info)
                added, followed = added + is_new, followed + (changed and not is_new)
            follower_syncs.count(tx, self.run.id, added=added, followed=followed, now=self.clock(), lease=LEASE)

        self.database.write(work)
        self.progress(follower_syncs.met(self.database, self.run.id), total)

    def _infos(self, openids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        asked = {"user_list": [{"openid": openid, "lang": "zh_CN"} for openid in openids]}
        found = self.client.call(BATCH, asked).get("user_info_list")
        return {
            info["openid"]: info
            for info in (found if isinstance(found, list) else [])
            if isinstance(info, dict) and isinstance(info.get("openid"), str)
        }

    def _take_in(self, tx: Transaction, openid: str, info: Mapping[str, Any]) -> tuple[bool, bool]:
        """Take in one follower; return whether they were unknown, and whether we took them for no follower."""
        now, source = self.clock(), _source(info)
        known = follower_syncs.member_of(tx, self.run.account_id, openid)
        member_id = known or members.add_member(
            tx, account_id=self.run.account_id, openid=openid, source=source, now=now
        )
        member = members.member_by_id(tx, member_id)
        assert member is not None
        changed = False
        if not member.subscribed or not member.follows:
            changed = (
                members.record_follow(tx, member_id, follows=True, event_at=_since(info, now)) and not member.subscribed
            )
        if known and source != SYNC:
            members.set_source(tx, member_id, source)
        tags = self._tags(member.tags, info)
        if tags != list(member.tags):
            platform_tags.set_tags(tx, member_id, tags)
        if not member.remark and isinstance(info.get("remark"), str) and info["remark"]:
            platform_tags.set_remark(tx, member_id, info["remark"])
        follower_syncs.mark(tx, member_id, self.run.id)
        return known is None, changed

    def _tags(self, had: Sequence[str], info: Mapping[str, Any]) -> list[str]:
        """Return the tags of a member: the platform decides about its own, those it does not know stay."""
        ids = info.get("tagid_list")
        if not isinstance(ids, list):
            return list(had)
        here = [self.tag_names[each] for each in ids if isinstance(each, int) and each in self.tag_names]
        ours = set(self.tag_names.values())
        return [*(tag for tag in had if tag not in ours or tag in here), *(tag for tag in here if tag not in had)]

    def _ask_about_the_missing(self) -> None:
        """Note of those who were not met that they no longer follow, if the platform says so of each."""
        after_id = 0
        while found := follower_syncs.not_met(self.database, self.run, after_id=after_id, limit=MOST_INFOS):
            after_id = found[-1][0]
            asked_at = self.clock()
            infos = self._infos([openid for _, openid in found])
            gone = [member_id for member_id, openid in found if infos.get(openid, {}).get("subscribe") == 0]

            def work(tx: Transaction, gone: Sequence[int] = gone, asked_at: datetime = asked_at) -> None:
                done = [self._note_gone(tx, member_id, asked_at) for member_id in gone]
                follower_syncs.count(tx, self.run.id, unfollowed=sum(done), now=self.clock(), lease=LEASE)

            self.database.write(work)

    def _note_gone(self, tx: Transaction, member_id: int, asked_at: datetime) -> bool:
        end_consents(tx, member_id, self.clock(), given_before=asked_at)
        return members.record_follow(tx, member_id, follows=False, event_at=asked_at)


def _source(info: Mapping[str, Any]) -> str:
    """Return how a follower came, as far as the platform tells: the QR scene, its own word for the way, else that the list told us."""
    scene, way = info.get("qr_scene_str"), info.get("subscribe_scene")
    if isinstance(scene, str) and scene:
        return scene[:64]
    return way[:64] if isinstance(way, str) and way.startswith("ADD_SCENE_") and way != "ADD_SCENE_OTHERS" else SYNC


def _since(info: Mapping[str, Any], now: datetime) -> datetime:
    """Return since when somebody follows; what the platform does not tell is taken as now."""
    seconds = info.get("subscribe_time")
    if not isinstance(seconds, int) or not 0 < seconds < 2**33:
        return now
    return min(now, datetime.fromtimestamp(seconds, UTC))


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
