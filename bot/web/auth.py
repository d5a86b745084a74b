"""Who is asking, and may they: the session behind the cookie, and the check of every view's mark."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, make_response, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from bot.web.roles import Permission, access_of, role_may
from bot.web.service import page_service
from storage.sessions import LONGEST, Session, find_session, hash_token, touch_session
from storage.users import User, find_user

FRESH_FOR = timedelta(minutes=10)
_TOUCH_EVERY = timedelta(minutes=1)
STATIC_ENDPOINTS = frozenset({"static", "web.static"})


@dataclass(frozen=True, slots=True)
class Cookies:
    """The names of our cookies: on https with the prefix that ties them to this very host."""

    session: str
    form: str
    secure: bool


def cookies() -> Cookies:
    """Return how cookies are called here."""
    if page_service().settings.base_url.startswith("https://"):
        return Cookies("__Host-zhaohu", "__Host-zhaohu-form", secure=True)
    return Cookies("zhaohu", "zhaohu-form", secure=False)


def protect(app: Flask, machines: frozenset[str]) -> None:
    """Check every request to the app's pages; the blueprints named in ``machines`` authenticate their callers themselves, without cookies."""

    def check() -> Response | None:
        g.user, g.session, g.actor = None, None, "nobody"
        if request.endpoint is None or request.blueprint in machines or request.endpoint in STATIC_ENDPOINTS:
            return None
        load_session()
        return check_access()

    app.before_request(check)


def current_user() -> User | None:
    """Return who is signed in, or None."""
    return cast(User | None, g.get("user"))


def signed_in_user() -> User:
    """Return who is signed in; for views that are marked for signed-in users."""
    user = current_user()
    if user is None:
        abort(401)
    return user


def current_session() -> Session | None:
    """Return the session of the request, or None."""
    return cast(Session | None, g.get("session"))


def can(permission: Permission | str) -> bool:
    """Say whether the person signed in holds a permission."""
    user = current_user()
    return user is not None and role_may(user.role, Permission(permission))


def load_session() -> None:
    """Find the user behind the cookie, and note that the session is in use."""
    service = page_service()
    token = request.cookies.get(cookies().session)
    if not token:
        return
    now = service.clock()
    session = find_session(service.database, hash_token(token), now)
    user = None if session is None else find_user(service.database, session.user_id)
    if session is None or user is None:
        return
    g.user, g.session, g.actor = user, session, f"user:{user.name}"
    if now - session.seen_at >= _TOUCH_EVERY and not is_live():
        service.database.write(lambda tx: touch_session(tx, session.token_hash, now))


def session_is_good(token_hash: str) -> bool:
    """Say whether the session still stands; what runs long asks this again and again."""
    service = page_service()
    return find_session(service.database, token_hash, service.clock()) is not None


def is_live() -> bool:
    """Say whether the request opens a live stream, which keeps nobody signed in by itself."""
    return "text/event-stream" in request.headers.get("Accept", "")


def check_access() -> Response | None:
    """Compare the view's mark with who is asking; without a mark the answer is no."""
    view = current_app.view_functions.get(request.endpoint or "")
    access = None if view is None else access_of(view)
    if access is None:
        abort(403)
    if access.public:
        return None
    user, session = current_user(), current_session()
    if user is None or session is None:
        return go(url_for("web.login", next=here()))
    if not all(role_may(user.role, permission) for permission in access.permissions):
        abort(403)
    if access.fresh and page_service().clock() - session.authenticated_at > FRESH_FOR:
        return go(url_for("web.confirm", next=here()))
    return None


def go(address: str) -> Response:
    """Send the browser to a page of ours, also when a fragment was asked for."""
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    if is_live():
        abort(401)
    return redirect(address)


def here() -> str:
    """Return the page to come back to after signing in: this one, or the one this request was made from."""
    if request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
        return request.full_path.removesuffix("?")
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    page = _page_at(parts.path)
    return local_path(page + (f"?{parts.query}" if parts.query and page == parts.path else ""))


def _page_at(path: str) -> str:
    """Return the path, or the nearest above it that can be opened: a form that was refused stands where it was sent to."""
    addresses = current_app.url_map.bind("")
    while path:
        try:
            addresses.match(path, method="GET")
        except RequestRedirect:
            return path
        except HTTPException:
            path = path.rstrip("/").rpartition("/")[0]
        else:
            return path
    return path


def local_path(path: str) -> str:
    """Return the path if it leads to a page of ours, else an empty text."""
    local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if local else ""


def set_session_cookie(response: Response, token: str) -> None:
    """Hand the browser a new session."""
    names = cookies()
    response.set_cookie(
        names.session, token, max_age=LONGEST, secure=names.secure, httponly=True, samesite="Lax", path="/"
    )


def drop_session_cookie(response: Response) -> None:
    """Take the session from the browser."""
    names = cookies()
    response.delete_cookie(names.session, secure=names.secure, httponly=True, samesite="Lax", path="/")
