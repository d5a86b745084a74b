"""The language of the pages: Simplified Chinese, or English for whoever chose it or whose browser asks for it first."""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from flask import Flask, g, has_request_context, request
from flask_babel import Babel
from werkzeug.wrappers import Response

from bot.settings import Settings
from bot.web.auth import cookies, here

LANGUAGES = {"zh": "中文", "en": "English"}
_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
_HTML = {"zh": "zh-CN", "en": "en"}
_COOKIE, _PARAMETER = "zhaohu-language", "lang"
_YEAR_SECONDS = 365 * 24 * 3600
ROOMS = Path(__file__).parent.parent


def speak(app: Flask, settings: Settings) -> None:
    """Let the pages of the app be read in either language, with times in the brand's zone; each room keeps its own catalogue."""
    catalogues = sorted(ROOMS.glob("*/translations"))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(path) for path in catalogues)
    Babel(
        app,
        default_locale=_LOCALES["zh"],
        default_timezone=settings.timezone.key,
        locale_selector=lambda: _LOCALES[language() if has_request_context() else "zh"],
    )
    app.after_request(_remember_choice)


def language() -> str:
    """Return the language of this request: ``zh`` or ``en``."""
    if "language" not in g:
        wishes = (
            request.args.get(_PARAMETER),
            request.cookies.get(_COOKIE),
            request.accept_languages.best_match(list(LANGUAGES)),
        )
        g.language = next((wish for wish in wishes if wish in LANGUAGES), "zh")
    return str(g.language)


def html_language() -> str:
    """Return the language as the page's own mark-up names it."""
    return _HTML[language()]


def with_language(code: str) -> str:
    """Return the address of this page in another language; after a form was sent, of the page it stood on."""
    address = request.full_path if request.method in ("GET", "HEAD") else here() or request.path
    path, _, query = address.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name != _PARAMETER]
    return f"{path}?{urlencode([*kept, (_PARAMETER, code)])}"


def _remember_choice(response: Response) -> Response:
    wish = request.args.get(_PARAMETER)
    if wish in LANGUAGES and wish != request.cookies.get(_COOKIE):
        response.set_cookie(
            _COOKIE, wish, max_age=_YEAR_SECONDS, secure=cookies().secure, httponly=True, samesite="Lax", path="/"
        )
    return response
