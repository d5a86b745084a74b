"""Forms: nothing changes without the token, or at the wish of another site (T23)."""

import pytest

from storage.database import Database
from storage.users import RoleName, User
from tests.web.conftest import PASSWORD, Browser, SignIn

Staff = dict[RoleName, User]


def test_form_with_its_token_is_taken(signed_in: SignIn) -> None:
    assert (
        signed_in("agent").post("/desk", {"text": "hi"}, Origin="http://localhost", Sec_Fetch_Site="same-origin").text
        == "desk hi"
    )


def test_token_may_come_in_a_header(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    assert browser.post("/desk", token="", X_CSRF_Token=browser.token()).status == 200


@pytest.mark.parametrize("token", ["", "wrong", "ünïcode", "a" * 10_000])
def test_form_without_the_token_is_refused(signed_in: SignIn, token: str) -> None:
    answer = signed_in("agent").post("/desk", token=token)
    assert answer.status == 403
    assert "页面已经过期" in answer.text


def test_token_of_another_session_is_refused(signed_in: SignIn) -> None:
    assert signed_in("agent").post("/desk", token=signed_in("supervisor").token()).status == 403


def test_token_in_the_address_is_refused(signed_in: SignIn) -> None:
    browser = signed_in("agent")
    assert browser.post(f"/desk?csrf_token={browser.token()}", token="").status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/http://localhost/"},
    ],
)
def test_form_from_another_site_is_refused_even_with_the_token(signed_in: SignIn, headers: dict[str, str]) -> None:
    browser = signed_in("agent")
    browser.headers.update(headers)
    assert browser.post("/desk").status == 403


def test_nobody_is_signed_in_by_another_site(browser: Browser, staff: Staff, database: Database) -> None:
    form = {"name": "agent", "password": PASSWORD}
    assert browser.post("/login", form, token="").status == 403
    assert browser.post("/login", form, Origin="https://evil.example").status == 403
    stranger = Browser(browser.client.application.test_client())
    assert browser.post("/login", form, token=stranger.token()).status == 403
    assert database.query("SELECT 1 FROM sessions") == []


def test_form_at_the_door_needs_its_cookie(browser: Browser, staff: Staff) -> None:
    token = browser.token()
    browser.client.delete_cookie("zhaohu-form")
    assert browser.post("/login", {"name": "agent", "password": PASSWORD}, token=token).status == 403


def test_programs_need_no_token(browser: Browser) -> None:
    answer = browser.post("/machine", token="")
    assert (answer.status, answer.text) == (200, "taken")
    assert answer.cookies == []


def test_every_changing_page_is_guarded(signed_in: SignIn) -> None:
    browser = signed_in("admin")
    changing = [
        (rule.rule, method)
        for rule in browser.client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if not rule.endpoint.startswith("machine.")
    ]
    assert len(changing) >= 6
    for path, method in changing:
        answer = browser.client.open(path.replace("<token>", "x"), method=method)
        assert answer.status_code == 403, (method, path)
