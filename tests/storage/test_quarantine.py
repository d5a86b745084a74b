"""Quarantine: every body that was not understood is kept once, and counted."""

from datetime import UTC, datetime, timedelta

from storage import quarantine
from storage.database import Database

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)


def kept(database: Database, body: str, *, openid: str = "o1", now: datetime = NOW) -> None:
    database.write(
        lambda tx: quarantine.keep(tx, reason="unknown type", account_id="gh_1", openid=openid, body=body, now=now)
    )


def test_a_body_is_kept_as_it_came(database: Database) -> None:
    kept(database, "<xml><MsgType>hologram</MsgType>'; DROP TABLE quarantine;--</xml>")
    [row] = quarantine.page(database)
    assert row.body == "<xml><MsgType>hologram</MsgType>'; DROP TABLE quarantine;--</xml>"
    assert (row.reason, row.account_id, row.openid, row.times) == ("unknown type", "gh_1", "o1", 1)


def test_the_same_body_again_is_counted_and_stays_where_it_was(database: Database) -> None:
    kept(database, "<xml>1</xml>")
    [before] = quarantine.page(database)
    kept(database, "<xml>1</xml>", now=NOW + timedelta(seconds=5))
    [after] = quarantine.page(database)
    assert (after.id, after.times, after.created_at) == (before.id, 2, NOW)


def test_pages_run_oldest_first_behind_a_cursor(database: Database) -> None:
    for number in range(5):
        kept(database, f"<xml>{number}</xml>")
    first = quarantine.page(database, limit=2)
    rest = quarantine.page(database, after_id=first[-1].id)
    assert [row.body for row in first + rest] == [f"<xml>{number}</xml>" for number in range(5)]
    assert quarantine.count(database) == 5


def test_a_page_can_be_of_one_openid(database: Database) -> None:
    kept(database, "<xml>1</xml>", openid="o1")
    kept(database, "<xml>2</xml>", openid="o2")
    assert [row.body for row in quarantine.page(database, openid="o2")] == ["<xml>2</xml>"]
    assert quarantine.page(database, openid="nobody") == []


def test_text_no_database_should_choke_on_is_kept(database: Database) -> None:
    kept(database, "表情😀 ''\" \u202e")
    assert quarantine.page(database)[0].body == "表情😀 ''\" \u202e"
