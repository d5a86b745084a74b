"""Campaigns and the coupons they issue. Every rule of value (time, state, stock, cap) is a condition of the statement that gives it out."""

from datetime import datetime, timedelta
from typing import Literal

from storage import revisions
from storage.coupon_codes import new_code, normalise_code
from storage.database import Queries, Row, Transaction
from storage.differences import Difference
from storage.ids import new_id
from storage.records import immutable
from storage.times import from_ms, maybe_from_ms, to_ms

CampaignKind = Literal["claim", "welcome"]
CampaignState = Literal["draft", "running", "paused", "ended"]
CouponState = Literal["usable", "used", "expired"]
ClaimRefusal = Literal["not_started", "ended", "paused", "sold_out", "had_yours", "unknown"]
RedeemRefusal = Literal["unknown", "used", "expired"]

WELCOME = "welcome"  # the cause of the gift for following; not the message's key, so that following again gives nothing
CAMPAIGN_COLUMNS = (
    "id, code, name, offer, terms, kind, scene, state, stock, issued, per_member, valid_days, starts_at, ends_at"
)
COUPON_COLUMNS = (
    "c.id, c.campaign_id, c.member_id, c.code, c.state, c.cause, c.issued_at, c.expires_at, c.used_at, c.used_order, c.used_amount_fen, "
    "g.name, g.offer, g.terms"
)
COUPON_TABLES = "coupons c JOIN campaigns g ON g.id = c.campaign_id"
_COUPONS = f"SELECT {COUPON_COLUMNS} FROM {COUPON_TABLES}"


@immutable(frozen=True, slots=True)
class Campaign:
    """An offer given out as coupons from ``starts_at`` until just before ``ends_at``, at most ``stock`` in all and ``per_member`` to each.

    ``kind``: claimed in the chat, or given on following through the QR code ``scene`` (empty: any). Coupons last ``valid_days`` days.
    """

    id: int
    code: str
    name: str
    offer: str
    terms: str
    kind: CampaignKind
    scene: str
    state: CampaignState
    stock: int
    issued: int
    per_member: int
    valid_days: int
    starts_at: datetime
    ends_at: datetime

    @property
    def left(self) -> int:
        """How many coupons can still be issued."""
        return self.stock - self.issued

    def closed(self, now: datetime) -> ClaimRefusal | None:
        """Return why nobody can claim at this time, or None when it is open. A draft is unknown to the world."""
        if self.state == "draft":
            return "unknown"
        if self.state == "ended" or now >= self.ends_at:
            return "ended"
        if self.state == "paused":
            return "paused"
        if now < self.starts_at:
            return "not_started"
        return "sold_out" if self.left <= 0 else None


@immutable(frozen=True, slots=True)
class Coupon:
    """One issued coupon, with the words of its campaign. ``state`` is as of the time it was read; the amount is the order's, in fen."""

    id: int
    campaign_id: int
    member_id: int
    code: str
    name: str
    offer: str
    terms: str
    state: CouponState
    cause: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_order: str | None
    used_amount_fen: int | None


@immutable(frozen=True, slots=True)
class Claim:
    """What came of a claim: the coupon, or why not. Refused for ``had_yours``, it still names the coupon held. ``fresh`` coupons were issued just now."""

    coupon: Coupon | None
    refusal: ClaimRefusal | None = None
    fresh: bool = False


@immutable(frozen=True, slots=True)
class Redemption:
    """What came of redeeming a code: accepted (also when the same order asks again; ``fresh`` the first time), or why not. The coupon is named whenever
    the code exists."""

    coupon: Coupon | None
    refusal: RedeemRefusal | None = None
    fresh: bool = False


def campaign_from_row(row: Row) -> Campaign:
    """Build a campaign from a row that has the columns of ``CAMPAIGN_COLUMNS``."""
    return Campaign(
        row["id"],
        row["code"],
        row["name"],
        row["offer"],
        row["terms"],
        row["kind"],
        row["scene"],
        row["state"],
        row["stock"],
        row["issued"],
        row["per_member"],
        row["valid_days"],
        from_ms(row["starts_at"]),
        from_ms(row["ends_at"]),
    )


