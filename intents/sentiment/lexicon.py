"""The words that carry feeling: a hand-made list beside this module, and how they are found in a message."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast, get_args

from intents.sentiment.text import fold

Kind = Literal["feeling", "fault", "demand", "outcry", "thanks", "wry", "plain"]
_BETWEEN = "_"  # stands for a space inside an English expression


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the list in a message: where it stands (``end`` is behind it), what kind it is, and its weight before anything around it is heard."""

    start: int
    end: int
    kind: Kind
    weight: float


@cache
def lexicon() -> dict[str, tuple[Kind, float]]:
    """Return every word of the list with its kind and weight. Raises ValueError that names a line that is wrong."""
    text = resources.files("intents.sentiment").joinpath("lexicon.txt").read_text("utf-8")
    words: dict[str, tuple[Kind, float]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        kind, weight, *said = line.split()
        if kind not in get_args(Kind):
            raise ValueError(f"lexicon.txt:{number}: no such kind: {kind}")
        for word in said:
            folded = fold(word.replace(_BETWEEN, " "))
            if folded in words:
                raise ValueError(f"lexicon.txt:{number}: {word} stands in two places")
            words[folded] = (cast(Kind, kind), float(weight))
    return words


@cache
def _by_first() -> dict[str, tuple[tuple[str, Kind, float], ...]]:
    """Return the words by their first character, the longest first."""
    found: dict[str, list[tuple[str, Kind, float]]] = {}
    for word, (kind, weight) in lexicon().items():
        found.setdefault(word[0], []).append((word, kind, weight))
    return {first: tuple(sorted(words, key=lambda one: -len(one[0]))) for first, words in found.items()}


def find_words(text: str, taken: list[Hit]) -> list[Hit]:
    """Return the words in a folded text, none inside another; the places of ``taken`` are left alone. In the order of the text, with ``taken``."""
    by_first = _by_first()
    hits = list(taken)
    position, length = 0, len(text)
    free_until = [*(hit.start for hit in taken), length]
    behind = [hit.end for hit in taken]
    number = 0
    while position < length:
        if position >= free_until[number]:
            position = max(position, behind[number])
            number += 1
            continue
        for word, kind, weight in by_first.get(text[position], ()):
            end = position + len(word)
            if end <= free_until[number] and text.startswith(word, position) and _stands_alone(text, position, end):
                hits.append(Hit(position, end, kind, weight))
                position = end
                break
        else:
            position += 1
    hits.sort(key=lambda hit: hit.start)
    return hits


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether an English word is not a piece of a longer one."""
    if not text[end - 1].isascii():
        return True
    return not (_is_latin(text, start) and _is_latin(text, start - 1)) and not (
        _is_latin(text, end - 1) and _is_latin(text, end)
    )


def _is_latin(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isascii() and text[place].isalpha()
