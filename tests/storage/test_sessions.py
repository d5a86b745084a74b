"""Sessions: good for an idle hour and twelve in all, ended one by one or all at once, and never readable from the database."""

from datetime import timedelta

import pytest

from storage import sessions, users
from storage.database import Database
from storage.sessions import IDLE, LONGEST, Session, find_session, hash_token
from storage.users import User
from tests.storage.people import NOW

MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def user(database: Database) -> User:
    return database.write(lambda tx: users.add_user(tx, "xiaoyu", "agent", "", NOW))


def start(database: Database, user: User, minutes: int = 0) -> str:
    """Begin a session and return what names it."""
    return hash_token(database.write(lambda tx: sessions.start_session(tx, user.id, NOW + timedelta(minutes=minutes))))


def touch(database: Database, name: str, after: timedelta) -> None:
    database.write(lambda tx: sessions.touch_session(tx, name, NOW + after))


def seen(database: Database, name: str, after: timedelta = timedelta(0)) -> Session | None:
    return find_session(database, name, NOW + after)


def test_a_session_says_whose_it_is_and_since_when(database: Database, user: User) -> None:
    session = seen(database, start(database, user))
    assert session is not None
    assert (session.user_id, session.created_at, session.seen_at, session.authenticated_at) == (user.id, NOW, NOW, NOW)


def test_the_cookie_is_not_in_the_database(database: Database, user: User) -> None:
    token = database.write(lambda tx: sessions.start_session(tx, user.id, NOW))
    assert not any(
        token in str(value) for row in database.query("SELECT * FROM sessions") for value in dict(row).values()
    )
    assert seen(database, token) is None
    assert seen(database, hash_token(token)) is not None


def test_cookies_and_marks_of_forms_are_drawn_anew(database: Database, user: User) -> None:
    names = [start(database, user) for _ in range(20)]
    found = [seen(database, name) for name in names]
    assert len({one.csrf for one in found if one}) == len(set(names)) == 20


def test_an_idle_session_ends_after_an_hour(database: Database, user: User) -> None:
    name = start(database, user)
    assert seen(database, name, IDLE - MOMENT) is not None
    assert seen(database, name, IDLE) is None


def test_a_used_session_goes_on(database: Database, user: User) -> None:
    name = start(database, user)
    touch(database, name, IDLE - MOMENT)
    assert seen(database, name, 2 * IDLE - 2 * MOMENT) is not None


def test_however_much_it_is_used_a_session_ends_after_twelve_hours(database: Database, user: User) -> None:
    name = start(database, user)
    touch(database, name, LONGEST - MOMENT)
    assert seen(database, name, LONGEST - MOMENT) is not None
    assert seen(database, name, LONGEST) is None


def test_giving_the_password_again_is_noted_and_nothing_else(database: Database, user: User) -> None:
    name = start(database, user)
    database.write(lambda tx: sessions.confirm_session(tx, name, NOW + timedelta(minutes=5)))
    session = seen(database, name)
    assert session is not None
    assert (session.authenticated_at, session.seen_at) == (NOW + timedelta(minutes=5), NOW)


def test_ending_one_session_leaves_the_others(database: Database, user: User) -> None:
    one, other = start(database, user), start(database, user)
    database.write(lambda tx: sessions.end_session(tx, one))
    assert seen(database, one) is None
    assert seen(database, other) is not None


@pytest.mark.parametrize("act", ["disable", "password", "role", "end all"])
def test_what_changes_a_users_rights_ends_all_their_sessions(database: Database, user: User, act: str) -> None:
    other = database.write(lambda tx: users.add_user(tx, "lin", "agent", "", NOW))
    mine, theirs = [start(database, user), start(database, user)], start(database, other)
    acts = {
        "disable": lambda tx: users.disable_user(tx, user.id),
        "password": lambda tx: users.set_password_hash(tx, user.id, "hash"),
        "role": lambda tx: users.set_role(tx, user.id, "editor"),
        "end all": lambda tx: sessions.end_sessions_of(tx, user.id),
    }
    database.write(acts[act])
    assert [seen(database, name) for name in mine] == [None, None]
    assert seen(database, theirs) is not None


def test_enabling_a_user_brings_no_session_back(database: Database, user: User) -> None:
    name = start(database, user)
    database.write(lambda tx: users.disable_user(tx, user.id))
    database.write(lambda tx: users.enable_user(tx, user.id))
    assert seen(database, name) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800", "💬" * 500])
def test_whatever_a_browser_sends_is_hashed(database: Database, token: str) -> None:
    assert len(hash_token(token)) == 64
    assert seen(database, hash_token(token)) is None
