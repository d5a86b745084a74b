"""Times at the border of the database: aware UTC in code, whole milliseconds since 1970 in rows."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return whole milliseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Return the aware UTC time of whole milliseconds since 1970."""
    return _EPOCH + milliseconds * _MILLISECOND


def maybe_from_ms(milliseconds: int | None) -> datetime | None:
    """Return the aware UTC time, or None for None."""
    return None if milliseconds is None else from_ms(milliseconds)


def maybe_to_ms(moment: datetime | None) -> int | None:
    """Return whole milliseconds since 1970, or None for None."""
    return None if moment is None else to_ms(moment)
