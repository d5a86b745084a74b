"""Pictures and clips at the desk: seen by whoever may see the dialogue, sent by whoever owns it, and never anything but pictures."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from urllib3.filepost import encode_multipart_formdata

from bot.desk import media
from bot.media import GET, UPLOAD
from bot.settings import Settings
from bot.wechat.outbound_push import Element, message_fields
from tests.bot.test_pictures import HIDDEN, picture
from tests.desk.conftest import Desk
from tests.phone import Phone
from tests.web.conftest import Page
from tests.wechat_api import APP_ID, SECRET, FarSide, far_side

AMR = b"#!AMR\n" + bytes(200)
PIC_URL = "http://mmbiz.qpic.cn/mmbiz_jpg/abc/0"


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as running:
        running.answers[UPLOAD] = {"type": "image", "media_id": "m-up", "created_at": 1}
        yield running


@pytest.fixture
def settings(settings: Settings, far: FarSide) -> Settings:
    return replace(settings, wechat_api_url=far.url, wechat_app_id=APP_ID, wechat_app_secret=SECRET)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_paces", media._Paces())


def sends(phone: Phone, msg_type: str, **elements: Element) -> None:
    phone.sends(message_fields(phone.push.account, phone.openid, msg_type, phone.clock(), **elements))


def newest_media(desk: Desk) -> str:
    """Return the address of what the member sent last."""
    exchange = next(one for one in reversed(desk.said()) if one.direction == "in")
    return f"{desk.at()}/media/{exchange.id}"


def upload(desk: Desk, content: bytes, name: str = "a.jpg", client_id: str = "click-0001", who: str = "alice") -> Page:
    """Send a picture as the page does."""
    browser = desk[who]
    fields: dict[str, str | tuple[str, bytes]] = {
        "csrf_token": browser.token(),
        "client_id": client_id,
        "picture": (name, content),
    }
    body, form_type = encode_multipart_formdata(fields)
    headers = {"HX-Request": "true"}
    answer = browser.client.post(f"{desk.at()}/picture", data=body, content_type=form_type, headers=headers)
    return Page(answer.status_code, answer.get_data(as_text=True), answer.headers)


def test_a_members_picture_is_shown_from_our_own_address(taken: Desk, phone: Phone, far: FarSide) -> None:
    sends(phone, "image", PicUrl=PIC_URL, MediaId="m-1")
    far.answers[GET] = picture() + HIDDEN
    at = newest_media(taken)
    page = taken["alice"].get(taken.at()).text
    assert f'<img src="{at}" loading="lazy"' in page
    assert PIC_URL not in page
    for _ in range(2):
        answer = taken["alice"].client.get(at)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert HIDDEN not in answer.data
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()
    assert (far.calls[GET], far.queries) == (1, [{"media_id": "m-1"}])


def test_a_voice_clip_is_a_file_beside_what_was_recognised(taken: Desk, phone: Phone, far: FarSide) -> None:
    sends(phone, "voice", MediaId="m-2", Format="amr", Recognition="我要退款")
    far.answers[GET] = AMR
    page = taken["alice"].get(taken.at()).text
    assert "我要退款" in page
    assert "下载语音" in page
    with taken["alice"].client.get(newest_media(taken)) as answer:
        assert (answer.data, answer.content_type) == (AMR, "application/octet-stream")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="voice-')


def test_a_video_leads_to_the_platform(taken: Desk, phone: Phone, far: FarSide) -> None:
    sends(phone, "video", MediaId="m-3", ThumbMediaId="t-3")
    far.answers[GET] = {"video_url": "http://vweixinf.tc.qq.com/1"}
    assert taken["alice"].get(newest_media(taken)).location == "http://vweixinf.tc.qq.com/1"


@pytest.mark.parametrize(
    ("failure", "status", "words"), [(40007, 410, "已失效"), ("500", 503, "微信服务器出错"), (45009, 503, "额度")]
)
def test_what_the_platform_does_not_hand_over_is_said_in_a_sentence(
    taken: Desk, phone: Phone, far: FarSide, failure: int | str, status: int, words: str
) -> None:
    sends(phone, "image", PicUrl=PIC_URL, MediaId="m-1")
    far.always = failure
    answer = taken["alice"].get(newest_media(taken))
    assert answer.status == status
    assert words in answer.text


def test_only_what_was_said_in_this_dialogue_is_shown(taken: Desk, phone: Phone, far: FarSide) -> None:
    far.answers[GET] = picture()
    other = phone.named("oOther")
    sends(other, "image", PicUrl=PIC_URL, MediaId="m-1")
    elsewhere = next(one for one in reversed(taken.said("oOther")) if one.direction == "in")
    mine = next(one for one in taken.said() if one.kind == "text")
    for exchange_id in (elsewhere.id, mine.id, 1, 2**63 - 1):
        assert taken["alice"].get(f"{taken.at()}/media/{exchange_id}").status == 404
    sends(phone, "image", PicUrl=PIC_URL, MediaId="m-2")
    assert taken["bob"].get(newest_media(taken)).status == 404
    with taken["susan"].client.get(newest_media(taken)) as answer:
        assert answer.status_code == 200
    assert far.calls[GET] == 1


def test_an_agent_sends_a_picture_once_however_often_it_is_clicked(taken: Desk, far: FarSide) -> None:
    for _ in range(2):
        answer = upload(taken, picture() + HIDDEN)
        assert answer.status == 200
        assert "said-picture" in answer.text
    [message] = taken.posted()
    assert json.loads(message.content) == {"kind": "image", "media_id": "m-up"}
    assert far.calls[UPLOAD] == 1
    assert HIDDEN not in far.bodies[-1]
    with taken["alice"].client.get(f"{taken.at()}/media/{message.exchange_id}") as shown:
        assert (shown.status_code, far.calls[GET]) == (200, 0)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<svg onload='alert(1)'/>", "a.svg", "只能发 JPG"),
        (b"<svg/>", "a.png", "只能发 JPG"),
        (picture(), "a.html", "只能发 JPG"),
        (b"\xff\xd8\xff<script>", "a.jpg", "可能已损坏"),
        (b"", "a.jpg", "只能发 JPG"),
        (picture(), "", "请选一张图片"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(
    taken: Desk, far: FarSide, content: bytes, name: str, words: str
) -> None:
    answer = upload(taken, content, name)
    assert (answer.status, words in answer.text) == (422, True)
    assert (taken.posted(), far.calls[UPLOAD]) == ([], 0)


def test_a_file_larger_than_any_picture_is_cut_off(taken: Desk, far: FarSide) -> None:
    assert upload(taken, picture() + bytes(10 * 1024 * 1024)).status == 422
    assert upload(taken, bytes(11 * 1024 * 1024)).status == 413
    assert (taken.posted(), far.calls[UPLOAD]) == ([], 0)


def test_a_picture_that_the_platform_does_not_take_is_not_said(taken: Desk, far: FarSide) -> None:
    far.answers[UPLOAD] = {"errcode": 45001, "errmsg": "too big"}
    answer = upload(taken, picture())
    assert (answer.status, "图片或音视频太大" in answer.text) == (503, True)
    assert taken.posted() == []


def test_nothing_is_handed_over_that_could_not_be_sent(taken: Desk, phone: Phone, far: FarSide) -> None:
    assert upload(taken, picture(), who="bob").status in (404, 409)
    phone.unfollows()
    answer = upload(taken, picture())
    assert (answer.status, "已取消关注" in answer.text) == (409, True)
    assert (taken.posted(), far.calls[UPLOAD]) == ([], 0)


def test_who_sends_very_many_pictures_has_to_wait(taken: Desk, far: FarSide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_UPLOADS", 2)
    statuses = [upload(taken, picture(), client_id=f"click-{number:04}").status for number in range(3)]
    assert statuses == [200, 200, 429]
