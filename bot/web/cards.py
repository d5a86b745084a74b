"""Why a message was understood as it was, in words: the card that the turn stored, or one made just now."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.web.labels import found_label, rule_label
from intents.types import Intent, Step


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a card in words: the rule, what it found, the title of the intent it speaks for, and its score (None where it gives none).

    ``decides`` marks the lines that the decision stands on.
    """

    rule: str
    found: str
    intent: str
    score: float | None
    decides: bool


@dataclass(frozen=True, slots=True)
class Reasons:
    """A card in words: its lines in the order in which the rules looked, and the margin of the winner to the runner-up."""

    lines: list[Reason]
    margin: float


def reasons_of_text(card: str, intents: Mapping[str, Intent]) -> Reasons | None:
    """Return the card that was stored with an exchange, None when there is none, or it cannot be read."""
    try:
        stored = json.loads(card) if card else None
        if stored is None:
            return None
        return reasons([Step(*step) for step in stored["steps"]], float(stored["margin"]), intents)
    except (ValueError, TypeError, KeyError):
        return None


def reasons(steps: Iterable[Step], margin: float, intents: Mapping[str, Intent]) -> Reasons:
    """Return a card in words."""
    return Reasons([_reason(step, intents) for step in steps], margin)


def _reason(step: Step, intents: Mapping[str, Intent]) -> Reason:
    known = intents.get(step.intent or "")
    return Reason(
        rule_label(step.rule),
        found_label(step.rule, step.found),
        known.title if known else step.intent or "",
        step.score or None,
        step.rule == "decide",
    )
