"""Writing a turn down: what came in, what was answered, why, and what the conversation stands at now."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache

from bot.conversation.outcome import Outcome
from bot.conversation.speaking import Spoken
from intents.messages import (
    FollowEvent,
    LinkMessage,
    LocationMessage,
    MenuClickEvent,
    MenuViewEvent,
    Message,
    ScanEvent,
    TextMessage,
    VoiceMessage,
)
from intents.sentiment.judge import Evidence, Sentiment
from intents.types import Card
from storage.database import Transaction
from storage.exchanges import Exchange, add_exchange, add_exchanges
from storage.ids import new_id
from templates.content import Content

_to_json = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=str
).encode  # made once: dumps() makes one each time
_COMMON = frozenset(field.name for field in fields(Message))


def write_down(
    tx: Transaction,
    member_id: int,
    message: Message,
    outcome: Outcome,
    spoken: Spoken | None,
    now: datetime,
    sentiment: Sentiment | None,
) -> int:
    """Record the message, how it sounds when it has words, and, if there was one, the reply to it.

    Returns the id under which the message is recorded.
    """
    match = outcome.match
    card = card_to_text(match.card) if match.card.steps else ""
    in_id = new_id()
    incoming = Exchange(
        id=in_id,
        member_id=member_id,
        direction="in",
        kind=message.kind,
        author="member",
        status=outcome.status,
        created_at=now,
        text=text_of(message),
        payload=payload_of(message),
        message_key=message.key,
        msg_id=message.msg_id,
        intent=match.intent,
        confidence=match.confidence if match.guess or match.intent else None,
        card="" if spoken else card,
        sentiment=sentiment.label if sentiment else None,
        sentiment_score=sentiment.score if sentiment else None,
        sentiment_evidence=evidence_to_text(sentiment.evidence) if sentiment and sentiment.evidence else "",
    )
    if spoken is None:
        add_exchange(tx, incoming)
        return in_id
    outgoing = Exchange(
        id=new_id(),
        member_id=member_id,
        direction="out",
        kind=spoken.content.kind,
        author="bot",
        status="replied",
        created_at=now,
        text=spoken.content.summary(),
        payload=content_to_text(spoken.content),
        in_reply_to=in_id,
        intent=match.intent,
        confidence=incoming.confidence,
        template=spoken.template,
        template_version=spoken.version,
        card=card,
    )
    add_exchanges(tx, incoming, outgoing)
    return in_id


def content_to_text(content: Content) -> str:
    """Return the JSON that a content is stored as."""
    return _to_json(content.to_payload())


def content_from_text(text: str) -> Content:
    """Return the content that was stored as this JSON."""
    return Content.from_payload(json.loads(text))


@lru_cache(maxsize=2048)  # what was heard before has the same card
def card_to_text(card: Card) -> str:
    """Return the JSON that a card is stored as: steps as [rule, found, intent, score], and the margin."""
    steps = [[step.rule, step.found, step.intent, round(step.score, 4)] for step in card.steps]
    return _to_json({"steps": steps, "margin": round(card.margin, 4)})


def evidence_to_text(evidence: Sequence[Evidence]) -> str:
    """Return the JSON that evidence is stored as: [place, words, weight] each, in the order of the text."""
    return _to_json([[one.start, one.words, one.weight] for one in evidence])


def text_of(message: Message) -> str:
    """Return what a message says in words, for people who read the dialogue."""
    match message:
        case TextMessage():
            return message.content
        case VoiceMessage():
            return message.recognition
        case LocationMessage():
            return message.label
        case LinkMessage():
            return message.title or message.url
        case FollowEvent() | ScanEvent():
            return message.scene
        case MenuClickEvent():
            return message.menu_key
        case MenuViewEvent():
            return message.url
        case _:
            return ""


def payload_of(message: Message) -> str:
    """Return the JSON of the fields a message has beside its text, empty when it has none."""
    if type(message) is TextMessage and message.menu_id is None and not message.extra:
        return ""
    values = {
        field.name: getattr(message, field.name)
        for field in fields(message)
        if field.name not in _COMMON and field.name != "content"
    }
    if message.extra:
        values["extra"] = _plain(message.extra)
    return _to_json(values)


def _plain(value: object) -> object:
    """Return nested mappings and lists as ones that JSON knows."""
    if hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
