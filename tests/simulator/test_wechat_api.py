"""The stand-in for the platform's API: what it takes, what it refuses with which code, and what the phone then shows."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from bot.app import create_app
from bot.pictures import media_type_of
from bot.settings import Settings
from bot.simulator.phone import Passed, SimulatedPhone
from bot.simulator.wechat_api import EXTENSION, ROOT
from storage import mass_sends
from storage.database import Database
from tests.bot.test_pictures import picture
from tests.conftest import Clock
from tests.simulator.conftest import OPENID, Api, Pocket


def text(content: str, openid: str = OPENID) -> dict[str, Any]:
    return {"touser": openid, "msgtype": "text", "text": {"content": content}}


Reports = list[Callable[[], Passed]]


@pytest.fixture
def reports(app: Flask) -> Reports:
    """Keep what the stand-in would push a moment after a call, to be called when the test wants it."""
    kept: Reports = []
    app.extensions[EXTENSION].later = kept.append
    return kept


@pytest.fixture
def follower(hand: SimulatedPhone) -> SimulatedPhone:
    hand.follows()
    return hand


def test_the_token_stays_the_same_while_it_lasts_and_the_old_one_serves_a_little_longer(
    api: Api, follower: SimulatedPhone, clock: Clock
) -> None:
    first = api.ask_token()
    assert 300 <= first["expires_in"] <= 7500
    assert api.token() == first["access_token"]
    clock.forward(seconds=first["expires_in"] + 60)
    assert api.token() != first["access_token"]
    path = "/cgi-bin/message/custom/send?access_token="
    assert api.post(path + first["access_token"], text("还行"))["errcode"] == 0
    clock.forward(seconds=600)
    assert api.post(path + first["access_token"], text("太旧"))["errcode"] == 40001


def test_a_token_that_was_just_given_out_lasts_for_at_least_five_minutes(
    api: Api, clock: Clock, follower: SimulatedPhone
) -> None:
    for _ in range(30):
        clock.forward(seconds=271)
        given = api.ask_token()
        assert given["expires_in"] >= 300
        assert api.send(text("在"))["errcode"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "x"}, 40002),
        ({"appid": "wxother"}, 40013),
        ({"appid": None}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"secret": ""}, 40125),
        ({"secret": "密"}, 40125),
    ],
)
def test_a_token_is_only_for_who_knows_the_secret(api: Api, changes: dict[str, object], code: int) -> None:
    answer = api.ask_token(**changes)
    assert answer["errcode"] == code
    assert "access_token" not in answer
    assert "rid: " in answer["errmsg"]


def test_without_a_secret_nobody_gets_a_token(settings: Settings, database: Database, clock: Clock) -> None:
    without = replace(settings, wechat_app_secret="")
    api = Api(Client(create_app(without, database, clock=clock)), without)
    assert api.ask_token()["errcode"] == 40125


def test_a_text_appears_on_the_phone(api: Api, follower: SimulatedPhone, pocket: Pocket) -> None:
    assert api.send(text("您好，我是林夏")) == {"errcode": 0, "errmsg": "ok"}
    assert "您好，我是林夏" in pocket.screen()


def test_other_kinds_appear_too(api: Api, follower: SimulatedPhone, pocket: Pocket) -> None:
    article = {
        "title": "新品上市",
        "description": "桂花拿铁",
        "url": "https://example.com/new",
        "picurl": "https://example.com/1.jpg",
    }
    choices = {"head_content": "满意吗？", "list": [{"id": 101, "content": "满意"}], "tail_content": "谢谢"}
    for kind, body in (
        ("news", {"articles": [article]}),
        ("image", {"media_id": "m1"}),
        ("voice", {"media_id": "m2"}),
        ("video", {"media_id": "m3", "thumb_media_id": "t", "title": "拉花"}),
        ("music", {"thumb_media_id": "t", "title": "咖啡馆"}),
        ("msgmenu", choices),
    ):
        assert api.send({"touser": OPENID, "msgtype": kind, kind: body})["errcode"] == 0, kind
    screen = pocket.screen()
    for words in ("新品上市", 'href="https://example.com/new"', "拉花", "咖啡馆", "满意吗？"):
        assert words in screen
    assert "1.jpg" not in screen


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({**text("x"), "touser": "oNobody"}, 40003),
        ({**text("x"), "touser": 7}, 40003),
        ({"msgtype": "text", "text": {"content": "x"}}, 40003),
        ({**text("x"), "msgtype": "wxcard"}, 40008),
        ({**text("x"), "msgtype": ["text"]}, 40008),
        ({**text("x"), "text": "x"}, 47001),
        (text(""), 44004),
        ({**text("x"), "text": {"content": 7}}, 47001),
        (text("长" * 683), 45002),
        (text("\x07"), 40033),
        ({"touser": OPENID, "msgtype": "image", "image": {}}, 40007),
        ({"touser": OPENID, "msgtype": "news", "news": {"articles": []}}, 47001),
        ({"touser": OPENID, "msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
        ({"touser": OPENID, "msgtype": "msgmenu", "msgmenu": {"list": []}}, 47001),
        ({"touser": OPENID, "msgtype": "msgmenu", "msgmenu": {"list": [{"content": "x"}]}}, 47001),
        ({"touser": OPENID, "msgtype": "msgmenu", "msgmenu": {"list": [{"id": 1, "content": "x"}] * 11}}, 45098),
        ([], 47001),
    ],
)
def test_what_the_platform_would_refuse_is_refused_and_shown_nowhere(
    api: Api, follower: SimulatedPhone, pocket: Pocket, message: object, code: int
) -> None:
    before = pocket.screen()
    assert api.send(message)["errcode"] == code
    assert pocket.screen() == before


def test_a_text_of_2048_bytes_is_taken(api: Api, follower: SimulatedPhone) -> None:
    assert api.send(text("长" * 682 + "ab"))["errcode"] == 0


def test_who_unfollowed_cannot_be_written_to(api: Api, follower: SimulatedPhone, clock: Clock) -> None:
    clock.forward(seconds=60)
    follower.unfollows()
    assert api.send(text("在吗"))["errcode"] == 43004


@pytest.mark.parametrize(
    ("query", "code"), [("", 41001), ("?access_token=x", 40001), ("?access_token=%E5%AF%86", 40001)]
)
def test_without_the_token_nothing_is_done(api: Api, follower: SimulatedPhone, query: str, code: int) -> None:
    for path in ("message/custom/send", "message/custom/typing", "menu/create"):
        assert api.post(f"/cgi-bin/{path}{query}", text("x"))["errcode"] == code


def test_typing_is_shown_and_checked(api: Api, follower: SimulatedPhone, pocket: Pocket) -> None:
    path = "/cgi-bin/message/custom/typing"
    assert api.call(path, {"touser": OPENID, "command": "Typing"})["errcode"] == 0
    assert 'data-kind="on"' in pocket.screen()
    assert api.call(path, {"touser": OPENID, "command": "Dance"})["errcode"] == 40097


def test_a_menu_that_is_created_is_under_the_chat(api: Api, app: Flask, pocket: Pocket) -> None:
    def read() -> dict[str, Any]:
        found: dict[str, Any] = api.client.get(f"{ROOT}/cgi-bin/menu/get?access_token={api.token()}").get_json()
        return found

    assert read()["errcode"] == 46003
    assert "每日签到" in pocket.get("").text
    menu = {"button": [{"type": "click", "name": "今日运势", "key": "FORTUNE"}]}
    assert api.call("/cgi-bin/menu/create", menu)["errcode"] == 0
    assert read() == {"menu": menu}
    page = pocket.get("").text
    assert "今日运势" in page
    assert "每日签到" not in page
    api.client.get(f"{ROOT}/cgi-bin/menu/delete?access_token={api.token()}")
    assert read()["errcode"] == 46003
    assert "今日运势" not in pocket.get("").text


BUTTON = {"type": "click", "name": "甲", "key": "K"}


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([BUTTON] * 4, 40016),
        ("x", 40016),
        ([7], 47001),
        ([{**BUTTON, "name": ""}], 40018),
        ([{**BUTTON, "name": "六个汉字超了"}], 40018),
        ([{**BUTTON, "key": ""}], 40019),
        ([{"name": "甲"}], 40017),
        ([{"name": "甲", "sub_button": [BUTTON] * 6}], 40016),
        ([{"name": "甲", "sub_button": [{"name": "乙", "sub_button": [BUTTON]}]}], 40022),
    ],
)
def test_a_menu_that_the_platform_would_refuse_is_refused(api: Api, buttons: object, code: int) -> None:
    assert api.call("/cgi-bin/menu/create", {"button": buttons})["errcode"] == code


def code(name: str, **scene: object) -> dict[str, Any]:
    return {"action_name": name, "action_info": {"scene": scene}}


def test_a_code_is_made_the_same_one_for_the_same_scene(api: Api) -> None:
    made = api.call("/cgi-bin/qrcode/create", code("QR_LIMIT_STR_SCENE", scene_str="table_3"))
    assert made["url"].startswith("http://weixin.qq.com/q/")
    assert made == api.call("/cgi-bin/qrcode/create", code("QR_LIMIT_STR_SCENE", scene_str="table_3"))
    temporary = api.call("/cgi-bin/qrcode/create", {**code("QR_SCENE", scene_id=7), "expire_seconds": 60})
    assert temporary["expire_seconds"] == 60


@pytest.mark.parametrize(
    "asked",
    [
        code("QR_STR_SCENE"),
        code("QR_STR_SCENE", scene_str="a" * 65),
        code("QR_SCENE", scene_id="1"),
        code("QR_LIMIT_SCENE", scene_id=100_001),
        code("QR", scene_str="a"),
        {"action_name": "QR_SCENE", "action_info": []},
        {**code("QR_STR_SCENE", scene_str="a"), "expire_seconds": 2_592_001},
    ],
)
def test_a_code_that_the_platform_would_refuse_is_refused(api: Api, asked: object) -> None:
    assert api.call("/cgi-bin/qrcode/create", asked)["errcode"] == 40053


def test_a_planned_failure_strikes_once(api: Api, follower: SimulatedPhone, pocket: Pocket) -> None:
    assert "45047" in pocket.post("/simulator/faults", {"fault": "45047"}).text
    assert api.send(text("第一条"))["errcode"] == 45047
    assert "第一条" not in pocket.screen()
    assert api.send(text("第二条"))["errcode"] == 0
    pocket.post("/simulator/faults", {"fault": "-1"})
    pocket.post("/simulator/faults", {"fault": ""})
    assert api.send(text("第三条"))["errcode"] == 0


def test_a_message_that_is_delivered_without_an_answer_is_on_the_phone(
    api: Api, follower: SimulatedPhone, pocket: Pocket, app: Flask
) -> None:
    pocket.post("/simulator/faults", {"fault": "timeout"})
    app.extensions[EXTENSION].patience.set()
    assert api.send(text("收到了吗"))["errcode"] == 0
    assert "收到了吗" in pocket.screen()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b"{}"])
def test_a_body_that_is_no_message_gets_a_code(api: Api, body: bytes) -> None:
    answer = api.client.post(f"{ROOT}/cgi-bin/message/custom/send?access_token={api.token()}", data=body)
    assert answer.status_code == 200
    assert answer.get_json()["errcode"] in (47001, 40003)


def test_it_tells_of_quotas_addresses_and_what_it_refused(api: Api) -> None:
    refused = api.send({"touser": "oNobody", "msgtype": "text", "text": {"content": "在吗"}})
    rid = refused["errmsg"].rpartition("rid: ")[2]
    told = api.call("/cgi-bin/openapi/rid/get", {"rid": rid})["request"]
    assert (told["request_url"], "40003" in told["response_body"]) == ("/cgi-bin/message/custom/send", True)
    assert api.call("/cgi-bin/openapi/rid/get", {"rid": "1-2-3"})["errcode"] == 76022
    quota = api.call("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/message/custom/send"})["quota"]
    assert (quota["used"], quota["remain"]) == (1, quota["daily_limit"] - 1)
    assert api.call("/cgi-bin/openapi/quota/get", {"cgi_path": "x"})["errcode"] == 76021
    answer = api.client.get(f"/simulator/wechat-api/cgi-bin/getcallbackip?access_token={api.token()}")
    assert "127.0.0.1" in answer.get_json()["ip_list"]


def test_a_picture_that_was_uploaded_is_handed_over_and_shown_on_the_phone(
    api: Api, pocket: Pocket, hand: SimulatedPhone
) -> None:
    hand.follows()
    jpeg, root = picture(), "/simulator/wechat-api/cgi-bin/media"
    form = {"media": (BytesIO(jpeg), "a.jpg", "image/jpeg")}
    uploaded = api.client.post(f"{root}/upload?type=image&access_token={api.token()}", data=form).get_json()
    media_id = uploaded["media_id"]
    assert uploaded["type"] == "image"
    assert api.client.get(f"{root}/get?media_id={media_id}&access_token={api.token()}").data == jpeg
    assert api.send({"touser": hand.openid, "msgtype": "image", "image": {"media_id": media_id}})["errcode"] == 0
    assert f'<img src="/simulator/picture/{media_id}"' in pocket.screen()
    assert api.client.get(f"/simulator/picture/{media_id}").data == jpeg


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [("image", b"", 41005), ("image", b"<svg/>", 40137), ("voice", picture(), 40004)],
)
def test_what_is_no_picture_is_not_taken(api: Api, kind: str, content: bytes, code: int) -> None:
    form = {"media": (BytesIO(content), "a.jpg")} if content else {}
    at = f"/simulator/wechat-api/cgi-bin/media/upload?type={kind}&access_token={api.token()}"
    assert api.client.post(at, data=form, content_type="multipart/form-data").get_json()["errcode"] == code


def test_what_a_phone_sends_can_be_fetched_for_as_long_as_the_service_runs(api: Api, hand: SimulatedPhone) -> None:
    def fetched(passed: Passed) -> TestResponse:
        media_id = passed.pushed.fields["MediaId"]
        return api.client.get(f"/simulator/wechat-api/cgi-bin/media/get?media_id={media_id}&access_token={api.token()}")

    first, second = fetched(hand.sends_picture()), fetched(hand.sends_picture())
    assert media_type_of(first.data) == media_type_of(second.data) == "image/jpeg"
    assert first.data != second.data
    assert fetched(hand.sends_voice()).data.startswith(b"#!AMR\n")
    assert fetched(hand.sends_video()).get_json()["video_url"].startswith("http://vweixinf.tc.qq.com/")
    answer = api.client.get(f"/simulator/wechat-api/cgi-bin/media/get?media_id=other&access_token={api.token()}")
    assert answer.get_json()["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "body", "seen"),
    [
        (
            "miniprogrampage",
            {"title": "去点单", "appid": "wx1", "pagepath": "pages/menu", "thumb_media_id": "t"},
            ("去点单", "pages/menu"),
        ),
        ("mpnewsarticle", {"article_id": "Wo-8xK"}, ("Wo-8xK",)),
    ],
)
def test_cards_and_articles_are_shown(
    api: Api, pocket: Pocket, hand: SimulatedPhone, kind: str, body: dict[str, str], seen: tuple[str, ...]
) -> None:
    hand.follows()
    assert api.send({"touser": OPENID, "msgtype": kind, kind: body})["errcode"] == 0
    assert all(words in pocket.screen() for words in seen)
    emptied = {**body, next(reversed(body)): ""}
    assert api.send({"touser": OPENID, "msgtype": kind, kind: emptied})["errcode"] in (40007, 53600)


def test_what_came_of_a_message_by_template_is_reported_a_moment_later_as_was_planned(
    api: Api, hand: SimulatedPhone, pocket: Pocket, reports: Reports
) -> None:
    hand.follows()
    pocket.post("/simulator/faults", {"fault": "failed:user block"})
    fields = {"thing1": {"value": "静安寺店"}, "character_string2": {"value": "A1024"}}
    asked = {"touser": OPENID, "template_id": "pretended-template-order-ready", "data": fields}
    answers = [api.call("/cgi-bin/message/template/send", asked) for _ in range(2)]
    pushed = [report().pushed for report in reports]
    assert [(one.fields["Event"], one.fields["MsgID"], one.fields["Status"]) for one in pushed] == [
        ("TEMPLATESENDJOBFINISH", answers[0]["msgid"], "failed:user block"),
        ("TEMPLATESENDJOBFINISH", answers[1]["msgid"], "success"),
    ]
    assert [(one.status, one.received) for one in pushed] == [(200, "success")] * 2
    assert pocket.screen().count("微信报告了通知的结果") == 2


def test_a_message_to_many_is_on_every_phone_once_and_reported(
    api: Api, pocket: Pocket, hand: SimulatedPhone, database: Database, reports: Reports
) -> None:
    hand.follows()
    one = database.write(
        lambda tx: mass_sends.add(tx, content="{}", tag_id=None, tag_name="", created_by="user:a", now=hand.clock())
    )
    asked = {
        "filter": {"is_to_all": True},
        "msgtype": "text",
        "text": {"content": "周末见"},
        "clientmsgid": one.client_msg_id,
    }
    answer = api.call("/cgi-bin/message/mass/sendall", asked)
    assert api.call("/cgi-bin/message/mass/sendall", asked)["errcode"] == 45065
    assert api.call("/cgi-bin/message/mass/sendall", {**asked, "clientmsgid": "x" * 65})["errcode"] == 45067
    assert pocket.screen().count("周末见") == 1
    of_a_tag = {**asked, "filter": {"is_to_all": False, "tag_id": 100}, "clientmsgid": "to-a-tag"}
    assert api.call("/cgi-bin/message/mass/sendall", of_a_tag)["errcode"] == 0
    assert pocket.screen().count("周末见") == 1, "nobody has the tag"
    reports.pop()
    database.write(lambda tx: mass_sends.begin(tx, one, sent_by="user:a", now=hand.clock()))
    database.write(
        lambda tx: mass_sends.end(tx, one.id, "accepted", begun_at=hand.clock(), platform_msg_id=str(answer["msg_id"]))
    )
    [report] = reports
    report()
    [done] = mass_sends.newest(database, 1)
    assert (done.state, done.result["SentCount"]) == ("done", "1")
    shown = api.call(
        "/cgi-bin/message/mass/preview", {"touser": OPENID, "msgtype": "mpnews", "mpnews": {"media_id": "M-1"}}
    )
    assert shown["errcode"] == 0
    assert "M-1" in pocket.screen()
