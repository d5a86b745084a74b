"""Stores: where they are, when they trade, and which is nearest. Coordinates are degrees in the GCJ-02 datum, as consumers share them."""

import math
from collections.abc import Iterable
from dataclasses import asdict

from storage import revisions
from storage.database import Queries, Row, Transaction
from storage.ids import new_id
from storage.records import immutable

COLUMNS = "code, name, city, district, address, phone, latitude, longitude, hours, open"
EARTH_RADIUS_METRES = 6_371_008.8  # mean radius (IUGG); the error against the ellipsoid stays under 0.6 %
ANYWHERE_METRES = math.pi * EARTH_RADIUS_METRES + 1
_FIRST_BOX_METRES = 2_000.0
_BOX_GROWTH = 4.0
_SLACK_DEGREES = 1e-9  # keeps rounding from losing a store on the edge of a box


@immutable(frozen=True, slots=True)
class Store:
    """A store. ``code`` is the brand's own name for it, ``hours`` the text of its business hours; one not ``open`` does not trade at present."""

    code: str
    name: str
    city: str
    district: str
    address: str
    phone: str
    latitude: float
    longitude: float
    hours: str
    open: bool = True


@immutable(frozen=True, slots=True)
class NearStore:
    """A store and how far it is, in metres as the crow flies."""

    store: Store
    metres: float


@immutable(frozen=True, slots=True)
class CityCount:
    """A city, how many stores trade there, and the middle of them."""

    city: str
    stores: int
    latitude: float
    longitude: float


@immutable(frozen=True, slots=True)
class ImportResult:
    """How many stores an import added, changed, and found just as they were."""

    added: int
    changed: int
    unchanged: int


def store_from_row(row: Row) -> Store:
    """Build a store from a row that has the columns of ``COLUMNS``."""
    return Store(
        row["code"],
        row["name"],
        row["city"],
        row["district"],
        row["address"],
        row["phone"],
        row["latitude"],
        row["longitude"],
        row["hours"],
        bool(row["open"]),
    )


def all_stores(queries: Queries) -> list[Store]:
    """Return every store, by code."""
    return [store_from_row(row) for row in queries.query(f"SELECT {COLUMNS} FROM stores ORDER BY code")]


def store_by_code(queries: Queries, code: str) -> Store | None:
    """Return the store, or None."""
    row = queries.one(f"SELECT {COLUMNS} FROM stores WHERE code = :code", {"code": code})
    return store_from_row(row) if row else None


def stores_in(queries: Queries, city: str = "", district: str = "") -> list[Store]:
    """Return the stores of a city, a district, or a district of a city; those that trade first, then by district and name."""
    rows = queries.query(
        f"SELECT {COLUMNS} FROM stores WHERE (:city = '' OR city = :city) AND (:district = '' OR district = :district) "
        "ORDER BY open DESC, district, name, code",
        {"city": city, "district": district},
    )
    return [store_from_row(row) for row in rows]


def cities(queries: Queries) -> list[CityCount]:
    """Return the cities where stores trade, most stores first."""
    rows = queries.query(
        "SELECT city, count(*) AS n, avg(latitude) AS latitude, avg(longitude) AS longitude FROM stores WHERE open = 1 "
        "GROUP BY city ORDER BY n DESC, city"
    )
    return [CityCount(row["city"], row["n"], row["latitude"], row["longitude"]) for row in rows]


def nearest(
    queries: Queries, latitude: float, longitude: float, limit: int = 3, within_metres: float = ANYWHERE_METRES
) -> list[NearStore]:
    """Return up to ``limit`` trading stores nearest to a point and at most ``within_metres`` away, nearest first.

    Looks in a box that the index can find, and in a greater one until it holds enough.
    """
    reach = min(_FIRST_BOX_METRES, within_metres)
    while True:
        near = [
            found for found in _in_box(queries, latitude, longitude, reach) if found.metres <= min(reach, within_metres)
        ]
        if len(near) >= limit or reach >= within_metres:
            near.sort(key=lambda found: (found.metres, found.store.code))
            return near[:limit]
        reach = min(reach * _BOX_GROWTH, within_metres)


def distance_metres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the great-circle distance between two points given in degrees (haversine formula)."""
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_height = math.sin((other_phi - phi) / 2)
    half_width = math.sin(math.radians(other_longitude - longitude) / 2)
    share = half_height**2 + math.cos(phi) * math.cos(other_phi) * half_width**2
    return 2 * EARTH_RADIUS_METRES * math.asin(min(1.0, math.sqrt(share)))


def check_import(queries: Queries, stores: Iterable[Store]) -> ImportResult:
    """Return what importing these stores would do, each code being there once."""
    return _compared(all_stores(queries), stores)[1]


def import_stores(tx: Transaction, stores: Iterable[Store]) -> ImportResult:
    """Add these stores, each code once, or replace those whose code is known; other stores stay. Raises the revision when anything changed."""
    to_put, result = _compared(all_stores(tx), stores)
    for store in to_put:
        _put(tx, store)
    if to_put:
        revisions.bump(tx)
    return result


def _compared(known: list[Store], stores: Iterable[Store]) -> tuple[list[Store], ImportResult]:
    """Return the stores that are new or differ from those known, and how many are which."""
    before = {store.code: store for store in known}
    given = list(stores)
    to_put = [store for store in given if before.get(store.code) != store]
    added = sum(store.code not in before for store in to_put)
    return to_put, ImportResult(added, len(to_put) - added, len(given) - len(to_put))


def _put(tx: Transaction, store: Store) -> None:
    tx.execute(
        f"INSERT INTO stores (id, {COLUMNS}) "
        "VALUES (:id, :code, :name, :city, :district, :address, :phone, :latitude, :longitude, :hours, :open) "
        "ON CONFLICT (code) DO UPDATE SET name = excluded.name, city = excluded.city, district = excluded.district, "
        "address = excluded.address, phone = excluded.phone, latitude = excluded.latitude, longitude = excluded.longitude, "
        "hours = excluded.hours, open = excluded.open",
        {**asdict(store), "id": new_id(), "open": int(store.open)},
    )


def _in_box(queries: Queries, latitude: float, longitude: float, reach_metres: float) -> list[NearStore]:
    """Return the trading stores of a box that holds every point within reach."""
    angle = reach_metres / EARTH_RADIUS_METRES
    south, north = latitude - math.degrees(angle) - _SLACK_DEGREES, latitude + math.degrees(angle) + _SLACK_DEGREES
    west, east = -180.0, 180.0
    if south > -90 and north < 90:  # else the box holds a pole, and with it every longitude
        width = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(latitude))))) + _SLACK_DEGREES
        if longitude - width >= -180 and longitude + width <= 180:  # else it crosses the date line
            west, east = longitude - width, longitude + width
    rows = queries.query(
        f"SELECT {COLUMNS} FROM stores WHERE latitude BETWEEN :south AND :north AND longitude BETWEEN :west AND :east AND open = 1",
        {"south": south, "north": north, "west": west, "east": east},
    )
    stores = (store_from_row(row) for row in rows)
    return [NearStore(store, distance_metres(latitude, longitude, store.latitude, store.longitude)) for store in stores]
