"""What every answer carries, and what no request may hold."""

from dataclasses import replace

import pytest

from bot.web.security import PAGE_POLICY, trusted_hosts
from storage.database import Database
from tests.conftest import Clock
from tests.web.conftest import SETTINGS, Browser, SignIn, make_app

PAGES = [
    "/login",
    "/reports",
    "/account",
    "/confirm",
    "/people",
    "/nowhere",
    "/desk",
    "/fails/500",
    "/console/patterns",
]
EXPECTED = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_headers(signed_in: SignIn, path: str) -> None:
    headers = signed_in("admin").get(path).headers
    assert {name: headers.get(name) for name in EXPECTED} == EXPECTED
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers


def test_policy_allows_nothing_inline_and_nobody_elsewhere() -> None:
    assert "unsafe" not in PAGE_POLICY
    assert "http" not in PAGE_POLICY
    assert PAGE_POLICY.startswith("default-src 'none';")


def test_programs_get_a_closed_policy(browser: Browser) -> None:
    headers = browser.post("/machine", token="").headers
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_on_https_browsers_are_told_to_stay_there(database: Database, clock: Clock) -> None:
    app = make_app(database, clock, replace(SETTINGS, base_url="https://wechat.example.com"))
    answer = app.test_client().get("/login", base_url="https://wechat.example.com")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("wechat.example.com", 200),
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("evil.example", 400),
        ("wechat.example.com.evil.example", 400),
    ],
)
def test_foreign_hosts_are_refused_once_the_address_is_known(
    database: Database, clock: Clock, host: str, status: int
) -> None:
    app = make_app(database, clock, replace(SETTINGS, base_url="https://wechat.example.com"))
    assert app.test_client().get("/login", headers={"Host": host}).status_code == status


def test_without_a_public_address_any_host_will_do(browser: Browser) -> None:
    assert trusted_hosts("") is None
    assert browser.get("/login", Host="192.168.1.20:8000").status == 200


@pytest.mark.parametrize(
    "query",
    ["a=%ff", "a=%c0%af", "%ED%A0%80=a", "a=%ED%A0%80", "a=%00", "a=%d6%d0"],
    ids=["invalid", "overlong", "name", "surrogate", "nul", "gbk"],
)
def test_what_is_not_text_is_refused_in_query_and_form(browser: Browser, query: str) -> None:
    assert browser.get(f"/open?{query}").status == 400
    answer = browser.client.post("/open", data=query, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/%ff", "/open%00", "/%ED%A0%80"])
def test_what_is_not_text_is_refused_in_the_path(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 400


@pytest.mark.parametrize("body", ['"\\ud800"', '{"a": ["\\u0000"]}', '{"\\udfff": 1}', "{", "\xff"])
def test_what_is_not_text_is_refused_in_json(browser: Browser, body: str) -> None:
    answer = browser.client.post("/json", data=body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400


def test_what_is_not_text_is_refused_in_an_upload_form(browser: Browser) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n'
    answer = browser.client.post("/open", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["山茶咖啡 🎈👩‍👩‍👧 𠮷野家", "\ufeff\u202e\u2028", "a" * 20_000, "<b>&amp;"])
def test_what_is_text_comes_back_unchanged(browser: Browser, text: str) -> None:
    from markupsafe import escape

    assert str(escape(text)) in browser.post("/open", {"text": text}).text


def test_too_large_a_body_is_refused(browser: Browser) -> None:
    answer = browser.client.post("/open", data={"text": "x" * 3_000_000})
    assert answer.status_code == 413


def test_assets_may_be_kept_for_good_when_asked_for_by_their_mark(browser: Browser) -> None:
    marked = browser.get("/login").text.partition('href="/static/web/css/pages.css?')[2].partition('"')[0]
    assert (
        browser.get(f"/static/web/css/pages.css?{marked}").headers["Cache-Control"]
        == "public, max-age=31536000, immutable"
    )
    plain = browser.get("/static/web/css/pages.css").headers
    assert plain["Cache-Control"] == "no-cache"
    assert plain["X-Content-Type-Options"] == "nosniff"


def test_no_file_outside_the_assets_is_served(browser: Browser) -> None:
    for path in (
        "/static/web/../install.py",
        "/static/web/%2e%2e/install.py",
        "/static/web/..%5cinstall.py",
        "/static/web//etc/passwd",
    ):
        assert browser.get(path).status in (400, 404)
