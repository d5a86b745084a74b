"""A name for what several wordings are about: the piece that most of them share, and its spelling in letters."""

import re
from collections.abc import Iterable, Mapping

from intents.matching.sounds import romanised

LONGEST_TITLE, LONGEST_NAME = 12, 40  # characters that a scripted intent's may have
LONGEST_PIECE = 6  # Chinese characters
FEW = 0.3  # of the messages; what fewer share names nothing

_RUNS = re.compile(r"[a-z][a-z0-9]+|[\u4e00-\u9fff]+")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def title_of(subjects: Mapping[str, int], fallback: str) -> str:
    """Return the piece that most messages share, of equally shared ones the longest; ``subjects`` says how often each was said.

    A piece of Chinese has at least two characters, Latin counts by words. When hardly two share one it is the beginning of ``fallback``.
    """
    shared: dict[str, int] = {}
    for subject, times in subjects.items():
        for piece in dict.fromkeys(_pieces(subject)):
            shared[piece] = shared.get(piece, 0) + times
    least = FEW * sum(subjects.values())
    worth = {piece: times * _length(piece) for piece, times in shared.items() if times >= least}
    best = min(worth, key=lambda piece: (-worth[piece], -len(piece), piece), default=fallback)
    return best[:LONGEST_TITLE].strip()


def name_of(title: str, taken: Iterable[str] = ()) -> str:
    """Return a title in small letters, digits and ``_``, as intents are named, and none of ``taken``."""
    plain = _NOT_IN_A_NAME.sub("_", romanised(title.lower())).strip("_")
    plain = plain if re.match("[a-z][a-z0-9_]", plain) else f"topic_{plain}".rstrip("_")
    known, name, number = set(taken), plain[:LONGEST_NAME], 2
    while name in known:
        name, number = f"{plain[: LONGEST_NAME - 4]}_{number}", number + 1
    return name


def _pieces(subject: str) -> list[str]:
    pieces = []
    for run in _RUNS.findall(subject):
        if run[0] < "\u4e00":
            pieces.append(run)
        else:
            ends = [(start, start + length) for length in range(2, LONGEST_PIECE + 1) for start in range(len(run))]
            pieces.extend(run[start:end] for start, end in ends if end <= len(run))
    return pieces


def _length(piece: str) -> float:
    """Return what a piece is worth for its length: a longer one says more, but four characters say nearly all."""
    return 2.0 if piece.isascii() else float(min(len(piece), 4)) ** 0.5
