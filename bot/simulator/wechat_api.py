"""The stand-in's addresses: as WeChat's own, below ``/simulator/wechat-api``."""

from flask import Response

from bot.simulator.answering import EXTENSION as EXTENSION
from bot.simulator.answering import ROOT as ROOT
from bot.simulator.answering import addresses
from bot.simulator.answering import answered as _answered
from bot.simulator.answering import body as _body
from bot.simulator.answering import platform as platform
from bot.simulator.answering import token as _token

wechat_api = addresses("simulator_wechat_api")


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
