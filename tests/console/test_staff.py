"""Users: added with a one-time link, changed, shut out; and never the last admin."""

from datetime import timedelta

import pytest

from storage import audit, users
from storage.database import Database
from storage.users import RoleName, User
from tests.conftest import Clock
from tests.console.conftest import Browser, SignIn

NEW = {"name": "xiaolin", "display_name": "小林", "role": "agent"}


@pytest.fixture
def admin(signed_in: SignIn) -> Browser:
    """The browser of an admin."""
    return signed_in("admin")


def test_somebody_new_gets_a_link_that_works_once_and_is_shown_once(
    admin: Browser, database: Database, signed_in: SignIn
) -> None:
    page = admin.post("/console/users/", NEW)
    path = "/setup/" + page.text.partition("/setup/")[2].partition("<")[0]
    assert path.removeprefix("/setup/") not in admin.get("/console/users/").text
    newcomer = Browser(admin.client.application.test_client())
    assert newcomer.get(path).status == 200
    words = {"password": "a long walk by the river", "again": "a long walk by the river"}
    token = newcomer.get(path).text.partition('csrf_token" value="')[2].partition('"')[0]
    assert newcomer.post(path, words, token=token).status == 302
    assert Browser(admin.client.application.test_client()).get(path).status == 404
    user = users.find_user_by_name(database, "xiaolin")
    assert user is not None
    assert (user.role, user.shown_name, user.has_password) == ("agent", "小林", True)


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"name": "x"}, 422, "2 到 32 个"),
        ({"name": "<script>"}, 422, "2 到 32 个"),
        ({"name": "Editor"}, 422, "已经有人用"),
        ({"role": "owner"}, 400, "没有这个角色"),
        ({"enabled": "1"}, 400, "没有“enabled”"),
        ({"password_hash": "x"}, 400, "没有“password_hash”"),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    admin: Browser, database: Database, changed: dict[str, str], status: int, told: str
) -> None:
    page = admin.post("/console/users/", {**NEW, **changed})
    assert page.status == status
    assert told in page.words
    assert len(users.list_users(database)) == 4


def test_a_role_is_changed_and_its_holder_signed_out(
    admin: Browser, signed_in: SignIn, database: Database, staff: dict[RoleName, User]
) -> None:
    editor = signed_in("editor")
    assert admin.post(f"/console/users/{staff['editor'].id}/role", {"role": "agent"}).status == 302
    assert editor.get("/console/").status == 302
    assert signed_in("editor").get("/console/intents/new").status == 403
    [entry] = [entry for entry in audit.list_audit(database, 20) if entry.action == "user.role_changed"]
    assert (entry.actor, entry.target, entry.detail) == ("user:admin", "editor", "from=editor to=agent")


def test_somebody_is_shut_out_at_once_and_let_in_again(
    admin: Browser, signed_in: SignIn, staff: dict[RoleName, User]
) -> None:
    agent, path = signed_in("agent"), f"/console/users/{staff['agent'].id}"
    admin.post(f"{path}/switch")
    assert agent.get("/console/").status == 302
    assert admin.post(f"{path}/link").status == 409
    admin.post(f"{path}/switch")
    assert signed_in("agent").get("/console/").status == 200


@pytest.mark.parametrize(("path", "form"), [("switch", {}), ("role", {"role": "agent"})])
def test_the_last_admin_stays(
    admin: Browser, database: Database, staff: dict[RoleName, User], path: str, form: dict[str, str]
) -> None:
    admin.post(f"/console/users/{staff['admin'].id}/{path}", form)
    assert "至少要留一位管理员" in admin.get("/console/users/").words
    user = users.find_user(database, staff["admin"].id)
    assert user is not None
    assert (user.role, user.enabled) == ("admin", True)


def test_changes_of_users_ask_for_the_password_again_after_a_while(
    admin: Browser, clock: Clock, staff: dict[RoleName, User], database: Database
) -> None:
    clock.forward(minutes=11)
    page = admin.post(f"/console/users/{staff['editor'].id}/role", {"role": "admin"})
    assert page.location.startswith("/confirm")
    user = users.find_user(database, staff["editor"].id)
    assert user is not None
    assert user.role == "editor"


def test_a_link_is_good_for_an_hour(
    admin: Browser, clock: Clock, staff: dict[RoleName, User], database: Database
) -> None:
    text = admin.post(f"/console/users/{staff['agent'].id}/link").text
    token = text.partition("/setup/")[2].partition("<")[0]
    assert users.find_user_of_setup_link(database, token, clock() + timedelta(minutes=59)) is not None
    assert users.find_user_of_setup_link(database, token, clock() + timedelta(minutes=61)) is None
