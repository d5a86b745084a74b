"""Figures of the reply window as staff have them: how many messages outside the reply an act of the member allows, for how long, from which day on."""

from dataclasses import dataclass
from datetime import date, datetime

from storage import revisions
from storage.database import Queries, Row, Transaction
from storage.times import from_ms, to_ms

_COLUMNS = "opened_by, since, messages, lasts_seconds, source, changed_by, changed_at"


@dataclass(frozen=True, slots=True)
class WindowFigure:
    """One figure: ``messages`` within ``lasts_seconds`` of an act (``opened_by``: message, menu, follow, scan), in force from ``since`` on."""

    opened_by: str
    since: date
    messages: int
    lasts_seconds: int
    source: str
    changed_by: str
    changed_at: datetime


def all_figures(queries: Queries) -> list[WindowFigure]:
    """Return every figure of staff, the oldest of each act first."""
    rows = queries.query(f"SELECT {_COLUMNS} FROM window_figures ORDER BY opened_by, since")
    return [_from_row(row) for row in rows]


def put(tx: Transaction, figure: WindowFigure) -> None:
    """Keep a figure, in place of the one of the same act and day; every process uses it from the next message on."""
    tx.execute("DELETE FROM window_figures WHERE opened_by = :opened_by AND since = :since", _key(figure))
    tx.execute(
        f"INSERT INTO window_figures ({_COLUMNS}) VALUES (:opened_by, :since, :messages, :lasts, :source, :by, :at)",
        {
            **_key(figure),
            "messages": figure.messages,
            "lasts": figure.lasts_seconds,
            "source": figure.source,
            "by": figure.changed_by,
            "at": to_ms(figure.changed_at),
        },
    )
    revisions.bump(tx)


def remove(tx: Transaction, opened_by: str, since: date) -> bool:
    """Take a figure out, so that the one before it counts again; False when there is none."""
    changed = tx.execute(
        "DELETE FROM window_figures WHERE opened_by = :opened_by AND since = :since",
        {"opened_by": opened_by, "since": since.isoformat()},
    )
    if changed:
        revisions.bump(tx)
    return changed == 1


def _key(figure: WindowFigure) -> dict[str, object]:
    return {"opened_by": figure.opened_by, "since": figure.since.isoformat()}


def _from_row(row: Row) -> WindowFigure:
    return WindowFigure(
        row["opened_by"],
        date.fromisoformat(row["since"]),
        row["messages"],
        row["lasts_seconds"],
        row["source"],
        row["changed_by"],
        from_ms(row["changed_at"]),
    )
