"""What the store intents share: which stores a message names, and a store as plain values for replies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from urllib.parse import quote

from intents.business_hours import HoursNotUnderstood, OpenState, parse, state_at
from storage.database import Queries
from storage.stores import Store, store_by_code, stores_in

MAP_URL = "https://apis.map.qq.com/uri/v1/marker"  # Tencent's map, which takes GCJ-02 (lbs.qq.com/webApi/uriV1, checked 2026-01)
MOST_ADDRESS_ON_MAP = 12  # characters; percent-encoding makes nine bytes of each
FITTING_BYTES = 1_450  # of a reply's 1,800, what the stores in it may take together
_BYTES_AROUND_A_STORE = 90  # labels, signs and line ends of one store in a template

StoreValues = dict[str, object]


@dataclass(frozen=True, slots=True)
class Named:
    """The stores that a message named, and the words for the place; ``place`` without stores means that there is none, neither that nothing was named.
    ``without`` are the cities among several that have none."""

    stores: tuple[Store, ...] = ()
    place: str = ""
    without: tuple[str, ...] = ()


def named_stores(queries: Queries, slots: Mapping[str, str]) -> Named:
    """Return the stores of the most exact place named: a store, else a district, else a city. No place at all gives an empty ``place``."""
    store = store_by_code(queries, slots.get("store", ""))
    if store is not None:
        return Named((store,), store.name)
    city, district = slots.get("city", ""), slots.get("district", "")
    if district:
        found = stores_in(queries, city, district) or stores_in(queries, "", district)
        if found:
            cities = {store.city for store in found}
            return Named(tuple(found), f"{cities.pop()}{district}" if len(cities) == 1 else district)
    if city:
        named = [_in_city(queries, one) for one in slots.get("cities", city).split()]
        with_stores = [one for one in named if one.stores] or named[:1]
        in_turn = zip_longest(*(one.stores for one in with_stores))  # only the first are shown, and each has some there
        stores = tuple(store for row in in_turn for store in row if store is not None)
        return Named(
            stores, "、".join(one.place for one in with_stores), tuple(one.place for one in named if not one.stores)
        )
    return Named(place=district)


def _in_city(queries: Queries, city: str) -> Named:
    plain = city.removesuffix("市")
    return Named(tuple(stores_in(queries, city) or stores_in(queries, plain)), plain)


def store_values(store: Store, moment: datetime) -> StoreValues:
    """Return what a reply may say of a store at a moment in its zone.

    ``state`` is ``open`` (then ``until`` says when it closes), ``always`` open, ``shut`` (then ``opens`` may say when it opens), ``closed`` (does
    not trade at present), or ``unknown`` (its hours cannot be read).
    """
    state, until, opens = _state(store, moment)
    return {
        "name": store.name,
        "city": store.city,
        "district": store.district,
        "address": store.address,
        "phone": store.phone,
        "hours": store.hours,
        "state": state,
        "until": until,
        "opens": opens,
        "map_link": map_link(store),
    }


def map_link(store: Store) -> str:
    """Return the address of a map page with the store marked on it."""
    address = f"{store.city}{store.district}{store.address}"[:MOST_ADDRESS_ON_MAP]
    mark = f"coord:{store.latitude:.6f},{store.longitude:.6f};title:{quote(store.name, safe='')};addr:{quote(address, safe='')}"
    return f"{MAP_URL}?marker={mark}&referer=zhaohu"


def fitting(stores: list[StoreValues]) -> list[StoreValues]:
    """Return as many stores, from the first, as surely fit in one text message; never none of some."""
    used, kept = 0, list[StoreValues]()
    for store in stores:
        used += _BYTES_AROUND_A_STORE + sum(len(value.encode()) for value in store.values() if isinstance(value, str))
        if kept and used > FITTING_BYTES:
            break
        kept.append(store)
    return kept


def _state(store: Store, moment: datetime) -> tuple[str, str, str]:
    """Return a store's state, until when it is open, and when it opens, in words."""
    if not store.open:
        return "closed", "", ""
    try:
        state: OpenState = state_at(parse(store.hours), moment)
    except HoursNotUnderstood:
        return "unknown", "", ""
    if not state.open_now:
        return "shut", "", _spoken(state.opens_at, moment, today="今天 ", tomorrow="明天 ") if state.opens_at else ""
    if state.until is None:
        return "always", "", ""
    return "open", _spoken(state.until, moment, today="", tomorrow="次日 "), ""


def _spoken(then: datetime, now: datetime, *, today: str, tomorrow: str) -> str:
    """Return a coming time as people say it: its day when that is not today, and the clock."""
    days = (then.date() - now.date()).days
    if days < 2:
        return f"{tomorrow if days else today}{then:%H:%M}"
    day = f"周{'一二三四五六日'[then.weekday()]}" if days < 7 else f"{then.month}月{then.day}日"
    return f"{day} {then:%H:%M}"
