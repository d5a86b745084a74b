"""Pictures and clips fetched from the platform, kept for a while in a folder of this machine. Losing the folder loses nothing that was said.

The names are ours: the hash of a key, in folders that only this user may enter, outside anything a web server hands out. Files are bounded in age and in
size together. What cannot be written is not kept, and said so in the log; nobody has to wait for a disk to be mended to see a picture.
"""

import logging
import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

_EMPTY_EVERY = timedelta(minutes=10)
_PART_BETWEEN = 10  # of what it may hold, a tenth at most is put in between

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    at: float


class MediaCache:
    """Keeps contents by key. Safe to share between threads and processes."""

    def __init__(self, folder: Path, *, most_bytes: int, keep: timedelta) -> None:
        """Take a folder (made when first needed), how many bytes it may hold, and how long a content is kept."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._keep = keep
        self._lock = threading.Lock()
        self._emptied_at: datetime | None = None
        self._put_bytes = 0  # since it was emptied

    def get(self, key: str, now: datetime) -> bytes | None:
        """Return the content kept under ``key``, None when there is none or it is too old."""
        path = self._path(key)
        try:
            if path.stat().st_mtime < (now - self._keep).timestamp():
                return None
            return path.read_bytes()
        except OSError:
            return None

    def put(self, key: str, content: bytes, now: datetime) -> None:
        """Keep a content; now and then, and after a tenth of what it may hold, this also empties the cache of what is too much."""
        if len(content) > self._most_bytes:
            return
        path = self._path(key)
        beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(content)
            os.utime(beside, (now.timestamp(), now.timestamp()))
            beside.replace(path)
        except OSError as error:
            logger.warning("a picture or clip could not be kept: %s", type(error).__name__)
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            return
        if self._is_due(len(content), now):
            self.empty(now)

    def empty(self, now: datetime) -> int:
        """Drop what is too old, then the oldest of what is too much; return how many files went."""
        with self._lock:
            self._emptied_at, self._put_bytes = now, 0
            files = sorted(self._files(), key=lambda file: file.at)
            total, oldest = sum(file.size for file in files), (now - self._keep).timestamp()
            dropped = 0
            for file in files:
                if file.at >= oldest and total <= self._most_bytes:
                    break
                file.path.unlink(missing_ok=True)
                total -= file.size
                dropped += 1
            return dropped

    def _is_due(self, put_bytes: int, now: datetime) -> bool:
        with self._lock:
            self._put_bytes += put_bytes
            much = self._put_bytes > self._most_bytes // _PART_BETWEEN
            return much or self._emptied_at is None or not self._emptied_at <= now < self._emptied_at + _EMPTY_EVERY

    def _files(self) -> list[_File]:
        found = []
        for path in self._folder.glob("??/*"):
            try:
                stat = path.stat()
            except OSError:  # another process dropped it meanwhile
                continue
            found.append(_File(path, stat.st_size, stat.st_mtime))
        return found

    def _path(self, key: str) -> Path:
        name = sha256(key.encode("utf-8", "replace")).hexdigest()
        return self._folder / name[:2] / name[2:]
