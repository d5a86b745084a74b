"""A draft as somebody's phone would show it: the sample values, with what is known of a member, real or made up, where names are the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.console.form import number
from bot.service import current
from bot.web.auth import can
from bot.web.member_access import access_member
from bot.web.roles import Permission
from bot.web.words import gettext
from intents.coupons import MOST_LISTED, coupon_values
from storage import coupons, points
from storage.coupons import Coupon
from storage.members import Member
from templates.content import Content
from templates.errors import RenderError
from templates.library import Template
from templates.limits import TEXT_ADVISED_BYTES, Measure, fit, measure

SAMPLES, NEWCOMER, REGULAR, LONG_NAME = "samples", "newcomer", "regular", "long"
_MEMBER = "m:"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a draft says to somebody: the content and what it takes, or why it cannot be said to them."""

    content: Content | None = None
    meter: Measure | None = None
    failure: RenderError | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a draft can be shown to; ``key`` is how forms name them."""

    key: str
    title: str


def people() -> list[Person]:
    """Return the made-up ones, whom everybody may look at drafts with."""
    return [
        Person(SAMPLES, gettext("示例内容")),
        Person(NEWCOMER, gettext("示例：刚关注，什么都没有")),
        Person(REGULAR, gettext("示例：老会员，积分和券都多")),
        Person(LONG_NAME, gettext("示例：名字特别长")),
    ]


def person_of(member: Member) -> Person:
    """Return a real member as somebody to look at drafts with."""
    return Person(f"{_MEMBER}{member.id}", f"{member.name or gettext('未留名')} {member.short_code}")


def show(template: Template, samples: Mapping[str, object], key: str) -> Shown:
    """Return what the draft says to the person of this key; an unknown one is shown the samples. 404 for a member one may not see."""
    facts = _facts(key)
    values = {name: facts.get(name, sample) for name, sample in samples.items()}
    try:
        content = template.render(values)
    except RenderError as error:
        return Shown(failure=error)
    meter = measure(content)
    return Shown(fit(content, TEXT_ADVISED_BYTES), meter)  # the turn cuts what is too long: show just that


def _facts(key: str) -> Mapping[str, object]:
    """Return what is known of the person, by the names that replies use."""
    now = current().clock()
    if key == NEWCOMER:
        return _facts_from("", 0, [], now)
    if key == REGULAR:
        return _facts_from("林小满", 12_860, [_made_up(number, now) for number in range(1, 9)], now)
    if key == LONG_NAME:
        return _facts_from("今天也要好好喝一杯热拿铁再出门的小林同学☕️🌿", 5, [_made_up(1, now)], now)
    member_id = number(key.removeprefix(_MEMBER)) if key.startswith(_MEMBER) else None
    if member_id is None or not can(Permission.MEMBERS_READ):
        return {}
    member, database = access_member(member_id), current().database
    return _facts_from(
        member.name, points.balance_of(database, member.id), coupons.coupons_of(database, member.id, now), now
    )


def _facts_from(name: str, balance: int, held: list[Coupon], now: datetime) -> Mapping[str, object]:
    service = current()
    usable = [coupon for coupon in held if coupon.state == "usable"]
    facts: dict[str, object] = {
        "brand": service.settings.brand_name,
        "name": name,
        "balance": balance,
        "checkin_points": service.settings.checkin_points,
        "desk_hours": service.engine.brand.desk_hours_text,
        "desk_open": service.engine.brand.desk_is_open(now),
        "coupons": [coupon_values(coupon, service.settings.timezone) for coupon in usable[:MOST_LISTED]],
        "count": len(usable),
        "usable": len(usable),
        "used": sum(coupon.state == "used" for coupon in held),
    }
    return facts | ({"coupon": coupon_values(usable[0], service.settings.timezone)} if usable else {})


def _made_up(nth: int, now: datetime) -> Coupon:
    """Return a coupon that nobody holds."""
    return Coupon(
        id=nth,
        campaign_id=0,
        member_id=0,
        code=f"DEMO-{nth:04}-2XWD-9HTR",
        name=f"示例优惠券 {nth}",
        offer="中杯饮品第二杯半价",
        terms="全国门店堂食、自提可用",
        state="usable",
        cause="preview",
        issued_at=now,
        expires_at=now + timedelta(days=nth * 3),
        used_at=None,
        used_order=None,
        used_amount_fen=None,
    )
