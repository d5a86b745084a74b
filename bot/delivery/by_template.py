"""Sending by template: a consent is used up in the transaction that sends the message on its way, and without one nothing goes.

NoPermit    the member has not allowed it (any more); says which lawful ways are left
"""

import json
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from bot.delivery.posting import Posted, post
from bot.wechat.notices import LONGEST_VALUE, is_by_template
from storage import conversations, notices, outbox, permits
from storage.database import Transaction
from storage.members import Identity
from storage.outbox import OutboxMessage
from templates.content import Content


class NoPermit(Exception):
    """The member has not allowed a message of this template, or the consent was used."""

    chinese = "对方没有同意接收这种通知，或同意的次数已用完，没有发出。还可以：等对方再发来消息时说；请对方再点一次订阅；有手机号就打电话。"
    english = (
        "Not sent: they have not agreed to this notice, or the consent is used up. What is left: tell them when they next write, "
        "ask them to subscribe once more, or call them."
    )

    def __init__(self) -> None:
        super().__init__(self.english)


def send_by_template(
    tx: Transaction, *, identity: Identity, content: Content, author: str, cause: str, now: datetime
) -> Posted:
    """Queue a message by template; the same cause queues, and uses a consent for, one only.

    A template message needs no consent (it is for what the member asked us to do, never for advertising). Raises NoPermit, CannotSend; then
    nothing was done.
    """
    kind, member_id = content.kind, identity.member_id
    conversations.hold(tx, member_id)  # of two for one cause, the second finds what the first made
    known = outbox.by_cause(tx, member_id, cause)
    if known is not None:
        return Posted(known.exchange_id, is_new=False)
    if kind == "template":
        content = replace(content, scene=sha256(cause.encode()).hexdigest()[:32])
    elif kind in ("notice", "once") and not _spend(tx, member_id, content, cause, now):
        raise NoPermit
    posted = post(tx, identity=identity, content=content, author=author, cause=cause, now=now)
    _note(tx, member_id, posted.exchange_id, content, now)
    return posted


def or_by_notice(content: Content, template_id: str, data: dict[str, str]) -> Content:
    """Return a message that, meeting a closed reply window, may go as a subscription notice if the member agreed to one."""
    return (
        replace(content, template_id=template_id, data=json.dumps(data, ensure_ascii=False)) if template_id else content
    )


def or_once(content: Content, template_id: str, scene: str, title: str) -> Content:
    """Return a text that, meeting a closed reply window, may go as a one-time subscription message if the member agreed to one."""
    data = json.dumps({"content": shortened(content.text)}, ensure_ascii=False)
    return replace(content, template_id=template_id, scene=scene, title=title, data=data)


def shortened(text: str) -> str:
    """Return a text as the one field of a one-time subscription message takes it."""
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def turn_to_notice(tx: Transaction, message: OutboxMessage, now: datetime) -> OutboxMessage | None:
    """Make a claimed message that meets a closed reply window one by template, using up a consent; None when it cannot be, or nobody agreed."""
    content = _content(message)
    if content is None or is_by_template(message.content) or not content.template_id:
        return None
    content = replace(content, kind="once" if content.scene else "notice")
    if not _spend(tx, message.member_id, content, f"{message.cause}#{message.attempt}", now):
        return None
    _note(tx, message.member_id, message.exchange_id, content, now)
    return _with_content(tx, message, content)


def turn_back(tx: Transaction, message: OutboxMessage, now: datetime) -> OutboxMessage | None:
    """Take in that a member's consents are no longer good; return a message that can wait for their contact as it was before, None for any other."""
    content = _content(message)
    if content is None:
        return None
    permits.withdraw(tx, message.member_id, content.template_id, now)
    if content.kind not in ("notice", "once") or message.wait_until is None or not content.text:
        return None
    notices.remove(tx, message.member_id, message.exchange_id)
    return _with_content(tx, message, replace(content, kind="text"))


def _with_content(tx: Transaction, message: OutboxMessage, content: Content) -> OutboxMessage:
    stored = json.dumps(content.to_payload(), ensure_ascii=False)
    outbox.set_content(tx, message, stored)
    return replace(message, content=stored)


def _content(message: OutboxMessage) -> Content | None:
    try:
        return Content.from_payload(json.loads(message.content))
    except (TypeError, ValueError):  # whoever sends it will find that it cannot be read
        return None


def _spend(tx: Transaction, member_id: int, content: Content, spent_for: str, now: datetime) -> bool:
    kind: permits.Kind = "once" if content.kind == "once" else "notice"
    scene = content.scene if kind == "once" else ""
    return permits.spend(tx, member_id, kind, content.template_id, scene=scene, spent_for=spent_for, now=now)


def _note(tx: Transaction, member_id: int, exchange_id: int, content: Content, now: datetime) -> None:
    kind: notices.Kind = "template" if content.kind == "template" else "once" if content.kind == "once" else "notice"
    notices.add(tx, member_id, exchange_id, kind, content.template_id, now)
