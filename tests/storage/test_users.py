"""Users, sessions, wrong tries and the audit, as the database keeps them."""

from datetime import timedelta

import pytest

from storage import login_failures, sessions, users
from storage.audit import list_audit, record
from storage.database import Database
from storage.users import BadName, LastAdmin, NameTaken, RoleName, User
from tests.conftest import Clock


def add(database: Database, clock: Clock, name: str, role: RoleName = "agent", display_name: str = "") -> User:
    return database.write(lambda tx: users.add_user(tx, name, role, display_name, clock()))


def test_user_is_found_by_id_and_by_name_however_written(database: Database, clock: Clock) -> None:
    user = add(database, clock, " XiaoYu ", display_name=" 小雨 ")
    assert (user.name, user.display_name, user.shown_name, user.has_password) == ("xiaoyu", "小雨", "小雨", False)
    assert users.find_user(database, user.id) == user
    assert users.find_user_by_name(database, "ＸＩＡＯyu") == user
    assert users.find_user_by_name(database, "nobody") is None
    assert users.find_user(database, 1) is None


def test_name_is_what_is_shown_without_a_display_name(database: Database, clock: Clock) -> None:
    assert add(database, clock, "xiaoyu").shown_name == "xiaoyu"


@pytest.mark.parametrize("name", ["", "x", "a b", "-dash", ".dot", "a" * 33, "小:雨", "a\nb", "<b>"])
def test_bad_names_are_refused(database: Database, clock: Clock, name: str) -> None:
    with pytest.raises(BadName):
        add(database, clock, name)


@pytest.mark.parametrize("name", ["ab", "小雨", "li.lei-2", "x_1", "a" * 32])
def test_good_names_are_taken(database: Database, clock: Clock, name: str) -> None:
    assert add(database, clock, name).name == name


def test_a_name_belongs_to_one_user(database: Database, clock: Clock) -> None:
    add(database, clock, "xiaoyu")
    with pytest.raises(NameTaken):
        add(database, clock, "XIAOYU")
    assert [user.name for user in users.list_users(database)] == ["xiaoyu"]


def test_password_hash_is_not_shown_with_the_user(database: Database, clock: Clock) -> None:
    user = add(database, clock, "xiaoyu")
    database.write(lambda tx: users.set_password_hash(tx, user.id, "the-hash"))
    found = users.find_user(database, user.id)
    assert found is not None
    assert found.has_password
    assert "the-hash" not in repr(found)


def test_hash_is_renewed_only_if_the_password_is_still_the_same(database: Database, clock: Clock) -> None:
    user = add(database, clock, "xiaoyu")
    database.write(lambda tx: users.set_password_hash(tx, user.id, "new password"))
    database.write(lambda tx: users.renew_password_hash(tx, user.id, "old password", "old password, stronger"))
    found = users.find_user(database, user.id)
    assert found is not None
    assert found.password_hash == "new password"


def test_one_admin_must_remain(database: Database, clock: Clock) -> None:
    first, second = add(database, clock, "first", "admin"), add(database, clock, "second", "admin")
    database.write(lambda tx: users.disable_user(tx, first.id))
    with pytest.raises(LastAdmin):
        database.write(lambda tx: users.disable_user(tx, second.id))
    with pytest.raises(LastAdmin):
        database.write(lambda tx: users.set_role(tx, second.id, "editor"))
    database.write(lambda tx: users.set_role(tx, second.id, "admin"))
    database.write(lambda tx: users.enable_user(tx, first.id))
    database.write(lambda tx: users.set_role(tx, second.id, "editor"))
    assert [(user.name, user.role, user.enabled) for user in users.list_users(database)] == [
        ("first", "admin", True),
        ("second", "editor", True),
    ]


def test_others_may_go_while_there_is_one_admin(database: Database, clock: Clock) -> None:
    add(database, clock, "boss", "admin")
    user = add(database, clock, "xiaoyu")
    database.write(lambda tx: users.disable_user(tx, user.id))
    found = users.find_user(database, user.id)
    assert found is not None
    assert not found.enabled


def test_display_name_can_be_changed(database: Database, clock: Clock) -> None:
    user = add(database, clock, "xiaoyu")
    database.write(lambda tx: users.set_display_name(tx, user.id, "小雨 "))
    found = users.find_user(database, user.id)
    assert found is not None
    assert found.display_name == "小雨"


def test_two_users_of_one_link_cannot_both_win(database: Database, clock: Clock) -> None:
    user = add(database, clock, "xiaoyu")
    token = database.write(lambda tx: users.add_setup_link(tx, user.id, clock()))
    assert not any(
        token in str(value) for row in database.query("SELECT * FROM setup_links") for value in dict(row).values()
    )
    assert database.write(lambda tx: users.use_setup_link(tx, token, clock()))
    assert not database.write(lambda tx: users.use_setup_link(tx, token, clock()))


def test_sessions_that_ended_long_ago_are_forgotten(database: Database, clock: Clock) -> None:
    user = add(database, clock, "xiaoyu")
    database.write(lambda tx: sessions.start_session(tx, user.id, clock()))
    clock.forward(hours=1)
    database.write(lambda tx: sessions.start_session(tx, user.id, clock()))
    assert len(database.query("SELECT 1 FROM sessions")) == 1


def test_wrong_tries_are_counted_by_subject_within_the_time_asked_for(database: Database, clock: Clock) -> None:
    name, network = login_failures.name_subject("xiaoyu"), login_failures.network_subject("192.0.2.1")
    began = clock()
    first = database.write(lambda tx: login_failures.add_failure(tx, (name, network), clock()))
    clock.forward(minutes=10)
    database.write(lambda tx: login_failures.add_failure(tx, (network,), clock()))
    assert login_failures.failures_since(database, network, began - timedelta(seconds=1)) == (2, clock())
    assert login_failures.failures_since(database, network, began) == (1, clock())
    assert login_failures.failures_since(database, name, began - timedelta(seconds=1)) == (1, began)
    database.write(lambda tx: login_failures.take_back(tx, first))
    assert login_failures.failures_since(database, name, began - timedelta(days=1)) == (0, None)


def test_wrong_tries_are_forgotten_after_a_day(database: Database, clock: Clock) -> None:
    database.write(lambda tx: login_failures.add_failure(tx, ("net:a", "name:b"), clock()))
    clock.forward(days=1)
    database.write(lambda tx: login_failures.add_failure(tx, ("net:c",), clock()))
    assert [row["subject"] for row in database.query("SELECT subject FROM login_failures")] == ["net:c"]


def test_what_was_typed_as_a_name_is_not_kept(database: Database) -> None:
    assert "hunter2" not in login_failures.name_subject("hunter2")


def test_audit_is_read_newest_first_page_by_page(database: Database, clock: Clock) -> None:
    for number in range(5):
        database.write(lambda tx, number=number: record(tx, "cli", "user.added", f"u{number}", "role=agent", clock()))  # type: ignore[misc]
    page = list_audit(database, limit=2)
    assert [entry.target for entry in page] == ["u4", "u3"]
    assert [entry.target for entry in list_audit(database, limit=9, before=page[-1].id)] == ["u2", "u1", "u0"]
    assert page[0].created_at == clock()
