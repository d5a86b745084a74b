"""Wiring of everything pages share into a Flask app: call it once, before the pages' own blueprints are registered."""

from collections.abc import Collection
from typing import Any

from flask import Flask

from bot.web import assets, mood, patterns, shown
from bot.web.auth import can, current_user, protect
from bot.web.errors import explain_errors
from bot.web.forms import csrf_token, protect_forms
from bot.web.languages import LANGUAGES, html_language, language, speak, with_language
from bot.web.live import bound_streams
from bot.web.login import pages
from bot.web.navigation import home_url, shown_items
from bot.web.security import guard
from bot.web.service import PageService, attach

MACHINES = "zhaohu_machines"  # app.extensions: the names of the blueprints that speak to programs


def install(app: Flask, service: PageService, machines: Collection[str] = ()) -> None:
    """Give the app its shared pages, and guard all others.

    ``machines`` names the blueprints that speak to programs and authenticate them on their own (webhook, API, health): no session, no cookies,
    no form token, no error pages. Every other view must carry a mark of ``bot.web.roles``, or is refused.
    """
    settings, apart = service.settings, frozenset(machines)
    app.secret_key = settings.secret_key  # signs the cookie of flash messages, nothing else
    on_https = settings.base_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-zhaohu-notes" if on_https else "zhaohu-notes",
        SESSION_COOKIE_SECURE=on_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.extensions[MACHINES] = apart
    attach(app, service)
    guard(app, settings, apart)
    speak(app, settings)
    protect(app, apart)
    protect_forms(app, apart)
    explain_errors(app, apart)
    bound_streams(app, settings.live_streams)
    app.register_blueprint(pages)
    app.register_blueprint(patterns.pages)
    app.after_request(assets.keep_assets)
    app.context_processor(lambda: _names(service))
    shown.add_filters(app)


def _names(service: PageService) -> dict[str, Any]:
    """Return what every template may use."""
    return {
        "asset": assets.asset,
        "icon_address": assets.icon_address,
        "brand_name": service.settings.brand_name,
        "can": can,
        "csrf_token": csrf_token,
        "current_user": current_user(),
        "home_url": home_url,
        "html_language": html_language(),
        "language": language(),
        "languages": LANGUAGES,
        "mood_icon": mood.mood_icon,
        "mood_of": mood.mood_of,
        "mood_of_sum": mood.label_of_sum,
        "mood_tone": mood.mood_tone,
        "mood_words": mood.mood_words,
        "nav_items": shown_items,
        "now": service.clock(),
        "with_language": with_language,
    }
