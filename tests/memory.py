"""How much memory a piece of work takes: the least of several measurings, as threads that other tests left behind take some as well."""

import gc
import tracemalloc
from collections.abc import Callable

_TIMES = 3
Work = Callable[[], object]


def most_at_once(work: Work, *, enough: int) -> int:
    """Return how many bytes more than before were in use at the worst moment of the work, which is done again while that is not below ``enough``."""
    return _least(work, enough, peak=True)


def kept_after(work: Work, *, enough: int) -> int:
    """Return how many bytes more are in use after the work than before; it is done again while that is not below ``enough``."""
    return _least(work, enough, peak=False)


def _least(work: Work, enough: int, *, peak: bool) -> int:
    least = _measured(work, peak=peak)
    for _ in range(_TIMES - 1):
        if least < enough:
            break
        least = min(least, _measured(work, peak=peak))
    return least


def _measured(work: Work, *, peak: bool) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[peak]
    finally:
        tracemalloc.stop()
