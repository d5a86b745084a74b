"""Lists that the platform tells of itself, such as the addresses it calls from: the newest of each, for all processes."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Queries, Transaction
from storage.times import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class PlatformList:
    """One list, and when it was fetched; ``items`` is empty while it never could be."""

    items: tuple[str, ...]
    fetched_at: datetime


def stored(queries: Queries, name: str) -> PlatformList | None:
    """Return the list of this name, None when it was never fetched."""
    row = queries.one(
        "SELECT items, fetched_at FROM platform_lists WHERE name = :name AND fetched_at > 0", {"name": name}
    )
    return PlatformList(tuple(map(str, json.loads(row["items"]))), from_ms(row["fetched_at"])) if row else None


def keep(tx: Transaction, name: str, items: tuple[str, ...], now: datetime) -> None:
    """Replace the list of this name."""
    tx.execute(
        "INSERT INTO platform_lists (name, items, fetched_at, tried_at) VALUES (:name, :items, :now, :now) "
        "ON CONFLICT (name) DO UPDATE SET items = excluded.items, fetched_at = excluded.fetched_at, tried_at = excluded.tried_at",
        {"name": name, "items": json.dumps(items), "now": to_ms(now)},
    )


def begin(tx: Transaction, name: str, now: datetime, pause: timedelta) -> bool:
    """Take the right to fetch the list; False when somebody else tried within ``pause``."""
    tx.execute(
        "INSERT INTO platform_lists (name, items, fetched_at, tried_at) VALUES (:name, :none, 0, 0) ON CONFLICT (name) DO NOTHING",
        {"name": name, "none": json.dumps([])},
    )
    # A time ahead of now was written under a wrong clock.
    changed = tx.execute(
        "UPDATE platform_lists SET tried_at = :now WHERE name = :name AND (tried_at <= :before OR tried_at > :now)",
        {"name": name, "now": to_ms(now), "before": to_ms(now - pause)},
    )
    return changed == 1
