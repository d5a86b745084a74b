"""Every kind of push becomes what it should; odd values never stop a message, and never speak for someone else."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from wechatpy import parse_message

from bot.wechat.errors import NotUnderstood
from bot.wechat.inbound import read_message
from bot.wechat.outbound_push import Element, event_fields, message_fields, push_xml
from bot.wechat.xml import parse
from intents.messages import DeliveryEvent, FollowEvent, LocationMessage, Message, TextMessage
from tests.wechat.signing import ACCOUNT_ID, NOW, OPENID, account, text_document

FOLDER = Path(__file__).parent / "inbound"
FILES = {path.stem: path.read_bytes() for path in FOLDER.glob("*.xml")}
EXPECTED = json.loads(
    (FOLDER / "expected.json").read_text("utf-8")
)  # class, fields of its own, names of what is kept beside them
UNKNOWN = {"event_unknown": "unknown event 'not_yet_event'", "unknown_msgtype": "unknown type 'not_yet_type'"}
COMMON = {"account_id", "openid", "key", "sent_at", "msg_id", "extra"}


def read(document: bytes) -> Message:
    return read_message(parse(document), ACCOUNT_ID, NOW)


def read_fields(fields: dict[str, Element]) -> Message:
    return read(push_xml(fields))


def text_fields(**changes: Element) -> dict[str, Element]:
    return message_fields(account(), OPENID, "text", NOW, Content="你好") | changes


def test_every_file_has_an_expectation() -> None:
    assert FILES.keys() == EXPECTED.keys() | UNKNOWN.keys()
    assert len(FILES) == 75


@pytest.mark.parametrize("name", EXPECTED)
def test_a_push_becomes_its_message(name: str) -> None:
    message = read(FILES[name])
    own = {
        field.name: getattr(message, field.name) for field in dataclasses.fields(message) if field.name not in COMMON
    }
    assert {"class": type(message).__name__, "fields": own, "extra": sorted(message.extra)} == EXPECTED[name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_push_of_an_unknown_kind_is_not_understood(name: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(FILES[name])
    assert caught.value.reason == UNKNOWN[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_wechatpy_reads_the_same_from_it(name: str) -> None:
    message, theirs = read(FILES[name]), parse_message(FILES[name])
    assert (message.openid, message.account_id) == (theirs.source, theirs.target)
    assert message.sent_at == datetime.fromtimestamp(theirs.time, UTC)
    msg_id = getattr(message, "sent_msg_id", None) if message.kind == "event.delivery" else message.msg_id
    if theirs.id:  # wechatpy knows not all ids of deliveries
        assert msg_id == str(theirs.id)
    for ours, name_there in SAME_IN_WECHATPY.get(theirs.type, {}).items():
        assert getattr(message, ours) == (getattr(theirs, name_there) or "").strip()


SAME_IN_WECHATPY = {
    "image": {"picture_url": "image", "media_id": "media_id"},
    "voice": {"media_id": "media_id", "format": "format", "recognition": "recognition"},
    "video": {"media_id": "media_id", "thumb_media_id": "thumb_media_id"},
    "shortvideo": {"media_id": "media_id", "thumb_media_id": "thumb_media_id"},
    "link": {"title": "title", "description": "description", "url": "url"},
    "miniprogrampage": {"title": "title", "app_id": "app_id", "page_path": "page_path"},
}


def test_messages_are_keyed_by_their_id_and_events_by_all_they_hold() -> None:
    keys = {name: read(FILES[name]).key for name in EXPECTED}
    assert len(set(keys.values())) == len(keys)
    for name, key in keys.items():
        assert key.startswith("e:" if name.startswith("event_") else "m:")


def test_the_same_push_again_has_the_same_key_whatever_the_order_of_its_elements() -> None:
    fields = event_fields(account(), OPENID, "CLICK", NOW, EventKey="K", MenuId=7)
    assert read_fields(fields).key == read_fields(dict(reversed(fields.items()))).key


def test_two_events_of_one_second_have_two_keys() -> None:
    place: dict[str, Element] = {"Latitude": 30.1, "Longitude": 120.1, "Precision": 10}
    tap = event_fields(account(), OPENID, "CLICK", NOW, EventKey="K")
    assert read_fields(event_fields(account(), OPENID, "LOCATION", NOW, **place)).key != read_fields(tap).key
    assert read_fields(tap | {"EventKey": "L"}).key != read_fields(tap).key


def test_a_message_without_an_id_is_keyed_by_what_it_holds() -> None:
    one, other = text_fields(MsgId="", Content="一"), text_fields(MsgId="", Content="二")
    assert read_fields(one).key.startswith("e:")
    assert read_fields(one).key == read_fields(one).key != read_fields(other).key
    assert read_fields(one).msg_id is None


@pytest.mark.parametrize("msg_id", ["9223372036854775808", "18446744073709551616", "word", "１２３", "-1", "0"])
def test_an_odd_id_is_kept_as_the_text_it_is(msg_id: str) -> None:
    message = read_fields(text_fields(MsgId=msg_id))
    assert (message.key, message.msg_id) == (f"m:{msg_id}", msg_id)


def test_an_id_too_long_for_an_index_gives_a_short_key() -> None:
    assert len(read_fields(text_fields(MsgId="7" * 5000)).key) < 64


@pytest.mark.parametrize(
    "created",
    [
        "-5",
        "0",
        "1",
        "9" * 30,
        "99999999999",
        "word",
        "",
        "１７６９５７６１４８",
        "1_769_576_148",
        " 1769576148",
        "1e9",
        "9999999999",
        "0000000001",
        "1293839999",
    ],
)
def test_a_time_that_cannot_be_is_ours_instead(created: str) -> None:
    assert read_fields(text_fields(CreateTime=created)).sent_at == NOW


def test_a_time_an_hour_old_stands() -> None:
    earlier = NOW - timedelta(hours=1)
    assert read_fields(text_fields(CreateTime=int(earlier.timestamp()))).sent_at == earlier


def test_text_is_kept_to_the_last_blank() -> None:
    words = "  两杯 \n\n 👩‍👩‍👧‍👦🇨🇳 \u202e方向\u200f  "
    message = read_fields(text_fields(Content=words))
    assert isinstance(message, TextMessage)
    assert message.content == words


def test_latitude_is_x() -> None:
    message = read_fields(message_fields(account(), OPENID, "location", NOW, Location_X="-33.9", Location_Y="151.2"))
    assert isinstance(message, LocationMessage)
    assert (message.latitude, message.longitude, message.scale) == (-33.9, 151.2, 0)


@pytest.mark.parametrize(
    "value", ["nan", "inf", "1e1", "1_0", "３０", "", " 30", "91", "-91", "0x1", "30.1.2", "--3", "1" * 400]
)
def test_a_place_that_is_none_is_not_understood(value: str) -> None:
    with pytest.raises(NotUnderstood, match="Location_X"):
        read_fields(message_fields(account(), OPENID, "location", NOW, Location_X=value, Location_Y="120"))


def test_the_key_of_a_payment_is_no_scene_but_stays_on_record() -> None:
    message = read_fields(event_fields(account(), OPENID, "subscribe", NOW, EventKey="last_trade_no_42"))
    assert isinstance(message, FollowEvent)
    assert (message.scene, message.extra) == ("", {"EventKey": "last_trade_no_42"})


@pytest.mark.parametrize("spelling", ["subscribe", "SUBSCRIBE", "Subscribe"])
def test_events_are_known_in_any_case(spelling: str) -> None:
    assert isinstance(read_fields(event_fields(account(), OPENID, spelling, NOW)), FollowEvent)


def test_several_results_in_one_notice_are_read_from_the_first() -> None:
    results: Element = [{"MsgID": "1", "ErrorStatus": "success"}, {"MsgID": "2", "ErrorStatus": "failed"}]
    fields = event_fields(account(), OPENID, "subscribe_msg_sent_event", NOW, SubscribeMsgSentEvent={"List": results})
    message = read_fields(fields)
    assert isinstance(message, DeliveryEvent)
    assert (message.sent_msg_id, message.status) == ("1", "success")


@pytest.mark.parametrize("element", ["FromUserName", "ToUserName", "MsgType", "Content", "MsgId", "CreateTime"])
def test_an_element_that_is_there_twice_is_not_understood(element: str) -> None:
    fields = text_fields()
    with pytest.raises(NotUnderstood, match="more than once"):
        read_fields(fields | {element: [str(fields[element])] * 2})


@pytest.mark.parametrize("element", ["FromUserName", "ToUserName", "MsgType", "Content", "MsgId"])
def test_an_element_with_elements_inside_is_not_understood(element: str) -> None:
    with pytest.raises(NotUnderstood, match="not plain text"):
        read_fields(text_fields() | {element: {"item": "x"}})


@pytest.mark.parametrize("element", ["FromUserName", "ToUserName", "MsgType"])
def test_an_empty_or_missing_element_that_all_have_is_not_understood(element: str) -> None:
    fields = text_fields()
    with pytest.raises(NotUnderstood, match=f"{element} is missing"):
        read_fields(fields | {element: ""})
    del fields[element]
    with pytest.raises(NotUnderstood, match=f"{element} is missing"):
        read_fields(fields)


@pytest.mark.parametrize("openid", ["a b", "a'b", "o" * 65, "你", "o\n", "../o", "%6f"])
def test_an_open_id_of_other_characters_is_not_understood(openid: str) -> None:
    with pytest.raises(NotUnderstood, match="FromUserName"):
        read_fields(text_fields(FromUserName=openid))


def test_a_push_for_another_account_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match="another account"):
        read_fields(text_fields(ToUserName="gh_000000000000"))
    assert (
        read_message(parse(push_xml(text_fields(ToUserName="gh_000000000000"))), "", NOW).account_id
        == "gh_000000000000"
    )


def test_text_that_adds_elements_speaks_for_no_one() -> None:
    victim = "oK7sVictimVictimVictimVictim"
    forged = text_document(f"x]]></Content><FromUserName><![CDATA[{victim}]]></FromUserName><Content><![CDATA[y")
    with pytest.raises(NotUnderstood):
        read(forged)


def test_an_unknown_name_is_shown_short_and_without_tricks() -> None:
    with pytest.raises(NotUnderstood) as caught:
        read_fields(text_fields(MsgType="x\u2028\n\x7f" + "长" * 4000))
    assert len(caught.value.reason) < 300
    assert caught.value.reason.isascii()
    assert "\n" not in caught.value.reason
