"""Wrong tries to sign in, counted by subject: a network, or a name (known or not, so that the count tells nobody which names exist)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.database import Queries, Transaction
from storage.ids import new_id
from storage.times import from_ms, to_ms

REMEMBERED = timedelta(hours=24)


def network_subject(address: str) -> str:
    """Return the subject of a network, given as text (an IPv4 address, an IPv6 prefix)."""
    return f"net:{address}"


def name_subject(name: str) -> str:
    """Return the subject of a name: a hash, since people also type passwords there."""
    return "name:" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def add_failure(tx: Transaction, subjects: Sequence[str], now: datetime) -> list[int]:
    """Count one try against each subject, and return the ids of the new rows; what is older than a day is forgotten by the way."""
    tx.execute("DELETE FROM login_failures WHERE created_at <= :old", {"old": to_ms(now - REMEMBERED)})
    ids = []
    for subject in subjects:
        ids.append(new_id())
        tx.execute(
            "INSERT INTO login_failures (id, subject, created_at) VALUES (:id, :subject, :now)",
            {"id": ids[-1], "subject": subject, "now": to_ms(now)},
        )
    return ids


def failures_since(queries: Queries, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """Return how many tries were counted against the subject after ``since``, and when the last of them was."""
    row = queries.one(
        "SELECT count(*) AS tries, max(created_at) AS last FROM login_failures WHERE subject = :subject AND created_at > :since",
        {"subject": subject, "since": to_ms(since)},
    )
    if row is None or not row["tries"]:
        return 0, None
    return row["tries"], from_ms(row["last"])


def take_back(tx: Transaction, ids: Sequence[int]) -> None:
    """Forget tries that turned out right."""
    for failure_id in ids:
        tx.execute("DELETE FROM login_failures WHERE id = :id", {"id": failure_id})


def clear(tx: Transaction, subject: str) -> None:
    """Forget every try counted against the subject."""
    tx.execute("DELETE FROM login_failures WHERE subject = :subject", {"subject": subject})
