"""Tags in the console: the platform's, on the page of a member, and the last reading of the followers."""

import threading
from collections.abc import Iterator

import pytest

from bot.app import create_app
from bot.followers import sync_followers, take_up
from bot.settings import Settings, read_settings
from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed
from storage import audit, follower_syncs, members
from storage.database import Database
from tests.browser import served
from tests.conftest import ENVIRONMENT, Clock
from tests.console.conftest import Browser, SignIn, member_id_of
from tests.followers import Followers
from tests.phone import Phone
from tests.wechat_api import FarSide, far_side

PAGE = "/console/tags/"


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        yield far


@pytest.fixture
def followers(far: FarSide) -> Followers:
    found = Followers(far)
    found.tags = {100: "会员", 101: "常客"}
    found.add("oAlice", "oBob")
    return found


@pytest.fixture
def settings(far: FarSide) -> Settings:
    return read_settings({**ENVIRONMENT, "WECHAT_API_URL": far.url})


@pytest.fixture
def supervisor(signed_in: SignIn, followers: Followers, phone: Phone) -> Browser:
    phone.follows()
    browser = signed_in("supervisor")
    browser.post(f"{PAGE}read")
    return browser


def form(**changes: str) -> dict[str, str]:
    return {"name": "", "phone": "", "city": "", "remark": "", "tags": "", "reason": "顾客说的", **changes}


def test_tags_and_a_remark_on_a_members_page_reach_the_platform(
    supervisor: Browser, followers: Followers, database: Database
) -> None:
    page = f"/console/members/{member_id_of(database, 'oAlice')}"
    assert supervisor.post(page, form(tags="会员、怕辣", remark="常买拿铁")).status == 302
    assert followers.people["oAlice"]["tagid_list"] == [100]
    assert followers.far.calls["/cgi-bin/user/info/updateremark"] == 1
    supervisor.post(page, form(tags="常客、怕辣", remark="常买拿铁"))
    assert followers.people["oAlice"]["tagid_list"] == [101]
    assert followers.far.calls["/cgi-bin/user/info/updateremark"] == 1
    member = members.member_by_id(database, member_id_of(database, "oAlice"))
    assert member is not None
    assert member.tags == ("常客", "怕辣")


def test_a_tag_that_the_platform_refuses_is_not_kept(
    supervisor: Browser, followers: Followers, database: Database
) -> None:
    del followers.far.handlers["/cgi-bin/tags/members/batchtagging"]
    followers.far.answers["/cgi-bin/tags/members/batchtagging"] = {"errcode": 45059, "errmsg": "too many tags"}
    answer = supervisor.post(f"/console/members/{member_id_of(database, 'oAlice')}", form(tags="会员"))
    assert (answer.status, "标签已满 20 个" in answer.words) == (502, True)
    member = members.member_by_id(database, member_id_of(database, "oAlice"))
    assert member is not None
    assert member.tags == ()


def test_a_remark_that_does_not_reach_the_platform_is_kept_and_told(
    supervisor: Browser, followers: Followers, database: Database
) -> None:
    followers.far.answers["/cgi-bin/user/info/updateremark"] = {"errcode": 48001, "errmsg": "unauthorized"}
    page = f"/console/members/{member_id_of(database, 'oAlice')}"
    supervisor.post(page, form(remark="常买拿铁"))
    assert "没能写到微信后台" in supervisor.get(page).words
    assert "常买拿铁" in supervisor.get(page).words


def test_a_tag_is_renamed_and_deleted_on_everybody_who_carries_it(
    supervisor: Browser, followers: Followers, database: Database
) -> None:
    page = f"/console/members/{member_id_of(database, 'oAlice')}"
    supervisor.post(page, form(tags="会员、会员卡_新"))
    followers.tags[100] = "贵宾"
    supervisor.post(f"{PAGE}100", {"name": "贵宾"})
    member = members.member_by_id(database, member_id_of(database, "oAlice"))
    assert member is not None
    assert member.tags == ("贵宾", "会员卡_新")
    del followers.tags[100]
    supervisor.post(f"{PAGE}100/delete")
    member = members.member_by_id(database, member_id_of(database, "oAlice"))
    assert member is not None
    assert member.tags == ("会员卡_新",)
    assert supervisor.post(f"{PAGE}100", {"name": "x"}).status == 404
    actions = [entry.action for entry in audit.list_audit(database, 9)]
    assert actions == ["tag.deleted", "tag.renamed", "member.changed"]


