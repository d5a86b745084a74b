"""The circuit breaker of calls that people wait for: while the platform does not answer, they fail at once instead of holding threads."""

import threading
import time
from collections.abc import Callable

MOST_FAILURES = 5
PROBE_SECONDS = 10.0


class Circuit:
    """Opens after so many failures in a row, and then lets one call through every ``PROBE_SECONDS`` until one is answered. Safe to share."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Make a closed one; ``seconds`` is a clock that never goes back."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._next_probe = 0.0

    def may_try(self) -> bool:
        """Say whether a call may be made now; when it may although the circuit is open, it is the only one for a while."""
        with self._lock:
            if self._failures < MOST_FAILURES:
                return True
            if self._seconds() < self._next_probe:
                return False
            self._next_probe = self._seconds() + PROBE_SECONDS
            return True

    def note(self, *, answered: bool) -> None:
        """Note whether the far side answered a call, be it with a refusal."""
        with self._lock:
            self._failures = 0 if answered else self._failures + 1
            if self._failures == MOST_FAILURES:
                self._next_probe = self._seconds() + PROBE_SECONDS
