"""Coupons about to expire whose members have not been told: each is settled once, told or not."""

from datetime import datetime

from storage.coupons import COUPON_COLUMNS, COUPON_TABLES, Coupon, coupon_from_row
from storage.database import Queries, Transaction
from storage.times import to_ms

_UNNOTICED = (
    f"SELECT {COUPON_COLUMNS} FROM {COUPON_TABLES} WHERE c.state = 'issued' AND c.noticed_at IS NULL "
    "AND c.expires_at > :now AND c.expires_at < :until"
)


def unnoticed(queries: Queries, *, until: datetime, now: datetime, limit: int) -> list[Coupon]:
    """Return usable coupons that expire before ``until`` and are not settled yet, the soonest to expire first."""
    rows = queries.query(
        f"{_UNNOTICED} ORDER BY c.expires_at, c.id LIMIT :limit",
        {"now": to_ms(now), "until": to_ms(until), "limit": limit},
    )
    return [coupon_from_row(row, now) for row in rows]


def unnoticed_of(queries: Queries, member_id: int, *, until: datetime, now: datetime) -> list[Coupon]:
    """Return those of one member, in the same order."""
    rows = queries.query(
        f"{_UNNOTICED} AND c.member_id = :member ORDER BY c.expires_at, c.id",
        {"now": to_ms(now), "until": to_ms(until), "member": member_id},
    )
    return [coupon_from_row(row, now) for row in rows]


def settle(tx: Transaction, coupon: Coupon, now: datetime) -> bool:
    """Note that this transaction settles whether a notice of this coupon goes out; False when another has."""
    changed = tx.execute(
        "UPDATE coupons SET noticed_at = :now WHERE member_id = :member AND id = :id AND noticed_at IS NULL",
        {"now": to_ms(now), "member": coupon.member_id, "id": coupon.id},
    )
    return changed == 1


def is_usable(queries: Queries, member_id: int, coupon_id: int, now: datetime) -> bool:
    """Return whether the member's coupon can still be used."""
    row = queries.one(
        "SELECT id FROM coupons WHERE member_id = :member AND id = :id AND state = 'issued' AND expires_at > :now",
        {"member": member_id, "id": coupon_id, "now": to_ms(now)},
    )
    return row is not None
