"""Sending one message to many: never more than the month allows, never twice.

MassError
├── NothingLeft    this month's sends are used up
└── NotNow         it was sent already, or somebody sends it at this moment
"""

import json
from datetime import datetime

from bot.wechat.client import WeChatClient
from bot.wechat.mass import month_begins, send_all
from bot.wechat.outcomes import CallFailed, Unknown
from storage import audit, mass_sends
from storage.database import Database, Transaction
from storage.mass_sends import MassSend


class MassError(Exception):
    """Base of what can stand in the way."""


class NothingLeft(MassError):
    """This month's sends are used up."""


class NotNow(MassError):
    """It was sent already, or is being sent."""


def hand_over(
    database: Database, client: WeChatClient, send: MassSend, *, actor: str, most: int, now: datetime
) -> None:
    """Hand a message to the platform, for the user ``actor``; at most ``most`` go out in a calendar month.

    Raises MassError, CallFailed (which is written down too).
    """
    database.write(lambda tx: _begin(tx, send, actor, most, now))
    try:
        platform_msg_id = send_all(client, json.loads(send.content), send.tag_id, send.client_msg_id)
    except CallFailed as error:
        outcome = error.outcome
        state: mass_sends.State = "unknown" if isinstance(error.result, Unknown) else "refused"
        database.write(lambda tx: mass_sends.end(tx, send.id, state, begun_at=now, outcome=outcome))
        raise
    database.write(
        lambda tx: mass_sends.end(
            tx, send.id, "accepted", begun_at=now, platform_msg_id=platform_msg_id or send.platform_msg_id
        )
    )


def _begin(tx: Transaction, send: MassSend, actor: str, most: int, now: datetime) -> None:
    if not send.may_send(now):
        raise NotNow
    tx.alone("mass send")  # two that are sent at once count each other
    if mass_sends.sent_since(tx, month_begins(now), other_than=send.id) >= most:
        raise NothingLeft
    if not mass_sends.begin(tx, send, sent_by=actor, now=now):
        raise NotNow
    audit.record(
        tx, actor, "mass.sent", f"mass:{send.id}", "everyone" if send.tag_id is None else f"tag {send.tag_id}", now
    )
