"""How much may be sent outside the reply, and for how long, by what the member did: the platform's figures, dated, with their source.

The figures moved before and will move again: an admin adds the new one at the console, in force from its day on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Trigger = Literal["message", "menu", "follow", "scan"]
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")  # the platform's days, and its daily quotas, begin at midnight there

_PAGE = "https://developers.weixin.qq.com/doc/service/guide/product/message/Service_Center_messages.html"
_NOTICE = "微信公告，2021-05，见于开发者社区"


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
    Grant("message", 5, timedelta(hours=48), date(2025, 1, 1), f"{_PAGE}，2026-03 查阅"),
)


class Quotas:
    """The figures there are: the shipped ones, and over them those of staff."""

    def __init__(self, of_staff: Iterable[Grant] = ()) -> None:
        """Take staff's figures; one of the same trigger and day replaces the shipped one."""
        rows = {(row.trigger, row.since): row for row in (*GRANTS, *of_staff)}
        self._by_trigger = {
            trigger: sorted((row for row in rows.values() if row.trigger == trigger), key=lambda row: row.since)
            for trigger in TRIGGERS
        }

    def grant(self, trigger: Trigger, now: datetime) -> Grant:
        """Return what the trigger allows at a time: the newest figure in force; the oldest when the day lies before all."""
        today, rows = now.astimezone(PLATFORM_ZONE).date(), self._by_trigger[trigger]
        return next((row for row in reversed(rows) if row.since <= today), rows[0])

    def of(self, trigger: Trigger) -> list[Grant]:
        """Return every figure of a trigger, the oldest first."""
        return list(self._by_trigger[trigger])


SHIPPED = Quotas()
