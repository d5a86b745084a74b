"""The turn: receive once → remember → who owns it → match → answer → record, in one write transaction.

A message that was seen before gets the reply it got then, and nothing else happens. Whatever a handler gives out is written in the same
transaction as the message that caused it, so either both are there or neither.

    HandlerFailed    an intent's handler raised; the turn is run again without it and apologises
    OwnerChanged     an agent took the conversation in the middle of the turn; it is run again
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation import outcome as outcomes
from bot.conversation.decision import Decision, decide
from bot.conversation.knowledge import Knowledge, KnowledgeCache
from bot.conversation.outcome import Outcome
from bot.conversation.record import content_from_text, text_of, write_down
from bot.conversation.speaking import Spoken, speak
from bot.conversation.state import pending_from_text, pending_to_text
from bot.delivery.window import after_message
from bot.settings import RateLimit
from intents.messages import (
    AccountEvent,
    CardEvent,
    ConsentEvent,
    DeliveryEvent,
    Event,
    FollowEvent,
    MenuClickEvent,
    Message,
    Said,
    ScanEvent,
    TextMessage,
    UnfollowEvent,
    VoiceMessage,
)
from intents.types import Brand, Card, Match, Pending, Reply, Step, Turn
from storage import changes, conversations, members, quarantine, turns
from storage.database import Database, Transaction
from storage.errors import StorageError
from storage.times import to_ms
from storage.turns import Recalled, Remembered
from templates.content import Content

log = logging.getLogger(__name__)


class HandlerFailed(Exception):
    """An intent's handler raised; ``intent`` names it."""

    def __init__(self, intent: str) -> None:
        super().__init__(intent)
        self.intent = intent


class OwnerChanged(Exception):
    """The conversation got another owner while the bot prepared an answer."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Answers messages. ``choice_links`` says whether choices may be offered as links to tap."""

    database: Database
    brand: Brand
    clock: Callable[[], datetime]
    rate_limit: RateLimit
    choice_links: bool
    knowledge: KnowledgeCache

    def receive(self, message: Message) -> Content | None:
        """Take one push in and return the reply, None for silence; the same push always gets the same reply.

        Raises StorageUnavailable when it could not be recorded; then nothing happened.
        """
        try:
            return self.database.write(lambda tx: self._turn(tx, message, self.clock()))
        except HandlerFailed as failure:
            log.exception("intent %s failed on message %s", failure.intent, message.key)
            broken = failure.intent
        except OwnerChanged:
            broken = ""
        return self.database.write(lambda tx: self._turn(tx, message, self.clock(), broken=broken))

    def _turn(self, tx: Transaction, message: Message, now: datetime, broken: str = "") -> Content | None:
        if _is_account_news(message):
            quarantine.keep(
                tx,
                reason="account_event",
                account_id=message.account_id,
                openid=message.openid,
                body=repr(message),
                now=now,
            )
            return None
        message = _about(message)
        recalled = self._recall(tx, message, now)
        if recalled.seen_id is not None:
            stored = turns.stored_reply(tx, recalled.member.id, recalled.seen_id)
            return content_from_text(stored) if stored is not None else None
        conversation = recalled.conversation
        if conversation.state == "agent" and conversations.lapse(tx, conversation.member_id, now):
            recalled = replace(recalled, conversation=replace(conversation, state="waiting", agent_id=None))
        knowledge = self.knowledge.at(recalled.revision, tx)
        return _OneTurn(self, tx, message, recalled, knowledge, now, broken).run()

    def _recall(self, tx: Transaction, message: Message, now: datetime) -> Recalled:
        """Return what is known of who wrote, making them known first when they are new."""
        known = turns.recall(tx, account_id=message.account_id, openid=message.openid, key=message.key)
        if known is not None:
            return known
        follows = isinstance(message, (Said, MenuClickEvent, ScanEvent))  # only followers can do these
        source = "message" if isinstance(message, Said) else "event"
        members.add_member(
            tx, account_id=message.account_id, openid=message.openid, source=source, follows=follows, now=now
        )
        made = turns.recall(tx, account_id=message.account_id, openid=message.openid, key=message.key)
        assert made is not None, "a member just made can be recalled"
        return made


