"""What all addresses of the stand-in share: reading a call, and answering it as the platform does."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.simulator.local import refuse_strangers
from bot.simulator.messages import ApiError
from bot.simulator.platform import Answer, Platform, answer_to
from bot.wechat.account import Account

ROOT = "/simulator/wechat-api"
EXTENSION = "zhaohu_simulator_platform"
ACCOUNT = "zhaohu_simulator_account"


def platform() -> Platform:
    """Return the stand-in of the current app."""
    found: Platform = current_app.extensions[EXTENSION]
    return found


def account() -> Account:
    """Return the account that the current app plays with."""
    found: Account = current_app.extensions[ACCOUNT]
    return found


def addresses(name: str) -> Blueprint:
    """Make a part of the stand-in's addresses, closed to strangers."""
    part = Blueprint(name, __name__, url_prefix=ROOT)
    part.before_request(refuse_strangers)
    return part


def answered(call: Callable[[], Answer]) -> Response:
    """Carry out a call; errors are answered 200 with a code, as the platform does, and kept by the number they name."""
    path = request.path.removeprefix(ROOT)
    platform().calls[path] += 1
    try:
        return jsonify(call())
    except ApiError as error:
        answer = answer_to(error)
        platform().note_refusal(path, answer)
        return jsonify(answer)


def token() -> str:
    """Return the access token in the address."""
    return request.args.get("access_token", "")


def body() -> Mapping[str, Any]:
    """Return the JSON object that was sent. Raises ApiError."""
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ApiError(47001, "data format error")
    return found
