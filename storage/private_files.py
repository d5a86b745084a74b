"""Files that hold what people said: readable to their owner alone from the moment they are made."""

import os
from contextlib import suppress
from pathlib import Path

from storage.errors import StorageUnavailable


def make_private(path: Path) -> None:
    """Make an empty file and its folder where they are absent; a file that is there stays as it is. Raises StorageUnavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError):  # another process was quicker
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"{error.filename or path}: {error.strerror}") from error
