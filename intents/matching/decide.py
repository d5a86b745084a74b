"""From how near each intent came to what to do: answer, ask back with up to three choices, or say that it was not understood."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MOST_OPTIONS = 3
_MIDDLE, _STEEPNESS = 0.26, 14.0  # fitted to how often the nearest intent was the right one (docs/matching.md)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to do what; every figure lies between 0 and 1.

    ``answer``: the confidence from which the best intent is answered. ``margin``: how far its score must be ahead of the next, else both
    are offered. ``offer``: the confidence from which it is asked back at all; then others are offered beside the best whose confidence is
    at least ``also`` and whose score is at most ``spread`` behind.
    """

    answer: float = 0.6
    margin: float = 0.06
    offer: float = 0.2
    also: float = 0.12
    spread: float = 0.15


@dataclass(frozen=True, slots=True)
class Scored:
    """An intent with its final score, and whether it may be offered as a choice."""

    intent: str
    score: float
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """``intent`` when it is to be answered, ``options`` when it is to be asked back, neither when it was not understood; and why."""

    intent: str | None
    options: tuple[str, ...]
    confidence: float
    margin: float
    reason: str


def confidence_of(score: float) -> float:
    """Return how likely an intent with this score is the right one (0 to 1, rising with the score)."""
    return 1.0 / (1.0 + math.exp(_STEEPNESS * (_MIDDLE - score)))


def decide(ranked: Sequence[Scored], thresholds: Thresholds) -> Decision:
    """Return what to do with intents given best first."""
    if not ranked:
        return Decision(None, (), 0.0, 0.0, "nothing is near")
    best = ranked[0]
    confidence = confidence_of(best.score)
    margin = min(1.0, best.score - (ranked[1].score if len(ranked) > 1 else 0.0))
    sure = confidence >= thresholds.answer
    if sure and margin >= thresholds.margin:
        return Decision(best.intent, (), confidence, margin, "answer: sure, and ahead of the next")
    near = [
        scored
        for scored in ranked
        if confidence_of(scored.score) >= thresholds.also and best.score - scored.score <= thresholds.spread
    ]
    options = (
        tuple(scored.intent for scored in near if scored.offered)[:MOST_OPTIONS]
        if confidence >= thresholds.offer
        else ()
    )
    if sure and len(options) < 2:
        return Decision(best.intent, (), confidence, margin, "answer: sure, and the next may not be offered")
    if options:
        return Decision(None, options, confidence, margin, "ask back: too close" if sure else "ask back: not sure")
    return Decision(None, (), confidence, margin, "not understood: too far from everything")
