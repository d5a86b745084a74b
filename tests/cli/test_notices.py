"""``zhaohu notices``: templates, sending by one, what went out."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from storage import members, outbox, permits
from storage.database import Database
from tests.cli.conftest import Zhaohu
from tests.wechat_api import FarSide, far_side

SEND = ("notices", "send", "oAlice", "TM1", "thing1=静安寺店", "--say", "您的咖啡好了", "--cause", "order-A1024")


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    with far_side() as far:
        far.answers["/cgi-bin/template/get_all_private_template"] = {
            "template_list": [{"template_id": "TM1", "title": "取餐提醒"}]
        }
        far.answers["/wxaapi/newtmpl/gettemplate"] = {"errcode": 0, "data": []}
        monkeypatch.setenv("WECHAT_API_URL", far.url)
        yield far


@pytest.fixture
def alice_id(brand: Database) -> int:
    now = datetime.now(UTC)
    return brand.write(lambda tx: members.add_member(tx, account_id="gh_1", openid="oAlice", source="", now=now))


def test_templates_are_listed(zhaohu: Zhaohu, far: FarSide, brand: Database) -> None:
    assert zhaohu("notices", "templates").output == "TM1\ttemplate\t取餐提醒\t0 open, 0 spent\n"
    assert json.loads(zhaohu("notices", "templates", "--json").output)["title"] == "取餐提醒"


def test_an_order_that_is_ready_is_told_once(zhaohu: Zhaohu, brand: Database, alice_id: int) -> None:
    assert zhaohu(*SEND).output == "queued\n"
    assert zhaohu(*SEND).output == "queued before: nothing new\n"
    [message] = outbox.page(brand)
    assert json.loads(message.content)["template_id"] == "TM1"
    assert zhaohu("notices", "list").output.endswith("\ttemplate\tTM1\tqueued\n")
    assert json.loads(zhaohu("notices", "list", "--json").output)["member_id"] == alice_id


def test_a_notice_needs_a_consent(zhaohu: Zhaohu, brand: Database, alice_id: int) -> None:
    refused = zhaohu(*SEND, "--notice")
    assert refused.exit_code == 1
    assert "ask them to subscribe once more" in refused.stderr
    brand.write(lambda tx: permits.grant(tx, alice_id, "notice", "TM1", cause="p", now=datetime.now(UTC)))
    assert zhaohu(*SEND, "--notice").output == "queued\n"


def test_what_cannot_be_sent_is_one_line(zhaohu: Zhaohu, brand: Database, alice_id: int) -> None:
    assert "no member has the openid" in zhaohu(*SEND[:2], "oNobody", *SEND[3:]).stderr
    assert zhaohu(*SEND[:4], "thing1=", *SEND[5:]).exit_code == 1
    assert outbox.page(brand) == []
