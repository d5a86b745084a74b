"""Ids made in the application: 63-bit integers that grow with time, so no round trip to the database is needed to get one."""

import os
import secrets
import threading
import time

EPOCH_MS = 1_704_067_200_000  # 2024-01-01 UTC; 41 bits of milliseconds last until 2093
_MOST_AHEAD_MS = 24 * 60 * 60 * 1000
_NODE_BITS, _SEQUENCE_BITS = 10, 12
ID_BITS_BELOW_TIME = _NODE_BITS + _SEQUENCE_BITS


class IdMaker:
    """Makes ids that grow: 41 bits of milliseconds, 10 bits drawn per process, 12 bits of sequence."""

    def __init__(self) -> None:
        self._last = 0
        self.begin_process()

    def begin_process(self) -> None:
        """Draw the bits of this process; one that was forked would have those of the process it came of."""
        self._node = secrets.randbits(_NODE_BITS)
        self._lock = threading.Lock()

    def at_least(self, known_id: int) -> None:
        """Make no id below ``known_id``, the newest in the database, though the clock has since been put back.

        One from more than a day ahead is left aside: it came of a clock that was wrong by far, or by hand, and following it would date all
        that is new in the future. What must follow commits in order (``storage.changes``) counts on from what is stored in any case.
        """
        with self._lock:
            if known_id < first_id_at(time.time_ns() // 1_000_000 + _MOST_AHEAD_MS):
                self._last = max(self._last, known_id)

    def __call__(self) -> int:
        """Return an id greater than every one this maker returned before."""
        with self._lock:
            base = ((time.time_ns() // 1_000_000 - EPOCH_MS) << ID_BITS_BELOW_TIME) | (self._node << _SEQUENCE_BITS)
            self._last = max(base, self._last + 1)
            return self._last


new_id = IdMaker()
os.register_at_fork(after_in_child=new_id.begin_process)


def first_id_at(milliseconds: int) -> int:
    """Return the smallest id that could be made at this time (milliseconds since 1970), for range scans over ids by time."""
    return max(0, milliseconds - EPOCH_MS) << ID_BITS_BELOW_TIME
