"""The shelter: keeps the pushes that come while the database is away, and takes them in, once and in order, when it is back.

Their time for a reply is over by then, so what the turn says goes out through the outbox. Each turn is run as of the moment its push came: a check-in
counts for the day it was sent, a burst is judged by when it was typed. A push that comes while older ones are still being taken in may be
answered before them.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.conversation.engine import Engine
from bot.wechat.account import Account
from bot.wechat.gate import Admitted, Gate, Quarantined
from bot.wechat.spool import Spool, Spooled, SpoolError
from storage import revisions
from storage.database import Database
from storage.errors import StorageError, StorageUnavailable

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 0.25
TELL_AGAIN_SECONDS = 60.0  # the same cause, in the log


class Shelter:
    """One for each process. ``away`` tells that the database could not be written last time anybody tried."""

    def __init__(
        self,
        spool: Spool,
        database: Database,
        account: Account,
        engine: Engine,
        put_aside: Callable[[Quarantined, datetime], None],
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; ``put_aside`` keeps what is not understood, as of the time given."""
        self.spool = spool
        self.away = False
        self._database = database
        self._account = account
        self._engine = engine
        self._put_aside = put_aside
        self._clock = clock
        self._lock = threading.Lock()
        self._taker: threading.Thread | None = None
        self._told, self._tell_again_at = "", 0.0  # the cause told last

    def keep(self, query: str, body: bytes) -> None:
        """Put a rightly signed push on disk, to be taken in later. Raises SpoolError."""
        self.spool.keep(Spooled(query, body, self._clock()))
        self.away = True
        self.begin()

    def begin(self) -> None:
        """Take in what waits, in a thread of its own, unless one does already; call it again whenever something may have been left over.

        Nothing waits when another process was quicker; whether the database is back is found out all the same.
        """
        with self._lock:
            if (self.spool.is_empty() and not self.away) or (self._taker is not None and self._taker.is_alive()):
                return
            taker = threading.Thread(target=self._take_until_empty, name="shelter", daemon=True)
            try:
                taker.start()
            except RuntimeError:  # no thread to be had; what waits is on disk
                log.error("the spool waits: no thread can be started")
                return
            self._taker = taker

    def wait_until_empty(self, timeout_seconds: float) -> bool:
        """Wait until this process has nothing more to take in; False when that takes longer."""
        taker = self._taker
        if taker is not None:
            taker.join(timeout_seconds)
        return self._taker is None

    def _take_until_empty(self) -> None:
        pause = threading.Event()
        while True:
            self._try_to_take()
            with self._lock:
                if not self.away and self.spool.is_empty():
                    self._taker = None
                    return
            pause.wait(LOOK_AGAIN_SECONDS)

    def _try_to_take(self) -> None:
        try:
            self._database.write(revisions.touch)
            self.away = False  # from here on messages are answered directly again
            if self.spool.take(self._take_in):
                log.info("the spool is empty")
                self._told = ""
        except StorageError as error:
            self._tell(str(error))
        except SpoolError:
            log.exception("the spool cannot be read")
        except Exception:  # a fault of ours; nobody else would go on
            log.exception("the spool waits")

    def _tell(self, cause: str) -> None:
        """Log why the spool waits: when that changes, and now and then."""
        now = time.monotonic()
        if cause != self._told or now >= self._tell_again_at:
            log.warning("the spool waits: %s", cause)
            self._told, self._tell_again_at = cause, now + TELL_AGAIN_SECONDS

    def _take_in(self, push: Spooled) -> None:
        """Take in one push; one that cannot be, for whatever reason but the database, must not hold up the others."""
        try:
            judged = Gate(self._account, lambda: push.received_at).admit(push.query, push.body)
            if isinstance(judged, Admitted):
                replace(self._engine, clock=lambda: push.received_at).take_in(judged.message)
            elif isinstance(judged, Quarantined):
                self._put_aside(judged, push.received_at)
            else:  # it was admitted when it came: token, key or mode were changed since
                log.error("spool: a push was set aside, as the gate refuses it now: %s", judged.reason)
                self.spool.set_aside(push)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("spool: a push was set aside")
            self.spool.set_aside(push)
