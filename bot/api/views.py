"""The API's addresses: one view made for each row of the table of routes."""

import logging
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from bot import service
from bot.api.access import Limits, admit, bearer_of, check_scope
from bot.api.errors import answer_errors, json_answer
from bot.api.openapi import describe
from bot.api.parameters import cursor_after, id_of, read_parameters, refuse_others
from bot.api.routes import ROUTES, WHOLE_PHONES, Route
from bot.records import plain
from storage.api_tokens import ApiToken
from storage.listing import Listed, Span

NAME = "api"
_DESCRIPTION = "description"
_NOWHERE = "nowhere"
_OTHER_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

log = logging.getLogger(__name__)


def create_api() -> Blueprint:
    """Build the blueprint, with counters of its own."""
    api, limits = Blueprint(NAME, __name__, url_prefix="/api"), Limits()

    def enter() -> None:
        if request.endpoint == f"{NAME}.{_DESCRIPTION}":
            return
        here = service.current()
        token, now = bearer_of(request, here.database), here.clock()
        admit(limits, token, now)
        g.token = token

    def leave(_: BaseException | None) -> None:
        if token := g.pop("token", None):
            limits.leave(token.id)

    api.before_request(enter)
    api.after_request(_log)
    api.teardown_request(leave)
    for route in ROUTES:
        path = route.path.replace("{id}", "<record_id>")
        api.add_url_rule(path, route.name.replace(" ", "_"), _view(route, limits), methods=["GET"])
    api.add_url_rule("/openapi.json", _DESCRIPTION, lambda: json_answer(describe()), methods=["GET"])
    for path in ("/", "/<path:rest>"):
        api.add_url_rule(path, _NOWHERE, _nowhere, methods=list(_OTHER_METHODS), strict_slashes=False)
    answer_errors(api)
    return api


def _view(route: Route, limits: Limits) -> Callable[..., Response]:
    def page() -> Response:
        token = _allowed(route, limits)
        values = read_parameters(request.args)
        limit = values["limit"]
        found = _listed(route, Span(now=_now(), after_id=values["cursor"], limit=limit + 1, openid=values["openid"]))
        shown = found[:limit]
        more = cursor_after(shown[-1].id) if len(found) > limit else None
        return json_answer({"data": [_plain(route, one, token) for one in shown], "next_cursor": more})

    def single(record_id: str) -> Response:
        token = _allowed(route, limits)
        refuse_others(request.args, {})
        only_id = id_of(record_id)
        found = _listed(route, Span(now=_now(), only_id=only_id)) if only_id is not None else []
        if not found:
            raise NotFound(f"there is no {route.collection.singular} with this id")
        return json_answer(_plain(route, found[0], token))

    return single if route.single else page


def _allowed(route: Route, limits: Limits) -> ApiToken:
    token: ApiToken = g.token
    check_scope(limits, service.current().database, token, route.scope, _now())
    return token


def _listed(route: Route, span: Span) -> list[Listed[object]]:
    return route.collection.listing(service.current().database, span)


def _plain(route: Route, listed: Listed[object], token: ApiToken) -> dict[str, object]:
    return plain(route.collection, listed, whole_phones=WHOLE_PHONES in token.scopes)


def _now() -> datetime:
    return service.current().clock()


def _nowhere(rest: str = "") -> Response:  # noqa: ARG001 (the address is read from the request)
    """Answer for addresses that are not there, and for methods other than GET on those that are."""
    adapter = current_app.create_url_adapter(request)
    if adapter is not None and request.method != "GET":
        try:
            endpoint, _ = adapter.match(method="GET")
        except RequestRedirect:
            endpoint = ""
        if endpoint not in ("", f"{NAME}.{_NOWHERE}"):
            raise MethodNotAllowed(["GET", "HEAD", "OPTIONS"])
    raise NotFound


def _log(response: Response) -> Response:
    token: ApiToken | None = g.get("token")
    endpoint = (request.endpoint or "").removeprefix(f"{NAME}.")
    log.info("token %s: %s %s", token.name if token else "none", endpoint, response.status_code)
    return response
