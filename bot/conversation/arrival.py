"""Arriving: whom a push is about, whether it is news of the account, who they are, and how many they sent of late."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.settings import RateLimit
from intents.messages import (
    AccountEvent,
    CardEvent,
    ConsentEvent,
    DeliveryEvent,
    FollowEvent,
    MenuClickEvent,
    Message,
    Said,
    ScanEvent,
    UnfollowEvent,
)
from storage import conversations, members, qr_spots, turns
from storage.conversations import Conversation
from storage.database import Transaction
from storage.errors import Conflict
from storage.qr_spots import VisitKind
from storage.records import immutable
from storage.times import to_ms
from storage.turns import Recalled

_OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")


@immutable(frozen=True, slots=True)
class Rate:
    """Since when messages are counted (milliseconds), how many came since, and whether this one is beyond the limit."""

    started_at_ms: int
    count: int
    exceeded: bool


def is_account_news(message: Message) -> bool:
    """Return whether a push concerns the account, not a member: its sender is an id of the platform's own."""
    match message:
        case AccountEvent():
            return True
        case DeliveryEvent():
            return message.report in ("mass", "publish")
        case CardEvent():
            return not message.card_code
    return False


def about_member(message: Message) -> Message:
    """Return the push as one of the member it is about, where the platform sends it under an id of its own."""
    if isinstance(message, ConsentEvent) and _OPENID.fullmatch(message.subject_openid):
        return replace(message, openid=message.subject_openid)
    return message


def recall_or_meet(tx: Transaction, message: Message, now: datetime) -> Recalled:
    """Return what is known of who wrote, making them known first when they are new."""
    known = turns.recall(tx, account_id=message.account_id, openid=message.openid, key=message.key)
    if known is not None:
        return known
    follows = isinstance(message, (Said, MenuClickEvent, ScanEvent))  # only followers can do these
    source = "message" if isinstance(message, Said) else "event"
    with suppress(Conflict):  # another of their messages made them known just now
        members.add_member(
            tx, account_id=message.account_id, openid=message.openid, source=source, follows=follows, now=now
        )
    made = turns.recall(tx, account_id=message.account_id, openid=message.openid, key=message.key)
    assert made is not None, "a member just made can be recalled"
    return made


def brought_up_to_date(tx: Transaction, message: Message, recalled: Recalled, now: datetime) -> tuple[Recalled, bool]:
    """Note what the push says of following, which code they came through, and a lease that ran out; return what is known now, and whether the push counts.

    A follow or unfollow older than one already known does not count: it arrived late.
    """
    counts = True
    if isinstance(message, (FollowEvent, UnfollowEvent)):
        counts = _record_follow(tx, recalled.member.id, message)
        recalled = replace(recalled, member=members.member_by_id(tx, recalled.member.id) or recalled.member)
    elif isinstance(message, Said) and not recalled.member.subscribed:
        members.record_presence(tx, recalled.member.id, said_at=message.sent_at)
    if counts and isinstance(message, (FollowEvent, ScanEvent)) and message.scene:
        kind: VisitKind = "follow" if isinstance(message, FollowEvent) else "scan"
        qr_spots.note_visit(tx, recalled.member.id, message.scene, kind, now)
    conversation = recalled.conversation
    if conversation.state == "agent" and conversations.lapse(tx, conversation.member_id, now):
        lapsed = conversations.conversation_of(tx, conversation.member_id)
        recalled = replace(recalled, conversation=lapsed or conversation)
    return recalled, counts


def _record_follow(tx: Transaction, member_id: int, message: FollowEvent | UnfollowEvent) -> bool:
    follows = isinstance(message, FollowEvent)
    counted = members.record_follow(tx, member_id, follows=follows, event_at=message.sent_at)
    if counted and isinstance(message, FollowEvent):
        members.set_source(tx, member_id, message.scene or "follow")
    return counted


def rate_of(message: Message, conversation: Conversation, limit: RateLimit, now: datetime) -> Rate:
    """Return the member's rate with this message counted; what they did not do on purpose is not."""
    if not isinstance(message, (Said, MenuClickEvent, ScanEvent)):
        return Rate(conversation.rate_started_at_ms, conversation.rate_count, exceeded=False)
    now_ms = to_ms(now)
    if not 0 <= now_ms - conversation.rate_started_at_ms < limit.seconds * 1000:  # over, or a clock that went back
        return Rate(now_ms, 1, exceeded=False)
    count = conversation.rate_count + 1
    return Rate(conversation.rate_started_at_ms, count, exceeded=0 < limit.messages < count)
