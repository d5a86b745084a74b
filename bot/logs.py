"""Logs: one JSON line an event on standard error, control characters escaped, never the query of a webhook or the text of a message.

Of an exception only its type and where it came from are written: its words may hold what a consumer wrote, or a secret.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, where from, what; and, when there is an exception, its chain of types and places."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _outline(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


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


def start_logging(level: str, stream: TextIO | None = None) -> None:
    """Send all logs of this level and above to ``stream`` (standard error when not given)."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("_granian").setLevel(logging.WARNING)
