"""Consents: what a push says of permits for notices, and what became of notices that were sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.wechat.consent_links import Asked, ConsentLinks
from intents.messages import ConsentEvent, DeliveryEvent, Message
from storage import conversations, notices, outbox, permits
from storage.database import Transaction
from storage.members import member_ids_by_openid

_POPUP, _CHANGE = "subscribe_msg_popup_event", "subscribe_msg_change_event"
_GROUPS = {_POPUP: "SubscribeMsgPopupEvent", _CHANGE: "SubscribeMsgChangeEvent"}
_REPORTS = frozenset({"template", "subscription"})


def note_consents(tx: Transaction, message: Message, member_id: int, now: datetime) -> None:
    """Keep the permits that a push gives or takes, and close the notice that it reports on; in the turn, so once a push."""
    match message:
        case ConsentEvent(change=change) if change in _GROUPS:
            for place, (template_id, answer) in enumerate(_answers(message.extra, _GROUPS[change])):
                if answer == "accept" and change == _POPUP:
                    permits.grant(tx, member_id, "notice", template_id, cause=f"{message.key}:{place}", now=now)
                    outbox.unpark(tx, member_id, now)  # what waits for the member may go by it
                elif answer == "reject" and change == _CHANGE:
                    permits.withdraw(tx, member_id, template_id, now)
        case DeliveryEvent(report=report) if report in _REPORTS and message.sent_msg_id:
            notices.note_report(tx, member_id, message.sent_msg_id, message.status or notices.SUCCESS, now)


def keep_once(tx: Transaction, links: ConsentLinks, asked: Asked, openid: str, now: datetime) -> bool:
    """Keep the consent to a one-time message that a link brought, once a link; False when it came back from somebody else's phone."""
    if asked.member_id not in member_ids_by_openid(tx, openid):
        return False
    # A worker who found no consent has put its message to wait by now, or will find this one.
    conversations.hold(tx, asked.member_id)
    cause = f"once:{links.scene}:{asked.number}"
    if permits.grant(tx, asked.member_id, "once", links.template_id, scene=links.scene, cause=cause, now=now):
        outbox.unpark(tx, asked.member_id, now)
    return True


def _answers(extra: Mapping[str, object], group: str) -> Iterator[tuple[str, str]]:
    """Yield the templates that a push is about, each with what the member chose."""
    found = extra.get(group)
    listed: Any = found.get("List") if isinstance(found, Mapping) else None
    for item in listed if isinstance(listed, (list, tuple)) else [listed]:
        if isinstance(item, Mapping) and isinstance(template_id := item.get("TemplateId"), str) and template_id:
            yield template_id, str(item.get("SubscribeStatusString", ""))
