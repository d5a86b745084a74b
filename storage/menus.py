"""Versions of the menu under the chat, and which one we last had the platform show.

StorageError (storage.errors)
└── Conflict
    └── NoSuchMenu    the version was never saved
"""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict
from storage.times import from_ms, to_ms

COLUMNS = "version, menu, author, note, created_at"
NONE = 0  # as the version published: we took the menu away


class NoSuchMenu(Conflict):
    """The version was never saved."""

    def __init__(self, version: int) -> None:
        super().__init__(f"there is no version {version} of the menu")


@dataclass(frozen=True, slots=True)
class MenuVersion:
    """One saved menu: its JSON, who saved it and why."""

    version: int
    menu: str
    author: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedMenu:
    """The version we last had the platform show (0: none), by whom and when."""

    version: int
    published_by: str
    published_at: datetime


def menu_version_from_row(row: Row) -> MenuVersion:
    """Build a version from a row that has the columns of ``COLUMNS``."""
    return MenuVersion(row["version"], row["menu"], row["author"], row["note"], from_ms(row["created_at"]))


def newest(queries: Queries) -> MenuVersion | None:
    """Return the newest saved menu, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM menu_versions ORDER BY version DESC LIMIT 1")
    return menu_version_from_row(row) if row else None


def version_of(queries: Queries, version: int) -> MenuVersion | None:
    """Return one saved menu, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM menu_versions WHERE version = :version", {"version": version})
    return menu_version_from_row(row) if row else None


def versions(queries: Queries, *, limit: int = 50) -> list[MenuVersion]:
    """Return the saved menus, newest first."""
    rows = queries.query(f"SELECT {COLUMNS} FROM menu_versions ORDER BY version DESC LIMIT :limit", {"limit": limit})
    return [menu_version_from_row(row) for row in rows]


def add_version(tx: Transaction, menu: str, *, author: str, note: str, now: datetime) -> int:
    """Save a menu and return its number: that of the newest one when it is the same.

    Raises Conflict when, on an engine with several writers, somebody saved one meanwhile.
    """
    latest = newest(tx)
    if latest is not None and latest.menu == menu:
        return latest.version
    version = latest.version + 1 if latest else 1
    tx.execute(
        f"INSERT INTO menu_versions ({COLUMNS}) VALUES (:version, :menu, :author, :note, :now)",
        {"version": version, "menu": menu, "author": author, "note": note, "now": to_ms(now)},
    )
    return version


def published(queries: Queries) -> PublishedMenu | None:
    """Return what we last had the platform show, None when we never published."""
    row = queries.one("SELECT version, published_by, published_at FROM menu_published WHERE id = 1")
    return PublishedMenu(row["version"], row["published_by"], from_ms(row["published_at"])) if row else None


def set_published(tx: Transaction, version: int, *, by: str, now: datetime) -> None:
    """Note that the platform shows this version now (0: none)."""
    tx.execute(
        "INSERT INTO menu_published (id, version, published_by, published_at) VALUES (1, :version, :by, :now) "
        "ON CONFLICT (id) DO UPDATE SET version = excluded.version, published_by = excluded.published_by, "
        "published_at = excluded.published_at",
        {"version": version, "by": by, "now": to_ms(now)},
    )
