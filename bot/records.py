"""What records look like outside: one table of collections and their fields, from which the API, its description and the exports are made.

Ids are texts (63 bits are more than many programs keep exactly), times are ISO 8601 in UTC with milliseconds, what is unknown is null.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Literal

from storage import listing
from storage.listing import Listed, Listing

Kind = Literal["id", "text", "whole", "number", "truth", "time", "texts", "content", "phone"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name outside, what it holds, what it means, where it is in a ``Listed`` (by default in the record, under its own name)."""

    name: str
    kind: Kind
    meaning: str
    source: str = ""
    nullable: bool = False
    choices: tuple[str, ...] = ()

    def value(self, listed: Listed[Any]) -> object:
        """Return the plain value of this field in a record."""
        found = _reader(self.source or f"record.{self.name}")(listed)
        return None if found is None else _PLAIN[self.kind](found)


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of record: what it is called, what it is, how it is listed, and its fields in their order."""

    name: str
    singular: str
    meaning: str
    listing: Listing
    fields: tuple[Field, ...]


def plain(collection: Collection, listed: Listed[Any], *, whole_phones: bool = False) -> dict[str, object]:
    """Return a record as plain values, its fields in the order of the table; phone numbers are masked unless the right to see them is held."""
    return {
        field.name: mask_phone(str(value)) if field.kind == "phone" and not whole_phones else value
        for field in collection.fields
        for value in (field.value(listed),)
    }


def mask_phone(phone: str) -> str:
    """Return a phone number of which only the first three and the last four characters can be read, nothing of one too short for that."""
    if len(phone) < 10:
        return "*" * len(phone)
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def time_text(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC with milliseconds: ``2026-01-01T02:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def _reader(path: str) -> Callable[[Listed[Any]], Any]:
    return attrgetter(path)


def _content(text: str) -> object:
    return json.loads(text) if text else None


_PLAIN: Mapping[Kind, Callable[[Any], object]] = MappingProxyType(
    {
        "id": str,
        "text": str,
        "whole": int,
        "number": float,
        "truth": bool,
        "time": time_text,
        "texts": list,
        "content": _content,
        "phone": str,
    }
)
_ID = Field("id", "id", "Grows with time", "id")
_MEMBER = Field("member_id", "id", "Whose it is")
_OPENID = Field("openid", "text", "The member's openid; empty when there is none", "openid")
_CREATED = Field("created_at", "time", "When it was recorded")

MEMBERS = Collection(
    "members",
    "member",
    "People, and what is noted about them",
    listing.list_members,
    (
        _ID,
        _OPENID,
        Field("name", "text", "As noted by staff; the platform tells none"),
        Field("phone", "phone", "Masked, unless the right to see it is held"),
        Field("city", "text", "As noted by staff"),
        Field("remark", "text", "A note of staff"),
        Field("tags", "texts", "Words of staff"),
        Field("source", "text", "How they first came: a QR scene, follow, message or event"),
        Field("subscribed", "truth", "Whether they follow now"),
        Field("subscribed_at", "time", "When they last followed", nullable=True),
        Field("unsubscribed_at", "time", "When they last unfollowed", nullable=True),
        Field("follows", "whole", "How often they followed"),
        Field("created_at", "time", "When they were first met"),
    ),
)
EXCHANGES = Collection(
    "exchanges",
    "exchange",
    "Everything said, in and out",
    listing.list_exchanges,
    (
        _ID,
        _MEMBER,
        _OPENID,
        Field("direction", "text", "in: from the member; out: to them", choices=("in", "out")),
        Field("kind", "text", "text, image, location, event …"),
        Field("text", "text", "The words, as far as there are any"),
        Field("payload", "content", "In: the fields beside the text; out: the content as sent", nullable=True),
        Field("message_key", "text", "What makes a message that came in happen once", nullable=True),
        Field("msg_id", "text", "The platform's MsgId", nullable=True),
        Field("in_reply_to", "id", "The exchange this answers", nullable=True),
        Field("author", "text", "member, bot, agent:NAME or system"),
        Field("intent", "text", "What it was understood as", nullable=True),
        Field("confidence", "number", "How surely, 0 to 1", nullable=True),
        Field("template", "text", "The reply that was said", nullable=True),
        Field("template_version", "whole", "Its version; 0 is the one shipped", nullable=True),
        Field(
            "status",
            "text",
            "In: answered, missed, held, silent, limited or awaited; out: replied, or the state of its delivery",
        ),
        _CREATED,
        Field("sentiment", "text", "How words that came in sound: negative, neutral or positive", nullable=True),
        Field("sentiment_score", "number", "How much so, -1 to 1", nullable=True),
    ),
)
CONVERSATIONS = Collection(
    "conversations",
    "conversation",
    "One a member: who owns the dialogue now",
    listing.list_conversations,
    (
        Field("id", "id", "The member's id: there is one conversation a member", "id"),
        _MEMBER,
        _OPENID,
        Field("state", "text", "Who owns it", choices=("bot", "waiting", "agent")),
        Field("agent", "text", "The agent who owns it; empty when none does", "related"),
        Field("lease_until", "time", "Until when the agent owns it, unless they do something", nullable=True),
        Field("handoff_reason", "text", "Why a person is needed; empty when none is"),
        Field("waiting_since", "time", "Since when it waits for a person", nullable=True),
        Field("misses", "whole", "Messages in a row that were not understood"),
        Field("unread", "whole", "Messages that no agent has read"),
        Field("last_inbound_at", "time", "When the member last said something", nullable=True),
    ),
)
COUPONS = Collection(
    "coupons",
    "coupon",
    "Issued coupons",
    listing.list_coupons,
    (
        _ID,
        _MEMBER,
        _OPENID,
        Field("campaign_id", "id", "The campaign that issued it"),
        Field("campaign", "text", "The campaign's code", "related"),
        Field("name", "text", "The campaign's name"),
        Field("offer", "text", "What it gives"),
        Field("code", "text", "What is shown at the counter: whoever knows it can redeem it"),
        Field("state", "text", "As of now", choices=("usable", "used", "expired")),
        Field("issued_at", "time", "When it was issued"),
        Field("expires_at", "time", "From when it is worth nothing"),
        Field("used_at", "time", "When it was redeemed", nullable=True),
        Field("used_order", "text", "For which order of the till", nullable=True),
        Field("used_amount_fen", "whole", "What that order came to, in fen", nullable=True),
    ),
)
LEDGER = Collection(
    "ledger",
    "ledger entry",
    "Points that came and went; never changed, only added to",
    listing.list_ledger,
    (
        _ID,
        _MEMBER,
        _OPENID,
        Field("kind", "text", "Why, in one word"),
        Field("amount", "whole", "How many points came (above 0) or went (below)"),
        Field("cause", "text", "What keeps it from counting twice"),
        Field("balance_after", "whole", "The member's points after it"),
        _CREATED,
    ),
)
OUTBOX = Collection(
    "outbox",
    "outbox message",
    "Messages outside the reply, and how far they got",
    listing.list_outbox,
    (
        _ID,
        _MEMBER,
        Field("openid", "text", "Whom it goes to", "openid"),
        Field("exchange_id", "id", "The exchange that records it"),
        Field("content", "content", "What is sent", nullable=True),
        Field("cause", "text", "What keeps it from being sent twice"),
        Field("author", "text", "Who says it: agent:NAME, bot or system"),
        Field("state", "text", "How far it got", choices=("ready", "sending", "sent", "failed", "unknown", "dead")),
        Field("tries", "whole", "How often it failed since a person last had it sent"),
        Field("outcome", "text", "The code of what came of it, perhaps with words after a colon; empty for none"),
        Field("due_at", "time", "Not sent before"),
        Field("created_at", "time", "When it was queued"),
        Field("finished_at", "time", "When its outcome was known", nullable=True),
    ),
)
QUARANTINE = Collection(
    "quarantine",
    "quarantined body",
    "What the platform signed but nobody here understood",
    listing.list_quarantine,
    (
        _ID,
        Field("openid", "text", "The sender, as far as it could be read", "openid"),
        Field("account_id", "text", "The account it was for, as far as it could be read"),
        Field("reason", "text", "Why it was put aside"),
        Field("body", "text", "The document as it came, after decryption"),
        Field("times", "whole", "How often it came"),
        Field("created_at", "time", "When it came first"),
    ),
)
COLLECTIONS = (MEMBERS, EXCHANGES, CONVERSATIONS, COUPONS, LEDGER, OUTBOX, QUARANTINE)
