"""Where China's cities are, to a tenth of a degree: enough to say which city with stores is near one without. Pure.

``city_positions.txt`` has a line for each prefecture-level city: name, degrees of latitude, degrees of longitude. Most figures come from the
city table of pyecharts (MIT licence, Copyright 2017-present pyecharts), rounded; at ten kilometres the datum makes no difference.
"""

from functools import cache
from importlib import resources

Position = tuple[float, float]  # degrees of latitude and longitude


def position_of(city: str) -> Position | None:
    """Return where the city is, or None when it is not in the table; 市 at its end makes no difference."""
    return _positions().get(city.removesuffix("市"))


@cache
def _positions() -> dict[str, Position]:
    lines = resources.files("intents").joinpath("city_positions.txt").read_text("utf-8").splitlines()
    rows = (line.split(" ") for line in lines)
    return {name: (float(latitude), float(longitude)) for name, latitude, longitude in rows}
