"""Several wishes in one message: which is answered first, which in the same reply, and which is only offered. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation.beside import Lookup
from bot.conversation.carrying import LISTED
from bot.conversation.outcome import Outcome, answered, awaited
from intents.types import Card, Choice, Intent, Later, Match, Pending, Reply, Step
from storage.records import immutable

MOST_OFFERED = 2


class OneAtATime(Exception):
    """Two wishes cannot be answered in one reply; the turn is run again for ``first`` alone, and the other is offered."""

    def __init__(self, first: str | None) -> None:
        super().__init__(first)
        self.first = first


@immutable(frozen=True, slots=True)
class Wishes:
    """What is answered first, what in the same reply (None: nothing), and the intents that are offered beside it."""

    first: Match
    second: Match | None = None
    offered: tuple[str, ...] = ()


@immutable(frozen=True, slots=True)
class Answer:
    """A wish, and what its handler answers."""

    match: Match
    reply: Reply


@immutable(frozen=True, slots=True)
class Sought:
    """A wish, and what its handler wants looked up first; ``first``: before the other wish was said."""

    match: Match
    later: Later
    first: bool


def wishes_of(match: Match, intents: Mapping[str, Intent], only: str | None = None) -> Wishes:
    """Return the wishes of a match in the order they were said; with ``only``, that one alone is answered."""
    if not (match.also or match.maybe):
        return Wishes(match)
    said = {step.intent: (place, step.score) for place, step in enumerate(match.card.steps) if step.rule == "clause"}
    names = [name for name in (match.intent or "", *match.also) if name in intents]
    names.sort(key=lambda name: said.get(name, (-1, 0.0))[0])
    if only in names:
        names.remove(only)
        names.insert(0, only)
    matches = [_alone(match, name, said[name][1] if name in said else match.confidence) for name in names]
    second = matches[1] if len(matches) > 1 and only is None else None
    rest = names[2 if second else 1 :] + [name for name in match.maybe if name in intents]
    return Wishes(matches[0], second, tuple(rest[:MOST_OFFERED]))


def outcome_of(
    answers: Sequence[Answer],
    offered: tuple[str, ...],
    intents: Mapping[str, Intent],
    now: datetime,
    *,
    links: bool,
    open_question: Pending | None,
    interrupted: Pending | None,
) -> Outcome:
    """Return the outcome of one answer or two, a hand-off first; raises OneAtATime when both ask something.

    ``offered`` are wishes to offer beside them; the rest is as for ``outcome.answered``.
    """
    in_order = sorted(answers, key=lambda answer: answer.reply.handoff is None)
    first, second = in_order[0], in_order[1] if len(in_order) > 1 else None
    if second is None and not offered:
        asking, reply = first, first.reply
    else:
        asking, reply = _asking(first, second), _joined(first.reply, second.reply if second else None, offered, intents)
    outcome = answered(asking.match, reply, now, links=links, open_question=open_question, interrupted=interrupted)
    return replace(
        outcome,
        match=_noted(first.match, second.match if second else None, offered),
        also=second.reply if second else None,
        answers=() if reply.ask else tuple(_with_listed(answer) for answer in in_order),
    )


def together(wish: Sought, beside: Outcome) -> Outcome:
    """Return the outcome of two wishes of which one has to be looked up: the ``beside`` of the other is said with what is found."""
    match = _noted(wish.match, beside.match, ())
    return replace(beside, status="awaited", match=match, later=wish.later, above=not wish.first)


def both_sought(first: Sought, second: Sought, interrupted: Pending | None) -> Outcome:
    """Return the outcome of two wishes that both have to be looked up; a question they ``interrupted`` stays open."""
    match, later = _noted(first.match, second.match, ()), second.later
    lookup = Lookup(second.match.intent or "", later.work, later.asked)
    return replace(awaited(match, first.later, interrupted), second=lookup)


def _with_listed(answer: Answer) -> Match:
    """Return the match with the stores that were shown, in their order."""
    if not answer.reply.listed:
        return answer.match
    return replace(answer.match, slots={**answer.match.slots, LISTED: " ".join(answer.reply.listed)})


def _asking(first: Answer, second: Answer | None) -> Answer:
    """Return the answer whose question stays open."""
    if second is None or second.reply.ask is None:
        return first
    if first.reply.ask is not None:
        raise OneAtATime(first.match.intent)
    return second


def _alone(match: Match, name: str, confidence: float) -> Match:
    return replace(match, intent=name, guess=name, confidence=confidence, also=(), maybe=())


def _noted(match: Match, second: Match | None, offered: tuple[str, ...]) -> Match:
    """Return the first match with what is done beside it on its card."""
    if second is None and not offered:
        return match
    steps = list(match.card.steps)
    if second is not None:
        steps.append(Step("also", "answered in the same reply", second.intent, second.confidence))
    steps.extend(Step("also", "offered beside the answer", name) for name in offered)
    return replace(match, card=Card(tuple(steps), match.card.margin))


def _joined(first: Reply, second: Reply | None, offered: tuple[str, ...], intents: Mapping[str, Intent]) -> Reply:
    """Return the first reply with what the second asks and offers, and with the wishes that are only offered."""
    choices = [*first.choices, *(second.choices if second else ())]
    choices += [Choice(intents[name].title, name) for name in offered]
    unlike = {choice.intent: choice for choice in reversed(choices)}
    ask = first.ask or (second.ask if second else None)
    return replace(first, ask=ask, choices=tuple(reversed(unlike.values())))
