"""``zhaohu qr``: codes for spots, their counts, and sheets."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo.brand import demo_stores
from storage import members, qr_spots
from storage.database import Database, Transaction
from storage.stores import import_stores
from tests.cli.conftest import Zhaohu
from tests.wechat_api import FarSide, far_side

CREATE = "/cgi-bin/qrcode/create"


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch, brand: Database) -> Iterator[FarSide]:
    brand.write(lambda tx: import_stores(tx, demo_stores()))
    with far_side() as far:
        far.answers[CREATE] = {"ticket": "gQH47joAAA==", "url": "http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI"}
        monkeypatch.setenv("WECHAT_API_URL", far.url)
        yield far


def test_a_code_is_made_for_a_store_and_one_for_some_days(zhaohu: Zhaohu, far: FarSide, brand: Database) -> None:
    made = zhaohu("qr", "make", "静安寺店桌贴", "--store", demo_stores()[0].code, "--caption", "扫码领券")
    assert made.output == f"store_{demo_stores()[0].code}\thttp://weixin.qq.com/q/kZgfwMTm72WWPkovabbI\n"
    assert zhaohu("qr", "make", "传单", "--scene", "flyer_may", "--days", "7").exit_code == 0
    permanent, temporary = (json.loads(body) for body in far.bodies if b"action" in body)
    assert permanent["action_name"] == "QR_LIMIT_STR_SCENE"
    assert temporary == {
        "action_name": "QR_STR_SCENE", "expire_seconds": 604_800, "action_info": {"scene": {"scene_str": "flyer_may"}},
    }  # fmt: skip
    spot = qr_spots.spot_by_scene(brand, "flyer_may")
    assert spot is not None
    assert spot.expires_at is not None
    assert 6 <= (spot.expires_at - datetime.now(UTC)).days <= 7


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "the scene must be"),
        (("--scene", "有中文"), "the scene must be"),
        (("--scene", "a" * 65), "the scene must be"),
        (("--store", "NOWHERE"), "没有编号为 NOWHERE 的门店"),
        (("--scene", "a", "--campaign", "NONE"), "there is no campaign NONE"),
        (("--scene", "a", "--days", "31"), "a temporary code lasts 1 to 30 days"),
        (("--scene", "a", "--caption", "字" * 41), "the caption may have 40"),
    ],
)
def test_what_cannot_be_a_code_is_told_before_the_platform_is_asked(
    zhaohu: Zhaohu, far: FarSide, options: tuple[str, ...], said: str
) -> None:
    result = zhaohu("qr", "make", "位置", *options)
    assert result.exit_code == 1
    assert said in result.stderr
    assert far.calls[CREATE] == 0


def test_a_scene_has_one_code(zhaohu: Zhaohu, far: FarSide) -> None:
    zhaohu("qr", "make", "甲", "--scene", "box")
    again = zhaohu("qr", "make", "乙", "--scene", "box")
    assert "there is a code for the scene box already" in again.stderr
    assert far.calls[CREATE] == 1


def test_a_full_account_is_told_in_words(zhaohu: Zhaohu, far: FarSide, brand: Database) -> None:
    far.answers[CREATE] = {"errcode": 45029, "errmsg": "qrcode count out of limit"}
    result = zhaohu("qr", "make", "甲", "--scene", "box")
    assert result.exit_code == 1
    assert "100,000 permanent" in result.stderr
    assert qr_spots.spots(brand) == []


def test_codes_are_listed_with_who_came(zhaohu: Zhaohu, far: FarSide, brand: Database) -> None:
    zhaohu("qr", "make", "传单", "--scene", "flyer_may")
    now = datetime.now(UTC)
    member = brand.write(lambda tx: members.add_member(tx, account_id="", openid="o1", source="", now=now))

    def come(tx: Transaction) -> None:
        qr_spots.note_visit(tx, member, "flyer_may", "follow", now)
        qr_spots.note_visit(tx, member, "flyer_may", "scan", now)
        qr_spots.note_visit(tx, member, "flyer_may", "scan", now)

    brand.write(come)
    assert zhaohu("qr", "list").output == "flyer_may\t传单\t3 scans\t1 follows\t1 people\tpermanent\n"
    listed = json.loads(zhaohu("qr", "list", "--json").output)
    assert (listed["scans"], listed["follows"], listed["people"]) == (3, 1, 1)


def test_a_sheet_is_written_in_each_format_page_by_page(zhaohu: Zhaohu, far: FarSide, folder: Path) -> None:
    for number in range(13):
        zhaohu("qr", "make", f"Table {number}", "--scene", f"t{number}")
    assert zhaohu("qr", "sheet", "all.svg").output == "all-1.svg\nall-2.svg\n"
    assert zhaohu("qr", "sheet", "one.png", "--scene", "t3").output == "one.png\n"
    assert zhaohu("qr", "sheet", "all.pdf").output == "all.pdf\n"
    assert "Table 0" in (folder / "all-1.svg").read_text("utf-8")
    assert (folder / "all.pdf").read_bytes().startswith(b"%PDF")
    assert "must end in" in zhaohu("qr", "sheet", "all.gif").stderr
    assert "no such code" in zhaohu("qr", "sheet", "x.pdf", "--scene", "nowhere").stderr
