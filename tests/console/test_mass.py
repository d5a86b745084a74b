"""One message to many: prepared by editors, sent once by who may, counted by the month, and reported on."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from urllib3.filepost import encode_multipart_formdata

from bot.media import UPLOAD
from bot.settings import Settings, read_settings
from bot.wechat.mass import PREVIEW, SEND_ALL, TAGS, month_begins
from bot.wechat.outbound_push import Element, event_fields
from storage import audit, mass_sends, quarantine
from storage.database import Database
from storage.mass_sends import LAPSES, MassSend
from tests.bot.test_pictures import picture
from tests.conftest import ENVIRONMENT, Clock
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone
from tests.wechat_api import FarSide, far_side

PAGE = "/console/mass/"
TEXT = {"kind": "text", "text": "周末新品上市", "tag": ""}


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        running.answers[TAGS] = {
            "tags": [{"id": 2, "name": "星标组", "count": 0}, {"id": 101, "name": "会员", "count": 12}]
        }
        running.answers[SEND_ALL] = {"errcode": 0, "errmsg": "ok", "msg_id": 1000002077, "msg_data_id": 1}
        running.answers[UPLOAD] = {"type": "image", "media_id": "m-up", "created_at": 1}
        yield running


@pytest.fixture
def settings(far: FarSide, tmp_path: object) -> Settings:
    return read_settings({**ENVIRONMENT, "WECHAT_API_URL": far.url, "MEDIA_FOLDER": f"{tmp_path}/media"})


@pytest.fixture
def admin(signed_in: SignIn) -> Browser:
    return signed_in("admin")


def prepared(browser: Browser, database: Database, **changed: str) -> MassSend:
    assert browser.post(PAGE, {**TEXT, **changed}).status == 302
    return newest(database)


def newest(database: Database) -> MassSend:
    return mass_sends.newest(database, 1)[0]


def asked(far: FarSide) -> list[dict[str, object]]:
    return [found for body in far.bodies if body[:1] == b"{" and "filter" in (found := json.loads(body))]


def send(browser: Browser, one: MassSend, people: str) -> str:
    """Confirm with a number of people, and return the page that follows."""
    assert browser.post(f"{PAGE}{one.id}/send", {"people": people}).status == 302
    return browser.get(f"{PAGE}{one.id}").words


def test_a_text_goes_to_everyone_once_and_the_report_is_shown(
    admin: Browser, database: Database, far: FarSide, phone: Phone
) -> None:
    phone.follows()
    one = prepared(admin, database)
    assert "微信已收下" in send(admin, one, "1")
    assert asked(far) == [
        {
            "filter": {"is_to_all": True},
            "msgtype": "text",
            "text": {"content": "周末新品上市"},
            "clientmsgid": one.client_msg_id,
            "send_ignore_reprint": 0,
        }
    ]
    assert "已经发过" in send(admin, one, "1")
    assert far.calls[SEND_ALL] == 1
    elements: dict[str, Element] = {
        "MsgID": 1000002077,
        "Status": "send success",
        "TotalCount": 5200,
        "FilterCount": 5180,
        "SentCount": 5175,
        "ErrorCount": 5,
    }
    phone.sends(event_fields(phone.push.account, "oSystem", "MASSSENDJOBFINISH", phone.clock(), **elements))
    page = admin.get(f"{PAGE}{one.id}").words
    assert "5,175" in page
    assert newest(database).state == "done"
    assert "送达 5175 人" in admin.get(PAGE).words
    assert [entry.action for entry in audit.list_audit(database, 9)] == ["mass.sent"]


def test_an_open_page_loads_itself_again_once_the_report_is_there(
    admin: Browser, database: Database, phone: Phone
) -> None:
    one = prepared(admin, database)
    assert "hx-get" not in admin.get(f"{PAGE}{one.id}").words
    send(admin, one, "0")
    news = f"{PAGE}{one.id}/news?seen=accepted"
    assert news in admin.get(f"{PAGE}{one.id}").words
    assert "HX-Refresh" not in admin.get(news).headers
    elements: dict[str, Element] = {"MsgID": 1000002077, "Status": "send success"}
    phone.sends(event_fields(phone.push.account, "oSystem", "MASSSENDJOBFINISH", phone.clock(), **elements))
    assert admin.get(news).headers["HX-Refresh"] == "true"
    assert "hx-get" not in admin.get(f"{PAGE}{one.id}").words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("err(20008)", "内容涉嫌欺诈（err(20008)）"),
        ("err(30003)", "判为转载"),
        ("send fail", "没有说明原因"),
        ("err(99999)", "微信没有发出：err(99999)"),
    ],
)
def test_what_the_platform_held_against_it_is_said_in_words(
    admin: Browser, database: Database, phone: Phone, status: str, words: str
) -> None:
    one = prepared(admin, database)
    send(admin, one, "0")
    elements: dict[str, Element] = {"MsgID": 1000002077, "Status": status}
    phone.sends(event_fields(phone.push.account, "oSystem", "MASSSENDJOBFINISH", phone.clock(), **elements))
    assert words in admin.get(f"{PAGE}{one.id}").words


def test_a_report_of_failure_says_why_and_one_about_nothing_of_ours_is_kept_apart(
    admin: Browser, database: Database, far: FarSide, phone: Phone
) -> None:
    one = prepared(admin, database)
    send(admin, one, "0")
    for msg_id in (1, 1000002077):
        elements: dict[str, Element] = {"MsgID": msg_id, "Status": "err(40002)"}
        phone.sends(event_fields(phone.push.account, "oSystem", "MASSSENDJOBFINISH", phone.clock(), **elements))
    assert newest(database).state == "failed"
    assert "30 分钟内没有确认" in admin.get(f"{PAGE}{one.id}").words
    assert len(quarantine.newest(database)) == 1


def test_those_with_a_tag_get_it_and_the_number_must_be_right(admin: Browser, database: Database, far: FarSide) -> None:
    one = prepared(admin, database, tag="101")
    assert "约 12 人" in admin.get(f"{PAGE}{one.id}").words
    for wrong in ("11", "", "12人", "-12"):
        assert "人数对不上" in send(admin, one, wrong)
    assert far.calls[SEND_ALL] == 0
    send(admin, one, "12")
    assert asked(far)[0]["filter"] == {"is_to_all": False, "tag_id": 101}


def test_a_tag_that_nobody_has_uses_up_nothing(admin: Browser, database: Database, far: FarSide) -> None:
    one = prepared(admin, database, tag="2")
    assert "现在没有人有“星标组”这个标签" in admin.get(f"{PAGE}{one.id}").words
    assert "现在没有人有“星标组”这个标签" in send(admin, one, "0")
    assert far.calls[SEND_ALL] == 0
    assert "本月还能群发 4 次" in admin.get(f"{PAGE}{one.id}").words


def test_a_month_allows_so_many_and_then_no_more_until_the_next(
    admin: Browser, database: Database, far: FarSide, clock: Clock
) -> None:
    for _ in range(4):
        send(admin, prepared(admin, database), "0")
    one = prepared(admin, database)
    assert "群发次数已用完" in send(admin, one, "0")
    assert far.calls[SEND_ALL] == 4
    assert newest(database).state == "draft"
    assert mass_sends.sent_since(database, month_begins(clock() + timedelta(days=31))) == 0


@pytest.mark.parametrize(
    ("failure", "state", "words"),
    [(45028, "refused", "已用完"), (48001, "refused", "没有这项接口权限"), ("500", "unknown", "不确定有没有成功")],
)
def test_what_the_platform_says_is_shown_and_it_may_be_sent_again(
    admin: Browser, database: Database, far: FarSide, failure: int | str, state: str, words: str
) -> None:
    one = prepared(admin, database)
    admin.get(f"{PAGE}{one.id}")
    tags = far.answers.pop(TAGS)
    far.answers[SEND_ALL] = {"errcode": failure, "errmsg": "no"} if isinstance(failure, int) else b"<html>"
    send(admin, one, "0")
    assert newest(database).state == state
    if isinstance(failure, int):
        assert words in admin.get(f"{PAGE}{one.id}").words
    far.answers[TAGS], far.answers[SEND_ALL] = tags, {"errcode": 45065, "msg_id": 1000002077}
    send(admin, newest(database), "0")
    taken = newest(database)
    assert taken.state == "accepted", "the platform has had it: that is what was wanted"
    assert taken.platform_msg_id == "1000002077"
    assert {found["clientmsgid"] for found in asked(far)} == {one.client_msg_id}


def test_one_whose_sender_died_may_be_sent_again_after_a_minute(database: Database, clock: Clock) -> None:
    one = database.write(
        lambda tx: mass_sends.add(tx, content="{}", tag_id=None, tag_name="", created_by="user:a", now=clock())
    )
    assert database.write(lambda tx: mass_sends.begin(tx, one, sent_by="user:a", now=clock()))
    assert not database.write(lambda tx: mass_sends.begin(tx, one, sent_by="user:b", now=clock()))
    begun = newest(database)
    assert not begun.may_send(clock())
    assert begun.may_send(clock() + LAPSES)
    assert mass_sends.sent_since(database, clock()) == 1


def test_it_is_looked_at_on_one_phone_first(editor: Browser, database: Database, far: FarSide) -> None:
    one = prepared(editor, database)
    assert editor.post(f"{PAGE}{one.id}/preview", {"openid": "oAlice"}).status == 302
    assert json.loads(far.bodies[-1] if b"touser" in far.bodies[-1] else b"{}") == {
        "touser": "oAlice",
        "msgtype": "text",
        "text": {"content": "周末新品上市"},
    }
    assert "已发到这位关注者" in editor.get(f"{PAGE}{one.id}").words
    editor.post(f"{PAGE}{one.id}/preview", {"openid": "o A"})
    assert "openid 只有" in editor.get(f"{PAGE}{one.id}").words
    far.answers[PREVIEW] = {"errcode": 40003, "errmsg": "invalid openid"}
    editor.post(f"{PAGE}{one.id}/preview", {"openid": "oNobody"})
    assert "不属于当前公众号" in editor.get(f"{PAGE}{one.id}").words


def test_an_editor_prepares_and_does_not_send(editor: Browser, database: Database, far: FarSide) -> None:
    one = prepared(editor, database)
    assert "由管理员确认发送" in editor.get(f"{PAGE}{one.id}").words
    assert editor.post(f"{PAGE}{one.id}/send", {"people": "0"}).status == 403
    assert far.calls[SEND_ALL] == 0
    assert editor.post(f"{PAGE}{one.id}/drop").status == 302
    assert mass_sends.newest(database, 9) == []


def test_sending_asks_for_the_password_again_after_a_while(
    admin: Browser, database: Database, far: FarSide, clock: Clock
) -> None:
    one = prepared(admin, database)
    clock.forward(minutes=11)
    assert admin.post(f"{PAGE}{one.id}/send", {"people": "0"}).location.startswith("/confirm")
    assert far.calls[SEND_ALL] == 0


def test_a_picture_is_handed_over_and_sent_by_its_id(admin: Browser, database: Database, far: FarSide) -> None:
    fields: dict[str, str | tuple[str, bytes]] = {
        "csrf_token": admin.token(),
        "kind": "image",
        "text": "",
        "media_id": "",
        "tag": "",
        "picture": ("a.jpg", picture()),
    }
    body, form_type = encode_multipart_formdata(fields)
    assert admin.client.post(PAGE, data=body, content_type=form_type).status_code == 302
    one = newest(database)
    assert json.loads(one.content) == {"kind": "image", "media_id": "m-up"}
    send(admin, one, "0")
    assert asked(far)[0]["image"] == {"media_id": "m-up"}


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"text": "  "}, 422, "还没有写内容"),
        ({"text": "字" * 700}, 422, "文字太长"),
        ({"kind": "mpnews"}, 422, "media_id"),
        ({"kind": "image"}, 422, "请选一张图片"),
        ({"tag": "7"}, 422, "没有这个标签"),
        ({"kind": "voice"}, 400, ""),
    ],
)
def test_what_cannot_be_sent_is_not_kept(
    editor: Browser, database: Database, far: FarSide, changed: dict[str, str], status: int, words: str
) -> None:
    page = editor.post(PAGE, {**TEXT, **changed})
    assert (page.status, words in page.words) == (status, True)
    assert mass_sends.newest(database, 9) == []


def test_without_tags_everyone_can_still_be_chosen(editor: Browser, database: Database, far: FarSide) -> None:
    far.always = 48001
    assert "现在取不到标签" in editor.get(PAGE).words
    assert prepared(editor, database).tag_id is None


def test_a_reply_lends_its_words(editor: Browser, far: FarSide) -> None:
    name = editor.get(PAGE).text.partition('<option value="thanks')[2].partition('"')[0]
    assert len(editor.get(f"{PAGE}?reply=thanks{name}").text) > len(editor.get(PAGE).text)
