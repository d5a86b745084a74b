"""Which of several names a few words stand for: 周三半价 for 周三第二杯半价, 满减的 for 满30减10. Pure."""

import re
from collections.abc import Sequence

from intents.matching.normalise import normalise

# What may stand around a name that is wanted or picked: 我要…那张, …的券还能领吗, 参加…活动.
AROUND = re.compile(
    r"我们?|还|想|要|领取?|拿(?!铁)|来|给|请问?|帮|选|就|参加|报名|一|[那这]|[张个份种]|的|优惠|券|卷|劵|活动|可以|能|现在|有|没|吗|呢|呀|啊|吧|呗|了|[ \s]"
)
_SHORTEST = 2


def stands_for(words: str, keys: Sequence[str], *, share: float = 0.0) -> int | None:
    """Return the place of the one name that has the telling characters of the words in their order; None where none or several have.

    ``keys`` are the names, normalised; ``share`` is how much of the name the characters must be.
    """
    told = AROUND.sub("", normalise(words).key)
    if len(told) < _SHORTEST:
        return None
    found = [place for place, key in enumerate(keys) if len(told) >= share * len(key) and _in_order(told, key)]
    return found[0] if len(found) == 1 else None


def _in_order(told: str, key: str) -> bool:
    rest = iter(key)
    return all(character in rest for character in told)
