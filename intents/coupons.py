"""What the coupon intents share: coupons and campaigns as plain values for replies, and finding the campaign that words name."""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from intents.matching.normalise import normalise
from intents.matching.sounds import spelt_by_ear
from storage.coupons import Campaign, Coupon

MOST_LISTED = 8  # of these with their codes fit in one text message with room to spare
_EVERYDAY = "我要想领取一张优惠券的活动免费 我要领券 领优惠 发券"  # says nothing of which campaign is meant
_LONGEST_NAME = 12
# Where a name may be: before "券" in "领取新年拿铁券", before "那张", and after "领".
_STRETCH = re.compile(r"([^ 券卷劵]*?)(?:[券卷劵]|[那这]一?张)|领取?([^ 券卷劵]+)$")
# What leads up to a name.
_BEFORE_A_NAME = re.compile(
    r".*(?:领取?|怎么|如何|哪里?|哪儿|吗|呢|想要?|要|给|送|派|发放?|抢|求|讨|薅|有|来|搞|弄|拿到|听说|看[到见]|收到|使?用|买|换|[张个份])"
)
# "生日有券吗" names a kind as "生日券" does.
_HAVING = re.compile(r"(?P<kind>[^ ]{2,6}?)(?:[还也都能会])?(?:有没)?(?:有|送|发)(?:没有)?$")
# What stands beside a name, or instead of one, and is none.
_BESIDE_A_NAME = re.compile(
    r"我们|你们|他们|咱们|大家|自己|可以|能不能|请问|帮忙|麻烦|什么|多少|所有|全部|别的|其他|其它|另外|一下|这里|那里|不了|不到|失败|没有|谢谢|老板"
    r"|今[天日]|昨[天日]|明[天日]|现在|刚才|之前|上次|以前|最近|知道|关注|参加|朋友圈?|公众号|微信|小程序|门店|店里|申请|获[取得]|无门槛"
    r"|优惠|折扣|打折|代金|抵用|抵扣|满减|立减|现金|消费|电子|通用|大额|免费|福利|活动|礼[品物包]|奖[品励]|积分|红包|东西|兑换"
    r"|新人|新客户?|新用户|新会员|会员|老?用户|[老顾]客户?|客户|小?姐姐|小?哥哥|美女|帅哥|客服|附近|外卖"
    r"|[我你您他她它亲好是会能可不没对跟在去到从哪啥几两下的地得了过着那这就都也还再又很太只先请帮吧啊呀呗哈啦嘛哦嗯查找完]"
)


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


def unknown_name(words: str, campaigns: Sequence[Campaign], brand_name: str) -> str | None:
    """Return what the words call a coupon, when that holds something none of the campaigns says of itself; empty when too long to be repeated.

    "新年拿铁券" where 拿铁尝鲜券 is the only one: 新年 is left over. What sounds like a name is one.
    """
    told = [brand_name, _EVERYDAY, *(f"{one.name} {one.offer} {one.terms}" for one in campaigns)]
    known = _adjoining(spelt_by_ear(normalise(" ".join(told)).text))
    for found in _STRETCH.finditer(normalise(words).text):
        having = _HAVING.search(found[1] or "")
        said = _BEFORE_A_NAME.sub("", (having["kind"] if having else found[1] or found[2] or "").removesuffix("的"))
        heard = spelt_by_ear(said)
        covered = {at + more for at in range(len(said) - 1) if heard[at : at + 2] in known for more in (0, 1)}
        rest = "".join(" " if at in covered else character for at, character in enumerate(said))
        if any(len(part) > 1 for part in _BESIDE_A_NAME.sub(" ", rest).split()):
            return f"{said}{'券' if found[1] else ''}" if len(said) <= _LONGEST_NAME else ""
    return None


def _pairs(words: str) -> set[str]:
    return _adjoining(normalise(words).text)


def _adjoining(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1) if " " not in text[at : at + 2]}