def coupon_from_row(row: Row, now: datetime) -> Coupon:
    """Build a coupon, in its state as of ``now``, from a row that has the columns of ``COUPON_COLUMNS``."""
    expires_at = from_ms(row["expires_at"])
    still: CouponState = "usable" if now < expires_at else "expired"
    return Coupon(
        row["id"],
        row["campaign_id"],
        row["member_id"],
        row["code"],
        row["name"],
        row["offer"],
        row["terms"],
        "used" if row["state"] == "used" else still,
        row["cause"],
        from_ms(row["issued_at"]),
        expires_at,
        maybe_from_ms(row["used_at"]),
        row["used_order"],
        row["used_amount_fen"],
    )


def campaigns(queries: Queries) -> list[Campaign]:
    """Return every campaign, newest first."""
    return [
        campaign_from_row(row) for row in queries.query(f"SELECT {CAMPAIGN_COLUMNS} FROM campaigns ORDER BY id DESC")
    ]


def campaign_names(queries: Queries) -> list[str]:
    """Return the name of every campaign, each once, in order."""
    return [str(row["name"]) for row in queries.query("SELECT DISTINCT name FROM campaigns ORDER BY name")]


def campaign_by_id(queries: Queries, campaign_id: int) -> Campaign | None:
    """Return the campaign, or None."""
    row = queries.one(f"SELECT {CAMPAIGN_COLUMNS} FROM campaigns WHERE id = :id", {"id": campaign_id})
    return campaign_from_row(row) if row else None


def campaign_by_code(queries: Queries, code: str) -> Campaign | None:
    """Return the campaign with this code, or None."""
    row = queries.one(f"SELECT {CAMPAIGN_COLUMNS} FROM campaigns WHERE code = :code", {"code": code})
    return campaign_from_row(row) if row else None


def running_campaigns(queries: Queries, now: datetime, kind: CampaignKind = "claim") -> list[Campaign]:
    """Return the campaigns that run at this time, the one that ends first leading; sold-out ones are among them."""
    rows = queries.query(
        f"SELECT {CAMPAIGN_COLUMNS} FROM campaigns WHERE kind = :kind AND state = 'running' AND starts_at <= :now AND ends_at > :now ORDER BY ends_at, id",
        {"kind": kind, "now": to_ms(now)},
    )
    return [campaign_from_row(row) for row in rows]


def welcome_campaign(queries: Queries, scene: str, now: datetime) -> Campaign | None:
    """Return the campaign whose gift is for followers through this scene, else the one for every follower, else None; those with stock first."""
    fitting = [gift for gift in running_campaigns(queries, now, "welcome") if gift.scene in ("", scene)]
    return min(fitting, key=lambda gift: (gift.left <= 0, gift.scene != scene), default=None)


def add_campaign(
    tx: Transaction,
    *,
    code: str,
    name: str,
    offer: str,
    stock: int,
    valid_days: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    terms: str = "",
    kind: CampaignKind = "claim",
    scene: str = "",
    state: CampaignState = "draft",
    per_member: int = 1,
) -> int:
    """Add a campaign and return its id. Raises Conflict when the code is taken, or a figure or the window makes no sense."""
    campaign_id = new_id()
    tx.execute(
        "INSERT INTO campaigns (id, code, name, offer, terms, kind, scene, state, stock, per_member, valid_days, starts_at, ends_at, created_at) "
        "VALUES (:id, :code, :name, :offer, :terms, :kind, :scene, :state, :stock, :per_member, :valid_days, :starts_at, :ends_at, :now)",
        {
            "id": campaign_id,
            "code": code,
            "name": name,
            "offer": offer,
            "terms": terms,
            "kind": kind,
            "scene": scene,
            "state": state,
            "stock": stock,
            "per_member": per_member,
            "valid_days": valid_days,
            "starts_at": to_ms(starts_at),
            "ends_at": to_ms(ends_at),
            "now": to_ms(now),
        },
    )
    revisions.bump(tx)  # who answers keeps the names
    return campaign_id


