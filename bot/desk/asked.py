"""What a request of the desk asks for: fields from an allow-list, each checked; whatever else is sent is refused (400)."""

import re

from flask import abort, request

from bot.web.forms import FIELD
from bot.web.words import gettext

MOST_ID = 2**63 - 1
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PHONE = re.compile(r"[0-9+][0-9 +\-]{4,19}")
_TAG_BREAK = re.compile(r"[,，、;；\n]+")
MOST_TAGS = 12


def form(*names: str) -> dict[str, str]:
    """Return these fields of the form, empty when absent. Any other field is refused."""
    if set(request.form) - {*names, FIELD}:
        abort(400)
    return {name: request.form.get(name, "").replace("\r\n", "\n") for name in names}


def number(text: str | None) -> int | None:
    """Return a whole number that an id or a time can be, None for none; anything else is refused."""
    if text is None or text == "":
        return None
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > MOST_ID:
        abort(400)
    return int(text)


def client_id(text: str) -> str:
    """Return the name a page gave to one click."""
    if not _CLIENT_ID.fullmatch(text):
        abort(400)
    return text


def line(text: str, most: int, name: str) -> str:
    """Return a text on one line, refused when it is longer than ``most`` characters; ``name`` is what people call it."""
    plain = " ".join(text.split())
    return short_enough(plain, most, name)


def short_enough(text: str, most: int, name: str) -> str:
    """Return the text, refused when it is longer than ``most`` characters."""
    if len(text) > most:
        abort(422, description=gettext("%(name)s最多 %(most)d 个字。", name=name, most=most))
    return text


def phone(text: str) -> str | None:
    """Return a phone number, None when nothing was typed."""
    plain = " ".join(text.split())
    if not plain:
        return None
    if not _PHONE.fullmatch(plain):
        abort(422, description=gettext("手机号只能有数字、空格、加号和短横线。"))
    return plain


def tags(text: str) -> tuple[str, ...]:
    """Return the tags in a text, each once, in the order typed."""
    found = dict.fromkeys(tag for part in _TAG_BREAK.split(text) if (tag := " ".join(part.split())))
    if len(found) > MOST_TAGS:
        abort(422, description=gettext("标签最多 %(most)d 个。", most=MOST_TAGS))
    return tuple(short_enough(tag, 20, gettext("标签")) for tag in found)
