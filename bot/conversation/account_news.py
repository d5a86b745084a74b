"""News of the account, which concerns no member: kept where staff see it."""

from datetime import datetime

from bot.wechat.mass import figures_of
from intents.messages import DeliveryEvent, Message
from storage import mass_sends, quarantine
from storage.database import Transaction

_MOST_STATUS = 100


def keep_news(tx: Transaction, message: Message, now: datetime) -> None:
    """Keep news of the account where staff see it; a report on a message to many beside that message."""
    if isinstance(message, DeliveryEvent) and message.report == "mass":
        good, figures = figures_of(message)
        outcome = "" if good else message.status[:_MOST_STATUS]
        if mass_sends.report(tx, message.sent_msg_id, good=good, outcome=outcome, result=figures, now=now):
            return
    body = repr(message)
    quarantine.keep(
        tx, reason="account_event", account_id=message.account_id, openid=message.openid, body=body, now=now
    )
