"""One-time subscriptions from outside: the link in a reply, what the platform brings back, one consent, and the reminder that uses it."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import account_of, create_app
from bot.conversation.knowledge import PublishedReplies
from bot.delivery.worker import Worker
from bot.settings import Settings, SettingsError, read_settings
from bot.wechat.client import WeChatClient
from bot.wechat.consent_links import LASTS
from bot.wechat.notices import ONCE
from bot.wechat.outbound_push import Push, event_fields
from bot.working import chores_of
from storage import members, outbox, permits
from storage.database import Database
from tests.conftest import ENGINES, ENVIRONMENT, Clock
from tests.phone import Phone
from tests.storage.people import campaign
from tests.wechat_api import FarSide, far_side

TEMPLATE = "tOnce-3Msjdbm2_kfs8I9FUj5r6o6zjEI"
BASE = "https://wechat.example.com"
SET = {"COUPON_ONCE_TEMPLATE": TEMPLATE, "BASE_URL": BASE, "WECHAT_APP_ID": "wx0123456789abcdef"}
Query = dict[str, str]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, coupon_once_template=TEMPLATE, base_url=BASE, wechat_app_id=SET["WECHAT_APP_ID"], coupon_notice_days=3
    )


@dataclass
class Wechat:
    """The platform between the link in a bubble and our page."""

    client: Client

    def chooses(self, link: str, action: str = "confirm", openid: str = "oAlice", **changes: str) -> str:
        """Choose on the sheet, and return where our page leads; ``changes`` is what a forger puts in place of the truth."""
        asked = query_of(link)
        answer = {name: asked[name] for name in ("template_id", "scene", "reserved")}
        answer = {**answer, "openid": openid, "action": action, **changes}
        found = self.client.get(urlsplit(asked["redirect_url"]).path, query_string=answer, base_url=BASE)
        assert found.status_code == 303
        return found.headers["Location"]

    def shows(self, path: str) -> str:
        """Return the page that somebody ends at."""
        return self.client.get(path, base_url=BASE).text


def query_of(link: str) -> Query:
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


@pytest.fixture
def wechat(app: Flask) -> Wechat:
    return Wechat(Client(app))


@pytest.fixture
def link(phone: Phone, database: Database) -> str:
    """The link that Alice gets with her coupon, which is good for seven days."""
    campaign(database)
    return link_in(phone.says("领券"))


def link_in(reply: str) -> str:
    found = re.search(r'<a href="([^"]+)">到期前提醒我</a>', reply)
    assert found, reply
    return unescape(found[1])


def states(database: Database, openid: str = "oAlice") -> list[str]:
    [member_id] = members.member_ids_by_openid(database, openid)
    return [one.state for one in permits.of_member(database, member_id)]


def test_the_link_is_as_the_platform_wants_it_and_tells_nothing_of_the_member(link: str) -> None:
    assert link.startswith("https://mp.weixin.qq.com/mp/subscribemsg?action=get_confirm&")
    assert link.endswith("#wechat_redirect")
    asked = query_of(link)
    assert (asked["appid"], asked["template_id"], asked["scene"]) == (SET["WECHAT_APP_ID"], TEMPLATE, "101")
    assert asked["redirect_url"] == f"{BASE}/subscribed/"
    assert re.fullmatch("[A-Za-z0-9]{1,128}", asked["reserved"])
    assert "oAlice" not in link


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_consent_counts_once_however_often_the_link_comes_back(link: str, wechat: Wechat, database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        ended = {one.result() for one in [pool.submit(wechat.chooses, link) for _ in range(4)]}
    assert ended == {"/subscribed/confirmed"}
    assert states(database) == ["open"]
    assert "到时候提醒您" in wechat.shows("/subscribed/confirmed")


def test_who_declines_gives_nothing_and_may_change_their_mind(link: str, wechat: Wechat, database: Database) -> None:
    assert wechat.chooses(link, "cancel") == "/subscribed/declined"
    assert states(database) == []
    assert "不打扰您" in wechat.shows("/subscribed/declined")
    assert wechat.chooses(link) == "/subscribed/confirmed"
    assert states(database) == ["open"]


@pytest.mark.parametrize(
    "forged",
    [
        {"reserved": ""},
        {"reserved": "0" * 60},
        {"reserved": "é" * 60},
        {"scene": "102"},
        {"scene": ""},
        {"template_id": "another"},
        {"action": ""},
        {"action": "https://evil.example"},
        {"openid": "oBob"},
        {"openid": ""},
        {"openid": "oNobody"},
    ],
)
def test_nobody_gives_a_consent_that_the_platform_did_not_ask_that_member_for(
    link: str, wechat: Wechat, phone: Phone, database: Database, forged: Query
) -> None:
    phone.named("oBob").says("你好")
    assert wechat.chooses(link, **forged) == "/subscribed/outdated"
    assert (states(database), states(database, "oBob")) == ([], [])
    assert "已经失效" in wechat.shows("/subscribed/outdated")


def test_a_link_made_over_to_another_member_or_time_no_longer_holds(
    link: str, wechat: Wechat, phone: Phone, database: Database
) -> None:
    phone.named("oBob").says("你好")
    [bob] = members.member_ids_by_openid(database, "oBob")
    reserved = query_of(link)["reserved"]
    for changed in (
        f"{bob:016x}{reserved[16:]}",
        reserved[:27] + format((int(reserved[27], 16) + 1) % 16, "x") + reserved[28:],
    ):
        assert wechat.chooses(link, openid="oBob", reserved=changed) == "/subscribed/outdated"
    assert states(database, "oBob") == []


def test_a_link_is_good_for_seven_days(link: str, wechat: Wechat, database: Database, clock: Clock) -> None:
    clock.forward(seconds=LASTS.total_seconds())
    assert wechat.chooses(link) == "/subscribed/outdated"
    assert states(database) == []


def test_whoever_keeps_sending_forgeries_is_not_looked_at_for_a_while_and_told_so(
    link: str, wechat: Wechat, database: Database, clock: Clock
) -> None:
    for _ in range(20):
        wechat.chooses(link, reserved="f" * 60)
    assert wechat.chooses(link) == "/subscribed/later"
    assert "过一刻钟，再点一次" in wechat.shows("/subscribed/later")
    clock.forward(minutes=16)
    assert wechat.chooses(link) == "/subscribed/confirmed"


def test_what_came_in_the_address_is_gone_after_one_step_and_leads_nowhere_else(
    link: str, wechat: Wechat, caplog: pytest.LogCaptureFixture
) -> None:
    ended = wechat.chooses(link, redirect_url="https://evil.example", next="//evil.example")
    assert ended == "/subscribed/confirmed"
    assert "oAlice" not in wechat.shows(ended) + caplog.text
    assert "/login" not in wechat.shows(ended)


def reminded(settings: Settings, database: Database, clock: Clock, far: FarSide) -> list[dict[str, object]]:
    """Let a worker plan and send what is due three days before the coupon's end, and return the one-time messages that left."""
    for chore in chores_of(settings, PublishedReplies()):
        if chore.name == "plan notices of coupons":
            database.write(lambda tx, chore=chore: chore.work(tx, clock()))  # type: ignore[misc]
    clock.forward(days=1)
    with WeChatClient(replace(settings, wechat_api_url=far.url), database, clock) as client:
        while Worker(database, client, clock).send_next():
            pass
    return [json.loads(body) for body in far.bodies if b"template_id" in body]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_the_reminder_uses_the_consent_once_when_the_reply_window_is_closed(
    link: str, wechat: Wechat, settings: Settings, database: Database, clock: Clock
) -> None:
    wechat.chooses(link)
    clock.forward(days=3)
    with far_side() as far:
        far.answers[ONCE] = {"errcode": 0, "errmsg": "ok"}
        [sent] = reminded(settings, database, clock, far)
        assert (sent["touser"], sent["template_id"], sent["scene"]) == ("oAlice", TEMPLATE, "101")
        assert sent["title"] == "您的券快到期了"
        assert "1 张券快到期了" in str(sent["data"])
    assert states(database) == ["spent"]
    assert [one.state for one in outbox.page(database)] == ["sent"]


