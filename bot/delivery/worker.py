"""The worker: takes what is due from the outbox, sends it, writes down what came of it. Any number of threads, processes and machines may run it.

LeaseLost     the message is no longer this worker's to send
SenderDied    a sending thread ended; the worker should be started again
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.delivery import sending
from bot.delivery.breaker import Breaker
from bot.delivery.chores import CHORES, Chore
from bot.wechat.outcomes import Refused, Result, RetryLater, Unknown, outcome_of
from storage import outbox
from storage.database import Database
from storage.errors import Conflict, StorageError
from storage.outbox import LAPSED, MOST_TRIES, OutboxMessage
from templates.content import Content

POLL_SECONDS = 0.1  # where the engine cannot tell that a message was posted
RARELY_SECONDS = 1.0  # where it can, for messages that become due, and in case a word of it got lost
_STORAGE_PAUSE_SECONDS = 0.5
_FAULT_PAUSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The message is no longer this worker's to send."""


class SenderDied(Exception):
    """A sending thread ended."""


class Sender(Protocol):
    """What sends a message: ``bot.wechat.client.WeChatClient``."""

    def send(self, openid: str, content: Content, *, before_writing: Callable[[], None]) -> Result:
        """Send ``content``, calling ``before_writing`` just before anything leaves."""
        ...


class Worker:
    """Sends what is in the outbox, until told to stop."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Callable[[], datetime],
        *,
        threads: int = 4,
        wake: threading.Event | None = None,
        breaker: Breaker | None = None,
        chores: Sequence[Chore] = CHORES,
        poll_seconds: float | None = None,
    ) -> None:
        """Prepare; ``wake`` is set by those of the same process who have just posted something, all else is noticed within ``poll_seconds``.

        Where the engine tells of what other processes posted, and no ``poll_seconds`` are given, it is seldom asked.
        """
        self._database = database
        self._sender = sender
        self._clock = clock
        self._threads = threads
        self._wake = wake or threading.Event()
        self._breaker = breaker or Breaker()
        self._chores = chores
        told = database.listen(outbox.POSTED, self._wake.set)
        self._poll_seconds = poll_seconds or (RARELY_SECONDS if told else POLL_SECONDS)

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set, then finish what is in hand and return. Raises SenderDied."""
        threads = [
            threading.Thread(target=self._send_until, args=(stop,), name=f"sender-{number}")
            for number in range(self._threads)
        ]
        for thread in threads:
            thread.start()
        try:
            self._do_chores_until(stop, threads)
        finally:
            stop.set()
            self._wake.set()
            for thread in threads:
                thread.join()

    def send_next(self) -> bool:
        """Send one message that is due; False when there is none. Raises StorageError."""
        try:
            message = self._database.write(lambda tx: sending.take(tx, self._clock()))
        except Conflict:  # another worker took one of the same member's at this very moment
            return True
        if message is None:
            return False
        started = time.monotonic()
        result = self._deliver(message)
        if result is None:
            self._database.write(lambda tx: sending.give_back(tx, message, self._clock()))
        else:
            self._record(message, result)
            came_of_it = f"{type(result).__name__} {outcome_of(getattr(result, 'outcome', '')).code}".rstrip()
            took_ms = (time.monotonic() - started) * 1000
            logger.info("outbox %d attempt %d: %s (%d ms)", message.id, message.attempt, came_of_it, took_ms)
        return True

    def _send_until(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                held_seconds = self._breaker.seconds_left()
                if held_seconds == 0.0 and outbox.is_waiting(self._database, self._clock()) and self.send_next():
                    continue
            except StorageError as error:
                logger.error("the outbox cannot be used: %s", error)
                stop.wait(_STORAGE_PAUSE_SECONDS)
                continue
            except Exception:  # a fault of ours; nobody else would go on sending
                logger.exception("a step of sending failed")
                stop.wait(_FAULT_PAUSE_SECONDS)
                continue
            if self._wake.wait(min(held_seconds or self._poll_seconds, self._poll_seconds)):
                self._wake.clear()
                if held_seconds:
                    stop.wait(min(held_seconds, self._poll_seconds))

    def _deliver(self, message: OutboxMessage) -> Result | None:
        """Send a claimed message; None when its lease ended before it could depart."""
        departed = False

        def before_writing() -> None:
            nonlocal departed
            if not self._database.write(lambda tx: outbox.depart(tx, message, self._clock(), sending.LEASE)):
                raise LeaseLost
            departed = True

        try:
            content = Content.from_payload(json.loads(message.content))
        except (ValueError, TypeError):
            return Refused("unreadable")
        try:
            return self._sender.send(message.openid, content, before_writing=before_writing)
        except LeaseLost:
            logger.warning("outbox %d attempt %d: came too late to send it", message.id, message.attempt)
            return None
        except StorageError as error:  # only met while nothing has left, or after the platform turned the token down
            logger.error("outbox %d attempt %d: the database is away: %s", message.id, message.attempt, error)
            return RetryLater("internal", _STORAGE_PAUSE_SECONDS, holds_all=False)
        except Exception:  # whatever one message does to us, the others go on; it is counted, and ends as dead
            logger.exception("outbox %d attempt %d: failed", message.id, message.attempt)
            return Unknown(LAPSED) if departed else RetryLater("internal", holds_all=False, most_tries=MOST_TRIES)

    def _record(self, message: OutboxMessage, result: Result) -> None:
        """Write down what came of it; while the database is away, keep trying for as long as the message is ours."""
        retry_seconds = self._pause_after(message, result)
        ends = time.monotonic() + sending.LEASE.total_seconds()
        while True:
            try:
                kept = self._database.write(
                    lambda tx: sending.record(tx, message, result, self._clock(), retry_seconds=retry_seconds)
                )
            except StorageError as error:
                if time.monotonic() > ends:
                    logger.error("outbox %d: its outcome could not be written down: %s", message.id, error)
                    return
                time.sleep(_STORAGE_PAUSE_SECONDS)
                continue
            if not kept:
                logger.warning(
                    "outbox %d attempt %d: came too late to write down its outcome", message.id, message.attempt
                )
            return

    def _pause_after(self, message: OutboxMessage, result: Result) -> float:
        """Tell the breaker what the far side did, and return after how many seconds to try this message again."""
        if isinstance(result, Unknown):
            return self._breaker.failed()
        if not isinstance(result, RetryLater):
            self._breaker.answered()
            return 0.0
        if not result.holds_all:
            return result.after_seconds or self._breaker.backoff(message.tries)
        if result.after_seconds is None:
            return self._breaker.failed()
        self._breaker.hold(result.after_seconds)
        return result.after_seconds

    def _do_chores_until(self, stop: threading.Event, threads: Sequence[threading.Thread]) -> None:
        due = [0.0] * len(self._chores)
        while not stop.wait(POLL_SECONDS):
            # Looked at in this order: told to stop, they may end at once.
            if not all(thread.is_alive() for thread in threads) and not stop.is_set():
                raise SenderDied("a sending thread ended")
            for number, chore in enumerate(self._chores):
                if time.monotonic() >= due[number]:
                    due[number] = time.monotonic() + chore.every_seconds
                    self._do(chore)

    def _do(self, chore: Chore) -> None:
        try:
            self._database.write(lambda tx: chore.work(tx, self._clock()))
        except StorageError as error:
            logger.error("could not %s: %s", chore.name, error)
        except Exception:
            logger.exception("could not %s", chore.name)
