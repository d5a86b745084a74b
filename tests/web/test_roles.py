"""Who may do what: the table, the marks of views, the rooms shown."""

import pytest
from flask import Flask

from bot.app import create_app
from bot.settings import Settings
from bot.web.auth import STATIC_ENDPOINTS
from bot.web.install import MACHINES
from bot.web.roles import ROLES, Permission, access_of, holders, requires, role_may
from storage.database import Database
from storage.users import ROLE_NAMES, RoleName
from tests.conftest import Clock
from tests.web.conftest import Browser, SignIn

# Who may do what; everything not named here is refused.
TABLE: dict[Permission, set[RoleName]] = {
    Permission.TEMPLATES_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.TEMPLATES_WRITE: {"editor", "admin"},
    Permission.TEMPLATES_PUBLISH: {"editor", "admin"},
    Permission.INTENTS_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.INTENTS_WRITE: {"editor", "admin"},
    Permission.CONVERSATIONS_OWN: {"agent", "supervisor"},
    Permission.CONVERSATIONS_TEAM: {"supervisor"},
    Permission.MEMBERS_READ: {"agent", "supervisor", "admin"},
    Permission.MEMBERS_WRITE: {"agent", "supervisor"},
    Permission.MEMBERS_REVEAL_PHONE: {"agent", "supervisor"},
    Permission.TAGS_WRITE: {"supervisor", "admin"},
    Permission.COUPONS_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.COUPONS_ISSUE: {"agent", "supervisor"},
    Permission.COUPONS_REDEEM: {"agent", "supervisor"},
    Permission.CAMPAIGNS_WRITE: {"editor", "admin"},
    Permission.CAMPAIGNS_START: {"supervisor", "admin"},
    Permission.STORES_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.STORES_WRITE: {"editor", "admin"},
    Permission.MENU_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.MENU_WRITE: {"editor", "admin"},
    Permission.MENU_PUBLISH: {"editor", "admin"},
    Permission.SPOTS_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.SPOTS_WRITE: {"editor", "admin"},
    Permission.REPORTS_READ: {"editor", "agent", "supervisor", "admin"},
    Permission.MASS_WRITE: {"editor", "admin"},
    Permission.MASS_SEND: {"admin"},
    Permission.OUTBOX_READ: {"supervisor", "admin"},
    Permission.OUTBOX_DECIDE: {"supervisor", "admin"},
    Permission.QUARANTINE_READ: {"supervisor", "admin"},
    Permission.SENTIMENT_CORRECT: {"editor", "agent", "supervisor", "admin"},
    Permission.USERS_MANAGE: {"admin"},
    Permission.AUDIT_READ: {"supervisor", "admin"},
    Permission.SETTINGS_READ: {"admin"},
    Permission.SETTINGS_WRITE: {"admin"},
}


@pytest.mark.parametrize("permission", list(Permission))
def test_permission_is_held_by_exactly_these_roles(permission: Permission) -> None:
    assert set(holders([permission])) == TABLE[permission]


def test_every_role_has_its_row() -> None:
    assert set(ROLES) == set(ROLE_NAMES)
    assert not role_may("visitor", Permission.REPORTS_READ)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/reports", Permission.REPORTS_READ),
        ("/desk", Permission.CONVERSATIONS_OWN),
        ("/people", Permission.USERS_MANAGE),
    ],
)
def test_pages_open_for_those_roles_alone(signed_in: SignIn, path: str, permission: Permission) -> None:
    allowed = {role for role in ROLE_NAMES if signed_in(role).get(path).status == 200}
    assert allowed == TABLE[permission]


def test_page_for_somebody_else_says_so(signed_in: SignIn) -> None:
    answer = signed_in("editor").get("/people")
    assert answer.status == 403
    assert "您没有权限打开这里。" in answer.text


def test_page_without_a_mark_is_for_nobody(signed_in: SignIn, browser: Browser) -> None:
    assert {signed_in(role).get("/unmarked").status for role in ROLE_NAMES} == {403}
    assert browser.get("/unmarked").status == 403


def test_stranger_is_led_to_the_door(browser: Browser) -> None:
    assert browser.get("/desk").location == "/login?next=/desk"


def test_fragment_leads_the_whole_page_to_the_door(browser: Browser) -> None:
    answer = browser.get("/desk", HX_Request="true", HX_Current_URL="http://localhost/desk?member=7")
    assert answer.status == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/desk?member%3D7"


def test_mark_without_a_permission_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one permission"):
        requires()


def test_every_page_of_the_service_says_whom_it_is_for(settings: Settings, database: Database, clock: Clock) -> None:
    app = create_app(settings, database, clock=clock)
    machines = app.extensions[MACHINES]
    unmarked = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC_ENDPOINTS
        and rule.endpoint.split(".")[0] not in machines
        and access_of(app.view_functions[rule.endpoint]) is None
    ]
    assert unmarked == []


def test_side_bar_shows_the_rooms_one_may_enter_in_order(signed_in: SignIn) -> None:
    def rooms_of(role: RoleName) -> list[str]:
        text = signed_in(role).get("/reports").text
        return [name for name in sorted(("概览", "客服台", "用户"), key=text.find) if f"<span>{name}</span>" in text]

    assert rooms_of("editor") == ["概览"]
    assert rooms_of("agent") == ["概览", "客服台"]
    assert rooms_of("admin") == ["概览", "用户"]


def test_side_bar_marks_the_room_one_is_in(signed_in: SignIn, app: Flask) -> None:
    text = signed_in("agent").get("/reports/day").text
    assert text.count('aria-current="page"') == 1
    assert '<a class="room active" href="/reports" aria-current="page">' in text
