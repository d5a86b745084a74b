"""The figures of days, counted once: a day that is over never changes, today is counted again after half a minute."""

import threading
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from bot.service import current
from storage import conversations, overview
from storage.database import Queries
from storage.exchanges import Exchange
from storage.overview import Figures

DAYS = 14
FRESH_FOR = timedelta(seconds=30)
MOST_MISSED = 8
_MARGIN = timedelta(minutes=5)  # after midnight, for turns that began before it
_EXTENSION = "zhaohu_console_figures"


@dataclass(frozen=True, slots=True)
class Today:
    """What the overview shows: today, the days before it, and when all that was counted."""

    today: Figures
    waiting: int
    days: dict[date, Figures]
    missed: list[Exchange]
    counted_at: datetime


class DayBook:
    """Keeps the figures of days that are over, and the newest of today, for one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over: dict[date, Figures] = {}
        self._newest: Today | None = None

    def at(self, queries: Queries, now: datetime, zone: ZoneInfo) -> Today:
        """Return the figures, at most half a minute old; whoever comes while they are counted waits for them."""
        with self._lock:
            known = self._newest
            if known is None or not now - FRESH_FOR <= known.counted_at <= now:
                known = self._newest = self._count(queries, now, zone)
            return known

    def _count(self, queries: Queries, now: datetime, zone: ZoneInfo) -> Today:
        today = now.astimezone(zone).date()
        days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        self._over = {day: figures for day, figures in self._over.items() if day in days}
        found = {day: self._over.get(day) or overview.figures_between(queries, *bounds(day, zone)) for day in days}
        over_before = (now - _MARGIN).astimezone(zone).date()
        self._over = {day: figures for day, figures in found.items() if day < over_before}
        missed = overview.newest_missed(queries, since=bounds(days[0], zone)[0], limit=MOST_MISSED)
        return Today(found[today], conversations.count_waiting(queries), found, missed, now)


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a day of the brand's zone begins, and when the next one does."""
    return (
        datetime.combine(day, time(), zone),
        datetime.combine(day + timedelta(days=1), time(), zone),
    )


def figures() -> Today:
    """Return what the overview shows."""
    service = current()
    book = current_app.extensions.setdefault(_EXTENSION, DayBook())
    assert isinstance(book, DayBook)
    return book.at(service.database, service.clock(), service.settings.timezone)
