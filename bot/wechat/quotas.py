"""How much may be sent outside the reply, and for how long, by what the member did: the platform's figures, dated, with their source.

The figures moved before and will move again: a new one is a new row here, in force from its day on.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

Trigger = Literal["message", "menu", "follow", "scan"]

_PAGE = "https://developers.weixin.qq.com/doc/service/guide/product/message/Service_Center_messages.html"
_NOTICE = "notice of the platform, 2021-05, as quoted in its developer community"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a trigger allows: ``messages`` within ``lasts``, in force from ``since`` (the day we know of, at the latest)."""

    trigger: Trigger
    messages: int
    lasts: timedelta
    since: date
    source: str


GRANTS: tuple[Grant, ...] = (
    Grant("message", 20, timedelta(hours=48), date(2021, 6, 1), _NOTICE),
    Grant("menu", 3, timedelta(minutes=1), date(2021, 6, 1), _NOTICE),
    Grant("follow", 3, timedelta(minutes=1), date(2021, 6, 1), _NOTICE),
    Grant("scan", 3, timedelta(minutes=1), date(2021, 6, 1), _NOTICE),
    # The day of this change is not documented; the page has said 5 for as long as we can look back with certainty.
    Grant("message", 5, timedelta(hours=48), date(2025, 1, 1), f"{_PAGE}, read 2026-03"),
)


@lru_cache(maxsize=64)
def grant(trigger: Trigger, on: date) -> Grant:
    """Return what the trigger allows on a day: the newest row in force; the oldest row when the day lies before all."""
    rows = sorted((row for row in GRANTS if row.trigger == trigger), key=lambda row: row.since)
    return next((row for row in reversed(rows) if row.since <= on), rows[0])
