"""Addresses of style sheets, scripts and icons, with a mark of their content, so that browsers may keep them for good."""

import functools
import hashlib
from pathlib import Path

from flask import Response, request, url_for

STATIC = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_MARK_LENGTH = 10


@functools.cache
def mark_of(name: str) -> str:
    """Return a short hash of a file's content; files do not change while the service runs."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:_MARK_LENGTH]


def asset(name: str) -> str:
    """Return the address of a file of ours."""
    return url_for("web.static", filename=name, v=mark_of(name))


def icon_address(name: str) -> str:
    """Return the address of an icon in the sprite."""
    return f"{asset('vendor/icons.svg')}#{name}"


def keep_assets(response: Response) -> Response:
    """Let browsers keep what was asked for by its mark; anything else they must ask about again."""
    if request.endpoint == "web.static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = _FOR_GOOD if request.args.get("v") else "no-cache"
    return response
