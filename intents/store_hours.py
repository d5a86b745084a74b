"""When a store opens and closes, whether it is open just now, and at the day or time that was asked for."""

from datetime import date, datetime

from intents.matching.holidays import find_holiday
from intents.matching.normalise import normalise
from intents.said import words_of
from intents.shop_names import store_unknown
from intents.store_days import then_at
from intents.store_facts import StoreValues, fitting, named_stores, store_values
from intents.store_nearest import MOST_LISTED, none_in
from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.stores import Store

QUESTION = "您想问哪家门店？告诉我店名、城市或区就行"


def handle(turn: Turn) -> Reply:
    """Tell the hours of the stores named, open ones first; ask which are meant when none was named."""
    named = named_stores(turn.tx, turn.slots)
    moment = turn.now.astimezone(turn.brand.zone)
    if not named.stores:
        if named.place:
            return none_in(turn, named.place)
        which = Ask("store", QUESTION, {name: turn.slots[name] for name in ("date", "time") if name in turn.slots})
        return store_unknown(turn, which) or Reply("store_hours_ask", ask=which)
    values = [_with_what_was_asked(turn, store, moment) for store in named.stores]
    holiday = _names_a_holiday(turn, moment.date())
    if len(values) == 1:
        return Reply("store_hours", {"store": values[0], "holiday": holiday})
    in_order = sorted(
        zip(values, named.stores, strict=True), key=lambda pair: pair[0]["state"] not in ("open", "always")
    )
    values = [store for store, _ in in_order]
    for store in values:
        del store["map_link"]
    listed = fitting(values[:MOST_LISTED])
    return Reply(
        "store_hours_list",
        {
            "place": named.place,
            "stores": listed,
            "total": len(values),
            "more": len(values) - len(listed),
            "holiday": holiday,
            "without": "、".join(named.without),
        },
        listed=tuple(store.code for _, store in in_order[: len(listed)]),
    )


def _with_what_was_asked(turn: Turn, store: Store, moment: datetime) -> StoreValues:
    """Return the store's values with ``then``: what holds at the day and time that were asked for, empty where it is asked of now."""
    then = then_at(store, turn.slots, moment, whole_weekend="周末" in words_of(turn))
    return store_values(store, moment) | {"then": then}


def _names_a_holiday(turn: Turn, today: date) -> bool:
    return find_holiday(normalise(words_of(turn)).text, today) is not None


INTENT = Intent(
    name="store_hours",
    title="门店营业时间",
    handler=handle,
    phrases=(
        "这家店几点开门",
        "徐家汇店几点关门",
        "国贸店现在开着吗",
        "门店现在还营业吗",
        "上海的店营业到几点",
        "你们店晚上开到几点",
        "店里打烊了吗",
        "现在去店里还来得及吗",
        "西湖区那家店今天开门吗",
        "周末店里几点开",
        "静安寺店周末开吗",
        "国贸店明天早上八点开门吗",
        "门店什么时候下班",
        "今天店里营业吗",
        "这会儿门店关门没有",
        "店里几点营业",
        "现在哪家店还开着",
        "店凌晨还开吗",
        "静安寺店下午两点半开吗",
    ),
    keywords=(
        Keyword("门店营业时间", 2),
        Keyword("几点开门", 1),
        Keyword("几点关门", 1),
        Keyword("开到几点", 1),
        Keyword("营业到几点", 1),
        Keyword("现在开门吗", 1),
        Keyword("打烊"),
        Keyword("还营业吗"),
    ),
    slots=("store", "city", "district", "date", "time"),
    menu_keys=("ZH_MENU_STORE_HOURS",),
    replies=("store_hours", "store_hours_list", "store_hours_ask", "store_none", "store_unknown"),
)
