"""How messages sound, in the console: on the member's page, beside one exchange, and as an alert on the overview."""

import re

import pytest

from bot.delivery.alerts import notice_burst
from bot.settings import RateLimit
from storage import exchanges
from storage.audit import list_audit
from storage.database import Database
from tests.conftest import Clock
from tests.console.conftest import SignIn, member_id_of
from tests.phone import Phone


@pytest.fixture
def upset(phone: Phone, database: Database) -> int:
    """Let a member say something bad, which is not understood, and return the exchange's id."""
    phone.named("oUpset").says("今天的曲奇凉了还很硬，太难吃了")
    return next(
        one.id for one in exchanges.timeline(database, member_id_of(database, "oUpset")) if one.direction == "in"
    )


def test_a_members_page_shows_each_message_with_its_face_and_the_last_days_in_figures(
    signed_in: SignIn, database: Database, upset: int
) -> None:
    page = signed_in("supervisor").get(f"/console/members/{member_id_of(database, 'oUpset')}").text
    assert '<mark class="mark-bad"' in page
    assert re.search(r'mood mood-negative" title="不满">.*?</svg> 1<', page)
    assert f"/console/exchanges/{upset}/sentiment" in page


def test_it_is_corrected_with_one_tap_and_the_page_says_by_whom(
    signed_in: SignIn, database: Database, upset: int
) -> None:
    browser = signed_in("supervisor")
    assert browser.post(f"/console/exchanges/{upset}/sentiment", {"label": "neutral"}).status == 302
    page = browser.get(f"/console/exchanges/{upset}").words
    assert "supervisor 改的" in page
    assert list_audit(database, limit=9)[0].action == "sentiment.corrected"
    stored = exchanges.exchange_by_id(database, upset)
    assert stored is not None
    assert stored.sentiment == "neutral"


def test_an_editor_corrects_what_was_met_by_the_bot_and_nobody_corrects_a_reply(
    signed_in: SignIn, database: Database, upset: int
) -> None:
    editor = signed_in("editor")
    assert editor.post(f"/console/exchanges/{upset}/sentiment", {"label": "neutral"}).status == 302
    assert editor.post(f"/console/exchanges/{upset}/sentiment", {"label": "angry"}).status == 400
    assert editor.post("/console/exchanges/77/sentiment", {"label": "neutral"}).status == 404


def test_the_overview_tells_of_many_at_once_and_shows_the_words_to_the_manager_alone(
    signed_in: SignIn, database: Database, clock: Clock, phone: Phone
) -> None:
    for number in range(3):
        phone.named(f"o{number}").says("咖啡凉了")
    assert database.write(lambda tx: notice_burst(tx, RateLimit(3, 60), clock()))
    page = signed_in("supervisor").get("/console/").text
    [burst_id] = re.findall(r'data-alert="(\d+)"', page)
    assert page.count("凉了</mark>") == 3
    for role in ("editor", "admin"):
        told = signed_in(role).get("/console/").text
        assert "3 条不满的消息集中到来" in told
        assert "凉了</mark>" not in told
    assert signed_in("supervisor").post(f"/console/alerts/{burst_id}/seen").status == 302
    assert "data-alert" not in signed_in("supervisor").get("/console/").text
