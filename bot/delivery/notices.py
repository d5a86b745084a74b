"""Notices that fall due by themselves: a member is told a few days before coupons expire, once, and only while that is still true.

A notice is a message like any other: sent inside the reply window. Meeting a closed one it goes by template, if the member agreed to
one, and else waits for the member's next contact, at most until
the coupon expires, and then says why it was not sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.conversation.speaking import speak
from bot.delivery.by_template import or_by_notice, or_once
from bot.delivery.posting import Script, post
from intents.coupons import coupon_values
from intents.types import Reply
from storage import coupon_notices
from storage.coupons import Coupon
from storage.database import Queries, Transaction
from storage.members import identities_of
from storage.outbox import OutboxMessage
from templates.content import Content
from templates.library import Library

FROM, UNTIL = time(10), time(20)  # nobody is written to at night
AT_ONCE = 100  # coupons settled in one transaction
MOST_LISTED = 5
SETTLES_IN = timedelta(hours=24)  # whoever has just got a coupon was told its end with it
THING = 20  # characters that a field called thing… takes
_CAUSE = "coupons_expiring:"
_TITLE = "您的券快到期了"  # of a one-time subscription message


@dataclass(frozen=True, slots=True)
class CouponNotices:
    """Plans the notices: ``days`` before the end of a coupon, by the brand's calendar.

    ``template_id`` is the subscription notice for whoever agreed to one and cannot be written to otherwise (empty: none); ``fields`` say which of its
    fields holds what: ``name``, ``offer``, ``code`` or ``until``. With a ``scene`` it is the template of one-time subscription messages instead.
    """

    zone: ZoneInfo
    days: int
    library: Callable[[Queries], Library]
    template_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    scene: str = ""

    def plan(self, tx: Transaction, now: datetime) -> int:
        """Post a notice for the next members whose coupons are about to expire, one for all that expire on a day; return how many coupons were settled."""
        day_after = now.astimezone(self.zone).date() + timedelta(days=self.days + 2)
        until = datetime.combine(day_after, time(), self.zone)  # whole days, so that all of one day are found at once
        next_ones = coupon_notices.unnoticed(tx, until=until, now=now, limit=AT_ONCE)
        unnoticed = [
            coupon
            for member_id in dict.fromkeys(coupon.member_id for coupon in next_ones)
            for coupon in coupon_notices.unnoticed_of(tx, member_id, until=until, now=now)
        ]
        found = [coupon for coupon in unnoticed if coupon_notices.settle(tx, coupon, now)]  # each by one worker
        groups: dict[tuple[int, object], list[Coupon]] = {}
        for coupon in found:
            groups.setdefault((coupon.member_id, coupon.expires_at.astimezone(self.zone).date()), []).append(coupon)
        for together in groups.values():
            self._announce(tx, together, now)
        return len(found)

    def due_at(self, coupon: Coupon, now: datetime) -> datetime | None:
        """Return when to tell of a coupon's end, by day; None when there is no time left for that."""
        ends = coupon.expires_at.astimezone(self.zone)
        planned = datetime.combine(ends.date() - timedelta(days=self.days), FROM, self.zone)
        earliest = max(planned, now.astimezone(self.zone), coupon.issued_at.astimezone(self.zone) + SETTLES_IN)
        if earliest.time() >= UNTIL:
            earliest = datetime.combine(earliest.date() + timedelta(days=1), FROM, self.zone)
        elif earliest.time() < FROM:
            earliest = datetime.combine(earliest.date(), FROM, self.zone)
        return earliest if earliest < ends else None

    def _announce(self, tx: Transaction, together: Sequence[Coupon], now: datetime) -> None:
        first = together[0]
        due_at, identity = self.due_at(first, now), identities_of(tx, [first.member_id]).get(first.member_id)
        if due_at is None or identity is None:
            return
        listed = [coupon_values(coupon, self.zone) for coupon in together[:MOST_LISTED]]
        reply = Reply("coupon_expiring", {"coupons": listed, "count": len(together)})
        spoken = speak(self.library(tx), reply, reminder=None, links=False)
        post(
            tx,
            identity=identity,
            content=self._either_way(spoken.content, first),
            author="bot",
            cause=_CAUSE + ",".join(str(coupon.id) for coupon in together[:MOST_LISTED]),
            now=now,
            due_at=due_at,
            wait_until=first.expires_at,
            script=Script(spoken.template, spoken.version),
        )

    def _either_way(self, content: Content, coupon: Coupon) -> Content:
        """Return a notice that may also go by template."""
        if self.scene:
            return or_once(content, self.template_id, self.scene, _TITLE)
        return or_by_notice(content, self.template_id, self._data(coupon))

    def _data(self, coupon: Coupon) -> dict[str, str]:
        until = f"{coupon.expires_at.astimezone(self.zone):%Y-%m-%d %H:%M}"
        known = {"name": coupon.name, "offer": coupon.offer, "code": coupon.code, "until": until}
        return {field: known[what][: THING if field.startswith("thing") else None] for field, what in self.fields}


def is_notice(message: OutboxMessage) -> bool:
    """Return whether a message is a notice: nobody has to decide about one that was not sent."""
    return message.cause.startswith(_CAUSE)


def is_overtaken(queries: Queries, message: OutboxMessage, now: datetime) -> bool:
    """Return whether a message is a notice of coupons none of which can be used any more."""
    if not is_notice(message):
        return False
    ids = [int(text) for text in message.cause.removeprefix(_CAUSE).split(",")]
    return not any(coupon_notices.is_usable(queries, message.member_id, coupon_id, now) for coupon_id in ids)
