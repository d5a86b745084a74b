"""Sessions: how long they last, and everything that ends them."""

from storage import users
from storage.database import Database
from storage.sessions import find_session, hash_token
from storage.users import RoleName, User
from tests.conftest import Clock
from tests.web.conftest import PASSWORD, Browser, SignIn

NEW_PASSWORD = "four more words nobody guesses"
Staff = dict[RoleName, User]


def is_in(browser: Browser) -> bool:
    return browser.get("/reports").status == 200


def test_database_holds_only_the_hash_of_the_cookie(signed_in: SignIn, database: Database) -> None:
    token = signed_in("agent").cookie()
    assert len(token) >= 43  # 256 bits
    assert find_session(database, token, users.list_users(database)[0].created_at) is None
    rows = database.query("SELECT * FROM sessions")
    assert [row["token_hash"] for row in rows] == [hash_token(token)]
    assert not any(token in str(value) for row in rows for value in dict(row).values())


def test_cookie_is_for_this_site_and_out_of_reach_of_scripts(browser: Browser, staff: Staff) -> None:
    (cookie,) = [cookie for cookie in browser.sign_in("agent").cookies if cookie.startswith("zhaohu=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie  # plain http on one's own machine


def test_session_ends_after_an_hour_of_nothing(signed_in: SignIn, clock: Clock) -> None:
    browser = signed_in("agent")
    clock.forward(minutes=59)
    assert is_in(browser)
    clock.forward(minutes=59)
    assert is_in(browser)
    clock.forward(minutes=60)
    assert not is_in(browser)


def test_session_ends_after_twelve_hours_of_work(signed_in: SignIn, clock: Clock) -> None:
    browser = signed_in("agent")
    for _ in range(23):
        clock.forward(minutes=30)
        assert is_in(browser)
    clock.forward(minutes=30)
    assert not is_in(browser)


def test_each_signing_in_makes_a_new_session_and_ends_the_old_one(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("agent")
    first = browser.cookie()
    assert browser.sign_in("agent").status == 302
    assert browser.cookie() != first
    assert [row["token_hash"] for row in database.query("SELECT token_hash FROM sessions")] == [
        hash_token(browser.cookie())
    ]


def test_session_id_chosen_by_somebody_else_is_worth_nothing(browser: Browser, staff: Staff) -> None:
    browser.client.set_cookie("zhaohu", "planted-by-an-attacker")
    assert browser.sign_in("agent").status == 302
    assert browser.cookie() != "planted-by-an-attacker"
    browser.client.set_cookie("zhaohu", "planted-by-an-attacker")
    assert not is_in(browser)


def test_logging_out_ends_the_session_in_the_database_too(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    token = browser.cookie()
    assert browser.post("/logout").location == "/login"
    assert browser.cookie() == ""
    browser.client.set_cookie("zhaohu", token)
    assert not is_in(browser)


def test_logging_out_takes_more_than_following_a_link(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    assert browser.get("/logout").status == 405
    assert is_in(browser)


def test_disabled_user_is_out_at_once(signed_in: SignIn, database: Database, staff: Staff) -> None:
    browser = signed_in("agent")
    database.write(lambda tx: users.disable_user(tx, staff["agent"].id))
    assert not is_in(browser)


def test_change_of_role_ends_the_session(signed_in: SignIn, database: Database, staff: Staff) -> None:
    browser = signed_in("agent")
    database.write(lambda tx: users.set_role(tx, staff["agent"].id, "editor"))
    assert not is_in(browser)


def test_changing_the_password_ends_every_other_session(signed_in: SignIn) -> None:
    here, elsewhere = signed_in("agent"), signed_in("agent")
    old = here.cookie()
    form = {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert here.post("/account/password", form).location == "/account"
    assert is_in(here)
    assert here.cookie() != old
    assert not is_in(elsewhere)
    assert elsewhere.sign_in("agent", PASSWORD).status == 401
    assert elsewhere.sign_in("agent", NEW_PASSWORD).status == 302


def test_changing_the_password_takes_the_current_one(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    answer = browser.post(
        "/account/password", {"current": "not this one at all", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    )
    assert answer.status == 401
    assert "密码不对。" in answer.text


def test_guessing_the_current_password_is_slowed_down_too(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    statuses = [browser.post("/account/password", {"current": f"guess number {number}"}).status for number in range(6)]
    assert statuses == [401] * 5 + [429]


def test_what_matters_asks_for_a_fresh_password(signed_in: SignIn, clock: Clock) -> None:
    browser = signed_in("admin")
    clock.forward(minutes=10)
    assert browser.post("/people").text == "changed"
    clock.forward(seconds=1)
    asked = browser.post("/people", Referer="http://localhost/people")
    assert asked.location == "/confirm?next=/people"
    assert browser.post("/confirm", {"password": "not this one at all", "next": "/people"}).status == 401
    assert browser.post("/confirm", {"password": PASSWORD, "next": "/people"}).location == "/people"
    assert browser.post("/people").text == "changed"


def test_only_a_session_makes_one_somebody(browser: Browser, staff: Staff) -> None:
    for header in ("X_Remote_User", "X_Forwarded_User", "X_On_Behalf_Of", "Remote_User", "Authorization"):
        assert browser.get("/reports", **{header: "admin"}).status == 302
