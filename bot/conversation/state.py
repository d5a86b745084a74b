"""What a conversation keeps between turns, as JSON: a question still open, and what was answered last."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from intents.types import Pending
from storage.records import immutable
from storage.times import from_ms, to_ms

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@immutable(frozen=True, slots=True)
class Context:
    """What was answered last, so that "那上海呢" can ask it again: the intent and its slots, until ``expires_at``."""

    intent: str
    slots: Mapping[str, str]
    expires_at: datetime


@immutable(frozen=True, slots=True)
class Standing:
    """Where a conversation stands: the question still open and the context, None where there is none or it lapsed."""

    pending: Pending | None = None
    context: Context | None = None


def standing_to_text(pending: Pending | None, context: Context | None) -> str:
    """Return the JSON of where a conversation stands, empty for nowhere."""
    if pending is None and context is None:
        return ""
    values = _question(pending) if pending is not None else {}
    if context is not None:
        values["context"] = {
            "intent": context.intent,
            "slots": dict(context.slots),
            "expires_at": to_ms(context.expires_at),
        }
    return _to_json(values)


def standing_from_text(text: str, now: datetime) -> Standing:
    """Return where a conversation stands, without what lapsed."""
    if not text:
        return Standing()
    values = json.loads(text)
    pending = _pending(values) if "slot" in values else None
    kept = values.get("context")
    context = Context(kept["intent"], kept["slots"], from_ms(kept["expires_at"])) if kept else None
    return Standing(
        pending if pending is not None and pending.expires_at > now else None,
        context if context is not None and context.expires_at > now else None,
    )


def _question(pending: Pending) -> dict[str, Any]:
    return {
        "intent": pending.intent,
        "slot": pending.slot,
        "expires_at": to_ms(pending.expires_at),
        "slots": dict(pending.slots),
        "options": list(pending.options),
        "labels": list(pending.labels),
        "question": pending.question,
        "asked": pending.asked,
        "about": pending.about,
    }


def _pending(values: Mapping[str, Any]) -> Pending:
    return Pending(
        intent=values["intent"],
        slot=values["slot"],
        expires_at=from_ms(values["expires_at"]),
        slots=values["slots"],
        options=tuple(values["options"]),
        labels=tuple(values["labels"]),
        question=values["question"],
        asked=values.get("asked", 1),  # not there in what the first release wrote
        about=values.get("about", ""),
    )
