"""What every answer of the pages carries, and what no request may: headers, hosts, sizes, text that is not text."""

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, current_app, request
from werkzeug.datastructures import MultiDict

from bot.settings import Settings
from bot.web.roles import access_of

MOST_BODY_BYTES = 2 * 1024 * 1024  # a view that takes files raises it for itself, by its mark
MOST_FORM_BYTES = 1024 * 1024
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
MACHINE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
_CLOSED_FEATURES = (
    *(
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
    ),
    *(
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "publickey-credentials-get",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    ),
)
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _CLOSED_FEATURES),
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
_BROKEN = ("\x00", "\ufffd")


def guard(app: Flask, settings: Settings, machines: frozenset[str]) -> None:
    """Put headers on every answer of the app and refuse what no request may hold.

    ``machines`` names the blueprints that speak to programs: they check texts and set a policy themselves, and get only headers that harm nobody.
    """
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_FORM_BYTES
    if (hosts := trusted_hosts(settings.base_url)) is not None:
        app.config["TRUSTED_HOSTS"] = hosts
    on_https = settings.base_url.startswith("https://")

    def refuse_broken_text() -> None:
        if request.blueprint not in machines:
            _allow_upload()
            check_request_text()

    def add_headers(response: Response) -> Response:
        for_machines = request.blueprint in machines
        for name, value in (_ALWAYS if for_machines else {**_ALWAYS, **_PAGE_HEADERS}).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", MACHINE_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        if on_https:
            response.headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
        return response

    app.before_request(refuse_broken_text)
    app.after_request(add_headers)
    app.teardown_request(lambda _: request.close())  # files that were uploaded lie in temporary files until then


def trusted_hosts(base_url: str) -> list[str] | None:
    """Return the hosts a request may name: that of the public address, and this machine itself; None (any) when no address was set."""
    host = urlsplit(base_url).hostname
    return None if host is None else [host, "localhost", "127.0.0.1"]


def _allow_upload() -> None:
    """Let the request be as large as its view says."""
    view = current_app.view_functions.get(request.endpoint or "")
    access = None if view is None else access_of(view)
    if access is not None and access.upload_bytes:
        request.max_content_length = access.upload_bytes


def check_request_text() -> None:
    """Refuse with 400 a path, query or form that is not UTF-8, or holds NUL or a lone surrogate."""
    if any(broken in request.path for broken in _BROKEN) or not _is_text(request.query_string):
        abort(400)
    if request.mimetype == "application/x-www-form-urlencoded":
        if not _is_text(request.get_data(cache=True)):
            abort(400)
    elif request.mimetype == "multipart/form-data":
        # Parsing puts U+FFFD in place of what is not UTF-8; the raw bytes may hold a picture.
        if any(broken in text for text in _names_and_values(request.form) for broken in _BROKEN):
            abort(400)
    elif request.is_json:
        check_text(request.get_json())


def check_text(value: object) -> None:
    """Refuse with 400 a value from JSON that holds NUL or a lone surrogate anywhere."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            abort(400)
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_text(name)
            check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            check_text(inner)


def _is_text(raw: bytes) -> bool:
    try:
        return "\x00" not in unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False


def _names_and_values(form: MultiDict[str, str]) -> Iterable[str]:
    for name, value in form.items(multi=True):
        yield name
        yield value
