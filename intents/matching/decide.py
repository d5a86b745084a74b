"""From how sure each intent is to what to do: answer, ask back with up to three choices, or say that it was not understood."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_OPTIONS = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to do what; every figure lies between 0 and 1.

    ``answer``: the confidence from which the best intent is answered. ``margin``: how far it must be ahead of the next, else both are
    offered. ``offer``: the confidence that the best of those that may be offered needs, to be asked back at all; then others are offered
    beside it whose confidence is at least ``also``.
    """

    answer: float = 0.7
    margin: float = 0.5
    offer: float = 0.11
    also: float = 0.04


MARGIN_FALLS = 8.0  # the margin falls to nothing while the confidence for answering falls from 0.7 to 0.64


def thresholds_for(answer: float) -> Thresholds:
    """Return thresholds with this confidence for answering; the others keep their distance below it.

    A lower one is chosen to answer more, so that the lead asked of the best shrinks faster than it.
    """
    usual = Thresholds()
    part = min(1.0, answer / usual.answer)
    margin = max(0.0, usual.margin - MARGIN_FALLS * max(0.0, usual.answer - answer))
    return replace(usual, answer=answer, margin=margin, offer=usual.offer * part, also=usual.also * part)


@dataclass(frozen=True, slots=True)
class Scored:
    """An intent with its confidence, and whether it may be offered as a choice."""

    intent: str
    confidence: float
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """``intent`` when it is to be answered, ``options`` when it is to be asked back, neither when it was not understood; and why."""

    intent: str | None
    options: tuple[str, ...]
    confidence: float
    margin: float
    reason: str


def decide(ranked: Sequence[Scored], thresholds: Thresholds) -> Decision:
    """Return what to do with intents given best first."""
    if not ranked:
        return Decision(None, (), 0.0, 0.0, "nothing is near")
    best = ranked[0]
    confidence = best.confidence
    margin = confidence - (ranked[1].confidence if len(ranked) > 1 else 0.0)
    sure = confidence >= thresholds.answer
    if sure and margin >= thresholds.margin:
        return Decision(best.intent, (), confidence, margin, "answer: sure, and ahead of the next")
    offered = [scored for scored in ranked if scored.offered and scored.confidence >= thresholds.also]
    worth_asking = bool(offered) and offered[0].confidence >= thresholds.offer
    options = tuple(scored.intent for scored in offered[:MOST_OPTIONS]) if worth_asking else ()
    if sure and len(options) < 2:
        return Decision(best.intent, (), confidence, margin, "answer: sure, and the next may not be offered")
    if options:
        return Decision(None, options, confidence, margin, "ask back: too close" if sure else "ask back: not sure")
    return Decision(None, (), confidence, margin, "not understood: too far from everything")
