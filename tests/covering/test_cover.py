"""A cover contains all of it, keeps to its points, and reaches no farther than it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geoalert
from geoalert import geo
from geoalert.area import Area
from geoalert.covering import Cover, cover
from geoalert.errors import GeoAlertError
from tests.covering.shapes import degrees, troubled

ANY = 1e6


def sampled_m(made: Cover, geometry: Any, seed: int = 1) -> float:
    """Returns the farthest of many points of a cover from the geometry, along geodesics."""
    draw = np.random.default_rng(seed)
    west, south, east, north = made.geometry.bounds
    xs, ys = draw.uniform(west, east, 3000), draw.uniform(south, north, 3000)
    inside = shapely.intersects_xy(made.geometry, xs, ys)
    edges = shapely.get_coordinates(shapely.segmentize(made.geometry, 0.001))
    points = np.concatenate((np.column_stack((xs, ys))[inside], edges))
    return float(geo.distances_m(geometry, points[:, 0], points[:, 1]).max())


def corners(made: Cover) -> int:
    """Returns the corners of all polygons, closing ones left out."""
    return sum(len(each.exterior.coords) - 1 for each in made.polygons)


@settings(max_examples=15)
@given(geometry=troubled(), points=st.integers(30, 100))
def test_contains_all_within_its_points_and_its_claim(geometry: Any, points: int) -> None:
    """Holes, islands and spikes: everything is inside, no holes, no more points, no farther than claimed."""
    made = cover(geometry, max_points=points, max_overshoot_m=ANY)

    assert made.geometry.covers(geometry)
    assert made.points == corners(made) <= points
    assert all(each.is_valid and not each.interiors for each in made.polygons)
    assert sampled_m(made, geometry) <= made.overshoot_m + 1e-3


@settings(max_examples=15)
@given(geometry=troubled(), decimals=st.integers(3, 7))
def test_coordinates_have_the_decimals_asked_for(geometry: Any, decimals: int) -> None:
    """Every coordinate is the number that its rounded text reads as, and the cover holds at that."""
    made = cover(geometry, max_overshoot_m=ANY, decimals=decimals)

    at = shapely.get_coordinates(made.polygons)
    assert (at == np.round(at, decimals)).all()
    assert made.geometry.covers(geometry)


@settings(max_examples=15)
@given(geometry=troubled(), most=st.integers(1, 3))
def test_keeps_to_the_polygons_asked_for(geometry: Any, most: int) -> None:
    """Parts are joined where fewer polygons are asked for than the shape has."""
    made = cover(geometry, max_overshoot_m=ANY, max_polygons=most)

    assert len(made.polygons) <= most
    assert made.geometry.covers(geometry)
    assert sampled_m(made, geometry) <= made.overshoot_m + 1e-3


def test_rounded_shape_within_its_points_is_its_own_cover() -> None:
    """Nothing is added to a shape that fits already."""
    box = shapely.box(-79.4, 43.6, -79.3, 43.7)

    made = cover(box)

    assert made.geometry.equals(box)
    assert (made.points, made.overshoot_m) == (4, 0.0)


def test_filled_hole_counts() -> None:
    """The middle of a hole is the farthest point where one polygon has to do."""
    ring = degrees(shapely.Point(0, 0).buffer(2000).difference(shapely.Point(0, 0).buffer(500, quad_segs=32)))

    made = cover(ring, max_overshoot_m=ANY, max_polygons=1)

    assert made.overshoot_m == pytest.approx(500, abs=2)


def test_hole_is_cut_where_filling_reaches_too_far() -> None:
    """Two polygons go round a hole that one would fill."""
    ring = degrees(shapely.Point(0, 0).buffer(2000).difference(shapely.Point(0, 0).buffer(500, quad_segs=32)))

    made = cover(ring)

    assert len(made.polygons) == 2
    assert made.overshoot_m < 40
    assert made.geometry.covers(ring)


def test_area_is_taken_as_its_geometry() -> None:
    """An Area gives the cover of its geometry, from the package's own names."""
    area = Area.circle(lon=-79.3966, lat=43.64867, radius_m=600)

    made = geoalert.cover(area, max_points=12)

    assert made == geoalert.cover(area.geometry, max_points=12)
    assert isinstance(made, geoalert.Cover)
    assert made.geometry.covers(area.geometry)
    assert made.overshoot_m < 60


def test_impossible_says_what_would_fit() -> None:
    """The error's two figures are true: that many points are enough, that much overshoot is."""
    area = Area.circle(lon=-79.3966, lat=43.64867, radius_m=2000)

    with pytest.raises(GeoAlertError) as caught:
        cover(area, max_points=6, max_overshoot_m=20)

    assert caught.value.code == "cover_impossible"
    words = caught.value.what.replace(";", "").split()
    metres = float(words[words.index("m") - 1])
    points = int(words[words.index("the", words.index("within")) - 3])
    assert cover(area, max_points=6, max_overshoot_m=metres).overshoot_m <= metres
    assert cover(area, max_points=points, max_overshoot_m=20).points <= points


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"max_points": 2}, "bad_max_points"),
        ({"max_points": 10.5}, "bad_max_points"),
        ({"max_overshoot_m": 0}, "bad_max_overshoot"),
        ({"max_overshoot_m": -5}, "bad_max_overshoot"),
        ({"max_overshoot_m": float("nan")}, "bad_max_overshoot"),
        ({"max_overshoot_m": "161"}, "not_a_number"),
        ({"max_polygons": 0}, "bad_max_polygons"),
        ({"decimals": 2}, "bad_decimals"),
        ({"decimals": 8}, "bad_decimals"),
        ({"decimals": True}, "bad_decimals"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], code: str) -> None:
    """One coded error each, which names the option."""
    with pytest.raises(GeoAlertError) as caught:
        cover(shapely.box(-79.4, 43.6, -79.3, 43.7), **options)

    assert caught.value.code == code
    assert caught.value.field == next(iter(options))


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (shapely.Polygon(), "empty_area"),
        (None, "empty_area"),
        (shapely.Point(-79.4, 43.6), "not_an_area"),
        (Area.point(lon=-79.4, lat=43.6), "not_an_area"),
        (shapely.LineString([(-79.4, 43.6), (-79.3, 43.6)]), "not_an_area"),
        ("POLYGON", "not_an_area"),
        (shapely.Polygon([(0, 1), (1, 2), (1, 1), (0, 2)]), "invalid_geometry"),
    ],
)
def test_what_is_no_area_is_refused(geometry: Any, code: str) -> None:
    """A cover is of an area."""
    with pytest.raises(GeoAlertError) as caught:
        cover(geometry)

    assert caught.value.code == code
