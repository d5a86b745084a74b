"""Claiming a coupon: the code comes with the first reply whenever it is clear which one is meant."""

import re
from collections.abc import Sequence

from intents.coupons import (
    campaign_values,
    coupon_values,
    named_in_full,
    named_in_part,
    open_campaigns,
    unknown_name,
)
from intents.said import words_of
from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.coupons import Campaign, Coupon, campaigns, claim, coupons_of

MOST_OFFERED = 9  # one digit is enough to choose
_WORTH_EXPLAINING = ("sold_out", "paused", "not_started")  # why nothing is to be had, most telling first
_OFFERED = "offered"
_TOLD = re.compile(r"领[了过](?!吗|没|么)|(?:为什么|怎么)不")  # 朋友领了一张: told of coupons, asks for none
_GIFT = re.compile(r"关注[^ ]{0,5}礼|见面礼|欢迎礼|入会礼")


def handle(turn: Turn) -> Reply:
    """Give the coupon asked for, or the only one there is; ask which when several are open, or when the one that was named is none of ours."""
    known = [one for one in campaigns(turn.tx) if one.kind == "claim" and one.state != "draft"]
    if _OFFERED in turn.slots and "number" in turn.slots:
        return _picked(turn, known)
    if gift := _gift_had(turn):
        return _had(turn, gift)
    words, running = words_of(turn), open_campaigns(known, turn.now)
    named = named_in_full(turn.slots.get("campaign", words), known, turn.now)
    if named is None and len(running) > 1:
        named = named_in_part(words, running)
    doubtful = (
        "campaign" not in turn.slots and unknown_name(words, [named] if named else running, turn.brand.name) is not None
    )
    if named is not None and not doubtful:
        return _claimed(turn, named, running)
    held = coupons_of(turn.tx, turn.member.id, turn.now)
    unclaimed = [one for one in running if sum(coupon.campaign_id == one.id for coupon in held) < one.per_member]
    if unclaimed and words.strip().isdecimal():
        return _which(turn, unclaimed[:MOST_OFFERED])  # the list it answers is gone, and may have been another
    if len(unclaimed) == 1 and not doubtful and not _TOLD.search(words):
        return _claimed(turn, unclaimed[0], running)
    if unclaimed:
        unknown = unknown_name(words, known, turn.brand.name) or ""
        return _which(turn, unclaimed[:MOST_OFFERED], unknown=unknown)
    if running:
        return _had(turn, [coupon for coupon in held if any(coupon.campaign_id == one.id for one in running)])
    return _nothing_open(turn, known, held)


def _gift_had(turn: Turn) -> list[Coupon]:
    """Return the coupons that following brought, where the words ask after such a gift."""
    gifts = [one for one in campaigns(turn.tx) if one.kind == "welcome"]
    words = words_of(turn)
    if not (_GIFT.search(words) or named_in_full(words, gifts, turn.now)):
        return []
    ids = {one.id for one in gifts}
    return [coupon for coupon in coupons_of(turn.tx, turn.member.id, turn.now) if coupon.campaign_id in ids]


def _picked(turn: Turn, known: Sequence[Campaign]) -> Reply:
    """Claim the one whose number was answered; ask again when there is no such number."""
    by_code = {one.code: one for one in known}
    offered = [by_code[code] for code in turn.slots[_OFFERED].split("\n") if code in by_code]
    number = turn.slots["number"]
    if number.isdecimal() and 1 <= int(number) <= len(offered):
        return _claimed(turn, offered[int(number) - 1], open_campaigns(known, turn.now))
    return _which(turn, offered, misread=True)


def _which(turn: Turn, offered: Sequence[Campaign], *, misread: bool = False, unknown: str = "") -> Reply:
    listed: list[dict[str, object]] = [
        {"number": number, **campaign_values(one, turn.brand.zone)} for number, one in enumerate(offered, 1)
    ]
    question = "想领哪一张？回复数字就行：" + "，".join(f"{number} {one.name}" for number, one in enumerate(offered, 1))
    return Reply(
        "coupon_claim_choose",
        {"campaigns": listed, "misread": misread, "unknown": unknown},
        ask=Ask(
            "number",
            question,
            {_OFFERED: "\n".join(one.code for one in offered)},
            labels=tuple(f"{one.name} {one.offer}" for one in offered),
        ),
    )


