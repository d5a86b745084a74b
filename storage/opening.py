"""Opening the database that a URL names."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.database import Database
from storage.errors import StorageError
from storage.sqlite import SqliteDatabase


class UnknownDatabase(StorageError):
    """The URL names no database this release can open."""


def open_database(url: str) -> Database:
    """Open ``sqlite:///relative/file.db`` or ``sqlite:////absolute/file.db``; the file is made when absent.

    Raises UnknownDatabase for other URLs, StorageUnavailable when the file cannot be opened.
    """
    if (path := sqlite_path(url)) is not None:
        return SqliteDatabase(path)
    raise UnknownDatabase(f"DATABASE_URL must look like sqlite:///data/zhaohu.db, not {urlsplit(url).scheme or url}:…")


def sqlite_path(url: str) -> Path | None:
    """Return the file that an embedded database's URL names, None for any other URL."""
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix("/")
    return Path(path) if parts.scheme == "sqlite" and not parts.netloc and path else None
