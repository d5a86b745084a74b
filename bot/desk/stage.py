"""The open dialogue as the pages show it: everything the templates of the middle and the right pane need."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import service
from bot.delivery.sending import CLOSED_FOR_NOW
from bot.delivery.window import budget
from bot.desk.access import Actor, Dialogue
from bot.desk.timeline import Page, page
from bot.desk.work import why_closed
from storage.cases import Case, cases_of
from storage.conversations import Handoff, handoffs_of
from storage.coupons import Coupon, coupons_of
from storage.database import Queries
from storage.desk import latest_check_in, queued_messages
from storage.members import identities_of
from storage.points import LedgerEntry, balance_of, history
from storage.sentiments import Label, Moods, moods_of, moods_of_cases
from storage.users import list_users

LEDGER_ROWS = 6
COUPON_ROWS = 12
CASE_ROWS = 12
MOOD_SPAN = timedelta(days=30)
FEW_SECONDS = 600  # below this the page warns that the window closes


@dataclass(frozen=True, slots=True)
class Composer:
    """What can still be said: messages left (those on their way counted off), until when, or the code that says why nothing can."""

    messages_left: int
    seconds_left: int
    closed: str
    client_id: str

    @property
    def may_wait(self) -> bool:
        """Whether words can be written now to go out with the member's next contact."""
        return self.closed in CLOSED_FOR_NOW

    @property
    def warns(self) -> bool:
        """Whether little is left."""
        return not self.closed and (self.messages_left == 1 or self.seconds_left < FEW_SECONDS)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the dialogue."""

    balance: int
    ledger: list[LedgerEntry]
    coupons: list[Coupon]
    streak: int
    checked_in_today: bool
    cases: list[Case]
    handoffs: list[Handoff]
    agents: dict[int, str]
    openid: str
    moods: Moods
    case_moods: Mapping[int, Label]


@dataclass(frozen=True, slots=True)
class Stage:
    """One dialogue, whole."""

    dialogue: Dialogue
    page: Page
    composer: Composer
    beside: Beside
    phone: str = ""


def stage_for(dialogue: Dialogue, *, phone: str = "") -> Stage:
    """Return what is shown of a dialogue; ``phone`` is the number when it was just revealed."""
    running = service.current()
    queries, now = running.database, running.clock()
    return Stage(
        dialogue,
        page(queries, dialogue.member.id),
        composer_for(queries, dialogue, now),
        _beside(queries, dialogue.member.id, now),
        phone,
    )


def composer_for(queries: Queries, dialogue: Dialogue, now: datetime) -> Composer:
    """Return what can still be said to the member, with a new name for the next click."""
    left = budget(dialogue.conversation, now)
    free = left.messages_left - queued_messages(queries, dialogue.member.id, now)
    unfollowed = dialogue.member.unsubscribed_at is not None and not dialogue.member.subscribed
    closed = why_closed(dialogue, now) if unfollowed or not left.open else "window_spent" if free <= 0 else ""
    return Composer(max(0, free), left.seconds_left, closed, secrets.token_urlsafe(12))


def _beside(queries: Queries, member_id: int, now: datetime) -> Beside:
    today = now.astimezone(service.current().settings.timezone).date()
    latest = latest_check_in(queries, member_id)
    keeps = latest is not None and latest[0] >= today - timedelta(days=1)
    identity = identities_of(queries, [member_id]).get(member_id)
    return Beside(
        balance=balance_of(queries, member_id),
        ledger=history(queries, member_id, limit=LEDGER_ROWS),
        coupons=coupons_of(queries, member_id, now, limit=COUPON_ROWS),
        streak=latest[1] if latest is not None and keeps else 0,
        checked_in_today=latest is not None and latest[0] == today,
        cases=cases_of(queries, member_id, limit=CASE_ROWS),
        handoffs=list(handoffs_of(queries, member_id)),
        agents={user.id: user.shown_name for user in list_users(queries)},
        openid=identity.external_id if identity else "",
        moods=moods_of(queries, member_id, now - MOOD_SPAN),
        case_moods=moods_of_cases(queries, member_id),
    )


def task_lease() -> timedelta:
    """Return for how long a dialogue stays with an agent who does nothing."""
    return timedelta(minutes=service.current().settings.desk_lease_minutes)


def initial_tab(actor: Actor, wish: str) -> str:
    """Return the list to show first."""
    return wish if wish in ("waiting", "mine") or (wish == "all" and actor.sees_team) else "waiting"
