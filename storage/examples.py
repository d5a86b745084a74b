"""Labelled examples: what a message meant, proposed by a consumer's tap or by staff; confirmed ones are learned like sample phrases.

The same words with the same meaning are one example however many people said them: they are listed, and decided, together.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database import Queries, Transaction
from storage.ids import new_id
from storage.revisions import bump
from storage.times import from_ms, maybe_from_ms, to_ms

Source = Literal["tap", "staff", "missed"]
Status = Literal["proposed", "confirmed", "refused"]
LONGEST_TEXT = 100  # characters; what is longer is a story, and no sample of how people ask

_INSERT = (
    "INSERT INTO labelled_examples (id, member_id, exchange_id, text, intent, source, offered, status, decided_by, decided_at, created_at) "
    "VALUES (:id, :member, :exchange, :text, :intent, :source, :offered, :status, :by, :decided_at, :now) "
)


@dataclass(frozen=True, slots=True)
class Example:
    """Words and what they mean (``intent`` None: none of ours), said ``times`` times.

    ``source``, ``offered`` (the intents that stood to choose), ``exchange_id`` and ``said_at`` are those of the newest time.
    """

    text: str
    intent: str | None
    status: Status
    times: int
    source: Source
    offered: tuple[str, ...]
    exchange_id: int | None
    said_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Published:
    """What is confirmed: phrases by intent, and messages that no intent answers; oldest first, each once."""

    phrases: Mapping[str, tuple[str, ...]]
    foreign: tuple[str, ...]


def propose(
    tx: Transaction,
    *,
    text: str,
    intent: str | None,
    source: Source,
    now: datetime,
    member_id: int | None = None,
    exchange_id: int | None = None,
    offered: Sequence[str] = (),
) -> bool:
    """Record an example for staff to look at; return False, with nothing recorded, for a text too long or empty, or an exchange that has one."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        return False
    values = _values(text, intent, source, now) | {
        "member": member_id,
        "exchange": exchange_id,
        "offered": json.dumps(list(offered)),
    }
    return tx.execute(_INSERT + "ON CONFLICT DO NOTHING", values) == 1


def add(
    tx: Transaction,
    *,
    text: str,
    intent: str | None,
    source: Source,
    by: str,
    now: datetime,
    member_id: int | None = None,
    exchange_id: int | None = None,
) -> bool:
    """Record an example that staff have decided on already, in the place of what its exchange had, and publish it.

    Return False, with nothing recorded, for a text too long or empty.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        return False
    values = _values(text, intent, source, now) | {
        "member": member_id,
        "exchange": exchange_id,
        "status": "confirmed",
        "by": by,
        "decided_at": to_ms(now),
    }
    tx.execute(
        _INSERT + "ON CONFLICT (member_id, exchange_id) DO UPDATE SET text = excluded.text, intent = excluded.intent, "
        "status = excluded.status, decided_by = excluded.decided_by, decided_at = excluded.decided_at",
        values,
    )
    bump(tx)
    return True


def decide(
    tx: Transaction,
    *,
    text: str,
    intent: str | None,
    status: Literal["confirmed", "refused"],
    by: str,
    now: datetime,
    as_intent: str | None = None,
) -> int:
    """Confirm these words as ``as_intent`` (None: none of ours), or refuse them, whatever was decided before; return how many rows that was.

    ``intent`` is what they are labelled with now. What is learned changes with the revision, when anything confirmed comes or goes.
    """
    known = {"text": text, "intent": intent or ""}
    published = tx.one(
        "SELECT id FROM labelled_examples WHERE status = 'confirmed' AND text = :text AND COALESCE(intent, '') = :intent LIMIT 1",
        known,
    )
    changed = tx.execute(
        "UPDATE labelled_examples SET status = :status, intent = :to_intent, decided_by = :by, decided_at = :now "
        "WHERE status IN ('proposed', 'confirmed', 'refused') AND text = :text AND COALESCE(intent, '') = :intent",
        {
            **known,
            "status": status,
            "to_intent": as_intent if status == "confirmed" else intent,
            "by": by,
            "now": to_ms(now),
        },
    )
    if changed and (published or status == "confirmed"):
        bump(tx)
    return changed


def list_examples(queries: Queries, *, status: Status, intent: str | None = None, limit: int = 200) -> list[Example]:
    """Return the examples of a status (of one intent alone when given, empty for none of ours), by intent, what was said most first."""
    rows = queries.query(
        "SELECT g.text, g.intent, g.times, e.source, e.offered, e.exchange_id, e.created_at, e.decided_by, e.decided_at FROM "
        "(SELECT text, intent, count(*) AS times, max(id) AS newest FROM labelled_examples WHERE status = :status "
        "AND (:every = 1 OR COALESCE(intent, '') = :intent) GROUP BY text, intent) g "
        "JOIN labelled_examples e ON e.id = g.newest ORDER BY COALESCE(g.intent, ''), g.times DESC, g.newest DESC LIMIT :limit",
        {"status": status, "every": int(intent is None), "intent": intent or "", "limit": limit},
    )
    return [
        Example(
            row["text"],
            row["intent"],
            status,
            row["times"],
            row["source"],
            tuple(json.loads(row["offered"])),
            row["exchange_id"],
            from_ms(row["created_at"]),
            row["decided_by"],
            maybe_from_ms(row["decided_at"]),
        )
        for row in rows
    ]


def count_examples(queries: Queries, status: Status) -> int:
    """Return how many different examples have this status."""
    row = queries.one(
        "SELECT count(*) AS n FROM (SELECT DISTINCT text, intent FROM labelled_examples WHERE status = :status) d",
        {"status": status},
    )
    return int(row["n"]) if row else 0


def published(queries: Queries) -> Published:
    """Return every confirmed example, for learning."""
    rows = queries.query(
        "SELECT text, intent, min(id) AS oldest FROM labelled_examples WHERE status = 'confirmed' GROUP BY text, intent ORDER BY oldest"
    )
    phrases: dict[str, list[str]] = defaultdict(list)
    foreign = []
    for row in rows:
        if row["intent"] is None:
            foreign.append(row["text"])
        else:
            phrases[row["intent"]].append(row["text"])
    return Published({intent: tuple(texts) for intent, texts in phrases.items()}, tuple(foreign))


def _values(text: str, intent: str | None, source: Source, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "text": text,
        "intent": intent or None,
        "source": source,
        "offered": "[]",
        "status": "proposed",
        "by": "",
        "decided_at": None,
        "now": to_ms(now),
    }
