"""How well the judge does on labelled messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from intents.sentiment.judge import Sentiment
from intents.sentiment.learned import LABELS, Label


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one label: how many of those called so are so, how many of those that are so were called so, and the harmonic mean."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Over all messages: the mean F1 of the labels, the rates of each, and how many of the neutral ones were called negative."""

    messages: int
    macro_f1: float
    rates: dict[Label, Rates]
    false_alarms: float


def figures(labels: Sequence[Label], found: Sequence[Sentiment]) -> Figures:
    """Return how well the judgements fit the labels, given in the same order."""
    pairs = list(zip(labels, (one.label for one in found), strict=True))
    rates = {label: _rates(pairs, label) for label in LABELS}
    neutral = [said for meant, said in pairs if meant == "neutral"]
    alarms = neutral.count("negative") / max(1, len(neutral))
    return Figures(len(pairs), sum(one.f1 for one in rates.values()) / len(LABELS), rates, alarms)


def _rates(pairs: list[tuple[Label, Label]], label: Label) -> Rates:
    right = pairs.count((label, label))
    precision = right / max(1, sum(said == label for _, said in pairs))
    recall = right / max(1, sum(meant == label for meant, _ in pairs))
    return Rates(precision, recall, 2 * precision * recall / ((precision + recall) or 1.0))
