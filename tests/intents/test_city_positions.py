"""Where cities are: every city that matching knows has a place on the map, and the places are plausible."""

from intents.city_positions import position_of
from intents.matching.places import shipped_cities
from storage.stores import distance_metres


def test_every_city_that_can_be_understood_has_a_position_in_china() -> None:
    for city in shipped_cities():
        position = position_of(city)
        assert position is not None, city
        assert 16 < position[0] < 54, city
        assert 73 < position[1] < 136, city


def test_cities_are_where_they_are() -> None:
    beijing, tianjin = position_of("北京"), position_of("天津市")
    assert beijing is not None
    assert tianjin is not None
    assert 90_000 < distance_metres(*beijing, *tianjin) < 130_000


def test_an_unknown_city_has_none() -> None:
    assert position_of("火星") is None
