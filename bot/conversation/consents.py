"""Consents: what a push says of permits for notices, what ends them, and what became of notices that were sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.delivery.notices import is_notice
from bot.wechat.consent_links import Asked, ConsentLinks
from bot.wechat.kinds import LONGEST_ID_CHARS
from bot.wechat.notices import needs_consent
from intents.messages import ConsentEvent, DeliveryEvent, Message, UnfollowEvent
from storage import conversations, notices, outbox, permits, undelivered
from storage.database import Transaction
from storage.members import member_ids_by_openid

WANTS_NO_MORE = "unfollow"  # the intent of who asks how to unfollow, or for no more messages
_POPUP, _CHANGE = "subscribe_msg_popup_event", "subscribe_msg_change_event"
_GROUPS = {_POPUP: "SubscribeMsgPopupEvent", _CHANGE: "SubscribeMsgChangeEvent"}
_REPORTS = frozenset({"template", "subscription"})
_CLOSED = "user_authorization_cancellation"  # their WeChat account
_ONE_SECOND = timedelta(seconds=1)  # the platform names no time more exactly


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
        case UnfollowEvent():
            end_consents(tx, member_id, now, given_before=message.sent_at + _ONE_SECOND)
        case ConsentEvent(change=change) if change == _CLOSED:
            end_consents(tx, member_id, now)
        case DeliveryEvent(report=report) if report in _REPORTS and message.sent_msg_id:
            notices.note_report(tx, member_id, message.sent_msg_id, message.status or notices.SUCCESS, now)


def end_consents(tx: Transaction, member_id: int, now: datetime, *, given_before: datetime | None = None) -> None:
    """Take in that a member wants no notices: every consent ends, and what is queued because of one, or is a notice, is called off.

    With ``given_before`` only what was given and queued before that: who unfollowed and came back may have agreed anew.
    """
    permits.withdraw_all(tx, member_id, now, given_before=given_before)
    for message in undelivered.queued(tx, member_id):
        in_time = given_before is None or message.created_at < given_before
        if in_time and (is_notice(message) or needs_consent(message.content)):
            undelivered.call_off(tx, message, "called_off", now)


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
            yield template_id[:LONGEST_ID_CHARS], str(item.get("SubscribeStatusString", ""))
