"""The reply window: how many messages may still be sent to a member outside the reply, and until when. Pure, but for reading the figures.

Only the platform knows the true figure. Ours errs on the careful side, and what the platform says (45015, 45047) corrects it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.wechat.quotas import SHIPPED, TRIGGERS, Grant, Quotas, Trigger
from intents.messages import FollowEvent, MenuClickEvent, MenuScanEvent, Message, Said, ScanEvent, TextMessage
from storage import window_figures
from storage.conversations import Conversation
from storage.database import Queries
from storage.times import to_ms


@dataclass(frozen=True, slots=True)
class Budget:
    """What may still be sent: ``messages_left`` within ``seconds_left``, both 0 when nothing may."""

    messages_left: int
    seconds_left: int

    @property
    def open(self) -> bool:
        """Whether a message may be sent now."""
        return self.messages_left > 0


CLOSED = Budget(0, 0)


def budget(conversation: Conversation, now: datetime) -> Budget:
    """Return what may still be sent to the member of this conversation."""
    milliseconds_left = conversation.window_until_ms - to_ms(now)
    if conversation.window_left <= 0 or milliseconds_left <= 0:
        return CLOSED
    return Budget(conversation.window_left, -(-milliseconds_left // 1000))


def trigger_of(message: Message) -> Trigger | None:
    """Return what kind of reply window this message opens, or None for one that opens none."""
    match message:
        case TextMessage(menu_id=str()):  # a tap on an offered choice counts as a tap on the menu
            return "menu"
        case Said():
            return "message"
        case MenuClickEvent() | MenuScanEvent():
            return "menu"
        case FollowEvent():
            return "follow"
        case ScanEvent():
            return "scan"
    return None


def read_quotas(queries: Queries) -> Quotas:
    """Return the platform's figures as they stand here, those of staff over the shipped ones."""
    return Quotas(
        Grant(trigger, row.messages, timedelta(seconds=row.lasts_seconds), row.since, row.source)
        for row in window_figures.all_figures(queries)
        for trigger in TRIGGERS
        if trigger == row.opened_by
    )


def after_message(
    window_until_ms: int, window_left: int, message: Message, now: datetime, quotas: Quotas = SHIPPED
) -> tuple[int, int]:
    """Return the window after this message: until when (milliseconds since 1970) and how many messages.

    What a member sends on purpose opens a new window in place of the old one. How a short window (a tap, a scan) adds to a longer one is not
    documented: one that is still open and lasts longer stays as it is.
    """
    trigger = trigger_of(message)
    if trigger is None:
        return window_until_ms, window_left
    allowed = quotas.grant(trigger, now)
    until_ms = to_ms(now + allowed.lasts)
    if trigger != "message" and window_left > 0 and window_until_ms > until_ms:
        return window_until_ms, window_left
    return until_ms, allowed.messages
