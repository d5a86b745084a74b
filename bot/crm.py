"""The brand's own system, asked about a member's orders: one POST of JSON, its answer read with suspicion.

Asked: ``{"openid": "…", "phone": "…"}`` (the phone may be empty). Answered: 200 with ``{"orders": [{"number", "status", "item", "updated"}, …]}``, newest
first; an empty list, or 404, when there is none. Everything else is no answer.
"""

import json
import logging
from collections.abc import Mapping
from typing import Protocol

from bot.conversation.late import Work
from bot.outgoing import Door, OutgoingError
from bot.wechat.circuit import Circuit
from intents.order_status import WORK
from intents.types import Found
from templates.limits import cut_to_bytes

ANSWER_SECONDS = 25.0
MOST_ORDERS = 5
_FIELDS = ("number", "status", "item", "updated")
_MOST_FIELD_BYTES = 120

log = logging.getLogger(__name__)


class CrmSettings(Protocol):
    """The settings of asking the brand's own system."""

    @property
    def crm_lookup_url(self) -> str:
        """Where to ask, empty for nowhere."""

    @property
    def crm_lookup_token(self) -> str:
        """The bearer token, empty for none."""

    @property
    def crm_lookup_private(self) -> bool:
        """Whether the address may be one of a private network."""


def works_of(settings: CrmSettings) -> dict[str, Work]:
    """Return the works that these settings make possible, by name."""
    return {WORK: OrderLookup(settings)} if settings.crm_lookup_url else {}


class OrderLookup:
    """Asks for the orders of one member. Safe to share between threads."""

    def __init__(self, settings: CrmSettings, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Prepare; an answer may take ``answer_seconds``."""
        self._door = Door(settings.crm_lookup_url, private=settings.crm_lookup_private, seconds=answer_seconds)
        self._headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
        if settings.crm_lookup_token:
            self._headers["Authorization"] = f"Bearer {settings.crm_lookup_token}"
        self._circuit = Circuit()

    def __call__(self, asked: Mapping[str, str]) -> Found | None:
        """Return ``{"orders": […]}`` as plain texts, or None when there is no answer; after five failures in a row, only one in ten seconds asks."""
        if not self._circuit.may_try():
            return None
        found = self._ask(asked)
        self._circuit.note(answered=found is not None)
        return found

    def _ask(self, asked: Mapping[str, str]) -> Found | None:
        body = json.dumps({"openid": asked.get("openid", ""), "phone": asked.get("phone", "")}).encode()
        try:
            status, answer = self._door.post(body, self._headers)
        except OutgoingError as error:
            log.error("the orders could not be asked for: %s: %s", type(error).__name__, error)
            return None
        if status == 404:
            return {"orders": []}
        found = _orders(answer) if status == 200 else None
        if found is None:
            log.error("the orders could not be read: status %d, %d bytes", status, len(answer))
        return found


def _orders(answer: bytes) -> Found | None:
    """Return the orders of an answer as plain texts, None when it cannot be read."""
    try:
        listed = json.loads(answer)["orders"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(listed, list) or not all(isinstance(order, dict) for order in listed):
        return None
    return {"orders": [{name: _text(order.get(name)) for name in _FIELDS} for order in listed[:MOST_ORDERS]]}


def _text(value: object) -> str:
    """Return a field as one short line, empty when it is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    printable = "".join(character if character.isprintable() else " " for character in str(value))
    return cut_to_bytes(" ".join(printable.split()), _MOST_FIELD_BYTES)
