"""Cases: a number for the consumer, once for each message that caused one."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage import cases
from storage.database import Database
from storage.errors import Conflict
from storage.members import add_member

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def member_id(database: Database) -> int:
    return database.write(lambda tx: add_member(tx, account_id="gh_1", openid="o1", source="follow", now=NOW))


def opened(
    database: Database, member_id: int, cause: str, kind: cases.Kind = "suggestion", now: datetime = NOW
) -> cases.Case:
    return database.write(
        lambda tx: cases.open_case(tx, member_id, kind=kind, text="咖啡可以再热一点", cause=cause, now=now)
    )


def test_a_case_is_there_with_what_was_said(database: Database, member_id: int) -> None:
    case = opened(database, member_id, "m:1")
    assert cases.cases_of(database, member_id) == [case]
    assert cases.case_by_number(database, case.number) == case
    assert (case.text, case.status, case.created_at) == ("咖啡可以再热一点", "open", NOW)


@pytest.mark.parametrize(("kind", "letter"), [("suggestion", "S"), ("complaint", "C"), ("message", "M")])
def test_the_number_tells_kind_and_day_and_cannot_be_misread(
    database: Database, member_id: int, kind: cases.Kind, letter: str
) -> None:
    number = opened(database, member_id, "m:1", kind).number
    assert re.fullmatch(letter + "260101[2-9A-HJ-NP-Z]{4}", number)


def test_the_day_is_that_of_the_zone_the_time_carries(database: Database, member_id: int) -> None:
    late = datetime(2026, 1, 1, 17, 0, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    assert opened(database, member_id, "m:1", now=late).number.startswith("S260102")


def test_the_same_cause_gives_the_same_case(database: Database, member_id: int) -> None:
    first = opened(database, member_id, "m:1")
    assert opened(database, member_id, "m:1", now=NOW + timedelta(seconds=5)) == first
    assert len(cases.cases_of(database, member_id)) == 1


def test_two_causes_give_two_numbers(database: Database, member_id: int) -> None:
    numbers = {opened(database, member_id, f"m:{n}").number for n in range(50)}
    assert len(numbers) == 50


def test_a_stranger_has_no_case(database: Database) -> None:
    with pytest.raises(Conflict):
        opened(database, 404, "m:1")


def test_a_number_that_is_taken_is_drawn_again(
    database: Database, member_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter("22222222333344445555")
    monkeypatch.setattr(secrets, "choice", lambda _: next(drawn))
    numbers = [opened(database, member_id, f"m:{n}").number for n in range(4)]
    assert numbers == ["S2601012222", "S2601013333", "S2601014444", "S2601015555"]


def test_a_case_is_closed_once(database: Database, member_id: int) -> None:
    case = opened(database, member_id, "m:1")
    assert database.write(lambda tx: cases.close_case(tx, case.id))
    assert not database.write(lambda tx: cases.close_case(tx, case.id))
    assert cases.list_cases(database, status="done") == cases.cases_of(database, member_id)


def test_the_list_is_newest_first_by_kind_with_a_cursor(database: Database, member_id: int) -> None:
    for number in range(4):
        opened(database, member_id, f"m:{number}", "complaint" if number % 2 else "suggestion")
    complaints = cases.list_cases(database, kind="complaint")
    assert [case.cause for case in complaints] == ["m:3", "m:1"]
    assert [case.cause for case in cases.list_cases(database, before_id=complaints[0].id)] == ["m:2", "m:1", "m:0"]
    assert cases.list_cases(database, limit=1) == complaints[:1]
