"""Late replies: what an intent asked to have looked up is looked up beside the transaction, and answered once.

In time, the answer is the reply to the message. After that the platform has been told ``success``, and the answer goes through the outbox. Work
whose process died is taken up by a worker (``pick_up``); when it dies again and again, the member gets the intent's reply for "no answer".
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation.beside import Beside, worded
from bot.conversation.outcome import Outcome
from bot.conversation.record import content_from_text, content_to_text
from bot.conversation.speaking import Spoken, TooMuch
from bot.delivery.posting import Script, post
from intents.messages import Message
from intents.registry import CODED
from intents.types import Found, Intent
from storage import changes, exchanges, late_replies, turns
from storage.conversations import conversation_of, hold
from storage.database import Database, Queries, Transaction
from storage.errors import StorageError
from storage.exchanges import Exchange
from storage.ids import new_id
from storage.late_replies import LateReply
from storage.members import identities_of
from templates.content import Content
from templates.library import Library

DEADLINE_SECONDS = 4.5  # of the platform's five, from the arrival of the message
LEASE = timedelta(seconds=45)  # more than any work may take
MOST_ATTEMPTS = 3
AT_ONCE = 16  # works of one process; what comes beyond is left to the workers, so that a slow far side never takes all threads
_LOOK_SECONDS = 0.05

log = logging.getLogger(__name__)

Work = Callable[[Mapping[str, str]], Found | None]
Both = tuple[Found | None, Found | None]  # what was found for a message, and for the other wish of it
NOTHING: Both = (None, None)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message whose answer is being looked up; ``late`` is the work when this turn began it, None when an earlier delivery did."""

    member_id: int
    exchange_id: int
    late: LateReply | None = None


def begin(
    tx: Transaction,
    member_id: int,
    exchange_id: int,
    message: Message,
    outcome: Outcome,
    now: datetime,
    beside: Beside | None = None,
) -> Awaited:
    """Record what has to be looked up for a message, as held by this process, and what is to be said together with it."""
    assert outcome.later is not None
    late = LateReply(
        member_id=member_id,
        exchange_id=exchange_id,
        cause=message.key,
        intent=outcome.match.intent or "",
        work=outcome.later.work,
        asked=outcome.later.asked,
        attempt=1,
        created_at=now,
        beside=beside.to_text() if beside else "",
    )
    late_replies.begin(tx, late, LEASE)
    return Awaited(member_id, exchange_id, late)


def still_awaited(tx: Transaction, member_id: int, exchange_id: int) -> Awaited | None:
    """Return the message again while its answer is being looked up, else None."""
    working = late_replies.state_of(tx, member_id, exchange_id) == late_replies.WORKING
    return Awaited(member_id, exchange_id) if working else None


