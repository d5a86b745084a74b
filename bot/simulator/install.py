"""Putting the pocket WeChat into an application."""

from flask import Flask

from bot.service import Service
from bot.simulator.answering import ACCOUNT
from bot.simulator.codes import codes
from bot.simulator.local import check_is_private
from bot.simulator.mass_api import mass_api
from bot.simulator.media import kept_media, media_api
from bot.simulator.notices import notices
from bot.simulator.once import consent_sheet, once_api
from bot.simulator.pages import simulator
from bot.simulator.people import people
from bot.simulator.platform import Platform
from bot.simulator.self_description import self_description
from bot.simulator.wechat_api import EXTENSION, wechat_api
from bot.wechat.account import Account

_API = (wechat_api, self_description, codes, people, notices, media_api, mass_api, once_api)
MACHINES = frozenset(part.name for part in _API)  # blueprints that speak to programs


def install_simulator(app: Flask, service: Service, account: Account) -> None:
    """Add the phone's pages and the stand-in for WeChat's API. Raises SettingsError when the service is reached at a public address."""
    check_is_private(service.settings)
    app.extensions[ACCOUNT] = account
    app.extensions[EXTENSION] = Platform(
        service.settings, service.database, service.clock, kept_media(service.settings)
    )
    app.register_blueprint(simulator)
    app.register_blueprint(consent_sheet)
    for part in _API:
        app.register_blueprint(part)