def set_campaign_state(tx: Transaction, campaign_id: int, state: CampaignState) -> bool:
    """Start, pause or end a campaign; return False when there is none, or it has ended: that is for good."""
    changed = tx.execute(
        "UPDATE campaigns SET state = :state WHERE id = :id AND state <> 'ended'", {"state": state, "id": campaign_id}
    )
    return changed == 1


def claim(tx: Transaction, campaign_id: int, member_id: int, *, cause: str, now: datetime) -> Claim:
    """Issue one coupon of the campaign to the member, or say why not.

    ``cause`` is what the member did to get it: the same cause again gives the same coupon. Under the cause ``WELCOME`` a member gets one coupon ever,
    whatever the campaign.
    """
    given = _given_for(tx, campaign_id, member_id, cause, now)
    if given:
        return Claim(given)
    campaign = campaign_by_id(tx, campaign_id)
    if campaign is None or campaign.state == "draft":
        return Claim(None, "unknown")
    held = _held(tx, campaign_id, member_id, now)
    nth = len(held) + 1
    issued = tx.execute(
        "UPDATE campaigns SET issued = issued + 1 WHERE id = :id AND state = 'running' AND starts_at <= :now AND ends_at > :now "
        "AND issued < stock AND per_member >= :nth",
        {"id": campaign_id, "now": to_ms(now), "nth": nth},
    )
    if not issued:
        return _refused(tx, campaign, held, now)
    coupon_id = _insert_coupon(tx, campaign, member_id, nth, cause, now)
    if coupon_id is None:  # a transaction beside ours gave this member the same one first: undo, and look again
        tx.execute("UPDATE campaigns SET issued = issued - 1 WHERE id = :id", {"id": campaign_id})
        return claim(tx, campaign_id, member_id, cause=cause, now=now)
    issued_one = _coupon(tx, "c.member_id = :member AND c.id = :id", {"member": member_id, "id": coupon_id}, now)
    return Claim(issued_one, fresh=True)


def _given_for(tx: Transaction, campaign_id: int, member_id: int, cause: str, now: datetime) -> Coupon | None:
    return _coupon(
        tx,
        "c.member_id = :member AND c.cause = :cause AND (c.campaign_id = :campaign OR c.cause = :welcome)",
        {"member": member_id, "cause": cause, "campaign": campaign_id, "welcome": WELCOME},
        now,
    )


def _held(tx: Transaction, campaign_id: int, member_id: int, now: datetime) -> list[Coupon]:
    rows = tx.query(
        f"{_COUPONS} WHERE c.campaign_id = :campaign AND c.member_id = :member ORDER BY c.nth",
        {"campaign": campaign_id, "member": member_id},
    )
    return [coupon_from_row(row, now) for row in rows]


def _insert_coupon(
    tx: Transaction, campaign: Campaign, member_id: int, nth: int, cause: str, now: datetime
) -> int | None:
    """Insert the coupon and return its id; None when the member already has the nth of this campaign, or one for this cause."""
    coupon_id = new_id()
    inserted = tx.execute(
        "INSERT INTO coupons (id, campaign_id, member_id, nth, code, cause, issued_at, expires_at) "
        "VALUES (:id, :campaign, :member, :nth, :code, :cause, :now, :expires) ON CONFLICT DO NOTHING",
        {
            "id": coupon_id,
            "campaign": campaign.id,
            "member": member_id,
            "nth": nth,
            "code": new_code(),
            "cause": cause,
            "now": to_ms(now),
            "expires": to_ms(now + timedelta(days=campaign.valid_days)),
        },
    )
    return coupon_id if inserted else None


