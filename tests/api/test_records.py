"""What the API tells: the right records, whole, in order, with the promised fields."""

import re

import pytest

from bot.records import COLLECTIONS, mask_phone
from storage.database import Database
from storage.exchanges import page as exchange_page
from tests.api.conftest import PHONE, Hire, Program, pages
from tests.phone import Phone

EXCHANGE_FIELDS = [
    *("id", "member_id", "openid", "direction", "kind", "text", "payload", "message_key", "msg_id", "in_reply_to"),
    *("author", "intent", "confidence", "template", "template_version", "status", "created_at"),
    *("sentiment", "sentiment_score"),
]
ALL = [collection.name for collection in COLLECTIONS]


def test_an_exchange_has_the_promised_fields_in_their_order(crm: Program, filled: dict[str, int]) -> None:
    came, went = crm.data("/api/v1/exchanges?openid=oBob")
    assert list(came) == EXCHANGE_FIELDS
    assert (came["direction"], came["text"], came["author"], came["openid"]) == ("in", "几点开门", "member", "oBob")
    assert (came["member_id"], came["intent"]) == (str(filled["oBob"]), "store_hours")
    assert 0 < came["confidence"] <= 1
    assert (came["sentiment"], went["sentiment"]) == ("neutral", None)
    assert -0.35 < came["sentiment_score"] < 0.35
    assert isinstance(came["msg_id"], str)
    assert came["message_key"]
    assert (went["direction"], went["author"], went["in_reply_to"]) == ("out", "bot", came["id"])
    assert (went["template"].startswith("store_hours"), went["template_version"]) == (True, 0)
    assert went["payload"]["kind"] == "text"
    assert went["created_at"] == "2026-01-01T02:00:00.000Z"


def test_every_collection_tells_what_is_in_the_database(crm: Program, filled: dict[str, int]) -> None:
    told = {name: crm.data(f"/api/v1/{name}?openid=oAlice") for name in ALL}
    assert all(record["openid"] == "oAlice" for records in told.values() for record in records)
    [member], [conversation], [coupon], [message], [body] = (
        told[name] for name in ("members", "conversations", "coupons", "outbox", "quarantine")
    )
    assert (member["name"], member["tags"], member["source"]) == ("爱丽丝", ["常客", "拿铁"], "table-7")
    assert (member["subscribed"], member["unsubscribed_at"]) == (True, None)
    assert (conversation["state"], conversation["handoff_reason"], conversation["agent"]) == ("waiting", "asked", "")
    assert (coupon["campaign"], coupon["state"], coupon["used_at"]) == ("LATTE", "usable", None)
    assert coupon["expires_at"] == "2026-01-08T02:00:00.000Z"
    assert [(entry["amount"], entry["balance_after"]) for entry in told["ledger"]] == [(5, 5), (-2, 3)]
    assert (message["state"], message["content"]) == ("ready", {"kind": "text"})
    assert (body["body"], body["times"], body["reason"]) == ("<xml>?</xml>", 1, "unknown MsgType")


@pytest.mark.parametrize("name", ALL)
def test_ids_are_texts_and_times_are_utc_with_milliseconds(crm: Program, filled: dict[str, int], name: str) -> None:
    records = crm.data(f"/api/v1/{name}")
    assert records
    for key, value in (item for record in records for item in record.items()):
        if key == "id" or (key.endswith("_id") and key not in ("account_id", "msg_id")) or key == "in_reply_to":
            assert value is None or re.fullmatch(r"[0-9]+", value), key
        if key.endswith("_at"):
            assert value is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value), key


def test_single_records_are_the_same_as_in_the_list(crm: Program, filled: dict[str, int]) -> None:
    for name in ("members", "exchanges", "conversations"):
        for record in crm.data(f"/api/v1/{name}"):
            assert crm.json(f"/api/v1/{name}/{record['id']}") == record


@pytest.mark.parametrize("record_id", ["1", "0", "-1", "abc", "1e3", "9" * 19, "9" * 400, "١", "1%00", "%ED%A0%80"])
def test_an_id_that_is_nobodys_is_not_found(crm: Program, filled: dict[str, int], record_id: str) -> None:
    for name in ("members", "exchanges", "conversations"):
        assert crm.get(f"/api/v1/{name}/{record_id}").status_code == 404


def test_pages_hold_every_record_once_whatever_their_size(
    crm: Program, phone: Phone, database: Database, filled: dict[str, int]
) -> None:
    for number in range(9):
        phone.named(f"oMember{number}").says("您好")
    everything = [str(exchange.id) for exchange in exchange_page(database)]
    assert len(everything) > 20
    for limit in (1, 7, len(everything), 200):
        found = pages(crm, "/api/v1/exchanges", limit)
        assert [record["id"] for page in found for record in page] == everything
        assert all(len(page) == limit for page in found[:-1])
        assert found[-1]


def test_a_cursor_stays_good_while_more_is_said(crm: Program, phone: Phone, filled: dict[str, int]) -> None:
    first = crm.json("/api/v1/exchanges?limit=3")
    before = crm.data(f"/api/v1/exchanges?cursor={first['next_cursor']}")
    phone.says("谢谢")
    after = crm.data(f"/api/v1/exchanges?cursor={first['next_cursor']}")
    assert after[: len(before)] == before
    assert [record["text"] for record in after[len(before) :] if record["direction"] == "in"] == ["谢谢"]


def test_nobody_has_an_unknown_openid(crm: Program, filled: dict[str, int]) -> None:
    for name in ALL:
        assert crm.json(f"/api/v1/{name}?openid=oNobody") == {"data": [], "next_cursor": None}


def test_a_phone_is_masked_unless_the_token_may_see_it(hire: Hire, filled: dict[str, int]) -> None:
    [masked] = hire("members:read").data("/api/v1/members?openid=oAlice")
    assert masked["phone"] == "138****8000"
    shop = hire("members:read", "members:phone", name="shop")
    [whole] = shop.data("/api/v1/members?openid=oAlice")
    assert whole["phone"] == PHONE
    assert shop.json(f"/api/v1/members/{whole['id']}")["phone"] == PHONE


def test_a_short_number_tells_nothing() -> None:
    assert (mask_phone(""), mask_phone("12345"), mask_phone("+8613800138000")) == ("", "*****", "+86*******8000")


@pytest.mark.parametrize("text", ["😀 👨‍👩‍👧", "]]> </script>", "\u202e倒", "第一行\n第二行", "𠮷"])
def test_words_come_back_unchanged(crm: Program, phone: Phone, text: str) -> None:
    phone.says(text)
    assert crm.data("/api/v1/exchanges")[0]["text"] == text
