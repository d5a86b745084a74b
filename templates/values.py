"""What a template may be given: text, numbers, truth, dates, nothing, and lists and mappings of these. Everything is copied to plain built-in types.

After this, no object with methods of ours or of a library is within a template's reach.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time

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
        if type(value) in _AS_THEY_ARE:
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return self._fraction(value)
        if isinstance(value, Mapping):
            return {self._key(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(item, depth + 1) for item in value]
        raise RenderError("bad-values", reason=f"a value of type {type(value).__name__}")

    def _text(self, value: str) -> str:
        self.characters += len(value)
        if self.characters > MAX_CHARACTERS:
            raise RenderError("bad-values", reason=f"more than {MAX_CHARACTERS} characters")
        return str.__str__(value)

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise RenderError("bad-values", reason="a key that is not text")
        return self._text(key)

    def _integer(self, value: int) -> int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise RenderError("bad-values", reason="a number beyond 15 digits")
        return int.__index__(value)

    def _fraction(self, value: float) -> float:
        if not math.isfinite(value):
            raise RenderError("bad-values", reason="a number that is not finite")
        return float.__float__(value)


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """Return a deep copy of the values in plain built-in types.

    Raises RenderError (``bad-values``) for anything else, and for more than MAX_CHARACTERS, MAX_NODES or MAX_DEPTH.
    """
    copy = _Copy()
    copied: dict[str, object] = {}
    for name, value in values.items():
        if type(value) is str:
            copy.characters += len(value)
            copied[name] = value
        else:
            copied[name] = copy.of(value, 1)
    if copy.characters > MAX_CHARACTERS:
        raise RenderError("bad-values", reason=f"more than {MAX_CHARACTERS} characters")
    return copied
