"""What every command gets: the settings, and the database once it is needed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from bot.diagnosis.absence import why_unusable
from bot.loading import ENV_FILE, load_settings
from bot.settings import Settings, read_settings
from storage.database import Database
from storage.errors import StorageError, StorageUnavailable
from storage.migrations import check_current
from storage.moving import check_not_moved
from storage.opening import open_database, sqlite_path


class NoDatabase(StorageError):
    """There is no file where the embedded database should be."""


@dataclass
class Context:
    """The settings and the database that a command works with; both are read when first asked for."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment and the ``.env`` file. Raises SettingsError."""
        return load_settings()

    @cached_property
    def database(self) -> Database:
        """The database, with the schema of this release; none is made. Raises StorageError when it cannot be used as it is."""
        # Asked for first, as reading the settings for good makes a secret beside the database.
        known = self.settings if "settings" in vars(self) else read_settings(os.environ, ENV_FILE)
        path = sqlite_path(known.database_url)
        if path is not None and not path.exists():
            raise NoDatabase(
                f"there is no database at {path}: correct DATABASE_URL or the folder you are in, or make one with `zhaohu migrate`"
            )
        with opening(known.database_url) as opened:
            check_not_moved(opened)
            check_current(opened)
        return opened

    def close(self) -> None:
        """Close the database if the command used it."""
        if "database" in vars(self):
            self.database.close()


@contextmanager
def opening(database_url: str) -> Iterator[Database]:
    """Open a database; it is closed again when what is done with it first fails, and one that cannot be used is told with its cause and what to do."""
    try:
        opened = open_database(database_url)
    except StorageUnavailable as error:
        raise _unusable(database_url, *why_unusable(None, error)) from error
    try:
        yield opened
    except StorageUnavailable as error:
        reason = why_unusable(opened, error)
        opened.close()
        raise _unusable(database_url, *reason) from error
    except BaseException:
        opened.close()
        raise


def _unusable(database_url: str, words: str, advice: str) -> StorageUnavailable:
    path = sqlite_path(database_url)
    which = f"the database {path}" if path is not None else "the database"
    return StorageUnavailable(f"{which} cannot be used: {words} → {advice}")
