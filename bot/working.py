"""Running a worker: the outbox is sent, and late replies that nobody works on any more are taken up. The same for ``zhaohu worker`` and in the server."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from bot.conversation.knowledge import PublishedReplies
from bot.conversation.late import LateReplies
from bot.crm import works_of
from bot.delivery.alerts import watch_mood
from bot.delivery.chores import CHORES, Chore
from bot.delivery.notices import CouponNotices
from bot.delivery.worker import Worker
from bot.followers import take_up
from bot.media import media_cache_of
from bot.settings import Settings
from bot.wechat.client import WeChatClient
from bot.wechat.consent_links import COUPONS
from storage.database import Database
from storage.errors import StorageError

LATE_THREADS = 4
MEDIA_CHORE_SECONDS = 3600.0
NOTICES_SECONDS = 30.0
_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 5.0
_STOP_READING_SECONDS = 5.0  # more than a hundred followers take, as a rule

log = logging.getLogger(__name__)


def run_worker(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime],
    stop: threading.Event,
    *,
    wake: threading.Event | None = None,
    threads: int = 4,
) -> None:
    """Work until ``stop`` is set, then finish what is in hand; ``wake`` is set by those of the same process who have just posted something.

    A lookup under way is not waited for but left to another worker. Raises SenderDied.
    """
    wake = wake or threading.Event()
    replies = PublishedReplies()
    late = LateReplies(database, clock, replies.library, works_of(settings), wake=wake)
    for number in range(LATE_THREADS):
        threading.Thread(target=pick_up_until, args=(late, stop), name=f"late-{number}", daemon=True).start()
    try:
        with WeChatClient(settings, database, clock) as client:
            reading = threading.Thread(
                target=read_followers_until, args=(client, database, clock, stop), name="followers", daemon=True
            )
            reading.start()
            Worker(database, client, clock, threads=threads, wake=wake, chores=chores_of(settings, replies)).run(stop)
            reading.join(_STOP_READING_SECONDS)
    finally:
        late.give_back()


def chores_of(settings: Settings, replies: PublishedReplies) -> tuple[Chore, ...]:
    """Return the regular work of a worker with these settings."""
    cache = media_cache_of(settings)
    notices = CouponNotices(
        settings.timezone,
        settings.coupon_notice_days,
        replies.library,
        settings.coupon_once_template or settings.coupon_notice_template,
        settings.coupon_notice_fields,
        COUPONS if settings.coupon_once_template else "",
    )
    return (
        *CHORES,
        watch_mood(settings.negative_burst),
        Chore("empty the media cache", MEDIA_CHORE_SECONDS, lambda _, now: cache.empty(now)),
        *([Chore("plan notices of coupons", NOTICES_SECONDS, notices.plan)] if notices.days else []),
    )


def pick_up_until(late: LateReplies, stop: threading.Event) -> None:
    """Take up late replies that nobody works on, until ``stop`` is set."""
    _repeat(late.pick_up, "taking up a late reply", stop)


def read_followers_until(
    client: WeChatClient, database: Database, clock: Callable[[], datetime], stop: threading.Event
) -> None:
    """Do the readings of all followers that staff ask for, until ``stop`` is set."""
    _repeat(lambda: take_up(client, database, clock, stop), "reading the followers", stop)


def _repeat(work: Callable[[], bool], name: str, stop: threading.Event) -> None:
    """Do a piece of work for as long as there is one, and look for the next now and then, until ``stop`` is set."""
    pause_seconds = 0.0
    while not stop.wait(pause_seconds):
        try:
            pause_seconds = 0.0 if work() else _LOOK_SECONDS
        except StorageError as error:
            log.error("the database stands in the way of %s: %s", name, error)
            pause_seconds = _PAUSE_SECONDS
        except Exception:  # a fault of ours; there is more to be done
            log.exception("%s failed", name)
            pause_seconds = _PAUSE_SECONDS
