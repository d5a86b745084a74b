"""What a reconciliation reports: two figures that must agree and do not. It is an alarm for people; nothing repairs it silently."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """``rule`` is broken for row ``id`` (a campaign or a member): the rows that prove it say ``proved``, the kept figure says ``kept``."""

    rule: str
    id: int
    proved: int
    kept: int
