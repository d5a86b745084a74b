"""The turn: who owns it → match → answer → record, inside the write transaction that ``bot.conversation.engine`` opened.

Whatever a handler gives out is written in the same transaction as the message that caused it, so either both are there or neither.

    TurnFailed      something in answering raised; what it did is undone, the turn is run again without it and apologises
    OneAtATime      a message holds two wishes that do not go into one reply; the turn is run again for the first
    OwnerChanged    a handler gave the conversation to an agent and yet answered; the answer is not given
"""

import logging
from datetime import date, datetime
from typing import Protocol

from bot.conversation import outcome as outcomes
from bot.conversation.arrival import Rate, rate_of
from bot.conversation.beside import Beside, worded
from bot.conversation.campaign_names import wanted_by_name
from bot.conversation.carrying import context_after, followed
from bot.conversation.consents import WANTS_NO_MORE, end_consents
from bot.conversation.decision import A_PERSON, DECENT, PLEASANTRIES, Decision, decide, decide_in_queue
from bot.conversation.knowledge import Knowledge
from bot.conversation.late import Awaited, begin
from bot.conversation.outcome import Outcome
from bot.conversation.record import text_of, write_down
from bot.conversation.speaking import Spoken, TooMuch, speak
from bot.conversation.state import Context, Standing, standing_to_text
from bot.conversation.tally import Tally
from bot.conversation.teaching import propose_example
from bot.conversation.wishes import Answer, OneAtATime, Sought, Wishes, both_sought, outcome_of, together, wishes_of
from bot.delivery.window import after_message, budget
from bot.settings import RateLimit
from intents.messages import Message, Said, TextMessage, VoiceMessage
from intents.registry import CODED_NAMES
from intents.sentiment.judge import STRONG, Sentiment
from intents.types import Brand, Card, Later, Match, Pending, Reply, Step, Turn
from storage import changes, conversations, outbox, turns
from storage.database import Transaction
from storage.errors import StorageUnavailable
from storage.records import immutable
from storage.times import to_ms
from storage.turns import Recalled, Remembered
from templates.content import Content

log = logging.getLogger(__name__)


class TurnFailed(Exception):
    """Something in answering raised; ``intent`` names who was answering, empty when nobody was yet."""

    def __init__(self, intent: str) -> None:
        super().__init__(intent)
        self.intent = intent


@immutable(frozen=True, slots=True)
class Again:
    """Why a turn is run again: the intent that ``failed`` (empty when nobody answered yet), or the one wish that is ``only`` answered."""

    failed: str | None = None
    only: str | None = None


class OwnerChanged(Exception):
    """The conversation belongs to an agent, and the bot was about to speak."""


class Answering(Protocol):
    """What holds for every turn of one account; an ``Engine`` has it."""

    @property
    def brand(self) -> Brand:
        """What handlers may know of the account."""
        ...

    @property
    def rate_limit(self) -> RateLimit:
        """How many messages one member is answered."""
        ...

    @property
    def choice_links(self) -> bool:
        """Whether choices may be offered as links to tap."""
        ...

    @property
    def tally(self) -> Tally:
        """What is counted."""
        ...


