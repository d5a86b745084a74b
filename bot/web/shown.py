"""How values look on pages: times in the brand's zone, a member's short code, a colour that stays the same."""

from collections.abc import Mapping
from datetime import datetime

from flask import Flask
from markupsafe import Markup, escape

from bot.web.bubbles import parts_of
from bot.web.service import page_service
from bot.web.words import format_moment, gettext, ngettext
from storage.members import short_code

_HUES = 8  # colours of avatars in the style sheet
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def add_filters(app: Flask) -> None:
    """Let templates use these as filters."""
    for shown in (moment, exact, ago, short_code, hue, initial, attributes):
        app.add_template_filter(shown)
    app.add_template_filter(parts_of, "bubble_parts")


def moment(time: datetime) -> str:
    """Return a time as short as it can be said today: the hour, the day and hour, or the whole date."""
    zone = page_service().settings.timezone
    here, now = time.astimezone(zone), page_service().clock().astimezone(zone)
    if here.date() == now.date():
        return format_moment(time, "HH:mm")
    if here.year == now.year:
        return format_moment(time, gettext("M月d日 HH:mm"))
    return format_moment(time, "yyyy-MM-dd")


def exact(time: datetime) -> str:
    """Return a time to the second, for a hint."""
    return format_moment(time, "yyyy-MM-dd HH:mm:ss")


def ago(time: datetime) -> str:
    """Return how long ago it was: just now, minutes, hours, days."""
    seconds = max(0, int((page_service().clock() - time).total_seconds()))
    if seconds < _MINUTE:
        return gettext("刚刚")
    if seconds < _HOUR:
        return ngettext("%(num)d 分钟前", "%(num)d 分钟前", seconds // _MINUTE)
    if seconds < _DAY:
        return ngettext("%(num)d 小时前", "%(num)d 小时前", seconds // _HOUR)
    return ngettext("%(num)d 天前", "%(num)d 天前", seconds // _DAY)


def hue(key: object) -> int:
    """Return the number of the colour that belongs to a key, always the same one."""
    return sum(str(key).encode()) % _HUES


def initial(name: str) -> str:
    """Return the letter that stands for a name in a round picture."""
    return name.strip()[:1].upper()


def attributes(values: Mapping[str, object]) -> Markup:
    """Write attributes of an element; true means present without a value, false and None mean absent."""
    given = [(name, value) for name, value in values.items() if value is not None and value is not False]
    return Markup(" ").join(
        escape(name) if value is True else Markup('{}="{}"').format(name, value) for name, value in given
    )
