"""Following what is published: a thread of each serving process looks for a new revision, so that it is learned before a message needs it.

It also writes down what was learned, which the turn, inside its own transaction, must not.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from bot.conversation.knowledge import Build, KnowledgeCache
from storage import model_builds
from storage.database import Database, Transaction
from storage.errors import StorageError
from storage.model_builds import ModelBuild

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.4  # with a second to learn, a changed phrase counts within two


class Follower:
    """Keeps one process's knowledge up to date, message or no message."""

    def __init__(
        self,
        database: Database,
        knowledge: KnowledgeCache,
        clock: Callable[[], datetime],
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._database = database
        self._knowledge = knowledge
        self._clock = clock
        self._look_seconds = look_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="following", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End, and wait up to ``seconds`` for what is being learned."""
        self._stop.set()
        self._thread.join(seconds)

    def look(self) -> None:
        """Bring the knowledge up to date, and write down what was learned. Raises StorageError."""
        self._knowledge.newest(self._database)
        builds = self._knowledge.take_builds()
        if builds:
            now = self._clock()
            self._database.write(lambda tx: _write_down(tx, builds, now))

    def _follow(self) -> None:
        failing = False
        while not self._stop.wait(self._look_seconds):
            try:
                self.look()
                failing = False
            except StorageError:  # said once, not twice a second; turns say more
                if not failing:
                    log.warning("what is published cannot be followed while the database is unavailable")
                failing = True
            except Exception:
                log.exception("following what is published failed; it goes on")


def _write_down(tx: Transaction, builds: list[Build], now: datetime) -> None:
    for build in builds:
        model_builds.record(
            tx,
            ModelBuild(
                build.revision,
                build.fingerprint,
                build.failure,
                build.seconds,
                build.intents,
                build.phrases,
                now,
                build.figures,
            ),
        )