@immutable(frozen=True, slots=True)
class OneTurn:
    """One message on its way through, with all that is known about it."""

    engine: Answering
    tx: Transaction
    message: Message
    recalled: Recalled
    knowledge: Knowledge
    now: datetime
    standing: Standing
    again: Again

    def run(self, *, counts: bool) -> Content | Awaited | None:
        """Meet the message, say the reply, write both down; return what was said, or what has to be looked up first."""
        rate = rate_of(self.message, self.recalled.conversation, self.engine.rate_limit, self.now)
        sentiment = self.knowledge.hearing.judge(text_of(self.message)) if self._has_words() else None
        try:
            outcome = self._outcome(rate, sentiment, counts=counts)
            spoken = self._speak(outcome)
            beside = self._beside(outcome, spoken)
        except (StorageUnavailable, TurnFailed, OneAtATime):
            raise
        except Exception as error:  # whatever goes wrong in answering, the consumer gets an answer
            raise TurnFailed("") from error
        self._hand_off(outcome)
        if any(match.intent == WANTS_NO_MORE for match in outcome.answers):
            end_consents(self.tx, self.recalled.member.id, self.now)
        said_at_once = None if outcome.later else spoken
        said_id = write_down(self.tx, self.recalled.member.id, self.message, outcome, said_at_once, self.now, sentiment)
        self._remember(outcome, spoken, rate)
        self.engine.tally.count(outcome)
        if outcome.later is not None:
            return begin(self.tx, self.recalled.member.id, said_id, self.message, outcome, self.now, beside)
        return spoken.content if spoken else None

    def _beside(self, outcome: Outcome, spoken: Spoken | None) -> Beside | None:
        """Return what is said together with what is looked up."""
        if outcome.second is None:
            return Beside(spoken, above=outcome.above) if spoken else None
        intent = self.knowledge.intents[outcome.second.intent]
        unknown = worded(self.knowledge.library, intent.late, None, intent=intent.name)
        return Beside(unknown, above=False, lookup=outcome.second)

    def _has_words(self) -> bool:
        """Say whether the message was typed, or spoken and recognised."""
        heard = isinstance(self.message, VoiceMessage) and self.message.recognition
        return (isinstance(self.message, TextMessage) or bool(heard)) and not self._is_placeholder()

    def _outcome(self, rate: Rate, sentiment: Sentiment | None, *, counts: bool) -> Outcome:
        """Decide how the message is met."""
        conversation, pending = self.recalled.conversation, self.standing.pending
        if not counts:
            return outcomes.nothing("silent", conversation, pending)
        if conversation.owned_by_agent(self.now):
            return outcomes.nothing("held" if isinstance(self.message, Said) else "silent", conversation, pending)
        if rate.exceeded and not self._calls_a_person(pending):
            return outcomes.nothing("limited", conversation, pending)
        if self.again.failed is not None:
            return outcomes.excused(self.again.failed)
        if sentiment is not None:
            return self._meet_words(pending, sentiment)
        return self._meet_event(pending)

    def _calls_a_person(self, pending: Pending | None) -> bool:
        """Say whether a person is asked for and nobody was called yet: that gets through beyond the limit, and so it does once."""
        known, conversation = self.knowledge, self.recalled.conversation
        if conversation.state == "agent" or conversation.asked_for_person or A_PERSON not in known.intents:
            return False
        if not self._has_words():
            return known.router.route(self.message) == A_PERSON
        text = text_of(self.message)
        decision = decide(text, self._menu_id(), self._matched(text), pending, known.intents)
        return decision.act == "answer" and decision.match.intent == A_PERSON

    def _menu_id(self) -> str | None:
        return self.message.menu_id if isinstance(self.message, TextMessage) else None

    def _today(self) -> date:
        return self.now.astimezone(self.engine.brand.zone).date()

    def _matched(self, text: str) -> Match:
        return self.knowledge.matcher.match(text, today=self._today())

    def _is_placeholder(self) -> bool:
        return self.knowledge.router.is_placeholder(text_of(self.message))

    def _meet_event(self, pending: Pending | None) -> Outcome:
        """Meet what is not words: an event or a message of another kind leads to the intent that the routes name, or to none."""
        name = self.knowledge.router.route(self.message)
        if name is None:
            return outcomes.nothing("silent", self.recalled.conversation, pending)
        found = text_of(self.message) or self.message.kind
        match = Match(name, 1.0, name, card=Card((Step("route", found, name, 1.0),), 1.0))
        return self._answer(Decision("answer", match, pending if pending and pending.intent != name else None))

    def _meet_words(self, pending: Pending | None, sentiment: Sentiment) -> Outcome:
        """Meet words: match them, mind the question still open, answer, ask back or admit that they were not understood."""
        text = text_of(self.message)
        known, conversation = self.knowledge, self.recalled.conversation
        context, today = self.standing.context, self._today()
        match = followed(text, self._matched(text), context, known.intents, known.places, today)
        match = wanted_by_name(self.tx, text, match, known, self.now)
        waits = conversation.asked_for_person
        in_queue = decide_in_queue(text, match, pending, known.intents) if waits else None
        decision = in_queue or decide(text, self._menu_id(), match, pending, known.intents)
        upset = sentiment.score <= STRONG
        if decision.act == "answer" and not (upset and decision.match.intent in PLEASANTRIES):
            outcome = self._answer(decision)
            fixed = outcome.match.intent not in CODED_NAMES  # what code answers differs with what is asked
            return outcomes.not_again(outcome, conversation) if fixed and sentiment.label == "negative" else outcome
        if decision.act == "give_up":
            return outcomes.given_up(decision)
        if conversation.state != "bot":
            return self._still_waiting(decision)
        if decision.act == "did_you_mean" and not (upset and match.confidence < DECENT):
            return outcomes.did_you_mean(decision, known.intents, conversation, self.now, about=self.message.key)
        if decision.again and not upset:
            return outcomes.missed_again(
                decision, conversation, known.intents, self.now, links=self.engine.choice_links
            )
        return outcomes.missed(decision, conversation, upset=upset)

    def _answer(self, decision: Decision) -> Outcome:
        """Let the handler of the wish answer, or those of two at once."""
        known, pending = self.knowledge.intents, self.standing.pending
        if decision.picked and pending is not None and pending.about and decision.match.intent:
            propose_example(self.tx, self.recalled.member.id, pending, decision.match.intent, self.now)
        wishes = wishes_of(decision.match, known, self.again.only)
        first = self._handled(wishes.first)
        if first is None:
            return outcomes.nothing("silent", self.recalled.conversation, decision.pending, wishes.first)
        second = self._answered_beside(wishes)
        if isinstance(first, Later) and second is None:
            alone = outcomes.awaited(wishes.first, first, decision.pending)
            return outcomes.offering(alone, wishes.offered, known, self.now)
        if wishes.second and isinstance(first, Later) and isinstance(second, Later):
            soughts = Sought(wishes.first, first, first=True), Sought(wishes.second, second, first=False)
            return both_sought(*soughts, decision.pending)
        met = [(wishes.first, first), *([(wishes.second, second)] if wishes.second and second else [])]
        outcome = outcome_of(
            [Answer(match, reply) for match, reply in met if isinstance(reply, Reply)],
            wishes.offered,
            known,
            self.now,
            links=self.engine.choice_links,
            open_question=pending,
            interrupted=decision.pending,
        )
        outcome = outcomes.asked_enough(outcome, known, self.now)
        looked_up = [
            Sought(match, reply, first=match is wishes.first) for match, reply in met if isinstance(reply, Later)
        ]
        return together(looked_up[0], outcome) if looked_up else outcome

    def _answered_beside(self, wishes: Wishes) -> Reply | Later | None:
        """Return what the second wish is answered; when that fails, the turn is run again for the first alone."""
        if wishes.second is None:
            return None
        try:
            return self._handled(wishes.second, nth=2)
        except TurnFailed as failure:
            log.exception("the second wish failed, intent %s, message %s", failure.intent, self.message.key)
            raise OneAtATime(wishes.first.intent) from failure

    def _handled(self, match: Match, *, nth: int = 1) -> Reply | Later | None:
        """Return what an intent's handler answers."""
        intent = self.knowledge.intents[match.intent or ""]
        turn = Turn(
            message=self.message,
            match=match,
            member=self.recalled.member,
            conversation=self.recalled.conversation,
            brand=self.engine.brand,
            now=self.now,
            tx=self.tx,
            intents=self.knowledge.intents,
            nth=nth,
        )
        try:
            return intent.handler(turn)
        except StorageUnavailable:
            raise
        except Exception as error:
            raise TurnFailed(intent.name) from error

    def _still_waiting(self, decision: Decision) -> Outcome:
        """Tell someone in the queue once that a person will read this; after that their words are kept in silence."""
        conversation = self.recalled.conversation
        if conversation.last_template == "waiting":
            return outcomes.nothing("held", conversation, None, decision.match)
        since = conversation.waiting_since
        values = {
            "ahead": conversations.count_waiting(self.tx, before=since) if since else 0,
            "desk_open": self.engine.brand.desk_is_open(self.now),
            "desk_hours": self.engine.brand.desk_hours_text,
        }
        return Outcome("held", decision.match, Reply("waiting", values))

    def _speak(self, outcome: Outcome) -> Spoken | None:
        if outcome.reply is None:
            return None
        try:
            spoken = speak(
                self.knowledge.library,
                outcome.reply,
                also=outcome.also,
                reminder=outcome.reminder,
                links=self.engine.choice_links,
            )
        except TooMuch as error:
            raise OneAtATime(outcome.match.intent) from error
        if spoken.fault:
            log.error("reply %s could not be rendered, %d served: %s", spoken.template, spoken.version, spoken.fault)
        return spoken

    def _hand_off(self, outcome: Outcome) -> None:
        """Put the conversation in the queue when the reply says so or words go unanswered, and wake the desk when a person should look."""
        member_id, conversation = self.recalled.member.id, self.recalled.conversation
        reason = outcome.reply.handoff if outcome.reply is not None else None
        if outcome.status == "limited" and conversation.state == "bot" and self._has_words():
            reason = conversations.LIMITED
        if reason:
            conversations.ask_for_person(self.tx, member_id, reason=reason, now=self.now)
            changes.note(self.tx, "queue", member_id, self.now)
        elif conversation.state != "bot":
            changes.note(self.tx, "message", member_id, self.now)

    def _context(self, outcome: Outcome) -> Context | None:
        """Return what the next message may follow."""
        context = self.standing.context
        for match in outcome.answers:
            context = context_after(self.knowledge.intents.get(match.intent or ""), match.slots, context, self.now)
        return context

    def _remember(self, outcome: Outcome, spoken: Spoken | None, rate: Rate) -> None:
        conversation = self.recalled.conversation
        before = (conversation.window_until_ms, conversation.window_left)
        window_until_ms, window_left = after = after_message(*before, self.message, self.now, self.knowledge.quotas)
        if after != before and not budget(conversation, self.now).open:
            outbox.unpark(self.tx, conversation.member_id, self.now)
        remembered = Remembered(
            member_id=self.recalled.member.id,
            silent=spoken is None,
            pending=standing_to_text(outcome.pending, self._context(outcome)),
            misses=outcome.misses,
            last_template=spoken.template if spoken else conversation.last_template,
            last_inbound_at_ms=to_ms(self.now),
            unread=conversation.unread + int(isinstance(self.message, Said) and conversation.state != "bot"),
            window_until_ms=window_until_ms,
            window_left=window_left,
            rate_started_at_ms=rate.started_at_ms,
            rate_count=rate.count,
        )
        if not turns.remember(self.tx, remembered):
            raise OwnerChanged
