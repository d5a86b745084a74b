"""What the coupon intents share: coupons and campaigns as plain values for replies, and finding the campaign that words name."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from intents.matching.normalise import normalise
from storage.coupons import Campaign, Coupon

MOST_LISTED = 8  # of these with their codes fit in one text message with room to spare
_EVERYDAY = "我要想领取一张优惠券的活动免费 我要领券 领优惠 发券"  # says nothing of which campaign is meant


def coupon_values(coupon: Coupon, zone: ZoneInfo) -> dict[str, object]:
    """Return what a reply may say of a coupon, its times in the brand's zone."""
    return {
        "name": coupon.name,
        "offer": coupon.offer,
        "terms": coupon.terms,
        "code": coupon.code,
        "state": coupon.state,
        "expires_at": coupon.expires_at.astimezone(zone),
    }


def campaign_values(campaign: Campaign, zone: ZoneInfo) -> dict[str, object]:
    """Return what a reply may say of a campaign, its times in the brand's zone."""
    return {
        "name": campaign.name,
        "offer": campaign.offer,
        "left": campaign.left,
        "starts_at": campaign.starts_at.astimezone(zone),
        "ends_at": campaign.ends_at.astimezone(zone),
    }


def open_campaigns(campaigns: Sequence[Campaign], now: datetime) -> list[Campaign]:
    """Return those that can be claimed from at this time, the one that ends first leading."""
    return sorted((one for one in campaigns if one.closed(now) is None), key=lambda one: (one.ends_at, one.id))


def named_in_full(words: str, campaigns: Sequence[Campaign], now: datetime) -> Campaign | None:
    """Return the campaign whose whole name stands in the words: the longest name, and of those with the same name the one that is open."""
    key = normalise(words).key
    found = [one for one in campaigns if (name := normalise(one.name).key) and name in key]
    return max(found, key=lambda one: (len(one.name), one.closed(now) is None, one.id), default=None)


def named_in_part(words: str, campaigns: Sequence[Campaign]) -> Campaign | None:
    """Return the one campaign that shares more telling pairs of characters with the words than any other; None when that is not clear."""
    said = _pairs(words) - _pairs(_EVERYDAY)
    scored = sorted(((len(said & _pairs(one.name + " " + one.offer)), one.id, one) for one in campaigns), reverse=True)
    if not scored or not scored[0][0]:
        return None
    clear = len(scored) == 1 or scored[0][0] > scored[1][0]
    return scored[0][2] if clear else None


def _pairs(words: str) -> set[str]:
    text = normalise(words).text
    return {text[at : at + 2] for at in range(len(text) - 1) if " " not in text[at : at + 2]}
