"""The page of the phone: what it shows, what it takes, and whom it lets in."""

from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import Client

from bot.app import create_app
from bot.settings import Settings, SettingsError
from bot.simulator.local import is_private_host
from bot.simulator.phone import SimulatedPhone
from storage.database import Database
from storage.exchanges import Exchange
from tests.conftest import Clock
from tests.simulator.conftest import OPENID, Pocket, Said

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}"


def incoming(said: list[Exchange]) -> list[str]:
    return [each.kind for each in said if each.direction == "in"]


def test_a_new_browser_gets_a_phone_of_its_own_and_keeps_it(app: Flask) -> None:
    client, other = Client(app), Client(app)
    first = client.get("/simulator/").location
    assert first.startswith("/simulator/oPhone")
    client.get(first)
    assert client.get("/simulator/").location == first
    assert other.get("/simulator/").location != first
    assert client.get("/simulator/new").location != first


def test_an_empty_phone_says_what_to_do(pocket: Pocket) -> None:
    page = pocket.get("").text
    for words in ("关注公众号", "领优惠券", "附近门店", "还没有说过话", "每日签到"):
        assert words in page


def test_the_page_is_there_in_english_while_consumers_keep_speaking_chinese(pocket: Pocket) -> None:
    page = pocket.get("", Accept_Language="en").text
    assert "Pocket WeChat" in page
    assert "领优惠券" in page
    assert "口袋微信" not in page


def test_words_get_their_answer_and_its_reasons(pocket: Pocket, recorded: Said) -> None:
    answer = pocket.does(what="say", text="签到")
    assert answer.status_code == 200
    for words in ("checkin_done", "一字不差", "已回答", "&lt;Content&gt;"):
        assert words in answer.text
    screen = pocket.screen()
    assert 'data-side="me"' in screen
    assert "签到成功" in screen
    assert incoming(recorded()) == ["text"]


def test_every_deed_of_the_page_reaches_the_gate(pocket: Pocket, stores: None, recorded: Said, clock: Clock) -> None:
    deeds: list[dict[str, str]] = [
        {"what": "follow"},
        {"what": "say", "text": "你好"},
        {"what": "click", "key": "ZH_MENU_POINTS"},
        {"what": "view", "url": "https://example.com/"},
        {"what": "location", "latitude": "31.2", "longitude": "121.4", "label": "静安"},
        {"what": "location", "latitude": "31.2", "longitude": "121.4", "key": "ZH_MENU_STORES"},
        {"what": "picture"},
        {"what": "voice"},
        {"what": "video"},
        {"what": "link", "title": "标题", "url": "https://example.com/"},
        {"what": "scan", "scene": "store_SH0001"},
        {"what": "unfollow"},
    ]
    for deed in deeds:
        clock.forward(seconds=20)
        assert pocket.does(**deed).status_code == 200, deed
    assert len(incoming(recorded())) == len(deeds) + 1
    assert "汀禾咖啡（静安寺店）桌贴" in pocket.screen()


def test_the_answer_tells_whether_the_phone_follows_now(pocket: Pocket, clock: Clock) -> None:
    assert pocket.does(what="follow").headers["X-Phone-Follows"] == "yes"
    clock.forward(seconds=60)
    assert pocket.does(what="unfollow").headers["X-Phone-Follows"] == "no"


def test_a_message_sent_again_shows_that_nothing_was_doubled(
    pocket: Pocket, recorded: Said, hand: SimulatedPhone
) -> None:
    first = hand.says("签到")
    answer = pocket.does(what="again", id=str(first.id))
    assert "回复一样，对话、券和积分都没有变" in answer.text
    screen = pocket.screen()
    assert screen.count("签到成功") == 1
    assert "没有重复记账" in screen
    assert incoming(recorded()) == ["text"]


def test_encryption_is_switched_by_the_form(pocket: Pocket) -> None:
    answer = pocket.does(what="say", text="签到", safe="on").text
    assert "安全模式" in answer
    assert "加密之前" in answer


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"what": "fly"},
        {"what": "say"},
        {"what": "say", "text": "长" * 4001},
        {"what": "scan"},
        {"what": "click", "key": ""},
        {"what": "location", "latitude": "91", "longitude": "0"},
        {"what": "location", "latitude": "nan", "longitude": "0"},
        {"what": "location", "latitude": "31.2"},
        {"what": "again", "id": "1"},
        {"what": "again", "id": "x"},
        {"what": "again", "id": "9" * 30},
        {"what": "again", "id": "²"},
    ],
)
def test_a_form_that_no_phone_can_carry_out_is_refused(pocket: Pocket, recorded: Said, form: dict[str, str]) -> None:
    assert pocket.does(**form).status_code == 400
    assert recorded() == []


