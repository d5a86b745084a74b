"""Signing in and out, the one-time set-up link, the password and the account of whoever is signed in."""

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.web.auth import (
    cookies,
    current_session,
    current_user,
    drop_session_cookie,
    local_path,
    set_session_cookie,
    signed_in_user,
)
from bot.web.navigation import home_url
from bot.web.passwords import LONGEST, SHORTEST, Refusal, hash_password, why_refused
from bot.web.roles import open_to_all, signed_in
from bot.web.service import page_service
from bot.web.sign_in import RightPair, TooSoon, WrongPair, check_pair, network_of, start_session
from bot.web.words import gettext, ngettext
from storage import audit, sessions, users
from storage.database import Transaction
from storage.users import User

pages = Blueprint("web", __name__, template_folder="templates", static_folder="static", static_url_path="/static/web")


@pages.get("/")
@open_to_all
def index() -> Response:
    """Lead to the first room, or to the door."""
    return redirect(home_url() if current_user() else url_for("web.login"))


@pages.get("/login")
@open_to_all
def login() -> Response | str:
    """Show the door."""
    if current_user() is not None:
        return redirect(local_path(request.args.get("next", "")) or home_url())
    return render_template("web/login.html", name="", next=local_path(request.args.get("next", "")))


@pages.post("/login")
@open_to_all
def sign_in() -> Response:
    """Let in whoever gives the right pair."""
    service, name = page_service(), request.form.get("name", "")
    address, now = request.remote_addr or "", service.clock()
    outcome = check_pair(service.database, name, request.form.get("password", ""), address, now)
    if not isinstance(outcome, RightPair):
        return _refused(outcome, "web/login.html", name=name, next=local_path(request.form.get("next", "")))
    if outcome.wrong_tries:
        flash(_about_wrong_tries(outcome.wrong_tries), "warning")
    old_token_hash = sessions.hash_token(request.cookies.get(cookies().session, ""))
    return _begin(start_session(service.database, outcome.user, network_of(address), now, old_token_hash))


@pages.post("/logout")
@signed_in
def logout() -> Response:
    """End the session, here and in the database."""
    session = current_session()
    if session is not None:
        page_service().database.write(lambda tx: sessions.end_session(tx, session.token_hash))
    response = redirect(url_for("web.login"))
    drop_session_cookie(response)
    return response


@pages.route("/setup/<token>", methods=["GET", "POST"])
@open_to_all
def setup(token: str) -> Response | str:
    """Let the holder of a one-time link choose a password, and sign them in."""
    service = page_service()
    user = users.find_user_of_setup_link(service.database, token, service.clock())
    if user is None:
        abort(404, description=gettext("这个链接已经用过，或者过期了。请管理员再发一个。"))
    if request.method == "GET":
        return render_template("web/setup.html", user=user)
    password = request.form.get("password", "")
    if (complaint := _complaint(password, request.form.get("again", ""), user)) is not None:
        return make_response(render_template("web/setup.html", user=user, complaint=complaint), 422)
    new_hash, now = hash_password(password), service.clock()

    def work(tx: Transaction) -> str | None:
        if not users.use_setup_link(tx, token, now):
            return None
        users.set_password_hash(tx, user.id, new_hash)
        audit.record(tx, f"user:{user.name}", "password.set_up", user.name, "", now)
        return sessions.start_session(tx, user.id, now)

    session_token = service.database.write(work)
    if session_token is None:
        abort(404, description=gettext("这个链接已经用过，或者过期了。请管理员再发一个。"))
    return _begin(session_token)


@pages.get("/account")
@signed_in
def account() -> str:
    """Show the person's own account."""
    return render_template("web/account.html", user=signed_in_user())


@pages.post("/account/password")
@signed_in
def change_password() -> Response:
    """Change the person's own password: every session ends, this browser gets a new one."""
    user, service = signed_in_user(), page_service()
    now = service.clock()
    outcome = check_pair(service.database, user.name, request.form.get("current", ""), request.remote_addr or "", now)
    if not isinstance(outcome, RightPair):
        return _refused(outcome, "web/account.html", user=user)
    password = request.form.get("password", "")
    if (complaint := _complaint(password, request.form.get("again", ""), user)) is not None:
        return make_response(render_template("web/account.html", user=user, complaint=complaint), 422)
    new_hash = hash_password(password)

    def work(tx: Transaction) -> str:
        users.set_password_hash(tx, user.id, new_hash)
        audit.record(tx, g.actor, "password.changed", user.name, "", now)
        return sessions.start_session(tx, user.id, now)

    response = redirect(url_for("web.account"))
    set_session_cookie(response, service.database.write(work))
    flash(gettext("密码已更新，其他设备上的登录已经退出。"), "success")
    return response


@pages.get("/confirm")
@signed_in
def confirm() -> str:
    """Ask for the password once more, before something that matters."""
    return render_template("web/confirm.html", next=local_path(request.args.get("next", "")))


@pages.post("/confirm")
@signed_in
def confirm_password() -> Response:
    """Note that the password was just given, and lead back."""
    user, session, service = signed_in_user(), current_session(), page_service()
    now, target = service.clock(), local_path(request.form.get("next", ""))
    outcome = check_pair(service.database, user.name, request.form.get("password", ""), request.remote_addr or "", now)
    if not isinstance(outcome, RightPair) or session is None:
        return _refused(outcome, "web/confirm.html", next=target)
    service.database.write(lambda tx: sessions.confirm_session(tx, session.token_hash, now))
    return redirect(target or home_url())


def _begin(token: str) -> Response:
    """Hand over the session and lead to where the person wanted to go."""
    response = redirect(local_path(request.form.get("next", "")) or url_for("web.index"))
    set_session_cookie(response, token)
    return response


def _refused(outcome: RightPair | WrongPair | TooSoon, template: str, **values: object) -> Response:
    """Show the form again with the reason, which is the same whether the name exists or not."""
    if not isinstance(outcome, TooSoon):
        error = gettext("用户名或密码不对。") if template == "web/login.html" else gettext("密码不对。")
        return make_response(render_template(template, error=error, **values), 401)
    error = gettext("尝试次数太多，请 %(seconds)d 秒后再试。", seconds=outcome.wait_seconds)
    response = make_response(render_template(template, error=error, **values), 429)
    response.headers["Retry-After"] = str(outcome.wait_seconds)
    return response


def _complaint(password: str, again: str, user: User) -> str | None:
    """Say what is wrong with a newly chosen password, or None."""
    refusal = why_refused(password, user.name, page_service().settings.brand_name)
    if refusal is None:
        return None if password == again else gettext("两次输入的密码不一样。")
    return {
        Refusal.LENGTH: gettext("密码需要 %(shortest)d 到 %(longest)d 个字符。", shortest=SHORTEST, longest=LONGEST),
        Refusal.NAME: gettext("密码里不能带有产品名、品牌名或您的用户名。"),
        Refusal.COMMON: gettext("这个密码太常见，容易被猜到，请换一个。"),
    }[refusal]


def _about_wrong_tries(count: int) -> str:
    return ngettext(
        "上次登录之后，有 %(num)d 次密码输错。如果不是您本人，请修改密码并告诉管理员。",
        "上次登录之后，有 %(num)d 次密码输错。如果不是您本人，请修改密码并告诉管理员。",
        count,
    )
