"""The demo brand's campaigns: a gift for followers, one in full swing, one nearly gone, one over, one to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from storage.coupons import CampaignKind, add_campaign, campaign_by_code, claim, coupons_of, redeem, set_campaign_state
from storage.database import Transaction

MARK = "TH-WELCOME"  # the campaign by which a filled database is known
NEWCOMERS = "TH-NEW10"
NEARLY_GONE = "TH-HALF"
ENDED = "TH-AUTUMN"
NEARLY_GONE_LEFT = 2
_USED_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class _Plan:
    """A campaign, its days counted from now."""

    code: str
    name: str
    offer: str
    terms: str
    stock: int
    from_days: int
    until_days: int
    valid_days: int
    kind: CampaignKind = "claim"


_PLANS = (
    _Plan(MARK, "关注有礼", "任意饮品立减 5 元", "满 15 元可用，每人一张", 5_000, -60, 365, 30, "welcome"),
    _Plan(NEWCOMERS, "新客立减", "满 30 元减 10 元", "到店出示券码，每单限用一张，不与其他优惠同享", 500, -20, 25, 14),
    _Plan(NEARLY_GONE, "周三第二杯半价", "拿铁系列第二杯半价", "仅限周三到店使用", 30, -13, 8, 14),
    _Plan(ENDED, "桂花季尝鲜", "桂花拿铁立减 8 元", "到店使用", 200, -40, -6, 7),
    _Plan("TH-WINTER", "冬日热饮季", "热饮满 40 元减 12 元", "到店与外送均可使用", 1_000, 10, 40, 20),
)


def add_campaigns(tx: Transaction, now: datetime) -> None:
    """Add the campaigns, all running; ``issue`` ends the one that is over, once its coupons are out."""
    for plan in _PLANS:
        add_campaign(
            tx,
            code=plan.code,
            name=plan.name,
            offer=plan.offer,
            terms=plan.terms,
            kind=plan.kind,
            state="running",
            stock=plan.stock,
            valid_days=plan.valid_days,
            starts_at=now + timedelta(days=plan.from_days),
            ends_at=now + timedelta(days=plan.until_days),
            now=now,
        )


def issue(tx: Transaction, member_ids: list[int], now: datetime) -> None:
    """Issue some coupons of the new one, all but a few of the one that is nearly gone, some of the one that is over, and end that."""
    _issue(tx, NEWCOMERS, member_ids, 35, now - timedelta(hours=4))
    nearly_gone = campaign_by_code(tx, NEARLY_GONE)
    assert nearly_gone is not None
    _issue(tx, NEARLY_GONE, member_ids, nearly_gone.left - NEARLY_GONE_LEFT, now - timedelta(hours=3))
    over = _issue(tx, ENDED, member_ids, 12, now - timedelta(days=8))
    set_campaign_state(tx, over, "ended")


def _issue(tx: Transaction, code: str, member_ids: list[int], how_many: int, at: datetime) -> int:
    """Issue so many coupons, to the first members who have none of the campaign yet; return the campaign's id."""
    campaign = campaign_by_code(tx, code)
    assert campaign is not None
    for member_id in member_ids:
        if how_many <= 0:
            break
        how_many -= claim(tx, campaign.id, member_id, cause=f"demo:{code}", now=at).fresh
    return campaign.id


def use_some(tx: Transaction, member_ids: list[int], random: Random, now: datetime) -> None:
    """Let some members use a coupon at the counter yesterday."""
    yesterday = now - timedelta(days=1)
    for number, member_id in enumerate(member_ids, start=1):
        usable = [coupon for coupon in coupons_of(tx, member_id, now) if coupon.state == "usable"]
        if usable and random.random() < _USED_SHARE:
            amount_fen = random.randrange(18_00, 96_00, 50)
            redeem(tx, usable[0].code, order=f"TH{yesterday:%y%m%d}{number:04}", amount_fen=amount_fen, now=yesterday)
