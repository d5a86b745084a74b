"""What a conversation keeps between turns, as JSON: a question still open."""

import json
from datetime import datetime

from intents.types import Pending
from storage.times import from_ms, to_ms

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pending_to_text(pending: Pending | None) -> str:
    """Return the JSON of an open question, empty for none."""
    if pending is None:
        return ""
    values = {
        "intent": pending.intent,
        "slot": pending.slot,
        "expires_at": to_ms(pending.expires_at),
        "slots": dict(pending.slots),
        "options": list(pending.options),
        "labels": list(pending.labels),
        "question": pending.question,
    }
    return _to_json(values)


def pending_from_text(text: str, now: datetime) -> Pending | None:
    """Return the open question, or None when there is none or it lapsed."""
    if not text:
        return None
    values = json.loads(text)
    expires_at = from_ms(values["expires_at"])
    if expires_at <= now:
        return None
    return Pending(
        intent=values["intent"],
        slot=values["slot"],
        expires_at=expires_at,
        slots=values["slots"],
        options=tuple(values["options"]),
        labels=tuple(values["labels"]),
        question=values["question"],
    )
