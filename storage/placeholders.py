"""Statements as PostgreSQL wants them: values by their number (``$1``) where our SQL has them by name (``:name``)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

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
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return the statement with each ``:name`` as ``$number``, and the names in the order of their numbers."""
    names: dict[str, int] = {}

    def place(match: re.Match[str]) -> str:
        name = match["name"]
        return match[0] if name is None else f"${names.setdefault(name, len(names) + 1)}"

    return _NAME_OR_PASSED_OVER.sub(place, sql), tuple(names)


def values_of(names: tuple[str, ...], parameters: Mapping[str, Any]) -> list[Any]:
    """Return the values in the order of these names. Raises KeyError when one is missing."""
    return [parameters[name] for name in names]
