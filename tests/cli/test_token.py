"""``zhaohu token``: shown once, listed without itself, ended for good."""

import json
import re

import pytest

from bot.api.routes import SCOPES
from storage.api_tokens import find_token
from storage.audit import list_audit
from storage.database import Database
from tests.cli.conftest import Zhaohu


def test_a_token_is_printed_once_and_works(brand: Database, zhaohu: Zhaohu) -> None:
    made = zhaohu("token", "add", "crm", "--scope", "members:read", "--scope", "ledger:read", "--scope", "ledger:read")
    assert made.exit_code == 0
    token = made.stdout.removesuffix("\n")
    assert re.fullmatch(r"zh_[A-Za-z0-9_-]{43}", token)  # 256 bits
    known = find_token(brand, token)
    assert known is not None
    assert (known.name, known.scopes) == ("crm", frozenset({"members:read", "ledger:read"}))
    listed = zhaohu("token", "list")
    assert listed.stdout.startswith("crm\tgood\t")
    assert listed.stdout.endswith("\tledger:read members:read\n")
    assert token not in listed.stdout


def test_two_tokens_differ(brand: Database, zhaohu: Zhaohu) -> None:
    tokens = {zhaohu("token", "add", name, "--scope", "members:read").stdout for name in ("one", "two")}
    assert len(tokens) == 2


def test_a_revoked_token_is_worth_nothing_and_its_name_stays_taken(brand: Database, zhaohu: Zhaohu) -> None:
    token = zhaohu("token", "add", "crm", "--scope", "members:read").stdout.strip()
    assert zhaohu("token", "revoke", "crm").exit_code == 0
    assert find_token(brand, token) is None
    assert zhaohu("token", "list").stdout.split("\t")[:2] == ["crm", "revoked"]
    again = zhaohu("token", "revoke", "crm")
    assert (again.exit_code, "no token crm" in again.stderr) == (1, True)
    assert str(zhaohu("token", "add", "crm", "--scope", "members:read").exception).startswith("there is, or was")


def test_making_and_ending_are_audited_without_the_token(brand: Database, zhaohu: Zhaohu) -> None:
    token = zhaohu("token", "add", "crm", "--scope", "members:read").stdout.strip()
    zhaohu("token", "revoke", "crm")
    entries = list_audit(brand, 10)
    assert [(entry.actor, entry.action, entry.target) for entry in entries] == [
        ("cli", "token.revoked", "crm"),
        ("cli", "token.added", "crm"),
    ]
    assert entries[1].detail == "scopes=members:read"
    assert token not in str(entries)


def test_programs_get_json(brand: Database, zhaohu: Zhaohu) -> None:
    made = json.loads(zhaohu("token", "add", "crm", "--scope", "members:read", "--json").stdout)
    assert (made["name"], made["scopes"], made["token"][:3]) == ("crm", ["members:read"], "zh_")
    [listed] = [json.loads(line) for line in zhaohu("token", "list", "--json").stdout.splitlines()]
    assert (listed["name"], listed["revoked_at"]) == ("crm", None)
    assert "token" not in listed


@pytest.mark.parametrize("name", ["x", "", "a b", "-crm", "c" * 33, "招呼", "a\nb"])
def test_a_name_that_is_none_is_refused(brand: Database, zhaohu: Zhaohu, name: str) -> None:
    assert zhaohu("token", "add", "--scope", "members:read", "--", name).exit_code == 1
    assert zhaohu("token", "list").stdout == ""


def test_a_token_needs_a_scope_that_there_is(brand: Database, zhaohu: Zhaohu) -> None:
    assert zhaohu("token", "add", "crm").exit_code == 2
    assert zhaohu("token", "add", "crm", "--scope", "everything").exit_code == 2
    shown = zhaohu("token", "add", "--help").stdout
    assert all(scope in shown for scope in SCOPES)
