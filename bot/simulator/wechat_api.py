"""The stand-in's addresses: as WeChat's own, below ``/simulator/wechat-api``."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from bot.simulator.local import refuse_strangers
from bot.simulator.messages import ApiError
from bot.simulator.platform import Answer, Platform, answer_to

ROOT = "/simulator/wechat-api"
EXTENSION = "zhaohu_simulator_platform"

wechat_api = Blueprint("simulator_wechat_api", __name__, url_prefix=ROOT)
wechat_api.before_request(refuse_strangers)


def platform() -> Platform:
    """Return the stand-in of the current app."""
    found: Platform = current_app.extensions[EXTENSION]
    return found


@wechat_api.post("/cgi-bin/stable_token")
def stable_token() -> Response:
    """Give out the access token."""
    return _answered(lambda: platform().stable_token(_body()))


@wechat_api.post("/cgi-bin/message/custom/send")
def send() -> Response:
    """Send a customer-service message."""
    return _answered(lambda: platform().send(_token(), _body()))


@wechat_api.post("/cgi-bin/message/custom/typing")
def typing() -> Response:
    """Show that somebody is typing."""
    return _answered(lambda: platform().typing(_token(), _body()))


@wechat_api.post("/cgi-bin/menu/create")
def create_menu() -> Response:
    """Replace the menu."""
    return _answered(lambda: platform().create_menu(_token(), _body()))


@wechat_api.get("/cgi-bin/menu/get")
def get_menu() -> Response:
    """Read the menu."""
    return _answered(lambda: platform().get_menu(_token()))


@wechat_api.get("/cgi-bin/menu/delete")
def delete_menu() -> Response:
    """Take the menu away."""
    return _answered(lambda: platform().delete_menu(_token()))


def _answered(call: Callable[[], Answer]) -> Response:
    """Carry out a call; errors are answered 200 with a code, as the platform does."""
    try:
        return jsonify(call())
    except ApiError as error:
        return jsonify(answer_to(error))


def _token() -> str:
    return request.args.get("access_token", "")


def _body() -> Mapping[str, Any]:
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ApiError(47001, "data format error")
    return found