def test_markup_in_any_field_is_shown_as_text(pocket: Pocket, hand: SimulatedPhone, clock: Clock) -> None:
    for deed in (
        {"what": "say", "text": MARKUP},
        {"what": "voice", "recognition": MARKUP},
        {"what": "location", "latitude": "31", "longitude": "121", "label": MARKUP},
        {"what": "link", "title": MARKUP, "description": MARKUP, "url": f"https://x/{MARKUP}"},
        {"what": "click", "key": MARKUP},
        {"what": "scan", "scene": MARKUP},
    ):
        clock.forward(seconds=30)
        explained = pocket.does(**deed)
        assert explained.status_code == 200
        assert "<script" not in explained.text
        assert "<img src=x" not in explained.text
    page = pocket.get("").text
    assert MARKUP in unescape(page)
    assert "<script>" not in page
    assert "<img src=x" not in page


def test_news_begin_where_the_page_stands(pocket: Pocket, hand: SimulatedPhone) -> None:
    first, second = hand.says("你好"), hand.says("签到")
    assert f'id="e{first.id}"' in pocket.get("/news?after=0").text
    assert f'id="e{second.id}"' in pocket.get(f"/news?after={first.id}").text
    assert pocket.get(f"/news?after={second.id + (10_000 << 22)}").text.strip() == ""
    for odd in ("x", "-1", "9" * 40, str(2**63), str(2**63 - 1)):
        assert pocket.get(f"/news?after={odd}").status_code == 200, odd


def test_an_earlier_turn_can_be_explained(pocket: Pocket, hand: SimulatedPhone) -> None:
    first = hand.says("签到")
    hand.says("你好")
    assert "checkin_done" in pocket.get(f"/turns/{first.id}").text
    for unknown in ("1", "0", "9" * 40, str(2**63), "-1"):
        assert pocket.get(f"/turns/{unknown}").status_code == 404, unknown


def test_nobody_real_can_be_acted_for(app: Flask) -> None:
    client = Client(app)
    for openid in ("oAlice", "oX7s9", "gh_1", "oPhone-" + "x" * 80, "oPhone%00"):
        assert client.get(f"/simulator/{openid}").status_code in (400, 404), openid


def test_a_deed_without_the_token_of_the_page_is_refused(app: Flask, recorded: Said) -> None:
    answer = Client(app).post(f"/simulator/{OPENID}/push", data={"what": "say", "text": "你好"})
    assert answer.status_code == 403
    assert recorded() == []


@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        ("localhost", "127.0.0.1", 200),
        ("127.0.0.1:8000", "127.0.0.1", 200),
        ("[::1]:8000", "::1", 200),
        ("192.168.1.5:8000", "192.168.1.9", 200),
        ("desk.local", "10.0.0.3", 200),
        ("rebound.example.com", "127.0.0.1", 403),
        ("203.0.114.5", "127.0.0.1", 403),
        ("localhost", "203.0.114.9", 403),
    ],
)
def test_only_this_machine_and_its_network_get_in(app: Flask, host: str, address: str, status: int) -> None:
    client = Client(app)
    for path in (f"/simulator/{OPENID}", "/simulator/wechat-api/cgi-bin/menu/get"):
        answer = client.get(path, headers={"Host": host}, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, path


@pytest.mark.parametrize("name", ["localhost", "web", "box.lan", "169.254.1.1", "::ffff:10.0.0.1", "[::1]"])
def test_names_and_addresses_of_this_network_are_private(name: str) -> None:
    assert is_private_host(name)


@pytest.mark.parametrize("name", ["example.com", "8.8.8.8", "0.0.0.0", "local.example.com", "1.1", "::ffff:8.8.8.8"])
def test_all_others_are_not(name: str) -> None:
    assert not is_private_host(name)


def test_it_is_off_unless_switched_on(settings: Settings, database: Database, clock: Clock) -> None:
    client = Client(create_app(replace(settings, simulator=False), database, clock=clock))
    assert client.get("/simulator/").status_code == 404
    assert client.post("/simulator/wechat-api/cgi-bin/stable_token", json={}).status_code == 404


def test_it_refuses_a_public_address(settings: Settings, database: Database, clock: Clock) -> None:
    public = replace(settings, base_url="https://wechat.example.com")
    with pytest.raises(SettingsError, match="SIMULATOR must be off"):
        create_app(public, database, clock=clock)


def test_the_page_carries_the_strict_headers(pocket: Pocket) -> None:
    answer = pocket.get("")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert " style=" not in answer.text
    assert "<script>" not in answer.text


def test_an_open_page_hears_of_news(pocket: Pocket, hand: SimulatedPhone) -> None:
    live = pocket.get("/live")
    parts = iter(live.response)
    assert next(parts) == b": open\n\n"
    hand.says("你好")
    assert b"event: news" in next(parts)
    live.close()
