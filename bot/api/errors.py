"""What went wrong, in one shape: ``{"error": {"status", "code", "message"}}``, its status that of the answer."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from storage.errors import StorageUnavailable

RETRY_SECONDS = 5
# Each status the API answers, with a code that stays the same and a sentence for when there is none of its own.
ERRORS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("bad_request", "the request cannot be understood"),
        401: ("unauthorized", "a token is needed"),
        403: ("forbidden", "the token lacks a scope"),
        404: ("not_found", "there is nothing at this address"),
        405: ("method_not_allowed", "the API only reads: use GET"),
        429: ("too_many_requests", "too many requests"),
        500: ("internal_error", "something failed here; it was logged"),
        503: ("unavailable", "the database cannot be used right now; try again"),
    }
)


def answer_errors(api: Blueprint) -> None:
    """Answer every error of the blueprint in the one shape."""

    def on_http_error(error: HTTPException) -> Response:
        return error_answer(error)

    def on_storage_error(error: StorageUnavailable) -> Response:
        current_app.logger.error("storage unavailable: %s", error)
        return error_answer(ServiceUnavailable(retry_after=RETRY_SECONDS))

    api.register_error_handler(HTTPException, on_http_error)
    api.register_error_handler(StorageUnavailable, on_storage_error)


def error_answer(error: HTTPException) -> Response:
    """Return the answer for an error; words that are not our own are replaced."""
    status = error.code or 500
    code, usual = ERRORS.get(status) or ERRORS[400 if status < 500 else 500]
    own = error.description if status < 500 and error.description != type(error).description else None
    body = {"error": {"status": status, "code": code, "message": own or usual}}
    response = json_answer(body, status)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers.add(name, value)
    return response


def json_answer(body: object, status: int = 200) -> Response:
    """Return an answer in JSON, its keys in the order given."""
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")
