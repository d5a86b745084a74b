"""The door: who is let in, what wrong tries cost, and what they give away (nothing)."""

from dataclasses import replace
from threading import Thread

import pytest
from argon2 import PasswordHasher

from bot.web.passwords import is_outdated
from bot.web.sign_in import check_pair, delay_after, network_of
from storage import users
from storage.audit import list_audit
from storage.database import Database
from storage.users import RoleName, User
from tests.conftest import Clock
from tests.web.conftest import PASSWORD, SETTINGS, Browser, SignIn, make_app

Staff = dict[RoleName, User]
WRONG = "a wrong password of good length"


def test_right_pair_leads_to_the_first_room(browser: Browser, staff: Staff) -> None:
    answer = browser.sign_in("agent")
    assert (answer.status, answer.location) == (302, "/")
    assert browser.get("/").location == "/reports"
    assert browser.get("/desk").text.startswith("desk")


def test_name_may_be_typed_with_capitals_full_width_or_blanks(browser: Browser, staff: Staff) -> None:
    assert browser.sign_in(" ＡGent ").status == 302


def test_signing_in_leads_back_to_where_one_wanted_to_go(browser: Browser, staff: Staff) -> None:
    asked = browser.get("/desk?member=7")
    assert asked.location == "/login?next=/desk?member%3D7"
    assert browser.sign_in("agent", next="/desk?member=7").location == "/desk?member=7"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil", "javascript:alert(1)", "/a\nb", "evil"],
)
def test_signing_in_never_leads_elsewhere(browser: Browser, staff: Staff, elsewhere: str) -> None:
    assert browser.sign_in("agent", next=elsewhere).location == "/"


def test_wrong_name_wrong_password_and_disabled_user_read_the_same(
    browser: Browser, staff: Staff, database: Database
) -> None:
    database.write(lambda tx: users.disable_user(tx, staff["editor"].id))
    answers = [browser.sign_in("agent", WRONG), browser.sign_in("nobody", WRONG), browser.sign_in("editor")]
    assert [answer.status for answer in answers] == [401] * 3
    pages = {
        answer.text.replace(name, "…") for answer, name in zip(answers, ("agent", "nobody", "editor"), strict=True)
    }
    assert len(pages) == 1
    assert "用户名或密码不对。" in answers[0].text


def test_user_without_a_password_cannot_sign_in_with_an_empty_one(
    browser: Browser, database: Database, clock: Clock
) -> None:
    database.write(lambda tx: users.add_user(tx, "newcomer", "agent", "", clock()))
    assert browser.sign_in("newcomer", "").status == 401


@pytest.mark.parametrize("name", ["agent", "no-such-person"])
def test_from_the_fifth_wrong_try_on_the_next_one_must_wait(
    browser: Browser, staff: Staff, clock: Clock, name: str
) -> None:
    assert [browser.sign_in(name, WRONG).status for _ in range(5)] == [401] * 5
    refused = browser.sign_in(name, PASSWORD)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    clock.forward(seconds=1)
    assert browser.sign_in(name, WRONG).status == 401
    assert browser.sign_in(name, WRONG).headers["Retry-After"] == "2"


def test_after_the_wait_the_right_password_opens_and_the_count_starts_anew(
    browser: Browser, staff: Staff, clock: Clock
) -> None:
    for _ in range(5):
        browser.sign_in("agent", WRONG)
    clock.forward(seconds=1)
    assert browser.sign_in("agent").status == 302
    assert "有 5 次密码输错" in browser.get("/reports").text
    other = Browser(browser.client.application.test_client())
    assert [other.sign_in("agent", WRONG).status for _ in range(5)] == [401] * 5


def test_a_user_is_told_nothing_when_no_try_was_wrong(signed_in: SignIn) -> None:
    assert "密码输错" not in signed_in("agent").get("/reports").text


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (14, 512), (15, 900), (1000, 900)]
)
def test_delay_doubles_up_to_fifteen_minutes(tries: int, seconds: int) -> None:
    assert delay_after(tries).total_seconds() == seconds


def test_one_network_gets_twenty_wrong_tries_in_fifteen_minutes(browser: Browser, staff: Staff, clock: Clock) -> None:
    assert {browser.sign_in(f"guess{number}", WRONG).status for number in range(20)} == {401}
    assert browser.sign_in("agent").status == 429
    browser.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert browser.sign_in("agent").status == 302
    browser.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    clock.forward(minutes=15)
    assert browser.sign_in("supervisor").status == 302


def test_address_in_a_header_is_not_believed(browser: Browser, staff: Staff) -> None:
    for number in range(20):
        browser.post("/login", {"name": f"guess{number}", "password": WRONG}, X_Forwarded_For=f"203.0.113.{number}")
    assert browser.post("/login", {"name": "agent", "password": PASSWORD}, X_Forwarded_For="203.0.113.99").status == 429


def test_tries_at_the_same_instant_are_all_counted(database: Database, staff: Staff, clock: Clock) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        outcomes.append(type(check_pair(database, "agent", WRONG, "192.0.2.1", clock())).__name__)

    threads = [Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("WrongPair") == 5
    assert outcomes.count("TooSoon") == 7


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_weaker_hash_is_renewed_when_its_user_signs_in(browser: Browser, staff: Staff, database: Database) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    database.write(lambda tx: users.set_password_hash(tx, staff["agent"].id, weak))
    assert is_outdated(weak)
    assert browser.sign_in("agent").status == 302
    user = users.find_user_by_name(database, "agent")
    assert user is not None
    assert not is_outdated(user.password_hash)
    assert Browser(browser.client.application.test_client()).sign_in("agent").status == 302


def test_good_and_bad_tries_are_on_record_without_the_password(
    browser: Browser, staff: Staff, database: Database
) -> None:
    browser.sign_in("agent", WRONG)
    browser.sign_in("my secret typed in the wrong field", WRONG)
    browser.sign_in("agent")
    entries = list_audit(database, limit=10)
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("user:agent", "login.succeeded"),
        ("nobody", "login.failed"),
        ("user:agent", "login.failed"),
    ]
    assert not any("secret" in entry.detail or WRONG in entry.detail for entry in entries)


def test_hostile_names_are_only_wrong(browser: Browser, staff: Staff) -> None:
    for name in ("' OR 1=1 --", "{{7*7}}", "<script>alert(1)</script>", "x" * 100_000, "🎈" * 500):
        answer = browser.sign_in(name, WRONG)
        assert answer.status == 401
        assert "<script>alert" not in answer.text
    assert browser.post("/login", {}).status == 401


def test_enormous_password_is_only_wrong(browser: Browser, staff: Staff) -> None:
    assert browser.sign_in("agent", PASSWORD + "x" * 500_000).status == 401


def test_on_https_cookies_are_tied_to_the_host(database: Database, clock: Clock, staff: Staff) -> None:
    here = "https://wechat.example.com"
    client = make_app(database, clock, replace(SETTINGS, base_url=here)).test_client()
    token = client.get("/open", base_url=here).text.partition('csrf_token" value="')[2].partition('"')[0]
    form = {"name": "agent", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/login", base_url=here, data=form, headers={"Origin": here})
    assert answer.status_code == 302
    (cookie,) = [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("__Host-zhaohu=")]
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