def _claimed(turn: Turn, campaign: Campaign, running: Sequence[Campaign]) -> Reply:
    """Claim it, and say what came of that."""
    result = claim(turn.tx, campaign.id, turn.member.id, cause=turn.cause, now=turn.now)
    if result.coupon is not None:
        if result.refusal is None:
            return Reply(
                "coupon_claim_done",
                {"coupon": coupon_values(result.coupon, turn.brand.zone), "remind_link": turn.remind_link},
            )
        return _had(turn, [result.coupon])
    others = [one.name for one in running if one.id != campaign.id]
    values = {"campaign": campaign_values(campaign, turn.brand.zone), "others": others[:MOST_OFFERED]}
    return Reply(f"coupon_claim_{result.refusal}", values)


def _had(turn: Turn, coupons: Sequence[Coupon]) -> Reply:
    values = [coupon_values(coupon, turn.brand.zone) for coupon in coupons]
    return Reply("coupon_claim_had", {"coupons": values[:MOST_OFFERED], "remind_link": turn.remind_link})


def _nothing_open(turn: Turn, known: Sequence[Campaign], held: Sequence[Coupon]) -> Reply:
    """Say why there is nothing to be had, if there is more to say than that."""
    for reason in _WORTH_EXPLAINING:
        for campaign in known:
            if campaign.closed(turn.now) == reason:
                return _claimed(turn, campaign, ())
    return Reply("coupon_claim_none", {"usable": sum(coupon.state == "usable" for coupon in held)})


INTENT = Intent(
    name="coupon_claim",
    title="领优惠券",
    handler=handle,
    phrases=(
        "优惠券",
        "领券",
        "领个优惠券",
        "我想领一张券",
        "怎么领优惠券啊",
        "在哪儿领券",
        "给我来张券",
        "发我一张优惠券呗",
        "券怎么领",
        "还有券可以领吗",
        "今天能领券不",
        "有没有新人券",
        "新用户送券吗",
        "听说你们在发券，我也要",
        "求一张优惠券",
        "折扣券给一张",
        "代金券哪里领取",
        "领福利",
        "薅羊毛",
        "领取满减券",
        "优惠卷",
        "优惠劵",
        "有券吗",
        "生日券在哪儿领",
        "生日有券吗",
        "你们在派券吗怎么参加",
        "关注了送不送券",
        "关注公众号有券送吗",
        "新客有没有优惠",
        "能领什么券",
        "券去哪里领取",
        "关注有礼",
        "关注礼在哪领",
        "见面礼",
        "见面礼在哪里领",
        "关注了有礼品在哪里拿",
        "有没有羊毛可以薅",
        "羊毛党报到",
    ),
    keywords=(
        Keyword("领券", 2),
        Keyword("领卷", 2),
        Keyword("领劵", 2),
        Keyword("领优惠券", 2),
        Keyword("领取优惠券", 2),
        Keyword("领张券", 2),
        Keyword("领个券", 2),
        Keyword("领一张"),
        Keyword("发券", 1),
        Keyword("券怎么领", 2),
        Keyword("券在哪领", 2),
        Keyword("券在哪里领", 2),
        Keyword("券去哪领", 2),
        Keyword("有券领", 2),
        Keyword("有券可以领", 2),
        Keyword("领取券", 2),
    ),
    slots=("number",),
    menu_keys=("ZH_MENU_COUPONS",),
    replies=(
        "coupon_claim_done",
        "coupon_claim_had",
        "coupon_claim_choose",
        "coupon_claim_sold_out",
        "coupon_claim_ended",
        "coupon_claim_paused",
        "coupon_claim_not_started",
        "coupon_claim_none",
    ),
)
