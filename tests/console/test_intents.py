"""Intents: tried, written, copied, switched; what is refused, and what the phone understands then."""

import pytest

from storage import audit, scripted_intents
from storage.database import Database
from templates.library import load_shipped
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone

PARKING = {
    "name": "parking",
    "title": "停车",
    "copy": "delivery",
    "phrases": "有停车位吗\r\n哪里可以停车\r\n停车要钱吗",
    "keywords": "停车场 3\n车库",
}
REPLY = "---\ntitle: 停车\nvalue: info\nvalues:\n  brand: 山茶咖啡\n---\n{{ brand }}门口就能停车。\n"


def test_a_sentence_is_tried_on_what_is_published(editor: Browser) -> None:
    page = editor.post("/console/intents/try", {"text": "优惠券怎么用"})
    for told in ("直接回答", "优惠券怎么用", "coupon_usage", "与例句一字不差", "1.00"):
        assert told in page.words
    page = editor.post("/console/intents/try", {"text": "量子纠缠会影响咖啡因半衰期么"})
    assert "没听懂" in page.words


def test_a_sentence_with_two_wishes_shows_both_in_the_order_they_are_answered(editor: Browser) -> None:
    page = editor.post("/console/intents/try", {"text": "签到，顺便领个券"}).words
    assert "<b>每日签到</b></a> + <b>领优惠券</b>" in page


@pytest.mark.parametrize("text", ["", " ", "7", "<b>x</b>", "😀" * 500, "长" * 5_000])
def test_any_sentence_may_be_tried(editor: Browser, text: str) -> None:
    page = editor.post("/console/intents/try", {"text": text})
    assert page.status == 200
    assert "<b>x</b>" not in page.text


def test_an_intent_of_staff_goes_from_form_to_phone(editor: Browser, phone: Phone, database: Database) -> None:
    missed = phone.says("有停车位吗")
    page = editor.post("/console/intents/new", PARKING)
    assert page.location.endswith("/console/replies/parking?copy=delivery")
    assert load_shipped()["delivery"].source.splitlines()[-1] in editor.get(page.location).words
    editor.post("/console/intents/parking/switch")
    record = scripted_intents.scripted_intent_by_name(database, "parking")
    assert record is not None
    assert not record.enabled  # without a reply it stays off
    form = {"source": REPLY, "expected": 0, "note": "", "person": "samples"}
    assert editor.post("/console/replies/parking/publish", form).status == 302
    assert editor.post("/console/intents/parking/switch").status == 302
    assert phone.says("有停车位吗") == "山茶咖啡门口就能停车。" != missed
    assert phone.says("停车场在哪里") == "山茶咖啡门口就能停车。"
    assert ("停车场", 3) in (scripted_intents.all_scripted(database)[0].keywords)
    assert [entry.action for entry in audit.list_audit(database, 9) if entry.target == "parking"] == [
        "intent.enabled",
        "template.published",
        "template.saved",
        "intent.added",
    ]


@pytest.mark.parametrize("title", ["停车", "停车😀: #1", "P1"])
def test_a_reply_that_nobody_has_written_lacks_its_words_alone(editor: Browser, title: str) -> None:
    editor.post("/console/intents/new", {**PARKING, "copy": "", "title": title})
    page = editor.get("/console/replies/parking").words
    assert page.count("remark-error") == 1
    assert "正文是空的" in page
    assert f"顾客问到“{title}”时的回答" in page
    assert "还没有发布过" in page
    assert "出厂版本" not in page


def test_a_shipped_intent_is_changed_and_switched_off_and_on(editor: Browser, phone: Phone) -> None:
    form = {"title": "外送", "phrases": "骑手几点到\n能送到家吗", "keywords": ""}
    assert editor.post("/console/intents/delivery", form).status == 302
    answer = phone.says("骑手几点到")
    assert "外送" in answer or "送" in answer
    assert editor.post("/console/intents/delivery/switch").status == 302
    assert phone.named("oBob").says("骑手几点到") != answer
    assert editor.post("/console/intents/delivery/switch").status == 302
    assert phone.named("oCarol").says("骑手几点到") == answer


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "Parking"}, "名称用小写字母"),
        ({"name": "coupon_mine"}, "已经"),
        ({"name": "delivery"}, "已经有了"),
        ({"title": ""}, "请写上名字"),
        ({"title": "名字" * 7}, "名字最多 12 个字"),
        ({"title": "我的优惠券"}, "已经叫这个名字"),
        ({"phrases": ""}, "例句要有 1 到 200 句"),
        ({"phrases": "停车\n停 车"}, "其实一样"),
        ({"phrases": "我的优惠券"}, "已经是“我的优惠券”的例句"),
        ({"phrases": "停" * 101}, "太长"),
        ({"phrases": "！！！"}, "没有文字"),
        ({"phrases": "\n".join(f"第{number}种问法" for number in range(201))}, "例句要有 1 到 200 句"),
        ({"keywords": "\n".join(f"词{number}号" for number in range(51))}, "关键词最多 50 个"),
        ({"keywords": "车 1\n车 2"}, "写了两次"),
        ({"keywords": "？"}, "没有文字"),
    ],
)
def test_what_no_intent_can_be_is_refused_in_words(
    editor: Browser, database: Database, changed: dict[str, str], told: str
) -> None:
    page = editor.post("/console/intents/new", {**PARKING, **changed})
    assert page.status == 422
    assert told in page.words
    assert scripted_intents.all_scripted(database) == []


def test_the_form_of_a_copy_says_what_of_and_that_of_an_intent_does_not(editor: Browser) -> None:
    page = editor.get("/console/intents/new?copy=delivery")
    assert "照着“delivery”新建" in page.words
    assert 'name="copy" value="delivery"' in page.text
    assert 'name="copy" value=""' in editor.get("/console/intents/new").text
    for path in ("/console/intents/new", "/console/intents/invoice"):
        assert "照着“" not in editor.get(path).words


def test_intents_with_code_are_only_shown(editor: Browser, database: Database) -> None:
    assert "随版本更新" in editor.get("/console/intents/coupon_mine").words
    for path in ("/console/intents/coupon_mine", "/console/intents/coupon_mine/switch"):
        assert (
            editor.post(path, {"title": "x", "phrases": "x", "keywords": ""} if "switch" not in path else {}).status
            == 404
        )
    assert editor.get("/console/intents/new?copy=coupon_mine").status == 404
    assert scripted_intents.all_scripted(database) == []


@pytest.mark.parametrize("field", ["enabled", "updated_by", "handler", "offered"])
def test_fields_that_the_form_has_not_are_refused(editor: Browser, database: Database, field: str) -> None:
    assert editor.post("/console/intents/new", {**PARKING, field: "1"}).status == 400
    assert scripted_intents.all_scripted(database) == []


def test_whoever_may_only_read_sees_no_buttons(signed_in: SignIn) -> None:
    page = signed_in("agent").get("/console/intents/delivery").words
    assert "保存" not in page.partition("<main")[2]
    assert "readonly" in page
