"""Intents that staff write: only phrases, keywords and a reply of the same name. A row under a shipped intent's name takes its place."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Row, Transaction
from storage.revisions import bump
from storage.times import from_ms, to_ms

COLUMNS = "name, title, phrases, keywords, enabled, updated_by, updated_at"


@dataclass(frozen=True, slots=True)
class ScriptedIntent:
    """One intent without code. ``keywords`` are pairs of a text and its priority; a disabled one is not matched."""

    name: str
    title: str
    phrases: tuple[str, ...]
    keywords: tuple[tuple[str, int], ...]
    enabled: bool
    updated_by: str
    updated_at: datetime


def scripted_intent_from_row(row: Row) -> ScriptedIntent:
    """Build a record from a row that has the columns of ``COLUMNS``."""
    return ScriptedIntent(
        name=row["name"],
        title=row["title"],
        phrases=tuple(json.loads(row["phrases"])),
        keywords=tuple((text, priority) for text, priority in json.loads(row["keywords"])),
        enabled=bool(row["enabled"]),
        updated_by=row["updated_by"],
        updated_at=from_ms(row["updated_at"]),
    )


def all_scripted(queries: Queries) -> list[ScriptedIntent]:
    """Return every record by name, the disabled ones too."""
    return [
        scripted_intent_from_row(row) for row in queries.query(f"SELECT {COLUMNS} FROM scripted_intents ORDER BY name")
    ]


def scripted_intent_by_name(queries: Queries, name: str) -> ScriptedIntent | None:
    """Return the record, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM scripted_intents WHERE name = :name", {"name": name})
    return scripted_intent_from_row(row) if row else None


def add(
    tx: Transaction,
    *,
    name: str,
    title: str,
    phrases: Sequence[str],
    keywords: Sequence[tuple[str, int]],
    by: str,
    now: datetime,
) -> None:
    """Record a new intent, enabled, and raise the revision. Raises Conflict when there is a record of this name."""
    tx.execute(
        f"INSERT INTO scripted_intents ({COLUMNS}) VALUES (:name, :title, :phrases, :keywords, 1, :by, :now)",
        _values(name, title, phrases, keywords, by, now),
    )
    bump(tx)


def replace(
    tx: Transaction,
    *,
    name: str,
    title: str,
    phrases: Sequence[str],
    keywords: Sequence[tuple[str, int]],
    enabled: bool,
    by: str,
    now: datetime,
) -> None:
    """Put this in the place of whatever has this name (a record, or an intent shipped without one) and raise the revision."""
    tx.execute(
        f"INSERT INTO scripted_intents ({COLUMNS}) VALUES (:name, :title, :phrases, :keywords, :enabled, :by, :now) "
        "ON CONFLICT (name) DO UPDATE SET title = excluded.title, phrases = excluded.phrases, keywords = excluded.keywords, "
        "enabled = excluded.enabled, updated_by = excluded.updated_by, updated_at = excluded.updated_at",
        _values(name, title, phrases, keywords, by, now) | {"enabled": int(enabled)},
    )
    bump(tx)


def enable(tx: Transaction, name: str, *, by: str, now: datetime) -> bool:
    """Let the intent be matched, raising the revision; return False when there is no such record or it was enabled already."""
    return _set_enabled(tx, name, 1, by, now)


def disable(tx: Transaction, name: str, *, by: str, now: datetime) -> bool:
    """Keep the intent but match it no more, raising the revision; return False when there is no such record or it was disabled already."""
    return _set_enabled(tx, name, 0, by, now)


def _set_enabled(tx: Transaction, name: str, enabled: int, by: str, now: datetime) -> bool:
    changed = tx.execute(
        "UPDATE scripted_intents SET enabled = :enabled, updated_by = :by, updated_at = :now WHERE name = :name AND enabled <> :enabled",
        {"enabled": enabled, "by": by, "now": to_ms(now), "name": name},
    )
    if changed:
        bump(tx)
    return changed == 1


def _values(
    name: str,
    title: str,
    phrases: Sequence[str],
    keywords: Sequence[tuple[str, int]],
    by: str,
    now: datetime,
) -> dict[str, object]:
    return {
        "name": name,
        "title": title,
        "phrases": json.dumps(list(phrases), ensure_ascii=False),
        "keywords": json.dumps([list(keyword) for keyword in keywords], ensure_ascii=False),
        "by": by,
        "now": to_ms(now),
    }
