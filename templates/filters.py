"""The filters and tests of reply templates: all there are, each with the arguments it takes.

Every one takes plain values only, and none makes more than a bounded text, whatever it is chained with. A value that it cannot use raises RenderError.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any, Literal, NoReturn
from urllib.parse import quote

from jinja2 import Undefined

from templates import graphemes
from templates.errors import RenderError
from templates.values import MAX_INTEGER

MAX_ITEMS = 200  # of a list, in loops and joins
_MAX_ENCODED = 1_000  # characters given to urlencode, which makes nine of one
_WEEKDAYS = "一二三四五六日"

Arguments = Literal["none", "any", "separator", "length", "digits", "date style"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: its function and the arguments it takes (beside what it is applied to)."""

    function: Callable[..., Any]
    arguments: Arguments = "none"


def _refuse(what: str, value: object) -> NoReturn:
    if isinstance(value, Undefined):
        str(value)  # raises, naming the missing variable
    raise RenderError("wrong-value", what=what, got=type(value).__name__)


def _text(what: str, value: object) -> str:
    if type(value) is str:
        return value
    if type(value) is int or type(value) is float:
        return shown(value)
    _refuse(what, value)


def _integer(what: str, value: object) -> int:
    if type(value) is int:
        return value
    _refuse(what, value)


def _moment(what: str, value: object) -> date | datetime | time:
    """Return a date or time; ISO text is read, so that values may come from JSON and sample values from YAML."""
    if isinstance(value, date | time):
        return value
    if type(value) is str:
        for reads in (datetime.fromisoformat, time.fromisoformat):
            try:
                return reads(value)
            except ValueError:
                continue
    _refuse(what, value)


def shown(value: object) -> str:
    """Return what ``{{ value }}`` shows: text and numbers as they are, dates the Chinese way. Refuses the rest rather than show Python."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is float:
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, datetime):
        return f"{in_chinese(value)} {value:%H:%M}"
    if isinstance(value, date):
        return in_chinese(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Undefined):
        return str(value)  # raises, naming the missing variable
    raise RenderError("cannot-show", got=type(value).__name__)


def in_chinese(value: object, style: str = "full") -> str:
    """Return 2026年1月2日, or 1月2日 in ``short`` style."""
    moment = _moment("date", value)
    if isinstance(moment, time):
        _refuse("date", value)
    day = f"{moment.month}月{moment.day}日"
    return day if style == "short" else f"{moment.year}年{day}"


def clock(value: object) -> str:
    """Return 08:30."""
    moment = _moment("time", value)
    if not isinstance(moment, datetime | time):
        _refuse("time", value)
    return f"{moment:%H:%M}"


def weekday(value: object) -> str:
    """Return 周四."""
    moment = _moment("weekday", value)
    if isinstance(moment, time):
        _refuse("weekday", value)
    return f"周{_WEEKDAYS[moment.weekday()]}"


def money(value: object) -> str:
    """Return an amount in fen as ¥12.50."""
    fen = _integer("money", value)
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def yuan(value: object) -> str:
    """Return an amount in fen as bare yuan, without needless zeros: 12, 12.5."""
    fen = _integer("yuan", value)
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}" + (f".{abs(fen) % 100:02}".rstrip("0") if fen % 100 else "")


def points(value: object) -> str:
    """Return 1,234."""
    return f"{_integer('points', value):,}"


def distance(value: object) -> str:
    """Return metres as 320米 or 1.2公里."""
    if type(value) is not int and type(value) is not float:
        _refuse("distance", value)
    metres = round(value)
    return f"{metres}米" if metres < 1_000 else f"{shown(round(metres / 1_000, 1))}公里"


def default(value: object, instead: object) -> object:
    """Return ``instead`` of a value that is missing, none or empty text."""
    return instead if isinstance(value, Undefined) or value is None or value == "" else value


def join(value: object, separator: str = "、") -> str:
    """Return the first MAX_ITEMS items of a list as one text."""
    if type(value) is not list:
        _refuse("join", value)
    return separator.join(shown(item) for item in value[:MAX_ITEMS])


def length(value: object) -> int:
    """Return how many characters or items there are."""
    if type(value) is str or type(value) is list or type(value) is dict:
        return len(value)
    _refuse("length", value)


def upper(value: object) -> str:
    """Return the text in capitals."""
    return _text("upper", value).upper()


def lower(value: object) -> str:
    """Return the text in small letters."""
    return _text("lower", value).lower()


def trim(value: object) -> str:
    """Return the text without white space at its ends."""
    return _text("trim", value).strip()


def truncate(value: object, characters: int) -> str:
    """Return at most so many characters, the last one … when some were left out."""
    text = _text("truncate", value)
    if graphemes.first(text, characters) == text:
        return text
    return graphemes.first(text, characters - 1) + "…"


def rounded(value: object, digits: int = 0) -> float | int:
    """Return the number with so many digits behind the point."""
    if type(value) is not int and type(value) is not float:
        _refuse("round", value)
    return round(value, digits) if digits else round(value)


def integer(value: object) -> int:
    """Return a number without what is behind the point, or the whole number that a text holds."""
    if type(value) is int:
        return value
    if type(value) is float:
        return int(value)
    if (
        type(value) is str
        and value.isascii()
        and value.strip().lstrip("-").isdecimal()
        and len(value) < len(str(MAX_INTEGER))
    ):
        try:
            return int(value)
        except ValueError:
            _refuse("int", value)
    _refuse("int", value)


def first(value: object) -> object:
    """Return the first item or character."""
    if (type(value) is list or type(value) is str) and value:
        item: object = value[0]
        return item
    _refuse("first", value)


def last(value: object) -> object:
    """Return the last item or character."""
    if (type(value) is list or type(value) is str) and value:
        item: object = value[-1]
        return item
    _refuse("last", value)


def urlencode(value: object) -> str:
    """Return the text percent-encoded, for use inside a link; at most 1,000 characters of it."""
    text = _text("urlencode", value)
    if len(text) > _MAX_ENCODED:
        _refuse("urlencode", value)
    return quote(text, safe="", errors="replace")


FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "date": Filter(in_chinese, "date style"),
        "default": Filter(default, "any"),
        "distance": Filter(distance),
        "first": Filter(first),
        "int": Filter(integer),
        "join": Filter(join, "separator"),
        "last": Filter(last),
        "length": Filter(length),
        "lower": Filter(lower),
        "money": Filter(money),
        "points": Filter(points),
        "round": Filter(rounded, "digits"),
        "time": Filter(clock),
        "trim": Filter(trim),
        "truncate": Filter(truncate, "length"),
        "upper": Filter(upper),
        "urlencode": Filter(urlencode),
        "weekday": Filter(weekday),
        "yuan": Filter(yuan),
    }
)

TESTS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "defined": lambda value: not isinstance(value, Undefined),
        "undefined": lambda value: isinstance(value, Undefined),
        "none": lambda value: value is None,
        "odd": lambda value: _integer("odd", value) % 2 == 1,
        "even": lambda value: _integer("even", value) % 2 == 0,
    }
)
