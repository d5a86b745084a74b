"""What one message leads to, before it is written down."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation.beside import Lookup
from bot.conversation.decision import A_PERSON, CHOICE, Decision
from intents.matching.context import PLACES
from intents.types import Ask, Choice, Intent, Later, Match, Pending, Reply
from storage.conversations import Conversation
from storage.records import immutable

MISSES_UNTIL_A_PERSON = 3
FALLBACKS = ("fallback_1", "fallback_2", "fallback_3")
QUESTION_LIFETIME = timedelta(minutes=10)
MOST_ASKED = 2  # times the same question is put before a person is offered instead


@immutable(frozen=True, slots=True)
class Outcome:
    """How a message was met: the status it is recorded with, what it was understood as, the reply, and what stays open.

    ``also`` is said below the reply. With ``later`` the reply is said together with what is looked up, above or below it
    (``above``). ``second`` is what the other wish of the message wants looked up as well, to be said below. ``answers`` are the matches that were
    answered, for the next message to follow.
    """

    status: str
    match: Match
    reply: Reply | None = None
    pending: Pending | None = None
    reminder: Pending | None = None
    misses: int = 0
    later: Later | None = None
    above: bool = False
    also: Reply | None = None
    answers: tuple[Match, ...] = ()
    second: Lookup | None = None


def nothing(status: str, conversation: Conversation, pending: Pending | None, match: Match | None = None) -> Outcome:
    """Return the outcome of a message that is met with silence and changes nothing."""
    return Outcome(status, match or Match(None), pending=pending, misses=conversation.misses)


def answered(
    match: Match,
    reply: Reply,
    now: datetime,
    *,
    links: bool,
    open_question: Pending | None = None,
    interrupted: Pending | None = None,
) -> Outcome:
    """Return the outcome of an intent's reply: what it asks stays open, else its choices, else what it ``interrupted``.

    Nothing of that once a person takes over. Choices that can be tapped (``links``) leave the number free for the question that was interrupted.
    ``open_question`` stood open before: the same one again counts on.
    """
    if reply.ask is not None:
        return Outcome("answered", match, reply, _asked(reply.ask, match, now, open_question))
    if reply.handoff is not None:
        return Outcome("answered", match, reply)
    if reply.choices and not (links and interrupted):
        return Outcome("answered", match, reply, _offered(reply.choices, match, now))
    if interrupted is None or interrupted.asked >= MOST_ASKED:
        return Outcome("answered", match, reply, interrupted)
    reminded = replace(interrupted, asked=interrupted.asked + 1)
    return Outcome("answered", match, reply, reminded, reminded)


def asked_enough(outcome: Outcome, intents: Mapping[str, Intent], now: datetime) -> Outcome:
    """Return the outcome with a person offered, where it would put the same question a third time; else as it is."""
    asks_again = outcome.reply is not None and outcome.reply.ask is not None and outcome.reply.handoff is None
    if not asks_again or outcome.pending is None or outcome.pending.asked <= MOST_ASKED:
        return outcome
    choices = _to_a_person(intents)
    return Outcome(
        "answered", outcome.match, Reply("offer_person", choices=choices), _offered(choices, outcome.match, now)
    )


def awaited(match: Match, later: Later, interrupted: Pending | None) -> Outcome:
    """Return the outcome of a message whose answer has to be looked up first; a question it ``interrupted`` stays open."""
    return Outcome("awaited", match, pending=interrupted, later=later)


def offering(outcome: Outcome, offered: tuple[str, ...], intents: Mapping[str, Intent], now: datetime) -> Outcome:
    """Return the outcome of what is looked up with wishes that are only half sure offered below it, as "did you mean"; as it is when there are none."""
    if not offered:
        return outcome
    choices = tuple(Choice(intents[name].title, name) for name in offered)
    reply = Reply("did_you_mean", {"options": [choice.label for choice in choices]}, choices=choices)
    return replace(outcome, reply=reply, pending=_offered(choices, outcome.match, now))


def excused(intent: str) -> Outcome:
    """Return the outcome of a message whose handling failed: an apology."""
    return Outcome("answered", Match(intent or None), Reply("fault"))


def did_you_mean(
    decision: Decision, intents: Mapping[str, Intent], conversation: Conversation, now: datetime, *, about: str
) -> Outcome:
    """Return the outcome of asking back which of up to three intents was meant by the message with the key ``about``."""
    choices = tuple(Choice(intents[name].title, name) for name in decision.match.options if name in intents)
    reply = Reply("did_you_mean", {"options": [choice.label for choice in choices]}, choices=choices)
    pending = replace(_offered(choices, decision.match, now), about=about)
    return Outcome("answered", decision.match, reply, pending, misses=conversation.misses)


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


def not_again(outcome: Outcome, conversation: Conversation) -> Outcome:
    """Return the outcome of an upset message with a person called, where it would be answered with the very words of the answer before; else as it is."""
    reply, again = outcome.reply, conversation.last_template
    one_text = reply is not None and reply.template == outcome.match.intent and not (reply.handoff or reply.ask)
    if not one_text or reply is None or reply.template != again or outcome.also or conversation.state != "bot":
        return outcome
    return Outcome("answered", outcome.match, Reply("upset_handoff", handoff="upset"))


def missed_again(
    decision: Decision, conversation: Conversation, intents: Mapping[str, Intent], now: datetime, *, links: bool
) -> Outcome:
    """Return the outcome of a message that was not understood after we asked back: a person is offered, where a choice can be picked."""
    outcome, choices = missed(decision, conversation), _to_a_person(intents)
    handed_over = outcome.reply is not None and outcome.reply.handoff is not None
    if handed_over or not choices or (decision.pending is not None and not links):
        return outcome
    pending = decision.pending or _offered(choices, decision.match, now)
    return replace(outcome, reply=Reply("offer_person", choices=choices), pending=pending)


def given_up(decision: Decision) -> Outcome:
    """Return the outcome of "never mind" to a question of ours."""
    return Outcome("answered", decision.match, Reply("question_dropped"))


def _asked(ask: Ask, match: Match, now: datetime, before: Pending | None) -> Pending:
    same = before is not None and (before.intent, before.slot) == (match.intent, ask.slot)
    asked = before.asked + 1 if same and before else 1
    lapses_at = now + QUESTION_LIFETIME
    return Pending(
        match.intent or "", ask.slot, lapses_at, ask.slots, labels=ask.labels, question=ask.question, asked=asked
    )


def _to_a_person(intents: Mapping[str, Intent]) -> tuple[Choice, ...]:
    return (Choice(intents[A_PERSON].title, A_PERSON),) if A_PERSON in intents else ()


def _offered(choices: tuple[Choice, ...], match: Match, now: datetime) -> Pending:
    """Return the choices as a question; whichever is picked is about the places that were named."""
    return Pending(
        "",
        CHOICE,
        now + QUESTION_LIFETIME,
        {name: value for name, value in match.slots.items() if name in PLACES},
        options=tuple(choice.intent for choice in choices),
        labels=tuple(choice.label for choice in choices),
    )
