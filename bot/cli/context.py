"""What every command gets: the settings, and the database once it is needed."""

from dataclasses import dataclass
from functools import cached_property

from bot.loading import load_settings
from bot.settings import Settings
from storage.database import Database
from storage.migrations import check_current
from storage.opening import open_database


@dataclass
class Context:
    """The settings and the database that a command works with; both are read when first asked for."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of the environment and the ``.env`` file. Raises SettingsError."""
        return load_settings()

    @cached_property
    def database(self) -> Database:
        """The database, with the schema of this release. Raises StorageError when it cannot be used as it is."""
        opened = open_database(self.settings.database_url)
        try:
            check_current(opened)
        except BaseException:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        """Close the database if the command used it."""
        if "database" in vars(self):
            self.database.close()
