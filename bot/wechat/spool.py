"""The spool: pushes that came while the database was away, on disk before the platform is told ``success``.

A folder for all processes of one machine. ``waiting`` grows by one line a push: a checksum, then JSON with the push as it came (in safe mode its body
is still encrypted). Whoever takes it in first renames it to ``taking``, so that others go on writing meanwhile. Locks are the kernel's
(``flock``): they end with the process that held them, however it ends. What is taken in twice after a crash is told apart by the message's key.

SpoolError    a push could not be kept, so it must not be acknowledged
"""

import fcntl
import json
import logging
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storage.times import from_ms, to_ms

log = logging.getLogger(__name__)

_WAITING, _TAKING, _ASIDE = "waiting", "taking", "aside"
_WRITERS, _TAKER = "writers.lock", "taker.lock"
_BLOCK_BYTES = 65_536


class SpoolError(Exception):
    """A push could not be kept."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A rightly signed push as it came: query string and body, and when."""

    query: str = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime


class Spool:
    """The spool in one folder, which is made when first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, push: Spooled) -> None:
        """Add a push; once this returns it is on disk. Raises SpoolError."""
        line = _line_of(push)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked(_WRITERS):
                self._append(_WAITING, line)
        except OSError as error:
            raise SpoolError(f"{self.folder}: {error.strerror}") from error

    def take(self, handle: Callable[[Spooled], None]) -> bool:
        """Hand over every push in the order they came and forget them; False when another thread or process does so right now.

        What ``handle`` raises ends it, and everything not yet forgotten will be handed over again. Raises SpoolError.
        """
        if self.is_empty():
            return True
        try:
            with self._locked(_TAKER, wait=False):
                while (path := self._next_file()) is not None:
                    for push in self._read(path):
                        handle(push)
                    path.unlink()
                    _sync_folder(self.folder)
        except BlockingIOError:
            return False
        except OSError as error:
            raise SpoolError(f"{self.folder}: {error.strerror}") from error
        return True

    def set_aside(self, push: Spooled) -> None:
        """Keep a push that cannot be taken in where people find it, out of the way of the others. Raises OSError."""
        self._append(_ASIDE, _line_of(push))

    def is_empty(self) -> bool:
        """Say whether nothing waits to be taken in."""
        return self.size_bytes() == 0

    def size_bytes(self) -> int:
        """Return how many bytes wait to be taken in."""
        return sum(_size(self.folder / name) for name in (_WAITING, _TAKING))

    def aside_bytes(self) -> int:
        """Return how many bytes were set aside."""
        return _size(self.folder / _ASIDE)

    def _next_file(self) -> Path | None:
        """Return the file to take in: one that was begun before, else what waits, put out of the way of those who write."""
        taking, waiting = self.folder / _TAKING, self.folder / _WAITING
        if not taking.exists():
            with self._locked(_WRITERS):
                if not waiting.exists():
                    return None
                waiting.rename(taking)
            _sync_folder(self.folder)
        return taking

    def _read(self, path: Path) -> Iterator[Spooled]:
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    log.warning(
                        "spool: the last push was being written when the process ended; it was not acknowledged"
                    )
                    return
                push = _push_of(line)
                if push is None:
                    log.error("spool: a damaged line was set aside")
                    self._append(_ASIDE, line)
                else:
                    yield push

    def _append(self, name: str, line: bytes) -> None:
        path = self.folder / name
        is_new = not path.exists()
        with _opened(path, os.O_RDWR | os.O_CREAT) as descriptor:
            end = _end_of_lines(descriptor)
            os.ftruncate(descriptor, end)  # half a line of a process that was killed; nobody was told that it was kept
            try:
                _write(descriptor, line, end)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(descriptor, end)
                raise
        if is_new:
            _sync_folder(self.folder)

    @contextmanager
    def _locked(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold a lock of all processes. Raises BlockingIOError when it is taken and must not be waited for."""
        with _opened(self.folder / name, os.O_RDWR | os.O_CREAT) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield


def _line_of(push: Spooled) -> bytes:
    values = {"received_at": to_ms(push.received_at), "query": push.query, "body": b64encode(push.body).decode("ascii")}
    text = json.dumps(values, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _push_of(line: bytes) -> Spooled | None:
    """Return the push of a line, None when the line is damaged."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(text):
            return None
        values = json.loads(text)
        return Spooled(values["query"], b64decode(values["body"]), from_ms(values["received_at"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _end_of_lines(descriptor: int) -> int:
    """Return where the last whole line ends."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        at = os.pread(descriptor, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def _write(descriptor: int, line: bytes, at: int) -> None:
    """Write all of a line; the kernel may take it in pieces."""
    written = 0
    while written < len(line):
        written += os.pwrite(descriptor, line[written:], at + written)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on disk."""
    with _opened(folder, os.O_RDONLY) as descriptor:
        os.fsync(descriptor)