def test_a_tag_is_made_unless_its_name_cannot_be_one(supervisor: Browser, followers: Followers) -> None:
    followers.tags[102] = "新客"
    assert supervisor.post(PAGE, {"name": "新客"}).location == PAGE
    assert "新客" in supervisor.get(PAGE).words
    for name in ("", "甲、乙", "字" * 31):
        assert supervisor.post(PAGE, {"name": name}).status == 400
    assert followers.far.calls["/cgi-bin/tags/create"] == 1
    followers.far.answers["/cgi-bin/tags/create"] = {"errcode": 45157, "errmsg": "invalid tag name"}
    supervisor.post(PAGE, {"name": "会员"})
    assert "已有同名标签" in supervisor.get(PAGE).words


def test_the_last_reading_of_the_followers_is_shown(
    supervisor: Browser, followers: Followers, database: Database, settings: Settings, clock: Clock
) -> None:
    assert "还没有同步过" in supervisor.get(PAGE).words
    followers.fails_at = ""
    with WeChatClient(settings, database, clock) as client:
        for _ in range(2):
            try:
                sync_followers(client, database, clock, account_id=settings.wechat_account_id, by="cli")
            except CallFailed:
                assert "中断了" in supervisor.get(PAGE).words
    page = supervisor.get(PAGE).words
    assert "已完成" in page
    assert "2 / 2" in page


def test_followers_are_read_by_the_worker_when_staff_ask_and_only_once_at_a_time(
    supervisor: Browser, followers: Followers, database: Database, settings: Settings, clock: Clock
) -> None:
    supervisor.post(f"{PAGE}followers")
    page = supervisor.get(PAGE).words
    assert "等待开始" in page
    assert 'hx-trigger="every 2s"' in page
    assert followers.pages == [], "not in the request"
    supervisor.post(f"{PAGE}followers")
    assert "已经在同步了" in supervisor.get(PAGE).words
    with WeChatClient(settings, database, clock) as client:
        assert take_up(client, database, clock, threading.Event())
        assert not take_up(client, database, clock, threading.Event())
    done = supervisor.get(f"{PAGE}followers").words
    assert "已完成" in done
    assert "2 / 2" in done
    assert "hx-trigger" not in done
    assert [one.action for one in audit.list_audit(database, 9)] == ["followers.read"]


def test_a_reading_that_failed_waits_for_staff_and_then_goes_on(
    supervisor: Browser, followers: Followers, database: Database, settings: Settings, clock: Clock
) -> None:
    supervisor.post(f"{PAGE}followers")
    followers.fails_at = ""
    with WeChatClient(settings, database, clock) as client:
        assert take_up(client, database, clock, threading.Event())
        assert "中断了" in supervisor.get(PAGE).words
        assert not take_up(client, database, clock, threading.Event())
        supervisor.post(f"{PAGE}followers")
        assert take_up(client, database, clock, threading.Event())
    assert "已完成" in supervisor.get(PAGE).words


def test_followers_are_read_only_for_who_may_change_tags(
    signed_in: SignIn, followers: Followers, database: Database
) -> None:
    agent = signed_in("agent")
    assert agent.post(f"{PAGE}followers").status == 403
    assert "同步全部粉丝" not in agent.get(PAGE).words
    assert follower_syncs.newest(database) is None


def test_the_stand_in_knows_its_followers_and_their_tags(
    database: Database, clock: Clock, signed_in: SignIn, phone: Phone
) -> None:
    phone.follows()
    phone.named("oBob").follows()
    settings = read_settings({**ENVIRONMENT, "SIMULATOR": "on"})
    with served(create_app(settings, database, clock=clock)) as url:
        here = read_settings({**ENVIRONMENT, "SIMULATOR": "on", "WECHAT_API_URL": f"{url}/simulator/wechat-api"})
        browser = Browser(create_app(here, database, clock=clock).test_client(), "supervisor")
        token = signed_in("supervisor").client.get_cookie("zhaohu")
        assert token is not None
        browser.client.set_cookie("zhaohu", token.value)
        browser.post(PAGE, {"name": "会员"})
        browser.post(f"/console/members/{member_id_of(database, 'oAlice')}", form(tags="会员", remark="拿铁"))
        browser.post(f"{PAGE}100", {"name": "贵宾"})
        with WeChatClient(here, database, clock) as client:
            done = sync_followers(client, database, clock, account_id=here.wechat_account_id, by="cli")
        browser.post(f"{PAGE}read")
        page = browser.get(PAGE).words
    assert (done.total, done.added, done.unfollowed) == (2, 0, 0)
    assert '">贵宾</a></td><td class="number">1</td>' in page
