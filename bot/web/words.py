"""The words of pages in the reader's language: Flask-Babel's functions with types. The text given is the Chinese one, and the key of the others."""

from datetime import datetime
from typing import Any

import flask_babel


def gettext(text: str, **values: object) -> str:
    """Return the text in the reader's language, with ``%(name)s`` filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return the text for a number, which is also ``%(num)d`` in it."""
    return str(flask_babel.ngettext(singular, plural, num, **values))


def lazy_gettext(text: str, **values: object) -> Any:
    """Return something that becomes the text in the reader's language each time it is shown; for constants."""
    return flask_babel.lazy_gettext(text, **values)


def format_moment(moment: datetime, pattern: str) -> str:
    """Return an aware time in the brand's zone, by a pattern such as ``yyyy-MM-dd HH:mm``."""
    return str(flask_babel.format_datetime(moment, pattern))
