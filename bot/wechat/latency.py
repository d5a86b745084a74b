"""How long answers take: a histogram in plain numbers, read by whoever monitors."""

from bisect import bisect_left

BOUNDS_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.5, 5.0)  # the platform waits 5 s


class Latencies:
    """Counts answers by how long they took. Without a lock: see ``bot.conversation.tally``."""

    __slots__ = ("counts", "total_seconds")

    def __init__(self) -> None:
        """Start at nothing."""
        self.counts = [0] * (len(BOUNDS_SECONDS) + 1)  # the last: longer than all bounds
        self.total_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one answer."""
        self.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.total_seconds += seconds
