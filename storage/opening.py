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
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix("/")
    if parts.scheme == "sqlite" and not parts.netloc and path:
        return SqliteDatabase(Path(path))
    raise UnknownDatabase(f"DATABASE_URL must look like sqlite:///data/zhaohu.db, not {parts.scheme or url}:…")
