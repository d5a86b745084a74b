"""Versions of the replies that staff edit, and which one is published.

Versions never change; publishing moves a pointer and raises the revision, so a turn sees the old reply or the new one whole. Version 0
is the file shipped with the release and has no row here.

StorageError (storage.errors)
└── Conflict
    ├── EditedMeanwhile   someone saved a newer version than the one this edit began from
    └── NoSuchVersion     the version to publish was never saved
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict
from storage.ids import new_id
from storage.revisions import bump
from storage.times import from_ms, maybe_from_ms, to_ms

SHIPPED = 0
COLUMNS = "name, version, source, author, note, created_at"


@dataclass(frozen=True, slots=True)
class ReplyVersion:
    """One saved text of a reply: its template ``source``, who wrote it and why."""

    name: str
    version: int
    source: str
    author: str
    note: str
    created_at: datetime


class PublishedReply(NamedTuple):
    """A reply whose published text is one that staff saved."""

    name: str
    version: int
    source: str


class EditedMeanwhile(Conflict):
    """Someone saved a newer version than the one this edit began from; ``newest`` is theirs, None when nobody has saved any."""

    def __init__(self, name: str, newest: ReplyVersion | None) -> None:
        super().__init__(
            f"{name}: version {newest.version if newest else SHIPPED} is the newest, this edit began from another"
        )
        self.newest = newest


class NoSuchVersion(Conflict):
    """The version to publish was never saved."""

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"{name}: there is no version {version}")


@dataclass(frozen=True, slots=True)
class ReplyState:
    """Where a reply stands that staff have touched: what is published since when, and the newest text that was saved.

    ``published_by`` is empty and ``published_at`` None when nobody ever published it; ``newest`` is 0 when only the shipped text is there.
    """

    name: str
    published: int
    published_by: str
    published_at: datetime | None
    newest: int
    newest_by: str
    newest_at: datetime | None

    @property
    def has_draft(self) -> bool:
        """Whether something was saved after the last time anything was published."""
        if self.newest_at is None or self.newest == self.published:
            return False
        return self.published_at is None or self.newest_at >= self.published_at


def reply_version_from_row(row: Row) -> ReplyVersion:
    """Build a version from a row that has the columns of ``COLUMNS``."""
    return ReplyVersion(
        name=row["name"],
        version=row["version"],
        source=row["source"],
        author=row["author"],
        note=row["note"],
        created_at=from_ms(row["created_at"]),
    )


def versions_of(queries: Queries, name: str) -> list[ReplyVersion]:
    """Return every saved version of the reply, newest first."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM reply_versions WHERE name = :name ORDER BY version DESC", {"name": name}
    )
    return [reply_version_from_row(row) for row in rows]


def newest(queries: Queries, name: str) -> ReplyVersion | None:
    """Return the newest saved version of the reply, or None when only the shipped one is there."""
    row = queries.one(
        f"SELECT {COLUMNS} FROM reply_versions WHERE name = :name ORDER BY version DESC LIMIT 1", {"name": name}
    )
    return reply_version_from_row(row) if row else None


def version_of(queries: Queries, name: str, version: int) -> ReplyVersion | None:
    """Return one saved version of the reply, or None."""
    row = queries.one(
        f"SELECT {COLUMNS} FROM reply_versions WHERE name = :name AND version = :version",
        {"name": name, "version": version},
    )
    return reply_version_from_row(row) if row else None


def states(queries: Queries) -> dict[str, ReplyState]:
    """Return where every reply stands that has a saved version or was ever published, by name."""
    rows = queries.query(
        "SELECT n.name, r.published, r.published_by, r.published_at, v.version, v.author, v.created_at FROM "
        "(SELECT name FROM replies UNION SELECT name FROM reply_versions) AS n "
        "LEFT JOIN replies AS r ON r.name = n.name "
        "LEFT JOIN reply_versions AS v ON v.name = n.name "
        "AND v.version = (SELECT max(version) FROM reply_versions WHERE name = n.name) ORDER BY n.name"
    )
    return {
        row["name"]: ReplyState(
            row["name"],
            row["published"] or SHIPPED,
            row["published_by"] or "",
            maybe_from_ms(row["published_at"]),
            row["version"] or SHIPPED,
            row["author"] or "",
            maybe_from_ms(row["created_at"]),
        )
        for row in rows
    }


def add_version(
    tx: Transaction, name: str, *, source: str, author: str, note: str, expected_version: int, now: datetime
) -> int:
    """Save a new version, not yet published, and return its number.

    ``expected_version`` is the newest version known to the editor (0: only the shipped one). Raises EditedMeanwhile when there is another.
    """
    latest = newest(tx, name)
    if (latest.version if latest else SHIPPED) != expected_version:
        raise EditedMeanwhile(name, latest)
    added = tx.execute(
        f"INSERT INTO reply_versions (id, {COLUMNS}) VALUES (:id, :name, :version, :source, :author, :note, :now) "
        "ON CONFLICT (name, version) DO NOTHING",
        {
            "id": new_id(),
            "name": name,
            "version": expected_version + 1,
            "source": source,
            "author": author,
            "note": note,
            "now": to_ms(now),
        },
    )
    if not added:  # another writer was between our look and our insert
        raise EditedMeanwhile(name, newest(tx, name))
    return expected_version + 1


def publish(tx: Transaction, name: str, version: int, *, by: str, now: datetime) -> None:
    """Make the account answer with this version (0: the shipped one) and raise the revision. Raises NoSuchVersion."""
    known = version == SHIPPED or tx.one(
        "SELECT version FROM reply_versions WHERE name = :name AND version = :version",
        {"name": name, "version": version},
    )
    if not known:
        raise NoSuchVersion(name, version)
    tx.execute(
        "INSERT INTO replies (name, published, published_by, published_at) VALUES (:name, :version, :by, :now) "
        "ON CONFLICT (name) DO UPDATE SET published = excluded.published, published_by = excluded.published_by, "
        "published_at = excluded.published_at",
        {"name": name, "version": version, "by": by, "now": to_ms(now)},
    )
    bump(tx)


def published_version(queries: Queries, name: str) -> int:
    """Return the version the account answers with, 0 for the shipped one."""
    row = queries.one("SELECT published FROM replies WHERE name = :name", {"name": name})
    return int(row["published"]) if row else SHIPPED


def published(queries: Queries) -> list[PublishedReply]:
    """Return every reply whose published text is not the shipped one, by name."""
    rows = queries.query(
        "SELECT v.name, v.version, v.source FROM replies AS r JOIN reply_versions AS v ON v.name = r.name AND v.version = r.published "
        "ORDER BY v.name"
    )
    return [PublishedReply(row["name"], row["version"], row["source"]) for row in rows]
