"""The live feed: pages wait here for changes that any process committed.

One thread a process looks into the database while somebody waits, and not at all otherwise; so it works the same with one process or ten. It looks
often, or when an engine that can tell says that there is something new.
"""

import threading
import time
from collections.abc import Sequence

from storage import changes
from storage.changes import Change
from storage.database import Database
from storage.errors import StorageUnavailable

POLL_SECONDS = 0.15  # where the engine cannot tell of a change
RARELY_SECONDS = 2.0  # where it can, in case a word of it got lost


class Feed:
    """Lets any number of threads wait for the change feed to grow."""

    def __init__(self, database: Database, *, poll_seconds: float | None = None) -> None:
        """Prepare; ``poll_seconds`` is between looks, as fits the engine when None."""
        self._database = database
        self._poll_seconds = poll_seconds
        self._look_now = threading.Event()
        self._grown = threading.Condition()
        self._waiters = 0
        self._watcher: threading.Thread | None = None
        self._newest = 0

    def position(self) -> int:
        """Return the id of the newest change: where a page that opens now starts to follow."""
        return changes.newest_id(self._database)

    def after(self, last_id: int, *, timeout_seconds: float) -> Sequence[Change]:
        """Return the changes after ``last_id``, waiting up to ``timeout_seconds`` for one; empty when none came."""
        deadline = time.monotonic() + timeout_seconds
        while not (found := changes.after(self._database, last_id)):
            if not self._wait(last_id, deadline - time.monotonic()):
                return ()
        return found

    def _wait(self, last_id: int, seconds: float) -> bool:
        """Wait until the feed grew beyond ``last_id``; return False when the time is over."""
        with self._grown:
            self._waiters += 1
            try:
                self._see_to_the_watch()
                return self._grown.wait_for(lambda: self._newest > last_id, timeout=max(0.0, seconds))
            finally:
                self._waiters -= 1

    def _see_to_the_watch(self) -> None:
        """Have a thread watch, also when the one before could not be started or has died; call it with the lock held."""
        if self._watcher is None or not self._watcher.is_alive():
            watcher = threading.Thread(target=self._watch, name="feed", daemon=True)
            watcher.start()
            self._watcher = watcher

    def _watch(self) -> None:
        """Look for growth while somebody waits; ends by itself."""
        told = self._database.listen(changes.FEED, self._look_now.set)
        pause_seconds = self._poll_seconds or (RARELY_SECONDS if told else POLL_SECONDS)
        while True:
            self._look_now.clear()
            try:
                newest = changes.newest_id(self._database)
            except StorageUnavailable:
                newest = 0
            with self._grown:
                if newest != self._newest:
                    self._newest = newest
                    self._grown.notify_all()
                if not self._waiters:
                    self._watcher = None
                    return
            self._look_now.wait(pause_seconds)
