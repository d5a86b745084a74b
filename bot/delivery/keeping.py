"""Keeping a worker running in a thread of the serving process, and telling whether it does."""

import logging
import threading
from collections.abc import Callable

PAUSE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Keeper:
    """Runs a worker in a thread, and starts it again when it ended by a fault."""

    def __init__(
        self, run: Callable[[threading.Event], None], wake: threading.Event, *, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        """Prepare; ``run`` works until the event it gets is set, ``wake`` ends its waiting, ``pause_seconds`` pass between an end and the next start."""
        self._run = run
        self._wake = wake
        self._pause_seconds = pause_seconds
        self._stopping = threading.Event()
        self._stop_of_run = threading.Event()  # anew for each run, as a worker that fails sets it for its own threads
        self._running = False
        self._thread = threading.Thread(target=self._keep, name="outbox", daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether the worker runs right now."""
        return self._running and self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._running = True
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Let the worker finish what it has in hand, and wait up to ``seconds`` for that."""
        self._stopping.set()
        self._stop_of_run.set()
        self._wake.set()
        self._thread.join(seconds)

    def _keep(self) -> None:
        while True:
            self._stop_of_run = stop = threading.Event()
            if self._stopping.is_set():  # looked at after the event is in place: whoever stops us finds either
                return
            self._running = True
            try:
                self._run(stop)
            except Exception:
                logger.exception("the worker failed; it starts again in %g s", self._pause_seconds)
            self._running = False
            self._stopping.wait(self._pause_seconds)
