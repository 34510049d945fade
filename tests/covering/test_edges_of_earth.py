"""No cover leaves the earth at the antimeridian or a pole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geoalert.area import Area
from geoalert.covering import Cover, cover
from tests.covering.shapes import troubled


def check(made: Cover, geometry: Any, points: int) -> None:
    """Asks of a cover that it holds the geometry and is an area by the package's own rules."""
    assert made.geometry.covers(geometry)
    assert made.points <= points
    assert all(Area.polygon(each) for each in made.polygons)


@pytest.mark.parametrize("lon", [179.99, -179.99, 179.98999])
@pytest.mark.parametrize("points", [3, 5, 7, 12])
def test_circle_beside_the_antimeridian_stays_on_its_side(lon: float, points: int) -> None:
    """A metre or two of room is left."""
    circle = Area.circle(lon=lon, lat=45, radius_m=787)

    check(cover(circle, max_points=points, max_overshoot_m=5000), circle.geometry, points)


@pytest.mark.parametrize(
    ("geometry", "points"),
    [
        (shapely.box(-180, -90, 180, 90), 4),
        (shapely.Point(0, 89.9).buffer(0.1), 5),
        (shapely.Polygon([(179.5, 10), (180, 10.1), (180, 10.5), (179.7, 10.6)]), 3),
        (shapely.union_all([shapely.Point(179.9995, 10).buffer(0.0005), shapely.Point(179.99, 10).buffer(0.002)]), 9),
        (shapely.box(179.9, 89.9, 180, 90).difference(shapely.Point(179.95, 89.95).buffer(0.03)), 20),
    ],
)
def test_what_reaches_an_edge_of_the_earth_is_covered_up_to_it(geometry: Any, points: int) -> None:
    """The whole earth, a cap below a pole, a side along the antimeridian, islands, a corner of both."""
    check(cover(geometry, max_points=points, max_overshoot_m=1e6), geometry, points)


@settings(max_examples=25)
@given(geometry=troubled(), points=st.integers(12, 60), west=st.booleans(), decimals=st.integers(3, 7))
def test_shapes_of_every_trouble_stay_on_the_earth(geometry: Any, points: int, west: bool, decimals: int) -> None:
    """Moved so that they touch the antimeridian."""
    edge = -180 - geometry.bounds[0] if west else 180 - geometry.bounds[2]
    moved = shapely.transform(geometry, lambda at: np.clip(at + np.array([edge, 0.0]), -180, 180))
    assume(moved.is_valid)

    check(cover(moved, max_points=points, max_overshoot_m=1e6, decimals=decimals), moved, points)
