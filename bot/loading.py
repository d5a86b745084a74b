"""Reading the settings of this process: environment, ``.env`` file, and the secret that is made once."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.settings import Settings, read_settings

ENV_FILE = Path(".env")
SECRET_KEY_FILE = "secret_key"  # noqa: S105 (a name, not a secret)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, of this process or those of another ``environment``.

    A missing SECRET_KEY is made once and kept, readable to its owner alone, beside the SQLite file.
    """
    settings = read_settings(os.environ if environment is None else environment, ENV_FILE)
    folder = database_folder(settings.database_url)
    if settings.secret_key or folder is None:
        return settings
    return replace(settings, secret_key=_kept_secret(folder / SECRET_KEY_FILE))


def default_spool(database_url: str) -> Path:
    """Return where messages are kept while the database is away, when no folder is set: beside an embedded database, else ``data/spool``."""
    return (database_folder(database_url) or Path("data")) / "spool"


def default_media_folder(database_url: str) -> Path:
    """Return where pictures and clips are kept, when no folder is set: beside an embedded database, else ``data/media``."""
    return (database_folder(database_url) or Path("data")) / "media"


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


def database_folder(url: str) -> Path | None:
    """Return the folder of an embedded database, None for one elsewhere."""
    parts = urlsplit(url)
    return Path(unquote(parts.path).removeprefix("/")).parent if parts.scheme == "sqlite" else None
