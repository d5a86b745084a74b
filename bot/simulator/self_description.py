"""The stand-in tells of itself: quotas, refused requests, and the addresses it calls from.

Source: https://developers.weixin.qq.com/doc/service/api/apimanage/api_getapiquota.html and the pages beside it, read 2026-03.
"""

from flask import Response

from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.messages import ApiError
from bot.simulator.platform import Answer

DAILY_LIMIT = 500_000
_HOME = ["127.0.0.1", "::1"]

self_description = addresses("simulator_self_description")


@self_description.post("/cgi-bin/openapi/quota/get")
def quota() -> Response:
    """Say how often a call may be made in a day, and was since the start."""
    return answered(_quota)


@self_description.post("/cgi-bin/openapi/rid/get")
def request_by_rid() -> Response:
    """Tell of a refused request by the number in its answer."""
    return answered(_request)


@self_description.get("/cgi-bin/getcallbackip")
def callback_addresses() -> Response:
    """Say where pushes come from."""
    return answered(_addresses)


@self_description.get("/cgi-bin/get_api_domain_ip")
def api_addresses() -> Response:
    """Say where the API is."""
    return answered(_addresses)


def _quota() -> Answer:
    platform().check_token(token())
    path = body().get("cgi_path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise ApiError(76021, "cgi_path not found, please check")
    used = platform().calls[path]
    return {
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": DAILY_LIMIT, "used": used, "remain": DAILY_LIMIT - used},
    }


def _request() -> Answer:
    platform().check_token(token())
    rid = body().get("rid")
    found = next((refusal for refusal in platform().refusals if refusal.rid == rid), None)
    if found is None:
        raise ApiError(76022, "rid not found")
    told = {
        "invoke_time": int(found.at.timestamp()),
        "cost_in_ms": 1,
        "request_url": found.path,
        "request_body": "",
        "response_body": found.answer,
        "client_ip": _HOME[0],
    }
    return {"errcode": 0, "errmsg": "ok", "request": told}


def _addresses() -> Answer:
    platform().check_token(token())
    return {"ip_list": _HOME}
