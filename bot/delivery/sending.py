"""The steps of sending one message that touch the database, each a function of one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.delivery.by_template import turn_back, turn_to_notice
from bot.delivery.notices import is_notice, is_overtaken
from bot.delivery.window import budget
from bot.wechat.notices import is_by_template
from bot.wechat.outcomes import Refused, Result, RetryLater, Sent, Unknown
from storage import changes, notices, outbox, reply_windows, undelivered
from storage.conversations import Conversation, conversation_of, hold
from storage.database import Transaction
from storage.outbox import FinalState, OutboxMessage

LEASE = timedelta(seconds=60)  # more than all timeouts of one message together
CLOSED_FOR_NOW = frozenset({"window_closed", "window_spent", "45015", "45047"})
CONSENT_GONE = "43101"  # refused, or used
_MOST_CLOSED_AT_ONCE = 50


def take(tx: Transaction, now: datetime) -> OutboxMessage | None:
    """Claim the next message whose member may still be written to.

    Those found with a closed reply window wait for the member's contact, if they may, or else end as ``failed``, saying so.
    """
    for _ in range(_MOST_CLOSED_AT_ONCE):
        message = outbox.claim_next(tx, now, LEASE)
        if message is None:
            return None
        if is_overtaken(tx, message, now):
            settle(tx, message, "failed", "overtaken", now)
            continue
        if is_by_template(message.content):  # the reply window does not matter to it
            return message
        conversation = _as_it_stays(tx, message.member_id, now)
        if conversation is not None and budget(conversation, now).open:
            return replace(message, window_until_ms=conversation.window_until_ms)
        if (by_notice := turn_to_notice(tx, message, now)) is not None:
            return by_notice
        in_time = conversation is not None and conversation.window_until_ms > now.timestamp() * 1000
        _refuse(tx, message, "window_spent" if in_time else "window_closed", now)
    return None


def _as_it_stays(tx: Transaction, member_id: int, now: datetime) -> Conversation | None:
    """Return the member's conversation; one whose reply window is closed stays so until the transaction ends."""
    conversation = conversation_of(tx, member_id)
    if conversation is not None and not budget(conversation, now).open:
        hold(tx, member_id)  # else a message put to wait just as they write would not be woken by that
        conversation = conversation_of(tx, member_id)
    return conversation


def settle(tx: Transaction, message: OutboxMessage, state: FinalState, outcome: str, now: datetime) -> bool:
    """Finish a claimed message and tell open pages; what was, or may have been, delivered is taken off the reply window."""
    if not outbox.finish(tx, message, state, outcome, now):
        return False
    if state == "failed" and is_notice(message):
        undelivered.drop(tx, message.member_id, message.id, now)
    if state in ("sent", "unknown") and not is_by_template(message.content):
        reply_windows.spend(tx, message.member_id)
    changes.note(tx, "delivery", message.member_id, now)
    return True


def record(tx: Transaction, message: OutboxMessage, result: Result, now: datetime, *, retry_seconds: float) -> bool:
    """Write down what came of a claimed message; False, with nothing done, when it is no longer this worker's."""
    match result:
        case Sent():
            done = settle(tx, message, "sent", "", now)
            if done and result.msg_id:
                notices.note_taken(tx, message.member_id, message.exchange_id, result.msg_id)
            return done
        case Unknown():
            return settle(tx, message, "unknown", result.outcome, now)
        case Refused():
            return _record_refusal(tx, message, result, now)
        case RetryLater():
            return _put_back(tx, message, result, now, retry_seconds)
        case _:
            assert_never(result)


def _record_refusal(tx: Transaction, message: OutboxMessage, result: Refused, now: datetime) -> bool:
    """Write down that the platform refused a message, as of the time it was sent: what the member did since counts."""
    member_id, gone = message.member_id, result.outcome.partition(":")[0] == CONSENT_GONE
    again = turn_back(tx, message, now) if gone else None
    done = _refuse(tx, again, "window_closed", now) if again else _refuse(tx, message, result.outcome, now)
    if not done:
        return False
    if result.closes_window:
        reply_windows.close(tx, member_id, until_ms=message.window_until_ms)
    conversation = _as_it_stays(tx, member_id, now)
    if conversation is not None and budget(conversation, now).open:
        outbox.unpark(tx, member_id, now)
    return True


def _refuse(tx: Transaction, message: OutboxMessage, outcome: str, now: datetime) -> bool:
    """End a claimed message that will not be delivered as it is, unless it may wait for a window that is closed only now."""
    closed = outcome.partition(":")[0] in CLOSED_FOR_NOW
    if not (closed and message.wait_until is not None and now < message.wait_until):
        return settle(tx, message, "failed", outcome, now)
    if not outbox.park(tx, message, "waits_for_contact"):
        return False
    changes.note(tx, "delivery", message.member_id, now)
    return True


def give_back(tx: Transaction, message: OutboxMessage, now: datetime) -> bool:
    """Put a message whose lease ended before it departed back as it was; False when it has become another worker's meanwhile."""
    return outbox.retry_later(tx, message, message.due_at, message.outcome, now, counted=False) is not None


def release_lapsed(tx: Transaction, now: datetime) -> int:
    """Deal with messages whose worker died or stalled: not departed yet, back in the queue; departed, nobody knows. Returns how many."""
    outbox.recall_far_off(tx, now)
    lapsed = outbox.lapsed(tx, now, LEASE)
    for message in lapsed:
        if message.departed_at is None:
            if outbox.keep_from_departing(tx, message):
                outbox.retry_later(tx, message, message.due_at, "internal", now)  # due as it was: ``now`` may be wrong
        else:
            settle(tx, message, "unknown", outbox.LAPSED, now)
    return len(lapsed)


def _put_back(tx: Transaction, message: OutboxMessage, result: RetryLater, now: datetime, retry_seconds: float) -> bool:
    state = outbox.retry_later(
        tx,
        message,
        now + timedelta(seconds=retry_seconds),
        result.outcome,
        now,
        counted=result.most_tries is not None,
        most_tries=result.most_tries or outbox.MOST_TRIES,
    )
    if state is not None and (state == "dead" or result.outcome != message.outcome):
        changes.note(tx, "delivery", message.member_id, now)
    return state is not None
