"""Posting: something to say outside the reply is written down, in the transaction of its cause, for a worker to send."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wechat.notices import to_call
from bot.wechat.service_messages import CannotSend
from storage import changes, exchanges, outbox
from storage.database import Transaction
from storage.exchanges import Exchange
from storage.ids import new_id
from storage.members import Identity
from templates.content import Content

LONGEST_WAIT = timedelta(days=30)  # for the member's next contact, when a person lets a message wait


@dataclass(frozen=True, slots=True)
class Posted:
    """The exchange that records what will be sent; ``is_new`` is False when its cause had been posted before."""

    exchange_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Script:
    """Which scripted reply is said, in which version, and for which intent, if any: for the record."""

    template: str
    version: int
    intent: str | None = None


def post(
    tx: Transaction,
    *,
    identity: Identity,
    content: Content,
    author: str,
    cause: str,
    now: datetime,
    due_at: datetime | None = None,
    in_reply_to: int | None = None,
    script: Script | None = None,
    wait_until: datetime | None = None,
) -> Posted:
    """Record ``content`` as said by ``author`` (``bot``, ``agent:NAME``, ``system``) and queue it, not to be sent before ``due_at``.

    Meeting a closed reply window, it waits for the member's next contact until ``wait_until``; without one it fails at once.
    ``cause`` names why (a message key, an agent's click): the same cause posts once a member. Raises CannotSend for what can never be sent.
    """
    to_call(identity.external_id, content)
    member_id, exchange_id = identity.member_id, new_id()
    payload = json.dumps(content.to_payload(), ensure_ascii=False)
    added = outbox.add(
        tx,
        member_id=member_id,
        openid=identity.external_id,
        exchange_id=exchange_id,
        content=payload,
        cause=cause,
        author=author,
        due_at=due_at or now,
        wait_until=wait_until,
        now=now,
    )
    if not added:
        known = outbox.by_cause(tx, member_id, cause)
        assert known is not None
        return Posted(known.exchange_id, is_new=False)
    exchanges.add_exchange(
        tx,
        Exchange(
            id=exchange_id,
            member_id=member_id,
            direction="out",
            kind=content.kind,
            author=author,
            status=outbox.QUEUED,
            created_at=now,
            text=content.summary(),
            payload=payload,
            in_reply_to=in_reply_to,
            intent=script.intent if script else None,
            template=script.template if script else None,
            template_version=script.version if script else None,
        ),
    )
    changes.note(tx, "message", member_id, now)
    return Posted(exchange_id, is_new=True)


def post_reply(tx: Transaction, *, member_id: int, openid: str, key: str, content: Content, now: datetime) -> None:
    """Queue the reply that a turn of the same transaction has just recorded for the message ``key``, as no answer can carry it any more.

    One that can go only as an answer ends as ``failed``.
    """
    turn = exchanges.turn_of(tx, member_id, key)
    assert turn is not None, "the turn was just recorded"
    assert turn[1] is not None, "with its reply"
    reply_id = turn[1].id
    try:
        to_call(openid, content)
    except CannotSend:
        exchanges.set_status(tx, member_id, reply_id, "failed")
        return
    outbox.add(
        tx,
        member_id=member_id,
        openid=openid,
        exchange_id=reply_id,
        content=json.dumps(content.to_payload(), ensure_ascii=False),
        cause=f"reply:{key}",
        author="bot",
        due_at=now,
        now=now,
    )
    exchanges.set_status(tx, member_id, reply_id, outbox.QUEUED)


def send_again(tx: Transaction, message_id: int, now: datetime, *, wait_until: datetime | None = None) -> bool:
    """Queue a message again that failed or is unsure, because a person says so; False when it is in no such state.

    With ``wait_until`` it may wait until then for the member's next contact.
    """
    if not outbox.resend(tx, message_id, now, wait_until):
        return False
    message = outbox.by_id(tx, message_id)
    if message is not None:
        changes.note(tx, "delivery", message.member_id, now)
    return True
