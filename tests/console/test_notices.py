"""Messages by template in the console: templates, consents, what went out, and who may see of whom."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from bot.app import account_of, create_app
from bot.delivery.by_template import send_by_template
from bot.delivery.worker import Worker
from bot.settings import Settings, read_settings
from bot.simulator.phone import SimulatedPhone
from bot.simulator.wechat_api import EXTENSION
from bot.wechat.client import WeChatClient
from bot.wechat.notices import NOTICE, by_template
from bot.wechat.outbound_push import Element
from storage import members, notices, simulated_deliveries
from storage.database import Database
from tests.browser import served
from tests.conftest import ENVIRONMENT, Clock
from tests.console.conftest import Browser, SignIn, member_id_of
from tests.phone import Phone
from tests.wechat_api import FarSide, far_side

PAGE, ENDING = "/console/notices/", "pretended-notice-coupon-ending"
ANSWER: Mapping[str, Element] = {"List": {"TemplateId": ENDING, "SubscribeStatusString": "accept", "PopupScene": 0}}


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        far.answers["/cgi-bin/template/get_all_private_template"] = {
            "template_list": [
                {"template_id": "TM1", "title": "取餐提醒", "content": "取餐号：{{character_string2.DATA}}"}
            ]
        }
        far.answers["/wxaapi/newtmpl/gettemplate"] = {
            "errcode": 0, "data": [{"priTmplId": ENDING, "title": "优惠券到期提醒", "content": "券：{{thing1.DATA}}"}, {}]
        }  # fmt: skip
        far.answers[NOTICE] = {"errcode": 0, "msgid": 77}
        yield far


@pytest.fixture
def settings(far: FarSide) -> Settings:
    return read_settings({**ENVIRONMENT, "WECHAT_API_URL": far.url})


def queue(database: Database, clock: Clock) -> None:
    """Queue a notice for Alice, who agreed to one."""
    member_id = member_id_of(database, "oAlice")
    identity = members.identities_of(database, [member_id])[member_id]
    content = by_template("notice", ENDING, {"thing1": "拿铁券", "time2": "明天"}, text="拿铁券明天到期")
    database.write(
        lambda tx: send_by_template(tx, identity=identity, content=content, author="system", cause="c", now=clock())
    )


def test_templates_are_read_and_shown_with_the_consents_given(editor: Browser, phone: Phone) -> None:
    assert "还没有读到模板" in editor.get(PAGE).words
    phone.does("subscribe_msg_popup_event", SubscribeMsgPopupEvent=ANSWER)
    assert editor.post(f"{PAGE}read").location == PAGE
    page = editor.get(PAGE).words
    assert "取餐提醒" in page
    assert "优惠券到期提醒" in page
    assert '<td class="number">1</td><td class="number">0</td><td class="number">0</td>' in page


def test_templates_that_cannot_be_read_stay_as_they_were(editor: Browser, far: FarSide) -> None:
    editor.post(f"{PAGE}read")
    far.answers["/wxaapi/newtmpl/gettemplate"] = {"errcode": 48001, "errmsg": "api unauthorized"}
    editor.post(f"{PAGE}read")
    page = editor.get(PAGE).words
    assert "没有成功" in page
    assert "取餐提醒" in page


def test_what_went_out_is_shown_with_what_the_platform_said_and_only_to_who_sees_members(
    signed_in: SignIn, editor: Browser, phone: Phone, database: Database, clock: Clock, settings: Settings
) -> None:
    supervisor = signed_in("supervisor")
    supervisor.post(f"{PAGE}read")
    phone.says("你好")
    phone.does("subscribe_msg_popup_event", SubscribeMsgPopupEvent=ANSWER)
    queue(database, clock)
    with WeChatClient(settings, database, clock) as client:
        assert Worker(database, client, clock).send_next()
    assert "已发送" in supervisor.get(PAGE).words
    result: dict[str, Element] = {"TemplateId": ENDING, "MsgID": 77, "ErrorCode": 0, "ErrorStatus": "failed:user block"}
    phone.does("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": result})
    page = supervisor.get(PAGE).words
    assert "优惠券到期提醒：拿铁券明天到期" in page
    assert "对方拒收" in page
    assert "拿铁券明天到期" not in editor.get(PAGE).words


def test_the_stand_in_takes_a_notice_for_each_consent_that_a_phone_gave_and_reports_on_it(
    database: Database, clock: Clock
) -> None:
    pretended = read_settings({**ENVIRONMENT, "SIMULATOR": "on"})
    app = create_app(pretended, database, clock=clock)
    reports: list[Callable[[], object]] = []
    app.extensions[EXTENSION].later = reports.append
    app.extensions[EXTENSION].faults.append("failed: system failed")
    hand = SimulatedPhone(app, account_of(pretended), database, clock, "oAlice")
    hand.follows()
    hand.allows_notice(ENDING)
    queue(database, clock)
    with served(app) as url:
        here = read_settings({**ENVIRONMENT, "WECHAT_API_URL": f"{url}/simulator/wechat-api"})
        with WeChatClient(here, database, clock) as client:
            assert Worker(database, client, clock).send_next()
            again = client.send("oAlice", by_template("notice", ENDING, {"thing1": "a", "time2": "b"}, text="x"))
            missing = client.send("oAlice", by_template("notice", ENDING, {"thing1": "a"}, text="x"))
            found = client.call("/wxaapi/newtmpl/gettemplate")["data"]
    assert getattr(again, "outcome", "").startswith("43101")
    assert getattr(missing, "outcome", "").startswith("47003")
    assert found[0]["priTmplId"] == ENDING
    cards = [each for each in simulated_deliveries.newest(database, "oAlice") if "优惠券到期提醒" in each.body]
    assert len(cards) == 1
    [report] = reports
    report()
    [notice] = notices.recent(database)
    assert (notice.status, notice.report) == ("failed", "failed:system failed")
