"""Figures for whoever watches a running service, each by an index: asking often costs little however much is stored."""

from datetime import datetime, timedelta

from storage.database import Queries
from storage.ids import first_id_at
from storage.times import to_ms

LONGEST_WINDOW = timedelta(hours=48)
OUTCOMES_OF = timedelta(days=1)


def open_windows(queries: Queries, now: datetime) -> int:
    """Return to how many members something may be sent right now."""
    row = queries.one(
        "SELECT count(*) AS n FROM conversations WHERE last_inbound_at >= :since AND window_until > :now AND window_left > 0",
        {"since": to_ms(now - LONGEST_WINDOW), "now": to_ms(now)},
    )
    return int(row["n"]) if row else 0


def open_conversations(queries: Queries) -> dict[str, int]:
    """Return how many conversations wait for a person, and how many a person holds."""
    rows = queries.query("SELECT state, count(*) AS n FROM conversations WHERE state <> 'bot' GROUP BY state")
    return {"waiting": 0, "agent": 0, **{row["state"]: row["n"] for row in rows}}


def outcomes_of_late(queries: Queries, now: datetime) -> dict[str, int]:
    """Return what the messages posted within a day met that are not sent, by the code of the outcome."""
    rows = queries.query(
        "SELECT outcome, count(*) AS n FROM outbox WHERE id >= :first AND outcome <> '' AND state <> 'sent' GROUP BY outcome",
        {"first": first_id_at(to_ms(now - OUTCOMES_OF))},
    )
    counts: dict[str, int] = {}
    for row in rows:
        code = row["outcome"].partition(":")[0]
        counts[code] = counts.get(code, 0) + row["n"]
    return counts
