"""What the tests of handlers share: a turn built around one message, on a real database."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from intents.messages import Message, TextMessage
from intents.types import EMPTY, Brand, Handler, Intent, Later, Match, Reply, Turn
from storage.conversations import conversation_of
from storage.database import Database, Transaction
from storage.members import add_member, member_by_id, member_ids_by_openid
from templates.library import Library

ACCOUNT, OPENID = "gh_test", "oTester"
NOON = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)  # Thursday, 12:00 in Shanghai
BRAND = Brand("山茶咖啡", ZoneInfo("Asia/Shanghai"), desk_opens=time(9), desk_closes=time(21))
_numbers = itertools.count(1)


def text(content: str, *, openid: str = OPENID, now: datetime = NOON, key: str = "") -> TextMessage:
    """Return a text message with a key of its own, or the given one."""
    number = next(_numbers)
    return TextMessage(
        account_id=ACCOUNT,
        openid=openid,
        key=key or f"m:{number}",
        sent_at=now,
        msg_id=str(number),
        content=content,
    )


def member_of(tx: Transaction, openid: str = OPENID, *, now: datetime = NOON) -> int:
    """Return the id of the member known by this openid, made when nobody is."""
    known = member_ids_by_openid(tx, openid)
    return known[0] if known else add_member(tx, account_id=ACCOUNT, openid=openid, source="message", now=now)


def turn(
    tx: Transaction,
    said: str | Message,
    *,
    now: datetime = NOON,
    openid: str = OPENID,
    slots: Mapping[str, str] = EMPTY,
    intent: str | None = None,
    brand: Brand = BRAND,
    intents: Mapping[str, Intent] | None = None,
) -> Turn:
    """Build the turn in which a member says this: words, or a message of any kind (whose own openid then counts)."""
    message = text(said, openid=openid, now=now) if isinstance(said, str) else said
    member_id = member_of(tx, message.openid, now=now)
    member, conversation = member_by_id(tx, member_id), conversation_of(tx, member_id)
    assert member is not None
    assert conversation is not None
    return Turn(message, Match(intent, 1.0, slots=slots), member, conversation, brand, now, tx, intents or {})


def answer(
    database: Database,
    handler: Handler,
    said: str | Message,
    *,
    now: datetime = NOON,
    openid: str = OPENID,
    slots: Mapping[str, str] = EMPTY,
    brand: Brand = BRAND,
    intents: Mapping[str, Intent] | None = None,
) -> Reply:
    """Return what the handler answers to this message, once that is committed."""

    def work(tx: Transaction) -> Reply | Later | None:
        return handler(turn(tx, said, now=now, openid=openid, slots=slots, brand=brand, intents=intents))

    reply = database.write(work)
    assert isinstance(reply, Reply), "the handler said nothing"
    return reply


def shown(reply: Reply, intent: Intent) -> str:
    """Return the text of the reply as shipped, which must be one that the intent declares and must need no value that is missing."""
    assert reply.template in intent.replies
    rendered = Library().render(reply.template, reply.values)
    assert rendered.fault is None
    return rendered.content.text
