"""A shop that is named and that the brand does not have: 武康路店几点关门. It is told so, rather than asked which shop is meant."""

import re

from intents.matching.normalise import normalise
from intents.said import words_of
from intents.types import Ask, Reply, Turn
from storage.stores import cities

MOST_CITIES = 3
_SHOP = re.compile(r"[\u4e00-\u9fffa-z0-9]{2,14}?店(?![里员长铺家内主名])")
_BEFORE = re.compile(
    r"^(?:请问?|问?一?下|想问?|我|想|要|去|到|在|你们?|咱们?|家|的|[那这]边|那个?|这个?|今[天晚日]|明[天早晚日]|后天|现在|周末|早上|晚上|上午|下午|中午|查询?|看|帮|给|找"
    r"|知道|告诉|有没有|有|没有|是不是|是|和|跟|离|从|说|呢|就|你好|您好?|呀|啊)+"
)
# Kinds of shops, and words that point at one: nobody's name. 几点关门的店, 附近的奶茶店, 旗舰店.
_NO_NAME = re.compile(
    r"[这那哪几每某各]|附近|最近|最大|旁边|几点|时候|关门|开门|营业|开业|[的了吗]店$|(?:门|分|[总新老小大全一本贵旧]|家|旗舰|实体|线下|网|直营|加盟|连锁|专卖|体验"
    r"|便利|咖啡|奶茶|饮品|茶饮|甜品|面包|蛋糕|烘焙|饭|酒|商|书|药|快餐|美食|你们|开|到|去|进|有|个|间|多少|所有|全部|全国|其他|其它|别|另外)店$"
)


def shop_named(text: str) -> str:
    """Return the name of a shop in some words (武康路店), empty where none is named or only a kind of shop."""
    found = _SHOP.search(normalise(text).key)
    name = _BEFORE.sub("", found.group()) if found else ""
    return name if len(name) > 2 and not _NO_NAME.search(name) else ""


def store_unknown(turn: Turn, ask: Ask) -> Reply | None:
    """Return the reply to a message that names a shop, where no place that we know was found in it; None when it names none."""
    name = shop_named(words_of(turn))
    if not name:
        return None
    return Reply(
        "store_unknown", {"name": name, "cities": [city.city for city in cities(turn.tx)[:MOST_CITIES]]}, ask=ask
    )
