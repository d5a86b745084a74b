"""The breaker: stops all sending for a while when nothing would get through anyway, so that one outage does not touch every message."""

import random
import threading
import time

FIRST_SECONDS, MOST_SECONDS = 1.0, 60.0


class Breaker:
    """Shared by the threads of one worker. Each failure in a row doubles the pause, up to a limit; an answer ends the row."""

    def __init__(self, first_seconds: float = FIRST_SECONDS, most_seconds: float = MOST_SECONDS) -> None:
        self._first, self._most = first_seconds, most_seconds
        self._lock = threading.Lock()
        self._random = random.SystemRandom()
        self._failures = 0
        self._held_until = 0.0

    def seconds_left(self) -> float:
        """Return for how long nothing must be sent, 0 when sending is free."""
        return max(0.0, self._held_until - time.monotonic())

    def hold(self, seconds: float) -> None:
        """Stop all sending for so long, at least."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def answered(self) -> None:
        """Note that the far side answered."""
        self._failures = 0

    def failed(self) -> float:
        """Note that it did not; stop all sending and return for how many seconds."""
        with self._lock:
            left = self.seconds_left()
            if left == 0.0:  # of threads that fail together, only the first counts
                left = self.backoff(self._failures)
                self._failures += 1
                self._held_until = time.monotonic() + left
            return left

    def backoff(self, failures: int) -> float:
        """Return how many seconds to wait after so many failures before: growing, with jitter."""
        return float(min(self._most, self._first * 2.0 ** min(failures, 30)) * self._random.uniform(0.5, 1.0))
