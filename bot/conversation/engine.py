"""The engine: receive once → remember → run the turn, in one write transaction.

A message that was seen before gets the reply it got then, and nothing else happens. A turn that could not be run as it was is undone, and run again
without what was in its way.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from bot.conversation.account_news import keep_news
from bot.conversation.arrival import about_member, brought_up_to_date, is_account_news, recall_or_meet
from bot.conversation.consents import note_consents
from bot.conversation.knowledge import KnowledgeCache
from bot.conversation.late import Awaited, LateReplies, still_awaited
from bot.conversation.record import content_from_text
from bot.conversation.state import standing_from_text
from bot.conversation.tally import Tally
from bot.conversation.turn import Again, OneTurn, TurnFailed
from bot.conversation.wishes import OneAtATime
from bot.delivery.posting import post_reply
from bot.settings import RateLimit
from bot.waiting import InThread, Waiting, at_once
from intents.messages import Message
from intents.types import Brand
from storage import exchanges, turns
from storage.database import Database, Transaction
from storage.errors import CommitUnknown
from storage.records import immutable
from storage.turns import Recalled
from templates.content import Content

log = logging.getLogger(__name__)
_FIRST = Again()
Run = Callable[[Transaction, Message, Again], Content | Awaited | None]


async def _written(
    waiting: Waiting, work: Callable[[Transaction], Content | Awaited | None]
) -> Content | Awaited | None:
    """Write a turn; once more when nobody knows whether it was, as its key tells."""
    try:
        return await waiting.write(work)
    except CommitUnknown:
        return await waiting.write(work)


@immutable(frozen=True, slots=True)
class Engine:
    """Answers messages. ``choice_links`` says whether choices may be offered as links to tap."""

    database: Database
    brand: Brand
    clock: Callable[[], datetime]
    rate_limit: RateLimit
    choice_links: bool
    knowledge: KnowledgeCache
    late: LateReplies
    tally: Tally = field(default_factory=Tally)

    def receive(self, message: Message) -> Content | None:
        """Take one push in, and wait in this thread for the reply (see ``answer``)."""
        return at_once(self.answer(message, InThread(self.database)))

    async def answer(self, message: Message, waiting: Waiting) -> Content | None:
        """Take one push in and return the reply, None for silence; the same push always gets the same reply.

        An answer that has to be looked up is waited for a while, outside the transaction; what takes longer follows through the outbox.

        Raises StorageUnavailable when it could not be recorded; then nothing happened.
        """
        arrived_seconds = time.monotonic()
        met = await self._meet(message, self._turn, waiting)
        if isinstance(met, Awaited):
            awaited = met
            return await waiting.apart(lambda: self.late.reply(awaited, arrived_seconds))
        return met

    def take_in(self, message: Message) -> None:
        """Take in a push whose time for a reply is over: what is said goes out through the outbox, posted in the same transaction.

        The clock must tell when the push was kept. One that was met after that was answered then, and stays as it was; one that was met before came
        again because nobody heard its reply (the connection broke, or whether it was committed was not known). Raises StorageUnavailable as ``answer`` does.
        """
        met = at_once(self._meet(message, self._late_turn, InThread(self.database)))
        if isinstance(met, Awaited):
            self.late.leave(met)

    async def _meet(
        self, message: Message, turn: Run, waiting: Waiting, again: Again = _FIRST
    ) -> Content | Awaited | None:
        """Run a turn, and again without what was in its way: at most once for two wishes, and once for a failure."""
        try:
            return await _written(waiting, lambda tx: turn(tx, message, again))
        except OneAtATime as several:
            following = Again(only=several.first)
        except TurnFailed as failure:
            if again.failed is not None:
                raise
            log.exception("answering failed, intent %s, message %s", failure.intent or "none", message.key)
            self.tally.failures += 1
            following = Again(failed=failure.intent)
        return await self._meet(message, turn, waiting, following)

    def _late_turn(self, tx: Transaction, message: Message, again: Again) -> Content | Awaited | None:
        """Run one turn and post its reply, unless that was given."""
        about = about_member(message)
        whose = {"account_id": about.account_id, "openid": about.openid, "key": about.key}
        before = turns.recall(tx, **whose)
        content = self._turn(tx, message, again)
        if isinstance(content, Content) and not self._was_answered(tx, before):
            after = turns.recall(tx, **whose)
            assert after is not None, "the turn made them known"
            post_reply(
                tx, member_id=after.member.id, openid=about.openid, key=about.key, content=content, now=self.clock()
            )
        return content

    def _was_answered(self, tx: Transaction, before: Recalled | None) -> bool:
        """Say whether a message was met before this turn, and no earlier than the push that is taken in was kept."""
        if before is None or before.seen_id is None:
            return False
        met = exchanges.exchange_by_id(tx, before.seen_id)
        return met is not None and met.created_at >= self.clock()

    def _turn(self, tx: Transaction, message: Message, again: Again) -> Content | Awaited | None:
        """Run one turn; ``again`` says what a run before it came to."""
        now = self.clock()
        if is_account_news(message):
            keep_news(tx, message, now)
            return None
        message = about_member(message)
        recalled = recall_or_meet(tx, message, now)
        if recalled.seen_id is not None:
            stored = turns.stored_reply(tx, recalled.member.id, recalled.seen_id)
            if stored is None:
                return still_awaited(tx, recalled.member.id, recalled.seen_id)
            return content_from_text(stored)
        note_consents(tx, message, recalled.member.id, now)
        recalled, counts = brought_up_to_date(tx, message, recalled, now)
        knowledge = self.knowledge.at(recalled.revision, tx)
        standing = standing_from_text(recalled.conversation.pending, now)
        one = OneTurn(self, tx, message, recalled, knowledge, now, standing, again)
        return one.run(counts=counts)
