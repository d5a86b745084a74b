"""What a template may be given: text, numbers, truth, dates, nothing, and lists and mappings of these. Everything is copied to plain built-in types.

After this, no object with methods of ours or of a library is within a template's reach.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from templates.errors import RenderError

MAX_CHARACTERS = 20_000  # in all texts together: ten times what a reply can hold
MAX_NODES = 5_000
MAX_DEPTH = 5
MAX_INTEGER = 10**15

_AS_THEY_ARE = frozenset({bool, type(None), date, datetime, time})


class _Copy:
    """One copying of values, counting what it takes."""

    __slots__ = ("characters", "nodes")

    def __init__(self) -> None:
        self.characters = 0
        self.nodes = 0

    def of(self, value: object, depth: int) -> object:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise RenderError("bad-values", reason=f"more than {MAX_NODES} values or {MAX_DEPTH} levels")
        if isinstance(value, str):  # the common types first: this runs for every reply
            self.characters += len(value)
            return value if type(value) is str else str.__str__(value)
        if type(value) in _AS_THEY_ARE:
            return value
        if isinstance(value, int):
            return _integer(value)
        if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101 - the look at dict alone is much faster
            return self.mapping(value, depth + 1)
        if isinstance(value, list | tuple):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, float) and math.isfinite(value):
            return float.__float__(value)
        raise RenderError(
            "bad-values", reason=f"a value of type {type(value).__name__}, or a number that is not finite"
        )

    def mapping(self, value: Mapping[Any, object], depth: int) -> dict[str, object]:
        copied: dict[str, object] = {}
        for key, item in value.items():
            if type(key) is not str:
                raise RenderError("bad-values", reason="a key that is not text")
            self.characters += len(key)
            copied[key] = self.of(item, depth)
        return copied


def _integer(value: int) -> int:
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise RenderError("bad-values", reason="a number beyond 15 digits")
    return int.__index__(value)


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """Return a deep copy of the values in plain built-in types.

    Raises RenderError (``bad-values``) for anything else, and for more than MAX_CHARACTERS, MAX_NODES or MAX_DEPTH.
    """
    copy = _Copy()
    copied = copy.mapping(values, 1)
    if copy.characters > MAX_CHARACTERS:
        raise RenderError("bad-values", reason=f"more than {MAX_CHARACTERS} characters")
    return copied
