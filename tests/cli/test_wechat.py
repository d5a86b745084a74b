"""``zhaohu wechat``: quotas, refused requests and addresses, over HTTP."""

import json
from collections.abc import Iterator

import pytest

from bot.wechat.self_description import ADDRESS_CALLS, QUOTA, RID, WATCHED
from storage import platform_lists
from storage.database import Database
from tests.cli.conftest import Zhaohu
from tests.wechat_api import FarSide, far_side


@pytest.fixture
def far(brand: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    with far_side() as running:
        monkeypatch.setenv("WECHAT_API_URL", running.url)
        running.answers[QUOTA] = {"quota": {"daily_limit": 100, "used": 95, "remain": 5}}
        yield running


def test_the_quota_of_every_call_we_make_is_shown(zhaohu: Zhaohu, far: FarSide) -> None:
    lines = zhaohu("wechat", "quota").stdout.splitlines()
    assert [line.partition("\t")[0] for line in lines] == [call.path for call in WATCHED]
    assert lines[0].endswith("95 of 100 used, 5 left  (scarce)")


def test_the_quota_of_one_call_is_shown_as_json(zhaohu: Zhaohu, far: FarSide) -> None:
    found = json.loads(zhaohu("wechat", "quota", "/cgi-bin/x", "--json").stdout)
    assert found == {"path": "/cgi-bin/x", "daily_limit": 100, "used": 95, "remain": 5}
    assert json.loads(far.bodies[-1]) == {"cgi_path": "/cgi-bin/x"}


def test_calls_that_the_account_lacks_are_left_out_unless_asked_for(zhaohu: Zhaohu, far: FarSide) -> None:
    far.always = 76021
    assert (zhaohu("wechat", "quota").exit_code, zhaohu("wechat", "quota").stdout) == (0, "")
    done = zhaohu("wechat", "quota", "/cgi-bin/x")
    assert done.exit_code == 1
    assert "there is no such call" in done.stderr


def test_a_request_is_explained(zhaohu: Zhaohu, far: FarSide) -> None:
    far.answers[RID] = {
        "request": {"invoke_time": 1767225600, "cost_in_ms": 30, "request_url": "/x", "client_ip": "1.2.3.4"}
    }
    assert "2026-01-01 08:00:00\t/x\t30 ms\tfrom 1.2.3.4" in zhaohu("wechat", "request", "1-2-3").stdout
    assert json.loads(zhaohu("wechat", "request", "1-2-3", "--json").stdout)["cost_milliseconds"] == 30


def test_addresses_are_fetched_and_kept(zhaohu: Zhaohu, far: FarSide, brand: Database) -> None:
    far.answers[ADDRESS_CALLS["api_addresses"]] = {"ip_list": ["1.2.3.4", "5.6.7.0/24"]}
    assert zhaohu("wechat", "addresses", "--of", "api_addresses").stdout == "1.2.3.4\n5.6.7.0/24\n"
    found = platform_lists.stored(brand, "api_addresses")
    assert found is not None
    assert found.items == ("1.2.3.4", "5.6.7.0/24")


def test_a_failure_is_one_line(zhaohu: Zhaohu, far: FarSide) -> None:
    far.token_failure = 40164
    done = zhaohu("wechat", "addresses")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: It did not work: the server's address is not on the account's allow-list.")
    assert len(done.stderr.splitlines()) == 1