def _refused(tx: Transaction, campaign: Campaign, held: list[Coupon], now: datetime) -> Claim:
    """Say why nothing was issued; whoever holds a usable one hears of that rather than of the campaign's state."""
    usable = [coupon for coupon in held if coupon.state == "usable"]
    if usable or len(held) >= campaign.per_member:
        return Claim((usable or held)[-1], "had_yours")
    as_refused = campaign_by_id(tx, campaign.id)  # the last one may have gone since we first looked
    return Claim(None, (as_refused.closed(now) if as_refused else None) or "sold_out")


def coupons_of(queries: Queries, member_id: int, now: datetime, *, limit: int = 50) -> list[Coupon]:
    """Return the member's coupons: usable ones first, the soonest to expire leading, then the others, newest first."""
    rows = queries.query(
        f"{_COUPONS} WHERE c.member_id = :member ORDER BY CASE WHEN c.state = 'issued' AND c.expires_at > :now THEN c.expires_at ELSE :never END, "
        "c.id DESC LIMIT :limit",
        {"member": member_id, "now": to_ms(now), "never": 2**62, "limit": limit},
    )
    return [coupon_from_row(row, now) for row in rows]


def redeem(tx: Transaction, code: str, *, order: str, amount_fen: int, now: datetime) -> Redemption:
    """Use up the coupon for this order of the till. The same order asking again gets the same yes, and nothing changes.

    ``code`` may be typed in any case, with or without dashes. ``amount_fen`` is what the order came to. Raises ValueError for an empty order or a
    negative amount.
    """
    order, stored = order.strip(), normalise_code(code)
    if not order or amount_fen < 0:
        raise ValueError("a redemption needs the order's number and an amount of 0 or more")
    changed = tx.execute(
        "UPDATE coupons SET state = 'used', used_at = :now, used_order = :order, used_amount_fen = :amount "
        "WHERE code = :code AND state = 'issued' AND expires_at > :now",
        {"now": to_ms(now), "order": order, "amount": amount_fen, "code": stored},
    )
    coupon = _coupon(tx, "c.code = :code", {"code": stored}, now)
    if coupon is None:
        return Redemption(None, "unknown")
    if changed or coupon.used_order == order:
        return Redemption(coupon, fresh=bool(changed))
    return Redemption(coupon, "used" if coupon.state == "used" else "expired")


def revenue_fen_of(queries: Queries, member_id: int) -> int:
    """Return what the member's orders with a coupon came to, in fen."""
    row = queries.one(
        "SELECT COALESCE(SUM(amount), 0) AS fen FROM (SELECT MAX(used_amount_fen) AS amount FROM coupons "
        "WHERE member_id = :member AND state = 'used' GROUP BY used_order) AS orders",
        {"member": member_id},
    )
    return int(row["fen"]) if row else 0


def reconcile(queries: Queries) -> list[Difference]:
    """Prove that every campaign issued as many coupons as it says, none beyond its stock, none beyond a member's cap; return what does not hold."""
    rows = queries.query(
        "SELECT g.id, g.issued, g.stock, g.per_member, COUNT(c.id) AS coupons, COALESCE(MAX(c.nth), 0) AS most FROM campaigns g "
        "LEFT JOIN coupons c ON c.campaign_id = g.id GROUP BY g.id, g.issued, g.stock, g.per_member ORDER BY g.id"
    )
    found = []
    for row in rows:
        if row["coupons"] != row["issued"]:
            found.append(Difference("coupons = issued", row["id"], row["coupons"], row["issued"]))
        if row["coupons"] > row["stock"]:
            found.append(Difference("coupons ≤ stock", row["id"], row["coupons"], row["stock"]))
        if row["most"] > row["per_member"]:
            found.append(Difference("coupons of one member ≤ cap", row["id"], row["most"], row["per_member"]))
    return found


def _coupon(queries: Queries, condition: str, parameters: dict[str, object], now: datetime) -> Coupon | None:
    row = queries.one(f"{_COUPONS} WHERE {condition}", parameters)
    return coupon_from_row(row, now) if row else None
