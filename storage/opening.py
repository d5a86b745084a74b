"""Opening the database that a URL names."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.database import Database
from storage.errors import StorageError
from storage.postgres import PostgresDatabase
from storage.postgres_connections import why_not_connected
from storage.sqlite import SqliteDatabase

_SERVER_SCHEMES = ("postgresql", "postgres")


class UnknownDatabase(StorageError):
    """The URL names no database this release can open."""


def open_database(url: str) -> Database:
    """Open ``sqlite:///relative/file.db`` or ``sqlite:////absolute/file.db`` (made when absent), or ``postgresql://user:password@host/name``.

    Raises UnknownDatabase for other URLs, StorageUnavailable when the file cannot be opened; a server that is away is met by the first statement.
    """
    if (path := sqlite_path(url)) is not None:
        return SqliteDatabase(path)
    scheme = urlsplit(url).scheme
    if scheme in _SERVER_SCHEMES:
        return PostgresDatabase(url)
    raise UnknownDatabase(
        f"DATABASE_URL must look like sqlite:///data/zhaohu.db or postgresql://user:password@host/name, not {scheme or url}:…"
    )


def sqlite_path(url: str) -> Path | None:
    """Return the file that an embedded database's URL names, None for any other URL."""
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix("/")
    return Path(path) if parts.scheme == "sqlite" and not parts.netloc and path else None


def trouble_in_reaching(database: Database) -> str:
    """Return why no connection to a server can be had, in its or the driver's words; nothing when one can, and for an embedded database."""
    return why_not_connected(database.url) if isinstance(database, PostgresDatabase) else ""
