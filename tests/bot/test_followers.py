"""Reading all followers: nobody lost, nobody twice, also when it is cut off or people come and go meanwhile."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.followers import NoAccount, SyncRunning, sync_followers, take_up
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed
from storage import follower_syncs, members, permits, platform_tags
from storage.database import Database
from storage.follower_syncs import FollowerSync
from storage.members import Member
from tests.conftest import ENGINES, Clock
from tests.followers import BATCH, Followers
from tests.phone import Phone
from tests.wechat_api import FarSide, far_side

ACCOUNT = "gh_000000000001"


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        yield far


@pytest.fixture
def followers(far: FarSide) -> Followers:
    return Followers(far)


@pytest.fixture
def client(far: FarSide, database: Database, clock: Clock) -> Iterator[WeChatClient]:
    with WeChatClient(far.settings, database, clock) as client:
        yield client


def sync(client: WeChatClient, database: Database, clock: Clock, account_id: str = ACCOUNT) -> FollowerSync:
    return sync_followers(client, database, clock, account_id=account_id, by="cli")


def member(database: Database, openid: str) -> Member:
    [member_id] = members.member_ids_by_openid(database, openid)
    found = members.member_by_id(database, member_id)
    assert found is not None
    return found


def test_unknown_followers_become_members_with_how_and_since_when_they_came(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers
) -> None:
    followers.add("oPlain", subscribe_scene="ADD_SCENE_OTHERS")
    followers.add("oSearch", subscribe_scene="ADD_SCENE_SEARCH", remark="老顾客")
    followers.add("oTable", subscribe_scene="ADD_SCENE_QR_CODE", qr_scene_str="table_3")
    done = sync(client, database, clock)
    assert (done.state, done.total, done.added, done.followed, done.unfollowed) == ("done", 3, 3, 0, 0)
    assert {one.source for one in members.search_members(database)} == {"sync", "ADD_SCENE_SEARCH", "table_3"}
    known = member(database, "oSearch")
    assert (known.subscribed, known.follows, known.remark) == (True, 1, "老顾客")
    assert known.subscribed_at is not None
    assert known.subscribed_at.isoformat() == "2026-01-01T00:00:01+00:00"


def test_pages_follow_each_other_and_a_second_run_changes_nothing(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers
) -> None:
    followers.add(*(f"o{number:04}" for number in range(1050)))
    followers.per_page = 400
    assert sync(client, database, clock).added == 1050
    assert followers.pages == ["", "o0399", "o0799", "o1049"]
    before = members.search_members(database, limit=2000)
    again = sync(client, database, clock)
    assert (again.added, again.followed, again.unfollowed) == (0, 0, 0)
    assert members.search_members(database, limit=2000) == before
    assert follower_syncs.met(database, again.id) == 1050


def test_a_run_that_is_cut_off_goes_on_from_its_page_and_counts_nobody_twice(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers
) -> None:
    followers.add(*(f"o{number:03}" for number in range(500)))
    followers.per_page, followers.fails_at = 200, "o399"
    with pytest.raises(CallFailed):
        sync(client, database, clock)
    broken = follower_syncs.newest(database)
    assert broken is not None
    assert (broken.state, broken.failure.partition(":")[0], broken.added) == ("running", "-1", 400)
    followers.pages.clear()
    done = sync(client, database, clock)
    assert followers.pages[0] == "o199", "the page in work is read again, those before are not"
    assert (done.id, done.state, done.added, follower_syncs.met(database, done.id)) == (broken.id, "done", 500, 500)
    assert members.count_members(database) == 500


def test_following_that_we_had_wrong_is_set_right_and_what_we_know_newer_stays(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers, phone: Phone
) -> None:
    for name in ("oGone", "oBack", "oStill"):
        phone.named(name).follows()
    clock.forward(hours=1)
    phone.named("oBack").unfollows()
    phone.named("oLeft").follows()
    clock.forward(hours=1)
    phone.named("oLeft").unfollows()
    clock.forward(hours=1)
    followers.add("oStill")
    followers.add("oBack", subscribe_time=int((clock() - timedelta(minutes=5)).timestamp()))
    followers.add("oLeft")  # an old list: they left since, and we know
    done = sync(client, database, clock)
    assert (done.added, done.followed, done.unfollowed) == (0, 1, 1)
    following = {name: member(database, name).subscribed for name in ("oGone", "oBack", "oStill", "oLeft")}
    assert following == {"oGone": False, "oBack": True, "oStill": True, "oLeft": False}
    assert member(database, "oBack").follows == 2
    assert member(database, "oStill").follows == 1


def test_who_left_unnoticed_gets_no_notice_by_an_old_consent(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers, phone: Phone
) -> None:
    for name in ("oGone", "oStill"):
        phone.named(name).follows()
        agreed = {"List": {"TemplateId": "t1", "SubscribeStatusString": "accept"}}
        phone.named(name).does("subscribe_msg_popup_event", SubscribeMsgPopupEvent=agreed)
    clock.forward(hours=1)
    followers.add("oStill")
    sync(client, database, clock)
    states = {
        name: [one.state for one in permits.of_member(database, member(database, name).id)]
        for name in ("oGone", "oStill")
    }
    assert states == {"oGone": ["withdrawn"], "oStill": ["open"]}


def test_who_follows_while_it_runs_is_neither_lost_nor_doubled(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers, phone: Phone
) -> None:
    followers.add("oA", "oC")
    infos = followers.far.handlers[BATCH]

    def meanwhile(query: dict[str, str], body: dict[str, object]) -> dict[str, object]:
        clock.forward(seconds=1)
        phone.named("oC").follows()  # in the list, and pushed at the same moment
        phone.named("oB").follows()  # came after the list was made
        return infos(query, body)

    followers.far.handlers[BATCH] = meanwhile
    done = sync(client, database, clock)
    assert done.unfollowed == 0
    assert {name: member(database, name).subscribed for name in ("oA", "oB", "oC")} == dict.fromkeys(
        ["oA", "oB", "oC"], True
    )
    assert members.count_members(database) == 3


def test_an_empty_answer_makes_nobody_leave_unless_the_platform_says_so_of_each(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers, phone: Phone
) -> None:
    phone.named("oA").follows()
    clock.forward(hours=1)
    followers.add("oA")
    followers.far.handlers["/cgi-bin/user/get"] = lambda _query, _body: {"total": 0, "count": 0, "next_openid": ""}
    assert sync(client, database, clock).unfollowed == 0
    assert member(database, "oA").subscribed


def test_the_platform_decides_about_its_tags_and_ours_stay(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers
) -> None:
    followers.tags = {100: "会员", 101: "常客"}
    followers.add("oA", tagid_list=[100])
    sync(client, database, clock)
    known = member(database, "oA")
    database.write(lambda tx: platform_tags.set_tags(tx, known.id, ["怕辣", "常客", "会员"]))
    sync(client, database, clock)
    assert member(database, "oA").tags == ("怕辣", "会员")


def test_only_one_reads_at_a_time_and_one_that_died_gives_way(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers
) -> None:
    followers.add("oA")
    lease = timedelta(minutes=2)
    dead = database.write(lambda tx: follower_syncs.begin_or_resume(tx, ACCOUNT, by="cli", now=clock(), lease=lease))
    with pytest.raises(SyncRunning):
        sync(client, database, clock)
    clock.forward(minutes=2)
    done = sync(client, database, clock)
    assert dead is not None
    assert (done.id, done.state) == (dead.id, "done")


def test_the_account_is_that_of_the_members_when_nobody_told_it(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers, phone: Phone
) -> None:
    followers.add("oA")
    with pytest.raises(NoAccount):
        sync(client, database, clock, account_id="")
    phone.follows()
    followers.add("oAlice")
    assert sync(client, database, clock, account_id="").added == 1
    assert len(members.member_ids_by_openid(database, "oAlice")) == 1


def test_a_worker_that_is_stopped_leaves_the_rest_to_another(
    client: WeChatClient, database: Database, clock: Clock, followers: Followers
) -> None:
    followers.add(*(f"o{number:03}" for number in range(300)))
    database.write(lambda tx: follower_syncs.ask(tx, ACCOUNT, by="user:a", now=clock()))
    stop = threading.Event()
    stop.set()
    assert not take_up(client, database, clock, stop)
    left = follower_syncs.newest(database)
    assert left is not None
    assert (left.state, left.failure, left.added, left.started_by) == ("running", "", 100, "user:a")
    stop.clear()
    assert take_up(client, database, clock, stop)
    done = follower_syncs.newest(database)
    assert done is not None
    assert (done.id, done.state, done.added) == (left.id, "done", 300)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_two_who_ask_at_the_same_moment_begin_one_reading(database: Database, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [
            pool.submit(database.write, lambda tx: follower_syncs.ask(tx, ACCOUNT, by="user:a", now=clock()))
            for _ in range(4)
        ]
    assert sorted(one.result() for one in asked) == [False, False, False, True]
