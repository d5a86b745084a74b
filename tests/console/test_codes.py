"""QR codes in the console: made, counted as people come, printed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.settings import Settings, read_settings
from storage import audit, qr_spots
from storage.database import Database, Transaction
from storage.qr_spots import SceneTaken
from tests.conftest import ENVIRONMENT, Clock
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone
from tests.wechat_api import FarSide, far_side

CREATE, PAGE = "/cgi-bin/qrcode/create", "/console/codes/"
TABLE = {"name": "Table 3", "caption": "scan", "scene": "table_3", "days": ""}


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        far.answers[CREATE] = {"ticket": "t", "url": "http://weixin.qq.com/q/abc"}
        yield far


@pytest.fixture
def settings(far: FarSide) -> Settings:
    return read_settings({**ENVIRONMENT, "WECHAT_API_URL": far.url})


def test_a_code_is_made_and_each_who_comes_is_counted_once(editor: Browser, phone: Phone, database: Database) -> None:
    assert editor.post(PAGE, TABLE).location == PAGE
    phone.follows("table_3")
    phone.sends_again()
    phone.scans("table_3")
    bob = phone.named("oBob")
    bob.follows()
    bob.scans("table_3")
    bob.scans("elsewhere")
    came = qr_spots.visits(database)
    assert (came["table_3"].scans, came["table_3"].follows, came["table_3"].people) == (3, 1, 2)
    page = editor.get(PAGE).words
    assert '<td class="number">3</td><td class="number">1</td><td class="number">2</td>' in page
    assert "别处做的码" in page
    assert [entry.action for entry in audit.list_audit(database, 9)] == ["qr.made"]


def test_a_follow_that_arrives_late_counts_no_visit(phone: Phone, database: Database, clock: Clock) -> None:
    phone.follows()
    phone.unfollows()
    clock.now -= timedelta(seconds=30)
    phone.follows("table_3")
    assert qr_spots.visits(database) == {}


def test_what_is_wrong_is_told_with_the_form_as_it_was(editor: Browser, far: FarSide) -> None:
    page = editor.post(PAGE, {**TABLE, "scene": "有中文"})
    assert (page.status, 'value="Table 3"' in page.text) == (422, True)
    assert editor.post(PAGE, {**TABLE, "days": "x"}).status == 422
    assert editor.post(PAGE, {**TABLE, "store": "NOWHERE"}).status == 422
    editor.post(PAGE, TABLE)
    assert "已经有码了" in editor.post(PAGE, TABLE).words
    far.always = 48001
    assert editor.post(PAGE, {**TABLE, "scene": "other"}).status == 502
    assert far.calls[CREATE] == 2


def test_sheets_and_single_codes_are_handed_out(editor: Browser, signed_in: SignIn, database: Database) -> None:
    for number in range(13):
        editor.post(PAGE, {**TABLE, "name": f"Table {number}", "scene": f"t{number}"})
    agent = signed_in("agent")
    chosen = next(spot for spot in qr_spots.spots(database) if spot.scene == "t5")
    for kind, start in (("pdf", "%PDF"), ("svg", "<svg")):
        answer = agent.client.get(f"{PAGE}sheet.{kind}?spot={chosen.id}")
        assert answer.data.decode("latin-1").startswith(start)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="codes.{kind}"'
    second = agent.get(f"{PAGE}sheet.svg?page=2")
    assert "Table 12" in second.text
    assert "codes-2.svg" in second.headers["Content-Disposition"]
    assert agent.get(f"{PAGE}sheet.svg?page=3").status == 404
    assert "Table 5" in agent.get(f"{PAGE}{chosen.id}.svg").text
    assert agent.client.get(f"{PAGE}{chosen.id}.png").data.startswith(b"\x89PNG")


def test_a_temporary_code_that_is_over_may_be_made_anew_and_is_not_printed(
    editor: Browser, database: Database, clock: Clock
) -> None:
    editor.post(PAGE, {**TABLE, "days": "1"})
    clock.forward(minutes=30)
    assert editor.post(PAGE, TABLE).status == 409
    before = qr_spots.spots(database)
    clock.forward(hours=24)
    with pytest.raises(SceneTaken):
        database.write(lambda tx: _add(tx, before[0].created_at))
    kept = database.write(lambda tx: _add(tx, clock()))
    [spot] = qr_spots.spots(database)
    assert (spot.id, spot.expires_at) == (kept, None)


def _add(tx: Transaction, now: datetime) -> int:
    return qr_spots.add_spot(
        tx, scene="table_3", name="n", caption="", store_code="", campaign_code="", ticket="t", url="u",
        expires_at=None, made_by="cli", now=now,
    )  # fmt: skip


def test_without_a_font_chinese_is_told_to_take_another_way(
    editor: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.qr_sheet._FONTS", ())
    editor.post(PAGE, {**TABLE, "name": "三号桌"})
    assert editor.get(f"{PAGE}sheet.png").location == PAGE
    assert "fonts-wqy-zenhei" in editor.get(PAGE).words
    assert "三号桌" in editor.get(f"{PAGE}sheet.svg").text
