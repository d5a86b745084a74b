"""A member's dialogue as staff read it: who said what, as it looked, and where its card is."""

import json
from dataclasses import dataclass

from bot.service import current
from bot.web.labels import Label, kind_label, status_label
from bot.web.mood import Mood, mood_of
from bot.web.words import gettext
from storage import exchanges
from storage.exchanges import Exchange
from templates.content import Content

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said, ready to show; ``content`` is what went out, ``who`` said it."""

    exchange: Exchange
    who: str
    kind: str
    status: Label
    content: Content | None
    mood: Mood | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a dialogue in the order it was said; ``before_id`` continues to what was said earlier, None when there is no more."""

    said: list[Said]
    before_id: int | None


def stretch_of(member_id: int, before_id: int | None = None) -> Stretch:
    """Return the newest part of the dialogue, or the one before a cursor."""
    found = exchanges.timeline(current().database, member_id, before_id=before_id, limit=MOST_SHOWN + 1)
    shown = found[-MOST_SHOWN:]
    return Stretch([_said(one) for one in shown], shown[0].id if len(found) > MOST_SHOWN else None)


def content_of(exchange: Exchange) -> Content | None:
    """Return what went out; None for what came in, and for a record that cannot be read."""
    if exchange.direction == "in":
        return None
    try:
        return (
            Content.from_payload(json.loads(exchange.payload)) if exchange.payload else Content("text", exchange.text)
        )
    except (ValueError, TypeError):
        return Content("text", exchange.text)


def _said(exchange: Exchange) -> Said:
    label = status_label(exchange.status)
    kind, content = kind_label(exchange.kind), content_of(exchange)
    return Said(exchange, _who(exchange.author), kind, label, content, mood_of(exchange))


def _who(author: str) -> str:
    if author.startswith("agent:"):
        return author.removeprefix("agent:")
    return {"member": gettext("顾客"), "bot": gettext("自动回复"), "system": gettext("系统")}.get(author, author)
