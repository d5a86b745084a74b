"""Campaigns started and paused, coupons used at the counter, stores taken in from a file, and what stays on record."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.console.action_names import NAMES
from bot.stores_file import write_stores
from bot.web.roles import Permission
from storage import audit, coupons, quarantine, stores
from storage.database import Database
from storage.stores import Store
from tests.conftest import Clock
from tests.console.conftest import SignIn, member_id_of
from tests.phone import Phone

STORE = Store("SH001", "静安寺店", "上海", "静安区", "南京西路 1618 号", "021-00000101", 31.22, 121.44, "24小时")


@pytest.fixture
def campaign_id(database: Database, clock: Clock) -> int:
    """A campaign that has not been started."""
    now = clock()
    return database.write(
        lambda tx: coupons.add_campaign(
            tx, code="NEW", name="新客券", offer="减 5 元", stock=9, valid_days=3, state="draft",
            starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), now=now,
        )
    )  # fmt: skip


def test_a_campaign_is_started_and_paused_and_the_phone_knows(
    signed_in: SignIn, phone: Phone, campaign_id: int, database: Database
) -> None:
    supervisor, path = signed_in("supervisor"), f"/console/campaigns/{campaign_id}"
    assert "新客券" not in phone.says("优惠活动")
    assert supervisor.post(f"{path}/start").status == 302
    assert "新客券" in phone.says("优惠活动")
    for _ in range(2):  # in two tabs
        assert supervisor.post(f"{path}/pause").status == 302
    assert "新客券" not in phone.says("优惠活动")
    details = [entry.detail for entry in audit.list_audit(database, 9) if entry.action == "campaign.state_changed"]
    assert details == ["from=running to=paused", "from=draft to=running"]
    assert supervisor.post("/console/campaigns/12345/start").status == 404


def test_starting_asks_for_the_password_again_and_pausing_does_not(
    signed_in: SignIn, campaign_id: int, clock: Clock
) -> None:
    supervisor, path = signed_in("supervisor"), f"/console/campaigns/{campaign_id}"
    clock.forward(minutes=11)
    assert supervisor.post(f"{path}/start").location.startswith("/confirm")
    assert supervisor.post(f"{path}/pause").location == "/console/campaigns/"


@pytest.mark.parametrize("field", ["state", "issued", "stock"])
def test_a_campaign_takes_no_fields(signed_in: SignIn, campaign_id: int, database: Database, field: str) -> None:
    assert signed_in("admin").post(f"/console/campaigns/{campaign_id}/start", {field: "1"}).status == 400
    campaign = coupons.campaign_by_id(database, campaign_id)
    assert campaign is not None
    assert campaign.state == "draft"


def test_a_coupon_is_used_once_however_it_is_typed(
    signed_in: SignIn, phone: Phone, campaign_id: int, database: Database, clock: Clock
) -> None:
    phone.says("你好")
    database.write(lambda tx: coupons.set_campaign_state(tx, campaign_id, "running"))
    member_id = member_id_of(database, "oAlice")
    claim = database.write(lambda tx: coupons.claim(tx, campaign_id, member_id, cause="m", now=clock()))
    assert claim.coupon is not None
    agent, code = signed_in("agent"), claim.coupon.code
    form = {"code": code.lower().replace("-", ""), "order": "T1", "amount": "38.5"}
    for _ in range(2):
        assert "核销成功" in agent.post("/console/campaigns/counter", form).words
    other_amount = agent.post("/console/campaigns/counter", {**form, "amount": "40"}).words
    assert "记的金额是 ¥38.50，没有改成 ¥40.00" in other_amount
    assert "核销成功" not in other_amount
    recorded = [entry.detail for entry in audit.list_audit(database, 9) if entry.action == "coupon.redeemed"]
    assert recorded == ["order=T1 amount_fen=3850"]
    assert "已经用过了，用在订单 T1" in agent.post("/console/campaigns/counter", {**form, "order": "T2"}).words
    assert coupons.revenue_fen_of(database, member_id) == 3850
    assert "没有这张券" in agent.post("/console/campaigns/counter", {**form, "code": "AAAA"}).words


@pytest.mark.parametrize("amount", ["", "-1", "1e3", "38.555", "３８", "x", "99999999"])
def test_an_amount_that_is_none_is_refused(signed_in: SignIn, amount: str) -> None:
    form = {"code": "A", "order": "T1", "amount": amount}
    assert signed_in("agent").post("/console/campaigns/counter", form).status == 422


def test_stores_go_out_and_come_in_as_the_same_file(signed_in: SignIn, database: Database, phone: Phone) -> None:
    editor = signed_in("editor")
    page = editor.post("/console/stores/import", {"file": (io.BytesIO(write_stores([STORE]).encode()), "stores.csv")})
    assert page.status == 302
    assert stores.all_stores(database) == [STORE]
    assert "24 小时营业" in editor.get("/console/stores/").words
    assert "静安寺店" in phone.says("静安区有店吗")
    out = editor.get("/console/stores/stores.csv")
    assert out.headers["Content-Disposition"].startswith("attachment")
    assert out.text.removeprefix("\ufeff") == write_stores([STORE])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"code,name\n1,2\n", b"PK\x03\x04zip"])
def test_a_bad_file_of_stores_changes_nothing_and_says_why(
    signed_in: SignIn, database: Database, content: bytes
) -> None:
    page = signed_in("editor").post("/console/stores/import", {"file": (io.BytesIO(content), "stores.csv")})
    assert page.status == 422
    assert "没有导入" in page.words
    assert stores.all_stores(database) == []


def test_stores_are_found(signed_in: SignIn, database: Database) -> None:
    database.write(lambda tx: stores.import_stores(tx, [STORE]))
    agent = signed_in("agent")
    assert "静安寺店" in agent.get("/console/stores/?q=上海 南京西路", fragment=True).words
    assert "静安寺店" not in agent.get("/console/stores/?q=北京").words


def test_what_was_not_understood_is_shown_as_it_came(signed_in: SignIn, database: Database, clock: Clock) -> None:
    body = "<xml><script>alert(1)</script></xml>"
    for number in range(60):
        database.write(lambda tx, n=number: quarantine.keep(tx, reason="unknown_type", body=f"{body}{n}", now=clock()))  # type: ignore[misc]
    supervisor = signed_in("supervisor")
    first = supervisor.get("/console/quarantine")
    assert "<script>alert" not in first.text
    assert f"{body}59" in first.words
    cursor = first.text.partition("before=")[2].partition('"')[0]
    assert f"{body}0<" in supervisor.get(f"/console/quarantine?before={cursor}").words


def test_every_action_of_the_record_has_a_name() -> None:
    kinds = "|".join({action.partition(".")[0] for action in NAMES})
    written = re.compile(rf'"((?:{kinds})\.[a-z_]+)"')
    sources = [path for room in ("bot", "storage") for path in Path(room).rglob("*.py")]
    found = {action for path in sources for action in written.findall(path.read_text(encoding="utf-8"))}
    assert "conversation.taken_over" in found  # the sources are looked at
    elsewhere = {permission.value for permission in Permission} | {"stores.csv", "menu.json"}
    assert found - elsewhere - set(NAMES) == set()


def test_the_record_says_who_did_what(signed_in: SignIn) -> None:
    form = {"source": "x", "expected": 0, "note": "", "person": "samples"}
    signed_in("editor").post("/console/replies/thanks/draft", form)
    page = signed_in("supervisor").get("/console/audit").words
    for told in ("editor", "存回复", "thanks", "version=1"):
        assert told in page
    assert signed_in("supervisor").get("/console/audit?before=x").status == 200
