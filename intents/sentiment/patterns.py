"""What goes wrong said in ways that no list of words can hold; the expressions lie beside this module."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import cast, get_args

from intents.sentiment.lexicon import Hit, Kind

_NUMBER = r"(?:[0-9]+|[一二两三四五六七八九十半几好多数百]+)"
_UNIT = "小时|钟头|点钟|分钟|礼拜|星期|工作日|天|周|月|年|宿|晚上|早上|下午|钟"
_TIME = rf"{_NUMBER}(?:来|多|几)?(?:个)?(?:多|半)?(?:{_UNIT})"


@dataclass(frozen=True, slots=True)
class Pattern:
    """An expression with the kind and weight of what it finds; it can only match where the character ``needs`` is."""

    kind: Kind
    weight: float
    needs: str
    expression: re.Pattern[str]


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the patterns in their order. Raises ValueError that names a line that is wrong."""
    text = resources.files("intents.sentiment").joinpath("patterns.txt").read_text("utf-8")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        kind, weight, needs, expression = line.split(maxsplit=3)
        if kind not in get_args(Kind) or len(needs) != 1:
            raise ValueError(f"patterns.txt:{number}: a line is kind, weight, a character, an expression")
        whole = expression.replace("NUMBER", _NUMBER).replace("TIME", _TIME)
        found.append(Pattern(cast(Kind, kind), float(weight), needs, re.compile(whole)))
    return tuple(found)


def find_patterns(text: str) -> list[Hit]:
    """Return what the patterns find in a folded text, in order; of two that overlap the one that is listed first."""
    hits: list[Hit] = []
    for pattern in patterns():
        if pattern.needs not in text:
            continue
        for found in pattern.expression.finditer(text):
            start, end = found.span()
            if end > start and all(end <= hit.start or hit.end <= start for hit in hits):
                hits.append(Hit(start, end, pattern.kind, pattern.weight))
    hits.sort(key=lambda hit: hit.start)
    return hits
