"""Builds of the matcher: what was learned from each published state, how long that took, and why it failed when it did.

The model is not kept, only its fingerprint: the same published state gives the same bytes in every process, and learning them takes no longer than
reading them back would.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.database import Queries, Transaction
from storage.times import from_ms, to_ms

LONGEST_FAILURE = 300  # characters
COLUMNS = "revision, fingerprint, failure, seconds, intents, phrases, figures, made_at"


@dataclass(frozen=True, slots=True)
class ModelBuild:
    """One build: the revision of what was learned, and its ``fingerprint``, else the ``failure``. ``figures`` tell of the model: its features, its curve."""

    revision: int
    fingerprint: str
    failure: str
    seconds: float
    intents: int
    phrases: int
    made_at: datetime
    figures: Mapping[str, float] = field(default_factory=dict)


def record(tx: Transaction, build: ModelBuild) -> bool:
    """Keep a build; return False, with nothing changed, when its revision has one. A failed one gives way to one that succeeded."""
    values = {
        "revision": build.revision,
        "fingerprint": build.fingerprint,
        "failure": build.failure[:LONGEST_FAILURE],
        "seconds": build.seconds,
        "intents": build.intents,
        "phrases": build.phrases,
        "figures": json.dumps(dict(build.figures)),
        "made_at": to_ms(build.made_at),
    }
    changed = tx.execute(
        f"INSERT INTO model_builds ({COLUMNS}) VALUES (:revision, :fingerprint, :failure, :seconds, :intents, :phrases, :figures, :made_at) "
        "ON CONFLICT (revision) DO UPDATE SET fingerprint = excluded.fingerprint, failure = excluded.failure, seconds = excluded.seconds, "
        "intents = excluded.intents, phrases = excluded.phrases, figures = excluded.figures, made_at = excluded.made_at "
        "WHERE model_builds.failure <> '' AND excluded.failure = ''",
        values,
    )
    return changed == 1


def newest(queries: Queries, limit: int = 10) -> list[ModelBuild]:
    """Return the builds of the newest revisions, newest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM model_builds ORDER BY revision DESC LIMIT :limit",
        {"limit": limit},
    )
    return [
        ModelBuild(
            row["revision"],
            row["fingerprint"],
            row["failure"],
            row["seconds"],
            row["intents"],
            row["phrases"],
            from_ms(row["made_at"]),
            json.loads(row["figures"] or "{}"),
        )
        for row in rows
    ]
