"""``zhaohu coupons``: the counter's yes and no, and what is on."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import Context
from bot.cli.coupons import coupons_group
from storage.coupons import claim, set_campaign_state
from storage.migrations import migrate
from storage.opening import open_database
from tests.storage.people import campaign, people

Run = Callable[..., Result]


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "a-key-for-tests-that-is-long-enough")
    opened = open_database(url)
    migrate(opened)
    opened.close()
    context = Context()
    yield context
    context.database.close()


@pytest.fixture
def run(context: Context) -> Run:
    return lambda *words: CliRunner().invoke(coupons_group, list(words), obj=context)


def a_code(context: Context, *, days_ago: int = 0, valid_days: int = 7) -> str:
    """Return the code of a coupon claimed so many days ago."""
    then = datetime.now(UTC) - timedelta(days=days_ago)
    gift = campaign(context.database, valid_days=valid_days, starts_at=then, ends_at=then + timedelta(days=30))
    member = people(context.database, 1)[0]
    given = context.database.write(lambda tx: claim(tx, gift.id, member, cause="m:1", now=then))
    assert given.coupon is not None
    return given.coupon.code


def test_a_code_is_accepted_once(context: Context, run: Run) -> None:
    code = a_code(context)
    first = run("redeem", code.lower(), "--order", "A1", "--amount", "32.5")
    assert (first.exit_code, first.stdout) == (0, "accepted: 新年拿铁券, 中杯拿铁第二杯半价\n")
    assert run("redeem", code, "--order", "A1", "--amount", "32.5").exit_code == 0
    other = run("redeem", code, "--order", "A2", "--amount", "1")
    assert other.exit_code == 1
    assert "used already" in other.stderr
    assert "A1" in other.stderr


def test_the_order_and_its_amount_are_in_the_answer_for_machines(context: Context, run: Run) -> None:
    code = a_code(context)
    accepted = json.loads(run("redeem", code, "--order", "A1", "--amount", "32.05", "--json").stdout)
    assert (accepted["accepted"], accepted["order"], accepted["amount_fen"]) == (True, "A1", 3205)
    refused = run("redeem", code, "--order", "A2", "--amount", "1", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["refusal"] == "used"


def test_an_expired_or_unknown_code_is_refused_with_the_reason(context: Context, run: Run) -> None:
    code = a_code(context, days_ago=8, valid_days=7)
    assert "expired on" in run("redeem", code, "--order", "A1", "--amount", "1").stderr
    unknown = run("redeem", "2222-2222-2222-2222", "--order", "A1", "--amount", "1")
    assert (unknown.exit_code, "no coupon" in unknown.stderr) == (1, True)


@pytest.mark.parametrize("amount", ["", "-1", "1.234", "1,5", "¥3", "nan", "1e3", "٣"])
def test_an_amount_that_is_none_is_refused_before_anything_happens(context: Context, run: Run, amount: str) -> None:
    code = a_code(context)
    refused = run("redeem", code, "--order", "A1", f"--amount={amount}")
    assert refused.exit_code == 2
    assert "32.00" in refused.stderr
    assert run("redeem", code, "--order", " ", "--amount", "1").exit_code == 2
    assert run("redeem", code, "--order", "A1", "--amount", "1").exit_code == 0


def test_campaigns_are_listed_newest_first_with_their_state_now(context: Context, run: Run) -> None:
    now = datetime.now(UTC)
    campaign(context.database, "OVER", starts_at=now - timedelta(days=2), ends_at=now)
    paused = campaign(context.database, "HELD", ends_at=now + timedelta(days=1))
    context.database.write(lambda tx: set_campaign_state(tx, paused.id, "paused"))
    campaign(context.database, "OPEN", stock=7, ends_at=now + timedelta(days=1))
    campaign(context.database, "DRAFT", state="draft")
    lines = [line.split("\t") for line in run("list").stdout.splitlines()]
    assert [line[:3] for line in lines] == [
        ["DRAFT", "draft", "0/100"],
        ["OPEN", "open", "0/7"],
        ["HELD", "paused", "0/100"],
        ["OVER", "ended", "0/100"],
    ]
    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [(one["code"], one["closed"]) for one in listed][1] == ("OPEN", None)
