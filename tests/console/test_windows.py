"""The page of the reply window's figures: what is in force, what comes, and how an admin changes it."""

import pytest

from storage import audit, window_figures
from storage.database import Database
from tests.conftest import Clock
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone

NEW = {"opened_by": "message", "messages": "8", "lasts": "24", "unit": "hours", "since": "", "source": "公告"}


@pytest.fixture
def admin(signed_in: SignIn) -> Browser:
    return signed_in("admin")


def left(database: Database) -> int:
    [row] = database.query("SELECT window_left FROM conversations")
    return int(row["window_left"])


def test_the_shipped_figures_are_shown_with_their_source(admin: Browser) -> None:
    page = admin.get("/console/windows/").words
    assert "developers.weixin.qq.com" in page
    assert "48 小时" in page
    assert "1 分钟" in page
    assert page.count("现行") == 4


def test_a_figure_counts_from_its_day_on_and_is_taken_back(
    admin: Browser, database: Database, clock: Clock, phone: Phone
) -> None:
    today = clock.now.date().isoformat()
    tomorrow = clock.now.date().replace(year=clock.now.year + 1).isoformat()
    assert admin.post("/console/windows/", {**NEW, "since": tomorrow, "messages": "3"}).status == 302
    phone.says("你好")
    assert left(database) == 5
    admin.post("/console/windows/", {**NEW, "since": today})
    phone.says("你好")
    assert left(database) == 8
    page = admin.get("/console/windows/").words
    assert "未到" in page
    assert "admin 填" in page
    admin.post("/console/windows/remove", {"opened_by": "message", "since": today})
    phone.says("你好")
    assert left(database) == 5
    assert [entry.action for entry in audit.list_audit(database, 3, audit.LATEST)] == [
        "window.removed",
        "window.changed",
        "window.changed",
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"messages": "-1"}, "条数"),
        ({"messages": "1001"}, "条数"),
        ({"messages": "八"}, "条数"),
        ({"lasts": "0"}, "时长"),
        ({"lasts": "61", "unit": "days"}, "时长"),
        ({"since": ""}, "日期"),
        ({"since": "2026-02-30"}, "日期"),
        ({"since": "1999-01-01"}, "日期"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_form(
    admin: Browser, database: Database, changed: dict[str, str], words: str
) -> None:
    page = admin.post("/console/windows/", {**NEW, "since": "2026-03-01", **changed})
    assert page.status == 422
    assert words in page.words
    assert "公告" in page.words, "what was filled in stays"
    assert window_figures.all_figures(database) == []


def test_an_act_that_does_not_exist_is_refused(admin: Browser) -> None:
    assert admin.post("/console/windows/", {**NEW, "since": "2026-03-01", "opened_by": "pay"}).status == 400
    assert admin.post("/console/windows/remove", {"opened_by": "message", "since": "soon"}).status == 400
