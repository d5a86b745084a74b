"""How what was left stands: by its number, by "进度", and never of another's."""

from datetime import timedelta

import pytest

from intents import case_progress
from storage import cases
from storage.cases import Case, Kind
from storage.database import Database
from tests.intents.spoken import spoken
from tests.intents.turns import NOON, answer, member_of


def left(database: Database, kind: Kind = "complaint", *, openid: str = "oTester", cause: str = "m:x") -> Case:
    return database.write(
        lambda tx: cases.open_case(
            tx, member_of(tx, openid), kind=kind, text="咖啡是凉的", cause=cause, now=NOON - timedelta(hours=1)
        )
    )


@pytest.mark.parametrize("kind", ["complaint", "suggestion", "message"])
def test_a_number_alone_tells_how_it_stands(database: Database, kind: Kind) -> None:
    case = left(database, kind)
    left(database, kind, cause="m:y")
    reply = answer(database, case_progress.handle, case.number, slots={"case": case.number})
    assert case.number in spoken(reply)
    assert "处理完了" not in spoken(reply)
    assert (reply.handoff is not None) == (kind != "suggestion")
    database.write(lambda tx: cases.close_case(tx, case.id))
    reply = answer(database, case_progress.handle, case.number, slots={"case": case.number})
    assert "已经处理完了" in spoken(reply)
    assert reply.handoff is None


@pytest.mark.parametrize("number", ["C260101ZYGG", "of another"])
def test_of_a_number_that_is_not_theirs_nothing_is_told(database: Database, number: str) -> None:
    if number == "of another":
        number = left(database, openid="oBob").number
    reply = answer(database, case_progress.handle, number, slots={"case": number})
    assert "没有查到" in spoken(reply)
    assert reply.handoff is None


def test_progress_alone_tells_of_what_is_open_rather_than_of_what_is_newest(database: Database) -> None:
    standing, dealt_with = left(database, "message"), left(database, "suggestion", cause="m:y")
    database.write(lambda tx: cases.close_case(tx, dealt_with.id))
    assert standing.number in spoken(answer(database, case_progress.handle, "进度"))


def test_without_anything_left_of_late_progress_is_that_of_orders(database: Database) -> None:
    assert answer(database, case_progress.handle, "进度").template == "order_status_elsewhere"
    case = left(database)
    database.write(lambda tx: cases.close_case(tx, case.id))
    assert answer(database, case_progress.handle, "进度").template == "complaint_progress"
    later = NOON + timedelta(days=40)
    assert answer(database, case_progress.handle, "进度", now=later).template == "order_status_elsewhere"
