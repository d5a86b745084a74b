"""What no list holds: a small part learned from examples, runs of one to three characters, the shipped ones and what staff corrected.

Learned in some hundredths of a second; the same examples in the same order give the same weights.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, sqrt
from typing import Literal, cast, get_args

import numpy as np

from intents.matching.softmax import Row, Samples, learn
from intents.sentiment.text import fold

Label = Literal["negative", "neutral", "positive"]
Example = tuple[str, Label]
LABELS: tuple[Label, ...] = get_args(Label)
LONGEST = 3  # characters of a run
MOST_CHARACTERS = 200  # of a message; what is longer has words enough
EPOCHS = 3
CORRECTION_COUNTS = 4.0  # as many shipped examples: staff know their consumers
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Learned:
    """The weights of each run, and the classes' own inclination, in the order of ``LABELS``."""

    weights: dict[str, tuple[float, float, float]]
    bias: tuple[float, float, float]

    def margin(self, folded: str) -> float:
        """Return how a folded text leans: from -1 (surely negative) over 0 (neutral, or nobody knows) to 1 (surely positive)."""
        found = runs(folded)
        bad = neutral = good = 0.0
        for run in found:
            weights = self.weights.get(run)
            if weights is not None:
                bad += weights[0]
                neutral += weights[1]
                good += weights[2]
        length = sqrt(len(found))
        bad, neutral, good = (
            exp(bad / length + self.bias[0]),
            exp(neutral / length + self.bias[1]),
            exp(good / length + self.bias[2]),
        )
        whole = bad + neutral + good
        return (good - bad) / whole * (1.0 - neutral / whole)

    def strongest(self, folded: str, *, negative: bool) -> str:
        """Return the longest run of those that speak most for a leaning, empty when none does."""
        sign = -1.0 if negative else 1.0
        pulls = {
            run: sign * (weights[2] - weights[0])
            for run in runs(folded)
            if (weights := self.weights.get(run)) is not None and run in folded
        }
        best = max(pulls, key=lambda run: (round(pulls[run], 2), len(run), run), default="")
        return best if best and pulls[best] > 0 else ""


def runs(folded: str) -> set[str]:
    """Return the runs of characters of a folded text; its beginning and its end count as characters."""
    text = "\x02" + _SPACES.sub("", folded[:MOST_CHARACTERS]) + "\x03"
    return {text[start : start + length] for length in range(1, LONGEST + 1) for start in range(len(text) - length + 1)}


@cache
def shipped() -> tuple[Example, ...]:
    """Return the examples of the release."""
    text = resources.files("intents.sentiment").joinpath("examples.txt").read_text("utf-8")
    lines = (line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((said, cast(Label, label)) for label, said in lines)


def learn_from(examples: Sequence[Example], corrections: Iterable[Example] = ()) -> Learned:
    """Return what is learned from examples, and from corrections, which count more."""
    corrected = list(corrections)
    columns: dict[str, int] = {}
    rows = []
    for text, _ in (*examples, *corrected):
        found = sorted(runs(fold(text)))
        places = np.array([columns.setdefault(run, len(columns)) for run in found], np.int32)
        rows.append(Row(places, np.full(len(found), 1.0 / sqrt(len(found)), np.float32)))
    counts = [1.0] * len(examples) + [CORRECTION_COUNTS] * len(corrected)
    classes = np.array([LABELS.index(label) for _, label in (*examples, *corrected)], np.int64)
    samples = Samples(rows, classes, np.array(counts, np.float32), np.zeros(len(rows), np.int64))
    [weights] = learn(samples, columns=len(columns), classes=len(LABELS), epochs=EPOCHS)
    by_column = weights.by_column.tolist()
    bias = weights.bias.tolist()
    return Learned({run: tuple(by_column[place]) for run, place in columns.items()}, (bias[0], bias[1], bias[2]))


@cache
def learned_as_shipped() -> Learned:
    """Return what is learned from the examples of the release alone."""
    return learn_from(shipped())
