"""The pretended platform asks for one message, goes on to our page, and takes one message for each consent."""

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from bot.settings import Settings, read_settings
from bot.simulator.once import ONCE_TEMPLATE
from bot.simulator.phone import SimulatedPhone
from storage import members, permits
from storage.database import Database
from tests.conftest import ENVIRONMENT
from tests.simulator.conftest import ON, OPENID, Api, Pocket

HOME = "http://127.0.0.1:8000"
MESSAGE = {
    "touser": OPENID,
    "template_id": ONCE_TEMPLATE,
    "scene": "101",
    "title": "您的券快到期了",
    "data": {"content": {"value": "1 张券快到期了"}},
}


@pytest.fixture
def settings() -> Settings:
    return read_settings({**ENVIRONMENT, **ON, "COUPON_ONCE_TEMPLATE": ONCE_TEMPLATE, "WECHAT_APP_ID": "wx1"})


@pytest.fixture
def sheet(campaign: None, hand: SimulatedPhone, pocket: Pocket) -> str:
    """Where the link in the bubble leads to after a claim."""
    hand.follows()
    hand.says("领券")
    found = re.search(r'href="([^"]+)"[^>]*>到期前提醒我', pocket.screen())
    assert found
    return unescape(found[1])


def chooses(pocket: Pocket, sheet: str, action: str) -> TestResponse:
    page = pocket.client.get(sheet).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return pocket.client.post(sheet, data={"csrf_token": token, "action": action}, headers={"Accept": "text/html"})


def test_what_is_allowed_on_the_sheet_is_one_message(pocket: Pocket, sheet: str, api: Api, database: Database) -> None:
    assert api.call("/cgi-bin/message/template/subscribe", MESSAGE)["errcode"] == 43101
    page = pocket.client.get(sheet)
    assert f"form-action 'self' {HOME}" in page.headers["Content-Security-Policy"]
    assert "优惠券到期提醒" in page.text
    went_on = chooses(pocket, sheet, "confirm").headers["Location"]
    assert went_on.startswith(
        f"{HOME}/subscribed/?openid={OPENID}&template_id={ONCE_TEMPLATE}&action=confirm&scene=101&reserved="
    )
    assert pocket.client.get(went_on).headers["Location"] == "/subscribed/confirmed"
    [member_id] = members.member_ids_by_openid(database, OPENID)
    assert [one.kind for one in permits.of_member(database, member_id)] == ["once"]
    assert api.call("/cgi-bin/message/template/subscribe", MESSAGE)["errcode"] == 0
    assert "您的券快到期了" in pocket.screen()
    assert api.call("/cgi-bin/message/template/subscribe", MESSAGE)["errcode"] == 43101


def test_what_is_declined_is_none(pocket: Pocket, sheet: str, api: Api) -> None:
    went_on = chooses(pocket, sheet, "cancel").headers["Location"]
    assert pocket.client.get(went_on).headers["Location"] == "/subscribed/declined"
    assert api.call("/cgi-bin/message/template/subscribe", MESSAGE)["errcode"] == 43101
    assert chooses(pocket, sheet, "perhaps").status_code == 400


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("action=get_confirm", "action=confirm"),
        ("appid=wx1", "appid=wx2"),
        ("scene=101", "scene=10001"),
        ("scene=101", "scene=x"),
        (f"template_id={ONCE_TEMPLATE}", "template_id=other"),
        ("reserved=", "reserved=%20"),
        ("redirect_url=http%3A%2F%2F127.0.0.1%3A8000%2F", "redirect_url=https%3A%2F%2Fevil.example%2F"),
    ],
)
def test_a_link_that_the_platform_would_not_open_is_refused(pocket: Pocket, sheet: str, right: str, wrong: str) -> None:
    assert right in sheet
    assert pocket.client.get(sheet.replace(right, wrong), headers={"Accept": "text/html"}).status_code == 400


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"touser": "oNobody"}, 40003),
        ({"template_id": "other"}, 40037),
        ({"title": "十六个字的标题放不进这里面去了吧"}, 47003),
        ({"data": {"content": {"value": "字" * 201}}}, 47003),
        ({"data": {}}, 47003),
    ],
)
def test_a_message_that_the_platform_would_refuse_is_refused(
    hand: SimulatedPhone, api: Api, changes: dict[str, object], code: int
) -> None:
    hand.follows()
    assert api.call("/cgi-bin/message/template/subscribe", {**MESSAGE, **changes})["errcode"] == code
