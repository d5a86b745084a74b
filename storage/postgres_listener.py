"""Hearing of what other processes committed: one connection that listens, beside the pool, while anybody wants to know."""

import logging
import threading
from collections.abc import Callable

import psycopg

from storage.postgres_connections import conninfo_of

CHANNEL = "zhaohu"
_AGAIN_SECONDS = 1.0
_LOOK_SECONDS = 0.5  # whether the database was closed meanwhile

log = logging.getLogger(__name__)


class Listener:
    """Calls whoever asked for a name when that name is announced. What is announced while the connection is away is told once it is back."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._wakes: dict[str, set[Callable[[], object]]] = {}
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def add(self, name: str, wake: Callable[[], object]) -> None:
        """Have ``wake`` called, from a thread of the listener, whenever ``name`` may have been announced."""
        with self._lock:
            self._wakes.setdefault(name, set()).add(wake)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop listening, soon."""
        self._closed.set()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with psycopg.connect(conninfo_of(self._url), autocommit=True) as raw:
                    raw.execute(f"LISTEN {CHANNEL}")
                    self._tell_everybody()
                    self._hear(raw)
            except psycopg.Error as error:
                log.warning("not listening to the database: %s", type(error).__name__)
                self._closed.wait(_AGAIN_SECONDS)

    def _hear(self, raw: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._closed.is_set():
            for notice in raw.notifies(timeout=_LOOK_SECONDS):
                self._tell(notice.payload)

    def _tell(self, name: str) -> None:
        with self._lock:
            wakes = tuple(self._wakes.get(name, ()))
        for wake in wakes:
            wake()

    def _tell_everybody(self) -> None:
        with self._lock:
            names = tuple(self._wakes)
        for name in names:
            self._tell(name)
