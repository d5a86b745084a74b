"""What a short message means after another: "那上海呢" asks the same again of another place, "不是北京，是上海" puts a word right."""

import re
from collections.abc import Mapping
from datetime import date

from intents.matching.normalise import normalise
from intents.matching.places import Places
from intents.matching.slots import find_slots
from intents.types import Intent

PLACES = ("city", "district", "store")
LONGEST = 20  # characters; what is longer speaks for itself

_PUT_RIGHT = re.compile(
    r"^(?:哦|噢|啊|额|呃|哎|不好意思|我?说错了|打错了|搞错了|错了| )*不(?:是|对|在).*? ?(?:而?是|我?说的是|应该是|要)(?P<but>.+)$"
    r"|^(?:不好意思|我?[说打搞弄]?错了|不对| )+(?:我?说的|应该)?是(?P<right>.+)$"
)
# What may stand around a word that only changes the question: 那上海呢, 换成浦东吧, 明天的呢, 如果是周日呢, what about 上海.
_AROUND = re.compile(
    r"那[么个家边]?|如果|要是|换成?|改成?|换到|改到|还有|以及|看看|一下|我?说的是|应该是|怎么样|咋样|可以|[再和去在到是查对的呢吧吗嘛啊呀哦了也行 \ue000\ue001]"
    r"|\b(?:what|how|about|and|in|the|for)\b"
)


def carry_over(
    text: str, previous: Intent, slots: Mapping[str, str], places: Places, today: date
) -> Mapping[str, str] | None:
    """Return the slots with which to ask the previous intent again, or None when the message is a wish of its own.

    ``slots`` are those of the previous question; a new place takes the place of the old one whole, city, district and store.
    """
    even = normalise(text).text
    if not even or len(even) > LONGEST:
        return None
    corrected = _PUT_RIGHT.match(even)
    asked = (corrected["but"] or corrected["right"]) if corrected else even
    found = find_slots(asked, places, today)
    wanted = {name: value for name, value in found.slots.items() if name in previous.slots}
    rest = _AROUND.sub("", found.marked)
    if not wanted or (rest and not find_slots(rest, places, today).only_values):
        return None
    kept = {name: value for name, value in slots.items() if not (name in PLACES and wanted.keys() & set(PLACES))}
    return {**kept, **wanted}
