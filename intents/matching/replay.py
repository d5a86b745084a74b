"""What another matcher would make of messages: a replay without effects, for staff to see what a change brings before it counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from intents.types import Match

Act = Literal["answer", "ask", "miss"]


class Matches(Protocol):
    """What tells how a message is understood."""

    def match(self, text: str, *, today: date) -> Match:
        """Return how a message is understood; dates in it are read relative to ``today``."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message leads to by its words alone: an answer of an intent, a question back with options, or neither."""

    act: Act
    intents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A message said so many times that leads elsewhere than before."""

    text: str
    times: int
    before: Outcome
    after: Outcome


def outcome_of(match: Match) -> Outcome:
    """Return what a match leads to."""
    if match.intent is not None:
        return Outcome("answer", (match.intent, *match.also))
    return Outcome("ask", match.options) if match.options else Outcome("miss")


def changes(texts: Mapping[str, int], before: Matches, after: Matches, today: date) -> list[Change]:
    """Return the texts, said so often each, that another matcher leads elsewhere; what is said most first.

    Options that only come in another order, or others beside the first, are no change.
    """
    found = []
    for text, times in texts.items():
        old, new = (outcome_of(matcher.match(text, today=today)) for matcher in (before, after))
        if (old.act, old.intents[:1]) != (new.act, new.intents[:1]):
            found.append(Change(text, times, old, new))
    found.sort(key=lambda change: (-change.times, change.text))
    return found


def counted(texts: Mapping[str, int], matcher: Matches, today: date, wanted: Iterable[str]) -> tuple[int, int]:
    """Return how many messages one of the intents wanted answers, and how many are asked back with one of them among the choices."""
    answered = asked = 0
    meant = frozenset(wanted)
    for text, times in texts.items():
        outcome = outcome_of(matcher.match(text, today=today))
        if meant.intersection(outcome.intents):
            answered += times if outcome.act == "answer" else 0
            asked += times if outcome.act == "ask" else 0
    return answered, asked
