"""Logs: one JSON line an event on standard error, control characters escaped, never the query of a webhook or the text of a message.

Of an exception only its type and where it came from are written: its words may hold what a consumer wrote, or a secret. What any logger says, also one of
a library, is cleaned of secrets, and open ids become a keyed hash: the same person's lines can still be told together, by nobody without the key.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Collection
from contextvars import ContextVar
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, TextIO

from bot.settings import Settings, secrets_of

request_id: ContextVar[str] = ContextVar("request_id", default="")  # of the page or call that is being answered

_HIDDEN = "…"
_HASH_BYTES = 6
_FEWEST_SECRET_CHARS = 6  # a shorter one would be found in harmless words
_OPENID = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")
_PHONE = re.compile(r"(?<![0-9])(?:\+?86)?1[3-9][0-9]{9}(?![0-9])")
_IN_QUERY = re.compile(
    r"(?i)\b(access_token|secret|signature|msg_signature|nonce|openid|token|password)(=|%3D|['\"]?: ?['\"])[^&\s'\"]+"
)
_SENSITIVE_QUIET = ("urllib3", "werkzeug", "_granian", "PIL")  # whose lower levels tell addresses and bodies


class Cleaner:
    """Takes out of a line what must not be in it: the secrets given, phones, values of telling parameters; open ids become a hash under ``key``."""

    def __init__(self, secrets: Collection[str] = (), key: str = "") -> None:
        known = sorted((s for s in secrets if len(s) >= _FEWEST_SECRET_CHARS), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, known))) if known else None
        self._key = blake2b(key.encode(), digest_size=32).digest()

    def clean(self, text: str) -> str:
        """Return the text without them."""
        if self._secrets is not None:
            text = self._secrets.sub(_HIDDEN, text)
        text = _IN_QUERY.sub(lambda found: f"{found[1]}={_HIDDEN}", text)
        text = _OPENID.sub(lambda found: self.hashed(found[0]), text)
        return _PHONE.sub(_HIDDEN, text)

    def hashed(self, openid: str) -> str:
        """Return what stands for an open id in the log."""
        return "openid:" + blake2b(openid.encode(), key=self._key, digest_size=_HASH_BYTES).hexdigest()


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, cleaner: Cleaner | None = None) -> None:
        super().__init__()
        self._cleaner = cleaner or Cleaner()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, where from, what, in which request; and, when there is an exception, its chain of types and places."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._cleaner.clean(record.getMessage()),
        }
        if request := request_id.get():
            line["request"] = request
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _outline(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes lines, counts them, and goes on when they cannot be written: a full disk under the log must not stop the service."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream or sys.stderr)
        self.counts: dict[tuple[str, str], int] = {}  # by level and logger
        self.lost = 0  # lines that could not be written, in a row

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        key = (record.levelname, record.name)
        self.counts[key] = self.counts.get(key, 0) + 1
        lost = self.lost
        super().emit(record)
        if self.lost == lost:
            self.lost = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 (the library's name and arguments)
        """Note that a line is lost; the library would print the record, and whatever is in it."""
        self.lost += 1


def _outline(error: BaseException) -> list[str]:
    """Return the types of an exception and of those that led to it, the newest first, each followed by its places: file, line, function."""
    lines: list[str] = []
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        lines.append(type(following).__qualname__)
        for frame, number in traceback.walk_tb(following.__traceback__):
            lines.append(f"  {frame.f_code.co_filename}:{number} {frame.f_code.co_name}")
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return lines


def start_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logs of the settings' level and above to ``stream`` (standard error when not given), without the settings' secrets."""
    handler = LineHandler(stream)
    handler.setFormatter(JsonLines(Cleaner(secrets_of(settings), settings.secret_key)))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for name in _SENSITIVE_QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def line_handler() -> LineHandler | None:
    """Return the handler that writes this process's log, None when it was not started."""
    return next((handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler)), None)