def test_a_consent_that_comes_while_the_reminder_waits_sends_it(
    link: str, wechat: Wechat, settings: Settings, database: Database, clock: Clock
) -> None:
    clock.forward(days=3)
    with far_side() as far:
        far.answers[ONCE] = {"errcode": 0, "errmsg": "ok"}
        assert reminded(settings, database, clock, far) == []
        assert [one.parked for one in outbox.page(database)] == [True]
        wechat.chooses(link)
        assert len(reminded(settings, database, clock, far)) == 1
    assert states(database) == ["spent"]


def test_a_consent_that_the_platform_no_longer_knows_is_withdrawn_and_the_reminder_waits(
    link: str, wechat: Wechat, settings: Settings, database: Database, clock: Clock
) -> None:
    wechat.chooses(link)
    clock.forward(days=3)
    with far_side() as far:
        far.answers[ONCE] = {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
        reminded(settings, database, clock, far)
    assert [one.parked for one in outbox.page(database)] == [True]


ENDINGS: dict[str, Callable[[Phone], str]] = {
    "unfollows": Phone.unfollows,
    "退订": lambda phone: phone.says("退订"),
    "TD": lambda phone: phone.says("TD"),
    "in passing": lambda phone: phone.says("不要再给我发消息了，顺便签到"),
    "closes the account": lambda phone: phone.does("user_authorization_cancellation", OpenID="oAlice", AppID="wx1"),
}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_consent_ends_when_the_member_wants_no_more(
    link: str, wechat: Wechat, phone: Phone, settings: Settings, database: Database, clock: Clock, ending: str
) -> None:
    wechat.chooses(link)
    reply = ENDINGS[ending](phone)
    assert ("都已取消" in reply) == (ending in ("退订", "TD", "in passing"))
    assert states(database) == ["withdrawn"]
    clock.forward(days=3)
    with far_side() as far:
        assert reminded(settings, database, clock, far) == []


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("ending", ["unfollows", "退订"])
def test_what_is_queued_when_the_member_wants_no_more_is_called_off(
    link: str, phone: Phone, settings: Settings, database: Database, clock: Clock, ending: str
) -> None:
    clock.forward(days=3)
    with far_side() as far:
        assert reminded(settings, database, clock, far) == []
        ENDINGS[ending](phone)
        assert reminded(settings, database, clock, far) == []
        assert far.delivered == []
    [message] = outbox.page(database)
    assert (message.state, message.outcome) == ("failed", "called_off")
    assert message.dropped_at is not None, "nobody has to decide about it"


def test_an_unfollow_that_arrives_late_ends_no_consent_given_since(
    link: str, wechat: Wechat, phone: Phone, database: Database, clock: Clock
) -> None:
    unfollowed = event_fields(phone.push.account, phone.openid, "unsubscribe", clock(), EventKey="")
    clock.forward(seconds=5)
    phone.follows()
    wechat.chooses(link)
    phone.sends(unfollowed)
    assert states(database) == ["open"]


def test_other_words_end_no_consent(link: str, wechat: Wechat, phone: Phone, database: Database) -> None:
    wechat.chooses(link)
    for words in ("退订单", "我的优惠券", "取消"):
        phone.says(words)
    assert states(database) == ["open"]


@pytest.mark.parametrize("asks", ["我的优惠券", "领券"])
def test_who_has_a_coupon_already_is_offered_the_reminder_too(link: str, phone: Phone, asks: str) -> None:
    assert link_in(phone.says(asks)).startswith(link.partition("&reserved=")[0])


def test_without_a_template_nothing_is_offered_and_the_page_is_not_there(
    settings: Settings, database: Database, clock: Clock
) -> None:
    app = create_app(replace(settings, coupon_once_template=""), database, clock=clock)
    campaign(database)
    assert "提醒我" not in Phone(Client(app), Push(account_of(settings)), clock).says("领券")
    assert Client(app).get("/subscribed/?action=confirm", base_url=BASE).status_code == 404


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"COUPON_NOTICE_TEMPLATE": "other"}, "set one"),
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"WECHAT_APP_ID": ""}, "WECHAT_APP_ID"),
    ],
)
def test_settings_that_could_not_work_are_refused(changes: dict[str, str], complaint: str) -> None:
    plain = {"WECHAT_MODE": "plain", "WECHAT_ENCODING_AES_KEY": ""}
    assert read_settings({**ENVIRONMENT, **plain, **SET}).coupon_once_template == TEMPLATE
    with pytest.raises(SettingsError, match=complaint):
        read_settings({**ENVIRONMENT, **plain, **SET, **changes})