def _is_account_news(message: Message) -> bool:
    """Return whether a push concerns the account, not a member: its sender is an id of the platform's own."""
    match message:
        case AccountEvent():
            return True
        case DeliveryEvent():
            return message.report in ("mass", "publish")
        case CardEvent():
            return not message.card_code
    return False


def _about(message: Message) -> Message:
    """Return the push as one of the member it is about, where the platform sends it under an id of its own."""
    if isinstance(message, ConsentEvent) and message.subject_openid:
        return replace(message, openid=message.subject_openid)
    return message


@dataclass(frozen=True, slots=True)
class _OneTurn:
    """One message on its way through, with all that is known about it."""

    engine: Engine
    tx: Transaction
    message: Message
    recalled: Recalled
    knowledge: Knowledge
    now: datetime
    broken: str

    def run(self) -> Content | None:
        """Meet the message, say the reply, write both down; return what was said."""
        rate = self._rate()
        outcome = self._outcome(rate[1])
        spoken = self._speak(outcome)
        self._hand_off(outcome)
        write_down(self.tx, self.recalled.member.id, self.message, outcome, spoken, self.now)
        self._remember(outcome, spoken, rate)
        return spoken.content if spoken else None

    def _outcome(self, rate_count: int) -> Outcome:
        """Decide how the message is met."""
        conversation, limit = self.recalled.conversation, self.engine.rate_limit
        pending = pending_from_text(conversation.pending, self.now)
        if isinstance(self.message, (FollowEvent, UnfollowEvent)) and not self._record_follow():
            return outcomes.nothing("silent", conversation, pending)
        if conversation.owned_by_agent(self.now):
            return outcomes.nothing("held" if isinstance(self.message, Said) else "silent", conversation, pending)
        if limit.messages and rate_count > limit.messages:
            return outcomes.nothing("limited", conversation, pending)
        if isinstance(self.message, TextMessage) or (
            isinstance(self.message, VoiceMessage) and self.message.recognition
        ):
            return self._meet_words(pending)
        return self._meet_event(pending)

    def _record_follow(self) -> bool:
        follows = isinstance(self.message, FollowEvent)
        counted = members.record_follow(
            self.tx, self.recalled.member.id, follows=follows, event_at=self.message.sent_at
        )
        if counted and isinstance(self.message, FollowEvent):
            members.set_source(self.tx, self.recalled.member.id, self.message.scene or "follow")
        return counted

    def _meet_event(self, pending: Pending | None) -> Outcome:
        """Meet what is not words: an event or a message of another kind leads to the intent that the routes name, or to none."""
        name = self.knowledge.router.route(self.message)
        if name is None:
            return outcomes.nothing("silent", self.recalled.conversation, pending)
        found = text_of(self.message) or self.message.kind
        match = Match(name, 1.0, name, card=Card((Step("route", found, name, 1.0),), 1.0))
        return self._answer(Decision("answer", match, pending if pending and pending.intent != name else None))

    def _meet_words(self, pending: Pending | None) -> Outcome:
        """Meet words: match them, mind the question still open, answer, ask back or admit that they were not understood."""
        text = text_of(self.message)
        menu_id = self.message.menu_id if isinstance(self.message, TextMessage) else None
        if self.knowledge.router.is_placeholder(text):
            return self._meet_event(pending)
        match = self.knowledge.matcher.match(text, today=self.now.astimezone(self.engine.brand.zone).date())
        decision = decide(text, menu_id, match, pending, self.knowledge.intents)
        conversation = self.recalled.conversation
        if decision.act == "answer":
            return self._answer(decision)
        if decision.act == "give_up":
            return outcomes.given_up(decision)
        if conversation.state != "bot":
            return self._still_waiting(decision)
        if decision.act == "did_you_mean" and conversation.last_template != "did_you_mean":
            return outcomes.did_you_mean(decision, self.knowledge.intents, conversation, self.now)
        return outcomes.missed(decision, conversation)

    def _answer(self, decision: Decision) -> Outcome:
        """Let the intent's handler answer."""
        intent = self.knowledge.intents[decision.match.intent or ""]
        if intent.name == self.broken:
            return Outcome("answered", decision.match, Reply("fault"))
        turn = Turn(
            message=self.message,
            match=decision.match,
            member=self.recalled.member,
            conversation=self.recalled.conversation,
            brand=self.engine.brand,
            now=self.now,
            tx=self.tx,
            intents=self.knowledge.intents,
        )
        try:
            reply = intent.handler(turn)
        except StorageError:
            raise
        except Exception as error:  # whatever a handler does wrong, the consumer gets an answer
            raise HandlerFailed(intent.name) from error
        if reply is None:
            return outcomes.nothing("silent", self.recalled.conversation, decision.pending, decision.match)
        return outcomes.answered(decision, reply, self.now)

    def _still_waiting(self, decision: Decision) -> Outcome:
        """Tell someone in the queue once that a person will read this; after that their words are kept in silence."""
        conversation = self.recalled.conversation
        if conversation.last_template == "waiting":
            return outcomes.nothing("held", conversation, None, decision.match)
        ahead = (
            conversations.count_waiting(self.tx, before=conversation.waiting_since) if conversation.waiting_since else 0
        )
        values = {
            "ahead": ahead,
            "desk_open": self.engine.brand.desk_is_open(self.now),
            "desk_hours": self.engine.brand.desk_hours_text,
        }
        return Outcome("held", decision.match, Reply("waiting", values))

    def _speak(self, outcome: Outcome) -> Spoken | None:
        if outcome.reply is None:
            return None
        spoken = speak(self.knowledge.library, outcome.reply, reminder=outcome.reminder, links=self.engine.choice_links)
        if spoken.fault:
            log.error(
                "reply %s could not be rendered, version %d served: %s", spoken.template, spoken.version, spoken.fault
            )
        return spoken

    def _hand_off(self, outcome: Outcome) -> None:
        """Put the conversation in the queue when the reply says so, and wake the desk when a person should look."""
        member_id, conversation = self.recalled.member.id, self.recalled.conversation
        if outcome.reply is not None and outcome.reply.handoff:
            conversations.ask_for_person(self.tx, member_id, reason=outcome.reply.handoff, now=self.now)
            changes.note(self.tx, "queue", member_id, self.now)
        elif conversation.state != "bot":
            changes.note(self.tx, "message", member_id, self.now)

    def _rate(self) -> tuple[int, int]:
        """Return when the current span of counting began (milliseconds) and how many messages came in it, this one included."""
        conversation = self.recalled.conversation
        if isinstance(self.message, Event) and not isinstance(self.message, (MenuClickEvent, ScanEvent)):
            return conversation.rate_started_at_ms, 0
        now_ms, span_ms = to_ms(self.now), self.engine.rate_limit.seconds * 1000
        if now_ms - conversation.rate_started_at_ms >= span_ms:
            return now_ms, 1
        return conversation.rate_started_at_ms, conversation.rate_count + 1

    def _remember(self, outcome: Outcome, spoken: Spoken | None, rate: tuple[int, int]) -> None:
        conversation = self.recalled.conversation
        window = after_message(conversation.window_until_ms, conversation.window_left, self.message, self.now)
        said = isinstance(self.message, Said)
        after = Remembered(
            member_id=self.recalled.member.id,
            silent=spoken is None,
            pending=pending_to_text(outcome.pending),
            misses=outcome.misses,
            last_template=spoken.template if spoken else conversation.last_template,
            last_inbound_at_ms=to_ms(self.now),
            unread=conversation.unread + int(said and conversation.state != "bot"),
            window_until_ms=window[0],
            window_left=window[1],
            rate_started_at_ms=rate[0],
            rate_count=rate[1],
        )
        if not turns.remember(self.tx, after):
            raise OwnerChanged
