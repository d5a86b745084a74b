"""What one message leads to, before it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.decision import CHOICE, Decision
from intents.types import Ask, Choice, Intent, Later, Match, Pending, Reply
from storage.conversations import Conversation

MISSES_UNTIL_A_PERSON = 3
FALLBACKS = ("fallback_1", "fallback_2", "fallback_3")
QUESTION_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message was met: the status it is recorded with, what it was understood as, the reply, and what stays open."""

    status: str
    match: Match
    reply: Reply | None = None
    pending: Pending | None = None
    reminder: Pending | None = None
    misses: int = 0
    later: Later | None = None


def nothing(status: str, conversation: Conversation, pending: Pending | None, match: Match | None = None) -> Outcome:
    """Return the outcome of a message that is met with silence and changes nothing."""
    return Outcome(status, match or Match(None), pending=pending, misses=conversation.misses)


def answered(decision: Decision, reply: Reply, now: datetime, *, links: bool) -> Outcome:
    """Return the outcome of an intent's reply: what it asks stays open, else its choices, else what it interrupted.

    Nothing of that once a person takes over. Choices that can be tapped (``links``) leave the number free for the question that was interrupted.
    """
    if reply.handoff is not None and reply.ask is None:
        return Outcome("answered", decision.match, reply)
    if reply.ask is not None:
        return Outcome("answered", decision.match, reply, _asked(reply.ask, decision.match, now))
    if reply.choices and not (links and decision.pending):
        return Outcome("answered", decision.match, reply, _offered(reply.choices, now))
    return Outcome("answered", decision.match, reply, decision.pending, decision.pending)


def awaited(decision: Decision, later: Later) -> Outcome:
    """Return the outcome of a message whose answer has to be looked up first; a question it interrupted stays open."""
    return Outcome("awaited", decision.match, pending=decision.pending, later=later)


def excused(intent: str) -> Outcome:
    """Return the outcome of a message whose handling failed: an apology."""
    return Outcome("answered", Match(intent or None), Reply("fault"))


def did_you_mean(
    decision: Decision, intents: Mapping[str, Intent], conversation: Conversation, now: datetime
) -> Outcome:
    """Return the outcome of asking back which of up to three intents was meant."""
    choices = tuple(Choice(intents[name].title, name) for name in decision.match.options if name in intents)
    reply = Reply("did_you_mean", {"options": [choice.label for choice in choices]}, choices=choices)
    return Outcome("answered", decision.match, reply, _offered(choices, now), misses=conversation.misses)


def missed(decision: Decision, conversation: Conversation, *, upset: bool = False) -> Outcome:
    """Return the outcome of a message that was not understood: another wording each time, and a person after the third.

    Whoever is ``upset`` gets a person at once: nothing makes anger worse than a machine that does not understand it.
    """
    if upset:
        return Outcome("missed", decision.match, Reply("upset_handoff", handoff="upset"))
    misses = conversation.misses + 1
    if misses >= MISSES_UNTIL_A_PERSON:
        return Outcome("missed", decision.match, Reply("miss_handoff", handoff="misses"))
    others = [name for name in FALLBACKS if name != conversation.last_template]
    reply = Reply(others[(misses - 1) % len(others)])
    return Outcome("missed", decision.match, reply, decision.pending, misses=misses)


def given_up(decision: Decision) -> Outcome:
    """Return the outcome of "never mind" to a question of ours."""
    return Outcome("answered", decision.match, Reply("question_dropped"))


def _asked(ask: Ask, match: Match, now: datetime) -> Pending:
    return Pending(match.intent or "", ask.slot, now + QUESTION_LIFETIME, ask.slots, question=ask.question)


def _offered(choices: tuple[Choice, ...], now: datetime) -> Pending:
    return Pending(
        "",
        CHOICE,
        now + QUESTION_LIFETIME,
        options=tuple(choice.intent for choice in choices),
        labels=tuple(choice.label for choice in choices),
    )
