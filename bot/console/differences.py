"""Two texts side by side: which lines differ, and which words in them. Pure."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Change = Literal["same", "changed", "removed", "added", "gap"]
_WORDS = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)
_CONTEXT = 3  # lines shown around what differs
_LIKE_ENOUGH = 0.3  # below it two lines have nothing to do with each other
_MOST_PAIRS = 1_000_000  # of lines, or of words, that are compared; time grows with them


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line; ``differs`` says that the other side has not got them."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the older text beside one of the newer; None where one side has no such line. A gap stands for lines that are the same."""

    change: Change
    old_line: int | None = None
    old: tuple[Piece, ...] = ()
    new_line: int | None = None
    new: tuple[Piece, ...] = ()


def difference(old: str, new: str) -> list[Row]:
    """Return the rows that show how one text became the other, with some lines around; none when they are the same."""
    if old == new:
        return []
    old_lines, new_lines = old.split("\n"), new.split("\n")
    rows = list[Row]()
    if len(old_lines) * len(new_lines) > _MOST_PAIRS:
        return [*_different(old_lines, 0, len(old_lines), new_lines, 0, len(new_lines))]
    for group in difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_grouped_opcodes(_CONTEXT):
        if rows or group[0][1] > 0:
            rows.append(Row("gap"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                rows += _same(old_lines, old_from, old_to, new_from)
            else:
                rows += _different(old_lines, old_from, old_to, new_lines, new_from, new_to)
    return rows


def _same(lines: list[str], old_from: int, old_to: int, new_from: int) -> Iterator[Row]:
    for offset, line in enumerate(lines[old_from:old_to]):
        piece = (Piece(line),)
        yield Row("same", old_from + offset + 1, piece, new_from + offset + 1, piece)


def _different(
    old_lines: list[str], old_from: int, old_to: int, new_lines: list[str], new_from: int, new_to: int
) -> Iterator[Row]:
    """Yield lines that were replaced beside each other, as far as there are two of them, and the rest alone."""
    for offset in range(max(old_to - old_from, new_to - new_from)):
        old_at, new_at = old_from + offset, new_from + offset
        if old_at < old_to and new_at < new_to:
            old, new = _by_words(old_lines[old_at], new_lines[new_at])
            yield Row("changed", old_at + 1, old, new_at + 1, new)
        elif old_at < old_to:
            yield Row("removed", old_at + 1, (Piece(old_lines[old_at]),))
        else:
            yield Row("added", None, (), new_at + 1, (Piece(new_lines[new_at]),))


def _by_words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both lines in pieces. Chinese is compared by characters, other words whole."""
    old_words, new_words = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, old_words, new_words, autojunk=False)
    if len(old_words) * len(new_words) > _MOST_PAIRS or matcher.ratio() < _LIKE_ENOUGH:
        return (Piece(old, differs=True),), (Piece(new, differs=True),)
    before, after = list[Piece](), list[Piece]()
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        differs = tag != "equal"
        if old_from < old_to:
            before.append(Piece("".join(old_words[old_from:old_to]), differs))
        if new_from < new_to:
            after.append(Piece("".join(new_words[new_from:new_to]), differs))
    return tuple(before), tuple(after)
