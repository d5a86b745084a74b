"""Logs: what they never hold."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import JsonLines

PHONE = "13800138000"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("tests.logs")
    log.addHandler(handler)
    yield stream
    log.removeHandler(handler)


def understand(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise LookupError(f"no member has {text}") from error


def test_the_words_of_an_exception_are_not_written_but_its_types_and_places_are(written: io.StringIO) -> None:
    try:
        understand("手机" + PHONE)
    except LookupError:
        logging.getLogger("tests.logs").exception("failed")
    assert PHONE not in written.getvalue()
    line = json.loads(written.getvalue())
    types = [part for part in line["exception"] if not part.startswith(" ")]
    assert types == ["LookupError", "ValueError"]
    assert any("test_logs.py:" in part and part.endswith(" understand") for part in line["exception"])


def test_exceptions_that_cause_each_other_come_to_an_end(written: io.StringIO) -> None:
    first, second = ValueError(PHONE), KeyError(PHONE)
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("tests.logs").error("failed", exc_info=first)
    assert json.loads(written.getvalue())["exception"] == ["ValueError", "KeyError"]
