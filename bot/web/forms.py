"""Forms that only our own pages can send: a token in each, and a look at where the request came from (T23)."""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, abort, g, request
from werkzeug.wrappers import Response

from bot.web.auth import STATIC_ENDPOINTS, cookies, current_session
from bot.web.service import page_service
from storage.sessions import new_token

FIELD, HEADER = "csrf_token", "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def protect_forms(app: Flask, machines: frozenset[str]) -> None:
    """Refuse every request that changes something unless it carries the token and comes from a page of ours."""

    def check() -> None:
        if request.endpoint is None or request.blueprint in machines or request.endpoint in STATIC_ENDPOINTS:
            return
        if request.method not in _SAFE_METHODS and not (is_from_here() and has_token()):
            abort(403, description=STALE_FORM)

    app.before_request(check)
    app.after_request(_keep_form_cookie)


STALE_FORM = "stale form"


def csrf_token() -> str:
    """Return the token that forms of this page must carry: the session's own, or before signing in one bound to a cookie."""
    session = current_session()
    if session is not None:
        return session.csrf
    if "form_cookie" not in g:
        g.form_cookie = request.cookies.get(cookies().form) or new_token()
    return _signature(g.form_cookie)


def has_token() -> bool:
    """Say whether the request carries the token of its session, or before signing in of its cookie."""
    session, cookie = current_session(), request.cookies.get(cookies().form)
    if session is not None:
        expected = session.csrf
    elif cookie:
        expected = _signature(cookie)
    else:
        return False
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def is_from_here() -> bool:
    """Say whether nothing in the request tells of a page that is not ours; old browsers tell nothing."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is None:
        return True
    own = {_origin(request.host_url), _origin(page_service().settings.base_url)}
    return _origin(source) in own - {None}


def _signature(cookie: str) -> str:
    key = page_service().settings.secret_key.encode()
    return hmac.new(key, b"form:" + cookie.encode("utf-8", "replace"), sha256).hexdigest()


def _origin(address: str) -> tuple[str, str] | None:
    parts = urlsplit(address)
    return (parts.scheme, parts.netloc.lower()) if parts.scheme and parts.netloc else None


def _keep_form_cookie(response: Response) -> Response:
    names, cookie = cookies(), g.get("form_cookie")
    if cookie and request.cookies.get(names.form) != cookie:
        response.set_cookie(names.form, cookie, secure=names.secure, httponly=True, samesite="Lax", path="/")
    return response
