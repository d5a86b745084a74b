"""``zhaohu export``: every record once, with the promised keys, in memory that does not grow, and no formula for a spreadsheet."""

import csv
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.exporting import cell_of
from bot.records import COUPONS, EXCHANGES, LEDGER, MEMBERS, OUTBOX
from storage.audit import list_audit
from storage.database import Database, Transaction
from storage.exchanges import Exchange, add_exchange
from storage.ids import new_id
from storage.members import add_member, update_profile
from storage.points import add_points
from tests.cli.conftest import Zhaohu
from tests.memory import most_at_once

NOW = datetime(2026, 1, 1, 2, 0, 0, 123000, tzinfo=UTC)
ALICE = "oAlice"


def fill(brand: Database, *, text: str = "您好", exchanges: int = 2) -> int:
    """Add Alice, what she said, and points that came and went; return her id."""

    def work(tx: Transaction) -> int:
        alice = add_member(tx, account_id="gh_1", openid=ALICE, source="follow", now=NOW)
        update_profile(tx, alice, name=text, phone="13800138000", city="", remark="", tags=["常客"])
        for number in range(exchanges):
            said = Exchange(
                id=new_id(),
                member_id=alice,
                direction="in",
                kind="text",
                author="member",
                status="answered",
                created_at=NOW,
                text=text,
                payload='{"menu_id": "1"}',
                message_key=f"m:{number}",
                confidence=0.5,
            )
            add_exchange(tx, said)
        add_points(tx, alice, 5, kind="checkin", cause="day:1", now=NOW)
        add_points(tx, alice, -2, kind="correction", cause="by hand", now=NOW)
        return alice

    return brand.write(work)


def test_an_exported_exchange_has_exactly_the_promised_keys_in_order(brand: Database, zhaohu: Zhaohu) -> None:
    alice = fill(brand, exchanges=1)
    [line] = zhaohu("export", "exchanges").stdout.splitlines()
    said = json.loads(line)
    assert list(said) == [
        *("id", "member_id", "openid", "direction", "kind", "text", "payload", "message_key", "msg_id", "in_reply_to"),
        *("author", "intent", "confidence", "template", "template_version", "status", "created_at"),
        *("sentiment", "sentiment_score"),
    ]
    assert (said["member_id"], said["openid"], said["text"]) == (str(alice), ALICE, "您好")
    assert (said["payload"], said["confidence"], said["intent"]) == ({"menu_id": "1"}, 0.5, None)
    assert said["created_at"] == "2026-01-01T02:00:00.123Z"


@pytest.mark.parametrize("collection", [EXCHANGES, MEMBERS, COUPONS, LEDGER, OUTBOX], ids=lambda one: one.name)
def test_each_kind_has_a_head_of_its_fields_in_csv(brand: Database, zhaohu: Zhaohu, collection: object) -> None:
    fill(brand)
    name, fields = collection.name, collection.fields  # type: ignore[attr-defined]
    done = zhaohu("export", name, "--format", "csv")
    assert (done.exit_code, done.stdout_bytes[:3]) == (0, b"\xef\xbb\xbf")
    rows = list(csv.reader(done.stdout.removeprefix("\ufeff").splitlines()))
    assert rows[0] == [field.name for field in fields]
    assert len(rows) - 1 == len(zhaohu("export", name).stdout.splitlines())


def test_one_member_only(brand: Database, zhaohu: Zhaohu) -> None:
    fill(brand)
    brand.write(lambda tx: add_member(tx, account_id="gh_1", openid="oBob", source="follow", now=NOW))
    assert len(zhaohu("export", "members").stdout.splitlines()) == 2
    [line] = zhaohu("export", "members", "--openid", "oBob").stdout.splitlines()
    assert json.loads(line)["openid"] == "oBob"
    assert zhaohu("export", "exchanges", "--openid", "oBob").stdout == ""


def test_phones_are_masked_unless_asked_for_and_that_is_audited(brand: Database, zhaohu: Zhaohu) -> None:
    fill(brand)
    assert json.loads(zhaohu("export", "members").stdout)["phone"] == "138****8000"
    assert json.loads(zhaohu("export", "members", "--whole-phones").stdout)["phone"] == "13800138000"
    details = [(entry.action, entry.target, entry.detail) for entry in list_audit(brand, 10)]
    assert details == [
        ("data.exported", "members", "format=jsonl of=everyone phones=whole"),
        ("data.exported", "members", "format=jsonl of=everyone phones=masked"),
    ]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠\t\r\n")
@pytest.mark.parametrize("before", ["", " ", "\u3000", "\u00a0", "\ufeff", "\u200b", "\t ", "\x01"])
def test_no_cell_is_a_formula(sign: str, before: str) -> None:
    assert cell_of(f"{before}{sign}cmd|' /C calc'!A1") == f"'{before}{sign}cmd|' /C calc'!A1"


@pytest.mark.parametrize("text", ["您好", "a=b", "1-2", "'quoted", "", "“=”"])
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert cell_of(text) == text


def test_a_hostile_text_stays_one_cell(brand: Database, zhaohu: Zhaohu) -> None:
    hostile = '=1+1",\r\n"=2+2'
    fill(brand, text=hostile, exchanges=1)
    done = zhaohu("export", "exchanges", "--format", "csv")
    raw = done.stdout_bytes.decode("utf-8-sig")
    [head, row] = list(csv.reader(raw.splitlines(keepends=True)))
    assert len(row) == len(head)
    assert row[head.index("text")] == "'" + hostile
    assert raw.startswith('"id",')
    assert list(csv.reader(zhaohu("export", "ledger", "--format", "csv").stdout.splitlines()))[2][4] == "-2"


def test_a_file_is_private_and_takes_its_name_once_whole(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    fill(brand)
    done = zhaohu("export", "exchanges", "--output", "out.jsonl")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "2 exchanges written to out.jsonl\n")
    out = folder / "out.jsonl"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(out.read_text("utf-8").splitlines()) == 2
    assert not list(folder.glob("*.part"))
    refused = zhaohu("export", "exchanges", "--output", "nowhere/out.jsonl")
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert "nowhere/out.jsonl" in refused.stderr


def test_any_number_of_records_fits_in_the_same_memory(brand: Database, zhaohu: Zhaohu, folder: Path) -> None:
    fill(brand, text="长" * 4000, exchanges=2000)  # 24 MB of text
    out = folder / "out.jsonl"

    def export() -> None:
        assert zhaohu("export", "exchanges", "--output", out.name).exit_code == 0

    assert most_at_once(export, enough=8_000_000) < 8_000_000
    assert out.stat().st_size > 24_000_000
