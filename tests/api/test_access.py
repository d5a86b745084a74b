"""Who may ask: bearer tokens alone, each for its scopes, not too often; and what every refusal looks like."""

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from bot.api.access import REQUESTS_AT_ONCE, REQUESTS_PER_MINUTE, Limits
from bot.api.errors import ERRORS
from bot.api.routes import ROUTES, SCOPES, WHOLE_PHONES, Route
from storage.api_tokens import revoke_token
from storage.audit import list_audit
from storage.database import Database
from storage.sqlite import SqliteDatabase
from tests.api.conftest import Hire, Program
from tests.conftest import Clock, on_sqlite


def address(route: Route) -> str:
    return "/api" + route.path.replace("{id}", "1")


def refused(answer: TestResponse, status: int) -> str:
    """Check that an answer is a refusal in the one shape, and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    body: Any = answer.json
    assert set(body) == {"error"}
    assert set(body["error"]) == {"status", "code", "message"}
    assert (body["error"]["status"], body["error"]["code"]) == (status, ERRORS[status][0])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    return str(body["error"]["message"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_each_route_opens_to_its_scope_alone(hire: Hire, filled: dict[str, int], route: Route) -> None:
    for number, scope in enumerate(SCOPES):
        answer = hire(scope, name=f"only-{number}").get(address(route))
        if scope == route.scope:
            assert answer.status_code == (404 if route.single else 200)
        else:
            assert route.scope in refused(answer, 403)
    assert hire(*(set(SCOPES) - {route.scope}), name="all-others").get(address(route)).status_code == 403


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic emg6emg=", "Bearer zh_unknown", "zh_unknown", "Bearer a b", "Bearer é", "Token x"],
)
@pytest.mark.parametrize("route", ROUTES[:2], ids=lambda route: route.name)
def test_without_a_good_token_nothing_is_told(app: Flask, header: str, route: Route) -> None:
    answer = Client(app).get(address(route), headers={"Authorization": header} if header else {})
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_works_in_the_header_only(crm: Program) -> None:
    for query in (f"access_token={crm.token}", f"token={crm.token}"):
        refused(crm.client.get(f"/api/v1/members?{query}"), 401)
        assert crm.token not in refused(crm.get(f"/api/v1/members?{query}"), 400)
    crm.client.set_cookie("zhaohu", crm.token)
    crm.client.set_cookie("access_token", crm.token)
    refused(crm.client.get("/api/v1/members"), 401)
    refused(crm.client.post("/api/v1/members", data={"access_token": crm.token}), 401)


def test_two_tokens_are_none(crm: Program) -> None:
    twice = [("Authorization", f"Bearer {crm.token}"), ("Authorization", f"Bearer {crm.token}")]
    refused(crm.client.get("/api/v1/members", headers=twice), 401)


def test_a_revoked_token_ends_at_once(crm: Program, database: Database, clock: Clock) -> None:
    assert crm.get("/api/v1/members").status_code == 200
    assert database.write(lambda tx: revoke_token(tx, "all-of-it", clock()))
    refused(crm.get("/api/v1/members"), 401)


def test_a_token_opens_no_page(crm: Program) -> None:
    for page in ("/console/", "/desk/", "/account"):
        assert crm.get(page).status_code in (302, 401, 403, 404)


@on_sqlite
def test_the_database_holds_no_token(crm: Program, database: SqliteDatabase) -> None:
    crm.get("/api/v1/members")
    database.write(lambda tx: tx.execute("DELETE FROM changes"))
    kept = b"".join(file.read_bytes() for file in database.path.parent.glob("test.db*"))
    assert crm.token.encode() not in kept
    assert crm.token.removeprefix("zh_").encode() not in kept


def test_no_token_is_in_the_log(crm: Program, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    crm.get("/api/v1/members")
    crm.get("/api/v1/nowhere?access_token=" + crm.token)
    crm.client.get("/api/v1/members", headers={"Authorization": f"Bearer {crm.token}x"})
    assert "token all-of-it: list_members 200" in caplog.text
    assert crm.token not in caplog.text


def test_a_refused_scope_is_audited_once_an_hour(hire: Hire, database: Database, clock: Clock) -> None:
    till = hire("coupons:read", name="till")
    for _ in range(3):
        till.get("/api/v1/members")
    till.get("/api/v1/ledger")
    clock.forward(hours=1)
    till.get("/api/v1/members")
    entries = [(entry.actor, entry.action, entry.target) for entry in list_audit(database, 10)]
    assert entries == [
        ("token:till", "token.denied", scope) for scope in ("members:read", "ledger:read", "members:read")
    ]


def test_too_many_requests_are_told_when_to_come_again(crm: Program, hire: Hire, clock: Clock) -> None:
    for _ in range(REQUESTS_PER_MINUTE):
        assert crm.get("/api/v1/quarantine").status_code == 200
    clock.forward(seconds=20)
    answer = crm.get("/api/v1/quarantine")
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "40"
    assert hire("quarantine:read", name="other").get("/api/v1/quarantine").status_code == 200
    clock.forward(seconds=40)
    assert crm.get("/api/v1/quarantine").status_code == 200


def test_too_many_at_once_wait_and_those_that_finish_make_room(clock: Clock) -> None:
    limits, now = Limits(), clock()
    assert [limits.enter(1, now) for _ in range(REQUESTS_AT_ONCE)] == [0] * REQUESTS_AT_ONCE
    assert (limits.enter(1, now), limits.enter(2, now)) == (1, 0)
    limits.leave(1)
    assert limits.enter(1, now) == 0


def test_a_clock_that_jumps_back_locks_nobody_out(clock: Clock) -> None:
    limits, now = Limits(), clock()
    for _ in range(REQUESTS_PER_MINUTE):
        limits.enter(1, now)
        limits.leave(1)
    assert limits.enter(1, now - timedelta(days=1)) == 0


def test_every_answer_makes_room_again(crm: Program) -> None:
    for path in ("members", "members/1", "nowhere", "members?limit=0", "members") * (REQUESTS_AT_ONCE // 2):
        crm.get(f"/api/v1/{path}")
    assert crm.get("/api/v1/members").status_code == 200


def test_many_threads_may_ask_at_once(crm: Program, filled: dict[str, int]) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(crm.get("/api/v1/exchanges").status_code))
        for _ in range(REQUESTS_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * REQUESTS_AT_ONCE


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_api_only_reads(crm: Program, filled: dict[str, int], method: str) -> None:
    for route in ROUTES:
        answer = crm.client.open(address(route), method=method, headers={"Authorization": f"Bearer {crm.token}"})
        refused(answer, 405)
        assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/members", "/api/v1/users", "/api/v1/members/"]
)
def test_an_address_that_is_not_there_is_told_in_the_one_shape(crm: Program, path: str) -> None:
    refused(crm.get(path), 404)
    refused(crm.client.get(path), 401)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=", "limit=abc", "limit=%EF%BC%91", "limit=1&limit=1", "limit=0x5",
        "cursor=", "cursor=abc", "cursor=AAAAAAAAAA", "cursor=//////////8", "cursor=__________8", "cursor=AAAAAAAAAAB", "cursor=%00",
        "openid=", "openid=a%20b", "openid=%ED%A0%80", "openid=%00", "openid=" + "a" * 65, "openid='%20OR%201=1", "openid=a&openid=b",
        "member_id=1", "sort=id", "Limit=5", "a[b]=c", "=", "offset=5",
    ],
)  # fmt: skip
def test_a_query_that_is_not_understood_is_refused(crm: Program, filled: dict[str, int], query: str) -> None:
    for route in ROUTES:
        if not route.single:
            refused(crm.get(f"{address(route)}?{query}"), 400)


def test_a_single_record_takes_no_parameters(crm: Program, filled: dict[str, int]) -> None:
    refused(crm.get(f"/api/v1/members/{filled['oAlice']}?limit=1"), 400)


def test_no_other_site_may_read_an_answer(crm: Program) -> None:
    for path in ("/api/v1/members", "/api/openapi.json", "/api/nowhere"):
        answer = crm.get(path, Origin="https://elsewhere.example")
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    preflight = crm.client.options(
        "/api/v1/members",
        headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"},
    )
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_a_database_that_is_gone_is_a_503_in_the_one_shape(crm: Program, database: Database) -> None:
    database.write(lambda tx: tx.execute("DROP TABLE outbox"))
    answer = crm.get("/api/v1/outbox")
    refused(answer, 503)
    assert answer.headers["Retry-After"] == "5"


def test_the_right_to_see_phones_opens_no_route_by_itself() -> None:
    assert WHOLE_PHONES not in {route.scope for route in ROUTES}
    assert {route.scope for route in ROUTES} | {WHOLE_PHONES} == set(SCOPES)
