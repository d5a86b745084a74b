"""Users: who works here, in which role; adding, changing, shutting out, and the one-time link by which they choose a password themselves."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import audit, users
from storage.database import Transaction
from storage.users import ROLE_NAMES, SETUP_LINK_LIFETIME, BadName, LastAdmin, NameTaken, RoleName, User

pages = Blueprint("staff", __name__, url_prefix="/users")


@pages.get("/")
@requires(Permission.USERS_MANAGE)
def index() -> str:
    """Show everybody, and the form to add somebody."""
    return _page()


@pages.post("/")
@requires(Permission.USERS_MANAGE, fresh=True)
def add() -> str | tuple[str, int]:
    """Add somebody and show their link, this once."""
    given = fields("name", "display_name", "role")
    role = _role(given["role"])
    service, now = current(), current().clock()

    def work(tx: Transaction) -> tuple[User, str]:
        user = users.add_user(tx, given["name"], role, given["display_name"], now)
        _note(tx, "user.added", user, f"role={role}")
        return user, users.add_setup_link(tx, user.id, now)

    try:
        user, token = service.database.write(work)
    except BadName:
        return _page(given, gettext("用户名要有 2 到 32 个字母、数字、点、短横线或下划线。")), 422
    except NameTaken:
        return _page(given, gettext("已经有人用这个用户名了。")), 422
    return _link(user, token)


@pages.post("/<int:user_id>/role")
@requires(Permission.USERS_MANAGE, fresh=True)
def change_role(user_id: int) -> Response:
    """Give somebody another role; whoever is signed in is signed out by it."""
    user, role = _user(user_id), _role(fields("role")["role"])

    def work(tx: Transaction) -> None:
        users.set_role(tx, user.id, role)
        _note(tx, "user.role_changed", user, f"from={user.role} to={role}")

    return _done(work, gettext("“%(name)s”的角色已经改了，需要重新登录。", name=user.shown_name))


@pages.post("/<int:user_id>/switch")
@requires(Permission.USERS_MANAGE, fresh=True)
def switch(user_id: int) -> Response:
    """Shut somebody out, or let them in again."""
    user = _user(user_id)
    fields()

    def work(tx: Transaction) -> None:
        if user.enabled:
            users.disable_user(tx, user.id)
        else:
            users.enable_user(tx, user.id)
        _note(tx, "user.disabled" if user.enabled else "user.enabled", user, "")

    said = gettext("“%(name)s”已停用，登录马上失效。") if user.enabled else gettext("“%(name)s”已启用。")
    return _done(work, said % {"name": user.shown_name})


@pages.post("/<int:user_id>/link")
@requires(Permission.USERS_MANAGE, fresh=True)
def renew_link(user_id: int) -> str:
    """Show a new one-time link for somebody who has no password yet or forgot it."""
    user, now = _user(user_id), current().clock()
    fields()
    if not user.enabled:
        abort(409, description=gettext("先启用这位用户，再发链接。"))

    def work(tx: Transaction) -> str:
        _note(tx, "user.link_made", user, "")
        return users.add_setup_link(tx, user.id, now)

    return _link(user, current().database.write(work))


def _done(work: Callable[[Transaction], None], said: str) -> Response:
    try:
        current().database.write(work)
    except LastAdmin:
        flash(gettext("至少要留一位管理员：先让别人成为管理员。"), "danger")
    else:
        flash(said, "success")
    return redirect(url_for(".index"))


def _page(given: dict[str, str] | None = None, error: str = "") -> str:
    found = sorted(users.list_users(current().database), key=lambda user: (not user.enabled, user.name))
    return render_template(
        "console/users.html", users=found, roles=ROLE_NAMES, given=given or {}, error=error, me=signed_in_user()
    )


def _link(user: User, token: str) -> str:
    address = current().settings.public_url + url_for("web.setup", token=token)
    minutes = int(SETUP_LINK_LIFETIME.total_seconds() // 60)
    return render_template("console/setup_link.html", user=user, address=address, minutes=minutes)


def _user(user_id: int) -> User:
    user = users.find_user(current().database, user_id) if user_id < 2**63 else None
    if user is None:
        abort(404)
    return user


def _role(text: str) -> RoleName:
    role = next((role for role in ROLE_NAMES if role == text), None)
    if role is None:
        abort(400, description=gettext("没有这个角色。"))
    return role


def _note(tx: Transaction, action: str, user: User, detail: str) -> None:
    audit.record(tx, f"user:{signed_in_user().name}", action, user.name, detail, current().clock())
