"""WeChat's API on a page: quotas, addresses, the token's state, and one request by its number."""

from collections.abc import Iterator

import pytest

from bot.settings import Settings, read_settings
from bot.wechat.self_description import ADDRESS_CALLS, QUOTA, RID, WATCHED
from storage import audit, platform_lists
from storage.database import Database
from tests.conftest import ENVIRONMENT
from tests.console.conftest import Browser, SignIn
from tests.wechat_api import FarSide, far_side

PAGE = "/console/platform/"


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        running.answers[QUOTA] = {"quota": {"daily_limit": 100, "used": 95, "remain": 5}}
        for path in ADDRESS_CALLS.values():
            running.answers[path] = {"ip_list": ["101.226.103.0/25", "101.226.62.77"]}
        yield running


@pytest.fixture
def settings(far: FarSide) -> Settings:
    return read_settings({**ENVIRONMENT, "WECHAT_API_URL": far.url, "WECHAT_CALLBACK_ONLY": "on"})


@pytest.fixture
def admin(signed_in: SignIn) -> Browser:
    return signed_in("admin")


def test_the_quota_of_each_call_is_shown(admin: Browser, far: FarSide) -> None:
    page = admin.get(f"{PAGE}quotas").words
    assert page.count("95 / 100") == len(WATCHED)
    assert "快用完了" in page
    far.always = 48001
    assert admin.get(f"{PAGE}quotas").words.count("这个公众号没有") == len(WATCHED)


def test_a_platform_that_does_not_answer_is_said_once(admin: Browser, far: FarSide) -> None:
    far.always = "500"
    page = admin.get(f"{PAGE}quotas").words
    assert "微信服务器出错" in page
    assert far.calls[QUOTA] == 1


def test_addresses_are_fetched_by_hand(admin: Browser, far: FarSide, database: Database) -> None:
    assert "还没有取到地址" in admin.get(PAGE).words
    assert admin.post(f"{PAGE}addresses").location == PAGE
    page = admin.get(PAGE).words
    assert "101.226.103.0/25 101.226.62.77" in page
    assert "还没有取到地址" not in page
    assert audit.list_audit(database, 1)[0].action == "platform.addresses_fetched"
    far.always = 45009
    admin.post(f"{PAGE}addresses")
    assert "额度已用完" in admin.get(PAGE).words
    assert platform_lists.stored(database, "callback_addresses") is not None


def test_the_state_of_the_token_is_shown_and_never_the_token(admin: Browser, far: FarSide) -> None:
    assert "还没有" in admin.get(PAGE).words
    admin.get(f"{PAGE}quotas")
    page = admin.get(PAGE).words
    assert "有效" in page
    assert far.token not in page


def test_a_request_is_looked_up_by_its_number(admin: Browser, far: FarSide) -> None:
    far.answers[RID] = {"request": {"request_url": "/cgi-bin/x", "cost_in_ms": 7, "response_body": '{"errcode":40003}'}}
    page = admin.get(f"{PAGE}?rid=1-2-3").words
    assert '{"errcode":40003}' in page
    far.answers[RID] = {"errcode": 76022, "errmsg": "no"}
    assert "没有这次请求的记录" in admin.get(f"{PAGE}?rid=1-2-3").words
