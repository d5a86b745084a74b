"""What may stand in the query of a listing: one table, read strictly, from which the API's description is made too."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

MOST_RECORDS = 200
RECORDS = 50
LARGEST_ID = 2**63 - 1
_ID_BYTES = 8


def id_of(text: str) -> int | None:
    """Return the id that a text names, None when it can be nobody's."""
    number = int(text) if re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) else 0
    return number if 0 < number <= LARGEST_ID else None


def cursor_after(record_id: int) -> str:
    """Return the cursor of what comes after a record; callers must not look inside."""
    return base64.urlsafe_b64encode(record_id.to_bytes(_ID_BYTES, "big")).decode().rstrip("=")


def _cursor(text: str) -> int:
    try:
        record_id = int.from_bytes(base64.b64decode(text + "=", altchars=b"-_", validate=True), "big")
    except (binascii.Error, ValueError):
        record_id = -1
    if not 0 <= record_id <= LARGEST_ID or cursor_after(record_id) != text:
        raise ValueError("a next_cursor of an earlier answer, unchanged")
    return record_id


def _limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= MOST_RECORDS:
        raise ValueError(f"a whole number from 1 to {MOST_RECORDS}")
    return int(text)


def _openid(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", text, re.ASCII):
        raise ValueError("1 to 64 letters, digits, dashes or underscores")
    return text


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: how its text is read (raises ValueError that says what it should be), what it is, and its JSON schema."""

    read: Callable[[str], Any]
    default: Any
    meaning: str
    schema: Mapping[str, object]


PARAMETERS: Mapping[str, Parameter] = MappingProxyType(
    {
        "limit": Parameter(
            _limit,
            RECORDS,
            "How many records at most",
            {"type": "integer", "minimum": 1, "maximum": MOST_RECORDS, "default": RECORDS},
        ),
        "cursor": Parameter(
            _cursor, 0, "Where to go on: the next_cursor of the answer before", {"type": "string", "maxLength": 16}
        ),
        "openid": Parameter(
            _openid,
            None,
            "Only what belongs to the person with this openid",
            {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"},
        ),
    }
)


def read_parameters(given: MultiDict[str, str]) -> dict[str, Any]:
    """Return the value of every parameter of a listing. Raises BadRequest for one that is unknown, repeated or wrong."""
    refuse_others(given, PARAMETERS)
    values = {}
    for name, parameter in PARAMETERS.items():
        try:
            values[name] = parameter.read(given[name]) if name in given else parameter.default
        except ValueError as error:
            raise BadRequest(f"{name} must be {error}") from None
    return values


def refuse_others(given: MultiDict[str, str], known: Mapping[str, object]) -> None:
    """Raise BadRequest for a parameter that is not known here, or stands there twice."""
    for name, values in given.lists():
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise BadRequest(f"unknown query parameter; allowed here: {allowed}")
        if len(values) > 1:
            raise BadRequest(f"{name} stands there {len(values)} times")
