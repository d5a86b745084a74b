"""The store locator: the nearest stores to a shared place, or those of a city, district or name that was typed."""

from intents.city_positions import position_of
from intents.messages import LocationMessage
from intents.shop_names import store_unknown
from intents.store_facts import Named, fitting, named_stores, store_values
from intents.types import Ask, Intent, Keyword, Reply, Turn
from storage.stores import NearStore, cities, distance_metres, nearest

MOST_NEAR = 3
MOST_LISTED = 5
MOST_CITIES = 3
NEARBY_METRES = 50_000.0  # further than anyone goes for a drink: beyond it "nearest" would sound like mockery
QUESTION = "您在哪个城市或哪个区？"


def handle(turn: Turn) -> Reply:
    """Answer a shared place by the nearest stores, a named one by what is there; ask for a place when there is none."""
    if isinstance(turn.message, LocationMessage):
        return _near(turn, turn.message.latitude, turn.message.longitude)
    named = named_stores(turn.tx, turn.slots)
    if named.stores:
        return _listed(turn, named)
    if named.place:
        return none_in(turn, named.place)
    where = Ask("city", QUESTION)
    return store_unknown(turn, where) or Reply("store_ask", ask=where)


def _near(turn: Turn, latitude: float, longitude: float) -> Reply:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return Reply("store_ask", ask=Ask("city", QUESTION))
    found = nearest(turn.tx, latitude, longitude, limit=MOST_NEAR, within_metres=NEARBY_METRES)
    if found:
        stores = fitting([_with_distance(turn, near) for near in found])
        return Reply(
            "store_nearest", {"stores": stores}, listed=tuple(near.store.code for near in found[: len(stores)])
        )
    far = nearest(turn.tx, latitude, longitude, limit=1)
    if far:
        return Reply("store_far", {"store": _with_distance(turn, far[0])})
    return Reply("store_none", {"place": "", "cities": [], "near": False})


def _with_distance(turn: Turn, near: NearStore) -> dict[str, object]:
    """Return a store's values with its distance in metres, rounded to ten: a pin on a map is no better."""
    return store_values(near.store, turn.now.astimezone(turn.brand.zone)) | {"metres": round(near.metres, -1)}


def _listed(turn: Turn, named: Named) -> Reply:
    moment = turn.now.astimezone(turn.brand.zone)
    values = [store_values(store, moment) for store in named.stores[:MOST_LISTED]]
    if len(named.stores) == 1:
        return Reply("store_one", {"store": values[0]})
    for store in values:
        del store["map_link"]  # five of them would not fit
    towns = {store.city for store in named.stores}
    for store in values if len(towns) > 1 else ():
        store["district"] = f"{store['city']}{store['district']}"
    listed = fitting(values)
    districts = sorted({store.district for store in named.stores if store.district}) if len(towns) == 1 else []
    return Reply(
        "store_list",
        {
            "place": named.place,
            "stores": listed,
            "total": len(named.stores),
            "more": len(named.stores) - len(listed),
            "district": districts[0] if len(districts) > 1 else "",
            "without": "、".join(named.without),
        },
        listed=tuple(store.code for store in named.stores[: len(listed)]),
    )


def none_in(turn: Turn, place: str) -> Reply:
    """Say that nothing is there, and name the cities with stores that are nearest, or else those with most."""
    counted = cities(turn.tx)
    position = position_of(turn.slots.get("city", place))
    if position is not None:
        counted.sort(key=lambda city: distance_metres(*position, city.latitude, city.longitude))
    shown = [city.city for city in counted[:MOST_CITIES]]
    return Reply("store_none", {"place": place, "cities": shown, "near": position is not None})


INTENT = Intent(
    name="store_nearest",
    title="附近门店",
    handler=handle,
    phrases=(
        "附近有店吗",
        "附近哪里有你们家的店",
        "离我最近的门店",
        "最近的店在哪儿",
        "你们店在哪里",
        "门店地址发我一下",
        "上海有你们的店吗",
        "杭州哪里有店",
        "浦东有几家",
        "西湖区有没有分店",
        "我在成都，去哪家店方便",
        "怎么去你们店",
        "导航到店里",
        "找一下门店",
        "有哪些门店",
        "我这边有你们家吗",
        "店铺位置在哪",
        "门店电话是多少",
        "徐家汇店电话多少",
        "国贸店怎么走",
        "周边有没有你们的咖啡店",
        "我想去店里坐坐，哪家近",
        "帮我查下门店列表",
        "火车站附近有没有你们的店",
        "附近有没有",
        "那边有店吗",
        "景点那边有没有店",
    ),
    keywords=(
        Keyword("附近门店", 1),
        Keyword("附近的店", 1),
        Keyword("最近的店", 1),
        Keyword("门店地址", 1),
        Keyword("门店电话", 1),
        Keyword("门店列表", 1),
        Keyword("找门店", 1),
        Keyword("分店"),
        Keyword("店在哪"),
        Keyword("哪里有店"),
        Keyword("门店"),
    ),
    slots=("city", "district", "store"),
    menu_keys=("ZH_MENU_STORES",),
    replies=("store_nearest", "store_far", "store_one", "store_list", "store_none", "store_unknown", "store_ask"),
)
