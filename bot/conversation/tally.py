"""What a process met since it started, in plain numbers that cost a turn next to nothing; whoever monitors reads them when asked."""

from bot.conversation.outcome import Outcome
from intents.types import Match

NO_RULE = "none"
_NAMES_NO_RULE = ("decide", "slots", "guard")


class Tally:
    """Counts turns. Without a lock: an interpreter that switched threads inside an addition would lose one count, never a turn."""

    __slots__ = ("failures", "turns")

    def __init__(self) -> None:
        """Start at nothing."""
        self.turns: dict[tuple[str, str], int] = {}  # by status of the message, and the rule that understood it
        self.failures = 0  # turns that were undone because answering failed, then run again with an apology

    def count(self, outcome: Outcome) -> None:
        """Count one turn."""
        key = (outcome.status, rule_of(outcome.match))
        self.turns[key] = self.turns.get(key, 0) + 1


def rule_of(match: Match) -> str:
    """Return the first rule that pointed at what a message was understood as, ``none`` when it was not understood."""
    if match.intent is not None:
        for step in match.card.steps:
            if step.intent == match.intent and step.rule not in _NAMES_NO_RULE:
                return step.rule
    return NO_RULE