class LateReplies:
    """Looks things up for the intents of one process, and answers. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        library: Callable[[Queries], Library],
        works: Mapping[str, Work],
        *,
        intents: Iterable[Intent] = CODED,
        wake: threading.Event | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
        at_once: int = AT_ONCE,
    ) -> None:
        """Prepare; ``works`` are the works by name, ``library`` gives the replies as published, ``wake`` is set when something went to the outbox."""
        self._database = database
        self._clock = clock
        self._library = library
        self._works = works
        self._finishers = {intent.name: intent.late for intent in intents}
        self._wake = wake or threading.Event()
        self._deadline_seconds = deadline_seconds
        self._free = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._in_hand: dict[int, LateReply] = {}  # by the message's exchange

    def reply(self, awaited: Awaited, arrived_seconds: float) -> Content | None:
        """Return the answer when it is there in time, counted from the arrival (of the monotonic clock); else None, and it follows once.

        Raises StorageUnavailable when an answer in time could not be recorded; then it follows later.
        """
        until, late = arrived_seconds + self._deadline_seconds, awaited.late
        if late is None:
            return self._watch(awaited, until)
        if not self._takes_on(works := _works_of(late)):
            log.warning("too much is being looked up at once: message %s is left to a worker", late.cause)
            self.leave(awaited)
            return None
        return _Errand(self, late, works).wait(until)

    def leave(self, awaited: Awaited) -> None:
        """Let a worker look it up, if this turn began it."""
        late = awaited.late
        if late is not None:
            self._database.write(lambda tx: late_replies.give_back(tx, late))

    def pick_up(self) -> bool:
        """Do one piece of work that nobody holds any more, and post its answer; False when there is none. Raises StorageError."""
        if not late_replies.is_waiting(self._database, self._clock(), LEASE):
            return False
        late = self._database.write(lambda tx: late_replies.take_up(tx, self._clock(), LEASE))
        if late is None:
            return True
        if late.attempt <= MOST_ATTEMPTS + 1:
            found = self.look_up(late) if late.attempt <= MOST_ATTEMPTS else NOTHING
            self.finish(late, found, in_time=False)
        else:
            log.error("message %s cannot be answered", late.cause)
            self._database.write(lambda tx: _give_up(tx, late, self._clock()))
        return True

    def give_back(self) -> None:
        """Let others take up at once what is still being looked up, because this process is about to end."""
        with self._lock:
            in_hand = list(self._in_hand.values())
        for late in in_hand:
            try:
                self.leave(Awaited(late.member_id, late.exchange_id, late))
            except StorageError as error:  # then they wait until its lease has run out
                log.error("message %s could not be left to others: %s", late.cause, error)

    def look_up(self, late: LateReply) -> Both:
        """Do the work, and that for the other wish at the same time, and return what they found, None where there is no answer; never raises."""
        with self._lock:
            self._in_hand[late.exchange_id] = late
        try:
            other = Beside.from_text(late.beside).lookup if late.beside else None
            if other is None:
                return self._found(late, late.work, late.asked), None
            second: list[Found | None] = []
            thread = threading.Thread(
                target=lambda: second.append(self._found(late, other.work, other.asked)),
                name="late-beside",
                daemon=True,
            )
            thread.start()
            first = self._found(late, late.work, late.asked)
            thread.join()
            return first, second[0]
        finally:
            with self._lock:
                self._in_hand.pop(late.exchange_id, None)

    def _found(self, late: LateReply, work: str, asked: Mapping[str, str]) -> Found | None:
        started = time.monotonic()
        try:
            found = self._works[work](asked)
        except Exception:  # whatever a work does to us, the member gets an answer
            log.exception("looking up %s for message %s failed", work, late.cause)
            found = None
        milliseconds = (time.monotonic() - started) * 1000
        log.info("looked up %s, attempt %d: %s (%d ms)", work, late.attempt, found is not None, milliseconds)
        return found

    def finish(self, late: LateReply, found: Both, *, in_time: bool) -> Content | None:
        """Answer, unless somebody did; return what is to be replied when it is ``in_time``, None when it went through the outbox or an agent answers."""
        content = self._database.write(lambda tx: self._finish(tx, late, found, in_time=in_time))
        if late.beside or not in_time:
            self._wake.set()
        return content

    def release(self, works: int) -> None:
        """Note that so many works are done."""
        self._free.release(works)

    def _takes_on(self, works: int) -> bool:
        """Say whether there is room for so many works, and take it."""
        taken = [self._free.acquire(blocking=False) for _ in range(works)]
        if not all(taken):
            for _ in filter(None, taken):
                self._free.release()
        return all(taken)

    def _watch(self, awaited: Awaited, until: float) -> Content | None:
        """Wait for what an earlier delivery of the same message began, and return the reply it was given, if any."""
        member_id, exchange_id = awaited.member_id, awaited.exchange_id
        while late_replies.state_of(self._database, member_id, exchange_id) == late_replies.WORKING:
            if time.monotonic() >= until:
                return None
            time.sleep(_LOOK_SECONDS)
        stored = turns.stored_reply(self._database, member_id, exchange_id)
        return content_from_text(stored) if stored is not None else None

    def _finish(self, tx: Transaction, late: LateReply, found: Both, *, in_time: bool) -> Content | None:
        now = self._clock()
        hold(tx, late.member_id)  # an agent who takes over does so before this answer, or after it
        conversation = conversation_of(tx, late.member_id)
        if conversation is not None and conversation.owned_by_agent(now):
            if late_replies.finish(tx, late, "held", now):
                exchanges.set_status(tx, late.member_id, late.exchange_id, "held")
                changes.note(tx, "message", late.member_id, now)
            return None
        if not late_replies.finish(tx, late, "replied" if in_time else "posted", now):
            log.warning("message %s, attempt %d: came too late to answer", late.cause, late.attempt)
            return None
        exchanges.set_status(tx, late.member_id, late.exchange_id, "answered")
        spoken, apart = self._worded(tx, late.intent, found[0]), None
        if late.beside:
            beside = Beside.from_text(late.beside)
            if beside.lookup is not None:
                beside = replace(beside, spoken=self._worded(tx, beside.lookup.intent, found[1]))
            try:
                spoken = beside.with_found(spoken)
            except TooMuch:
                apart = beside.spoken
        if in_time:
            exchanges.add_exchange(tx, _replied(late, spoken, now))
        else:
            self._post(tx, late, spoken, now, cause=f"late:{late.cause}")
        if apart is not None:
            self._post(tx, late, apart, now, cause=f"beside:{late.cause}")
        return spoken.content if in_time else None

    def _worded(self, tx: Transaction, intent: str, found: Found | None) -> Spoken:
        return worded(self._library(tx), self._finishers.get(intent), found, intent=intent)

    def _post(self, tx: Transaction, late: LateReply, spoken: Spoken, now: datetime, *, cause: str) -> None:
        post(
            tx,
            identity=identities_of(tx, [late.member_id])[late.member_id],
            content=spoken.content,
            author="bot",
            cause=cause,
            now=now,
            in_reply_to=late.exchange_id,
            script=Script(spoken.template, spoken.version, late.intent),
        )


class _Errand:
    """One work in a thread of its own, and the request that waits for it; whoever comes second learns that the other is gone."""

    def __init__(self, replies: LateReplies, late: LateReply, works: int) -> None:
        self._replies = replies
        self._late = late
        self._works = works
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._left = False
        self._found: Both = NOTHING
        threading.Thread(target=self._run, name="late-reply", daemon=True).start()

    def wait(self, until: float) -> Content | None:
        self._done.wait(max(0.0, until - time.monotonic()))
        with self._lock:
            if not self._done.is_set():
                self._left = True
                return None
        return self._replies.finish(self._late, self._found, in_time=True)

    def _run(self) -> None:
        try:
            found = self._replies.look_up(self._late)
            with self._lock:
                if not self._left:
                    self._found = found
                    self._done.set()
                    return
            self._replies.finish(self._late, found, in_time=False)
        except StorageError as error:  # its lease runs out, and a worker takes it up
            log.error("the answer to message %s could not be recorded: %s", self._late.cause, error)
        finally:
            self._replies.release(self._works)


def _works_of(late: LateReply) -> int:
    return 2 if late.beside and Beside.from_text(late.beside).lookup else 1


def _give_up(tx: Transaction, late: LateReply, now: datetime) -> None:
    """End work whose answer cannot even be posted, where people see it."""
    if late_replies.finish(tx, late, "lost", now):
        exchanges.set_status(tx, late.member_id, late.exchange_id, "missed")


def _replied(late: LateReply, spoken: Spoken, now: datetime) -> Exchange:
    return Exchange(
        id=new_id(),
        member_id=late.member_id,
        direction="out",
        kind=spoken.content.kind,
        author="bot",
        status="replied",
        created_at=now,
        text=spoken.content.summary(),
        payload=content_to_text(spoken.content),
        in_reply_to=late.exchange_id,
        intent=late.intent,
        template=spoken.template,
        template_version=spoken.version,
    )
