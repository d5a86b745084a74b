"""What the doctor says of a database: each fault is seen, told apart from good order, and comes with advice."""

import sqlite3
from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.diagnosis.contents import (
    LONGEST_OVERDUE_SECONDS,
    check_database,
    check_figures,
    check_people,
    check_published,
    check_work,
)
from bot.diagnosis.findings import Finding
from bot.settings import Settings
from storage import outbox, quarantine, reply_versions, scripted_intents, users
from storage.database import Database, Transaction
from storage.ids import new_id
from storage.opening import open_database
from storage.points import add_points
from storage.sqlite import SqliteDatabase
from storage.users import RoleName
from templates.library import load_shipped
from tests.conftest import on_sqlite
from tests.storage.people import NOW, campaign, people


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return check and state of each finding; only what is well needs no advice."""
    found = list(findings)
    for finding in found:
        assert finding.message
        assert bool(finding.advice) == (finding.state != "ok")
    return [(finding.check, finding.state) for finding in found]


def publish(database: Database, name: str, source: str) -> None:
    def work(tx: Transaction) -> None:
        version = reply_versions.add_version(tx, name, source=source, author="x", note="", expected_version=0, now=NOW)
        reply_versions.publish(tx, name, version, by="x", now=NOW)

    database.write(work)


def script(database: Database, name: str, phrases: list[str]) -> None:
    database.write(
        lambda tx: scripted_intents.add(tx, name=name, title="标题", phrases=phrases, keywords=[], by="x", now=NOW)
    )


def queue(database: Database, seconds_ago: float, state: str = "ready") -> None:
    """Queue a message that was due so many seconds ago."""
    [member_id] = people(database, 1)
    due = NOW - timedelta(seconds=seconds_ago)

    def work(tx: Transaction) -> None:
        outbox.add(
            tx, member_id=member_id, openid="o0", exchange_id=new_id(), content="{}", cause="c", author="bot", due_at=due, now=due
        )  # fmt: skip
        tx.execute("UPDATE outbox SET state = :state", {"state": state})

    database.write(work)


def add_user(database: Database, name: str, role: RoleName, *, password: bool = True, enabled: bool = True) -> None:
    def work(tx: Transaction) -> None:
        user = users.add_user(tx, name, role, "", NOW)
        if password:
            users.set_password_hash(tx, user.id, "hash")
        if not enabled:
            tx.execute("UPDATE users SET enabled = 0 WHERE id = :id", {"id": user.id})

    database.write(work)


@on_sqlite
def test_a_database_in_good_order_is_sound(database: Database) -> None:
    assert told(check_database(database)) == [("database", "ok"), ("integrity", "ok")]


def test_looking_changes_nothing(database: Database) -> None:
    before = database.query("SELECT revision FROM revisions")[0]["revision"]
    told(check_database(database))
    assert database.query("SELECT revision FROM revisions")[0]["revision"] == before


@pytest.mark.parametrize(("number", "words"), [(0, "zhaohu migrate"), (9999, "newer release")])
def test_a_schema_of_another_release_is_of_no_use(database: Database, number: int, words: str) -> None:
    database.write(lambda tx: tx.execute("DELETE FROM schema_migrations WHERE number > 1"))
    database.write(lambda tx: tx.execute("UPDATE schema_migrations SET number = :n", {"n": number}))
    [finding] = check_database(database)
    assert (finding.check, finding.state) == ("database", "failed")
    assert words in finding.message


@on_sqlite
def test_a_database_that_cannot_be_written_is_of_no_use(database: SqliteDatabase) -> None:
    impatient = SqliteDatabase(database.path, wait_seconds=0)
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert told(check_database(impatient)) == [("database", "failed")]
    other.close()
    impatient.close()


@on_sqlite
def test_rows_that_point_at_nothing_are_told_with_their_table(database: SqliteDatabase) -> None:
    raw = sqlite3.connect(database.path)
    raw.execute("INSERT INTO balances (member_id, points) VALUES (404, 1)")
    raw.commit()
    raw.close()
    findings = list(check_database(database))
    assert [(one.check, one.state) for one in findings] == [("database", "ok"), ("integrity", "failed")]
    assert "balances" in findings[1].message


def test_figures_that_agree_are_well_whatever_was_given_out(database: Database) -> None:
    [member_id] = people(database, 1)
    campaign(database)
    database.write(lambda tx: add_points(tx, member_id, 5, kind="gift", cause="c", now=NOW))
    assert told(check_figures(database)) == [("figures", "ok")]


def test_each_figure_that_does_not_agree_is_told(database: Database) -> None:
    [member_id] = people(database, 1)
    campaign(database)
    database.write(lambda tx: add_points(tx, member_id, 5, kind="gift", cause="c", now=NOW))
    database.write(lambda tx: tx.execute("UPDATE balances SET points = 6"))
    database.write(lambda tx: tx.execute("UPDATE campaigns SET issued = 3"))
    findings = list(check_figures(database))
    assert told(findings) == [("figures", "failed")] * 2
    assert any(f"for {member_id}: 5 against 6" in finding.message for finding in findings)


def test_what_is_shipped_is_well(database: Database, settings: Settings) -> None:
    assert told(check_published(database, settings, NOW)) == [("replies", "ok"), ("intents", "ok")]


def test_a_shipped_text_saved_by_staff_is_well(database: Database, settings: Settings) -> None:
    publish(database, "thanks", load_shipped()["thanks"].source)
    assert told(check_published(database, settings, NOW)) == [("replies", "ok"), ("intents", "ok")]


@pytest.mark.parametrize("source", ["{{ broken", "no front matter", "---\nkind: hologram\n---\nx"])
def test_a_published_text_that_cannot_be_said_is_named(database: Database, settings: Settings, source: str) -> None:
    publish(database, "thanks", source)
    findings = list(check_published(database, settings, NOW))
    assert told(findings)[0] == ("replies", "failed")
    assert "thanks" in findings[0].message


def test_a_draft_that_cannot_be_said_is_nobodys_concern(database: Database, settings: Settings) -> None:
    publish(database, "thanks", "{{ broken")
    database.write(lambda tx: reply_versions.publish(tx, "thanks", 0, by="x", now=NOW))
    assert told(check_published(database, settings, NOW)) == [("replies", "ok"), ("intents", "ok")]


def test_an_intent_of_staff_without_a_reply_is_told(database: Database, settings: Settings) -> None:
    script(database, "parking", ["停车场在哪", "可以停车吗"])
    findings = list(check_published(database, settings, NOW))
    assert told(findings) == [("replies", "failed"), ("intents", "ok")]
    assert "parking" in findings[0].message


def test_an_intent_that_takes_the_name_of_one_with_code_is_told(database: Database, settings: Settings) -> None:
    script(database, "checkin", ["打卡"])
    findings = list(check_published(database, settings, NOW))
    assert ("intents", "failed") in told(findings)
    assert any("checkin is not used" in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(-60, "ok"), (0, "ok"), (LONGEST_OVERDUE_SECONDS, "ok"), (LONGEST_OVERDUE_SECONDS + 1, "failed")],
)
def test_messages_wait_for_a_while_before_somebody_is_called(database: Database, seconds: float, state: str) -> None:
    queue(database, seconds)
    assert told(check_work(database, NOW)) == [("worker", state)]


@pytest.mark.parametrize("state", ["unknown", "dead"])
def test_messages_that_wait_for_a_decision_are_told(database: Database, state: str) -> None:
    queue(database, 0, state)
    assert told(check_work(database, NOW)) == [("worker", "ok"), ("worker", "warning")]


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_messages_that_are_settled_are_not(database: Database, state: str) -> None:
    queue(database, 9999, state)
    assert told(check_work(database, NOW)) == [("worker", "ok")]


def test_bodies_put_aside_are_told(database: Database) -> None:
    database.write(lambda tx: quarantine.keep(tx, reason="unknown type", body="<xml/>", now=NOW))
    assert told(check_work(database, NOW)) == [("worker", "ok"), ("quarantine", "warning")]


@pytest.mark.parametrize(
    ("people_there", "states"),
    [
        ([], ["failed", "warning"]),
        ([("boss", "admin", True)], ["ok", "warning"]),
        ([("boss", "admin", False)], ["warning", "warning"]),
        ([("boss", "admin", True), ("mei", "agent", True)], ["ok"]),
        ([("boss", "admin", True), ("mei", "supervisor", True)], ["ok"]),
        ([("boss", "admin", True), ("mei", "editor", True)], ["ok", "warning"]),
        ([("mei", "agent", True)], ["failed"]),
        ([("old", "admin", True), ("boss", "admin", False), ("mei", "agent", True)], ["ok"]),
    ],
)
def test_somebody_must_manage_and_somebody_should_answer(
    database: Database, people_there: list[tuple[str, RoleName, bool]], states: list[str]
) -> None:
    for name, role, password in people_there:
        add_user(database, name, role, password=password)
    assert [state for _, state in told(check_people(database))] == states


def test_those_who_are_shut_out_do_not_count(database: Database) -> None:
    add_user(database, "boss", "admin", enabled=False)
    add_user(database, "mei", "agent", enabled=False)
    assert [state for _, state in told(check_people(database))] == ["failed", "warning"]


def test_an_empty_file_is_told_in_one_finding(tmp_path_factory: pytest.TempPathFactory) -> None:
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'x.db'}")
    assert told(check_database(opened)) == [("database", "failed")]
    opened.close()
