"""Stores: what an import changes, where stores are found, and that the nearest are the nearest."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import revisions
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.stores import (
    ImportResult,
    NearStore,
    Store,
    all_stores,
    check_import,
    cities,
    distance_metres,
    import_stores,
    nearest,
    store_by_code,
    stores_in,
)
from tests.storage.people import plan_of

BUND = (31.2400, 121.4900)


def store(code: str, latitude: float = 31.23, longitude: float = 121.47, **other: object) -> Store:
    base = Store(code, f"{code}店", "上海", "黄浦区", "某路 1 号", "021-0000-0100", latitude, longitude, "08:00-22:00")
    return replace(base, **other)  # type: ignore[arg-type]


def put(database: Database, *stores: Store) -> ImportResult:
    return database.write(lambda tx: import_stores(tx, stores))


def test_an_import_adds_changes_and_leaves_alone(database: Database) -> None:
    assert put(database, store("A"), store("B")) == ImportResult(added=2, changed=0, unchanged=0)
    assert put(database, store("A"), store("B", hours="24小时"), store("C")) == ImportResult(1, 1, 1)
    assert [(found.code, found.hours) for found in all_stores(database)] == [
        ("A", "08:00-22:00"),
        ("B", "24小时"),
        ("C", "08:00-22:00"),
    ]


def test_a_check_tells_what_an_import_would_do_and_changes_nothing(database: Database) -> None:
    put(database, store("A"), store("B"))
    assert check_import(database, [store("A"), store("B", hours="24小时"), store("C")]) == ImportResult(1, 1, 1)
    assert len(all_stores(database)) == 2


def test_a_store_comes_back_as_it_was_stored(database: Database) -> None:
    closed = store("A", open=False, district="", phone="")
    put(database, closed)
    assert store_by_code(database, "A") == closed
    assert store_by_code(database, "a") is None


def test_the_revision_rises_only_when_a_store_changed(database: Database) -> None:
    start = revisions.current(database)
    put(database, store("A"))
    after = revisions.current(database)
    assert after > start
    put(database, store("A"))
    assert revisions.current(database) == after


def test_an_import_that_fails_leaves_nothing(database: Database) -> None:
    start = revisions.current(database)
    with pytest.raises(Conflict):
        put(database, store("A"), store("B", latitude=91.0))
    assert all_stores(database) == []
    assert revisions.current(database) == start


def test_stores_are_found_by_city_and_district_those_that_trade_first(database: Database) -> None:
    put(
        database,
        store("A", district="静安区", open=False),
        store("B", district="静安区"),
        store("C", district="徐汇区"),
        store("D", city="杭州", district="西湖区"),
    )
    assert [found.code for found in stores_in(database, "上海")] == ["C", "B", "A"]
    assert [found.code for found in stores_in(database, "上海", "静安区")] == ["B", "A"]
    assert [found.code for found in stores_in(database, district="西湖区")] == ["D"]
    assert stores_in(database, "北京") == []


def test_cities_are_counted_by_stores_that_trade(database: Database) -> None:
    put(
        database,
        store("A", 31.0, 121.0),
        store("B", 32.0, 122.0),
        store("C", city="杭州"),
        store("D", city="南京", open=False),
    )
    assert [(found.city, found.stores) for found in cities(database)] == [("上海", 2), ("杭州", 1)]
    assert (cities(database)[0].latitude, cities(database)[0].longitude) == (31.5, 121.5)


def test_distance_agrees_with_a_known_one() -> None:
    # People's Square to Beijing's Tiananmen: 1,068 km on the sphere.
    assert distance_metres(31.2304, 121.4737, 39.9087, 116.3975) == pytest.approx(1_067_300, rel=0.002)
    assert distance_metres(*BUND, *BUND) == 0


def test_the_nearest_are_nearest_first_and_none_beyond_the_limit(database: Database) -> None:
    put(
        database,
        store("FAR", 31.30),
        store("NEAR", 31.241, 121.491),
        store("MIDDLE", 31.25),
        store("BEIJING", 39.9, 116.4),
    )
    assert [found.store.code for found in nearest(database, *BUND, limit=3)] == ["NEAR", "MIDDLE", "FAR"]
    assert [found.store.code for found in nearest(database, *BUND, limit=9, within_metres=5_000)] == ["NEAR", "MIDDLE"]
    assert [found.store.code for found in nearest(database, *BUND, limit=9)][-1] == "BEIJING"
    assert nearest(database, 0.0, 0.0, within_metres=50_000) == []


def test_stores_that_do_not_trade_are_never_near(database: Database) -> None:
    put(database, store("A", *BUND, open=False))
    assert nearest(database, *BUND) == []


def test_the_box_is_found_through_the_index(database: Database) -> None:
    plan = plan_of(
        database, "SELECT code FROM stores WHERE latitude BETWEEN 31 AND 32 AND longitude BETWEEN 121 AND 122"
    )
    assert "stores_place" in plan


LATITUDES = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 0.0, 31.23]), st.floats(31.0, 31.4))
LONGITUDES = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 0.0, 121.47]), st.floats(121.2, 121.8))
POINTS = st.tuples(LATITUDES, LONGITUDES)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(POINTS, max_size=25),
    here=POINTS,
    limit=st.integers(1, 6),
    within=st.one_of(st.floats(0, 30_000), st.floats(0, 21_000_000)),
)
def test_the_nearest_are_those_that_measuring_all_would_find(
    database: Database, places: list[tuple[float, float]], here: tuple[float, float], limit: int, within: float
) -> None:
    stores = [store(f"S{number:02}", *place) for number, place in enumerate(places)]

    def refill(tx: Transaction) -> list[NearStore]:
        tx.execute("DELETE FROM stores")
        import_stores(tx, stores)
        return nearest(tx, *here, limit=limit, within_metres=within)

    measured = [NearStore(place, distance_metres(*here, place.latitude, place.longitude)) for place in stores]
    expected = sorted(
        (near for near in measured if near.metres <= within), key=lambda near: (near.metres, near.store.code)
    )
    assert database.write(refill) == expected[:limit]
