"""``zhaohu members``: reading the followers, and tags."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from bot.cli.context import Context
from bot.cli.members import members_group
from storage import members
from storage.database import Database
from tests.cli.conftest import Zhaohu
from tests.followers import Followers
from tests.wechat_api import far_side


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch, brand: Database) -> Iterator[Followers]:
    with far_side() as far:
        monkeypatch.setenv("WECHAT_API_URL", far.url)
        yield Followers(far)


def test_followers_are_read_with_a_word_at_the_end(zhaohu: Zhaohu, followers: Followers, brand: Database) -> None:
    followers.add(*(f"o{number:03}" for number in range(120)))
    result = zhaohu("members", "sync")
    assert result.stdout == "120 followers: 120 new, 0 followed again, 0 no longer follow\n"
    told = {"followers": 120, "added": 0, "followed": 0, "unfollowed": 0, "total": 120}
    assert json.loads(zhaohu("members", "sync", "--json").stdout) == told
    assert members.count_members(brand) == 120


def test_a_cut_is_one_line_and_the_next_run_goes_on(zhaohu: Zhaohu, followers: Followers) -> None:
    followers.add("oA", "oB")
    followers.per_page, followers.fails_at = 1, "oA"
    result = zhaohu("members", "sync")
    assert result.exit_code == 1
    assert "Try again a little later. [-1: system error" in result.stderr
    assert zhaohu("members", "sync").stdout.startswith("2 followers: 2 new")


def test_a_tag_is_put_on_many_fifty_at_a_time_and_taken_off(
    zhaohu: Zhaohu, followers: Followers, brand: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    followers.tags = {100: "会员"}
    openids = [f"o{number:03}" for number in range(120)]
    followers.add(*openids)
    zhaohu("members", "sync")
    assert zhaohu("members", "tags").output == "100\t会员\t1\n"
    result = CliRunner().invoke(members_group, ["tag", "会员"], input="\n".join(openids), obj=Context())
    assert result.output == "120 people, 120 of them known members\n"
    assert followers.far.calls["/cgi-bin/tags/members/batchtagging"] == 3
    assert all(person["tagid_list"] == [100] for person in followers.people.values())
    assert {one.tags for one in members.search_members(brand, limit=200)} == {("会员",)}
    assert zhaohu("members", "tag", "会员", "o000", "--off").exit_code == 0
    assert followers.people["o000"]["tagid_list"] == []
    assert "the account has no tag 贵宾" in zhaohu("members", "tag", "贵宾", "o000").stderr
