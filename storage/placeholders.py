"""Statements as the drivers take them quickest: values by their number (``$1``, ``?1``) where our SQL has them by name (``:name``).

SQLite would look up every name at every call: for the forty values of a turn's record that costs as much as storing them.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any

Values = Callable[[Mapping[str, Any]], tuple[Any, ...]]
_NAME_OR_PASSED_OVER = re.compile(
    r"""
    '(?:[^']|'')*' | "(?:[^"]|"")*"      # what is quoted
    | --[^\n]* | /\*.*?\*/               # comments
    | ::                                 # a cast
    | :(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=2048)  # more than there are statements
def numbered(sql: str, mark: str) -> tuple[str, Values]:
    """Return the statement with ``mark`` and a number for each ``:name``, and what takes the values from a mapping in the order of the numbers.

    What takes them raises KeyError when one is missing.
    """
    names: dict[str, int] = {}

    def place(match: re.Match[str]) -> str:
        name = match["name"]
        return match[0] if name is None else f"{mark}{names.setdefault(name, len(names) + 1)}"

    return _NAME_OR_PASSED_OVER.sub(place, sql), _values_of(tuple(names))


def _values_of(names: tuple[str, ...]) -> Values:
    if len(names) > 1:
        return itemgetter(*names)
    if names:
        name = names[0]
        return lambda parameters: (parameters[name],)
    return lambda _: ()
