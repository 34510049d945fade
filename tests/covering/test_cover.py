"""A cover contains all of it, keeps to its points, and reaches no farther than it says."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity
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


def what_fits(error: GeoAlertError) -> tuple[float, int]:
    """Returns the overshoot and the point count that an error names."""
    found = re.search(r"with \d+ points ([\d.]+) m is the least overshoot; within [\d.]+ m (\d+) points are the fewest", error.what)
    assert found is not None, error.what
    return float(found[1]), int(found[2])


def corners(made: Cover) -> int:
    """Returns the corners of all polygons, closing ones left out."""
    return sum(len(each.exterior.coords) - 1 for each in made.polygons)


@settings(max_examples=40)
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


def test_two_islands_that_no_draft_joins_are_one_polygon() -> None:
    """Where the gap cannot be closed by steps there is the hull."""
    east, west = -79.37933180387799, -79.38174936015857
    large = [(east, -33.901714842290296), (west, -33.90105983082075), (west, -33.89894016917925), (east, -33.8982851577097)]
    small = shapely.box(-79.38005405820182, -33.89636676984412, -79.37994594179817, -33.89627661524968)
    geometry = shapely.multipolygons([shapely.Polygon([*large, (-79.37783767192688, -33.9)]), small])

    made = cover(geometry, max_overshoot_m=ANY, max_polygons=1)

    assert len(made.polygons) == 1
    assert made.geometry.covers(geometry)


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


@pytest.mark.parametrize("points", [3, 4, 5, 6, 8, 12, 24, 40])
def test_circle_is_covered_nearly_as_well_as_can_be(points: int) -> None:
    """A regular polygon round a circle reaches out r (1 / cos(pi / n) - 1): ours by no more than a tenth and 2.5 m."""
    circle = Area.circle(lon=-79.3966, lat=43.64867, radius_m=600)

    made = cover(circle, max_points=points, max_overshoot_m=ANY)

    best_m = 600 * (1 / math.cos(math.pi / points) - 1)
    assert made.geometry.covers(circle.geometry)
    assert made.overshoot_m <= 1.1 * best_m + 2.5


def test_circle_in_twelve_points_within_30_m() -> None:
    """21.2 m is the best that twelve points can do round 600 m."""
    assert cover(Area.circle(lon=-79.3966, lat=43.64867, radius_m=600), max_points=12).overshoot_m < 25


def test_islands_whose_covers_would_overlap_share_one() -> None:
    """Two combs that reach into each other in few points come out as polygons that share no ground."""
    teeth = [shapely.box(200 * k, 0 if k % 2 else 300, 200 * k + 120, 1700 if k % 2 else 2000) for k in range(20)]
    combs = shapely.union_all([*teeth, shapely.box(-100, -400, 4100, 20), shapely.box(-100, 1980, 4100, 2400)])

    made = cover(degrees(combs), max_points=20, max_overshoot_m=ANY)

    assert not made.overlaps
    assert made.geometry.covers(degrees(combs))
    assert made.points <= 20


@pytest.mark.parametrize("turn", [0, 30, 77])
@pytest.mark.parametrize("points", [24, 60, 100])
def test_polygons_round_a_hole_share_no_ground(turn: int, points: int) -> None:
    """The line that the hole was cut along has few decimals, and both sides keep to it."""
    ring = degrees(shapely.Point(0, 0).buffer(2000).difference(shapely.Point(150, 90).buffer(500, quad_segs=32)))
    ring = shapely.affinity.rotate(ring, turn, origin=(-79.4, 43.64))

    made = cover(ring, max_points=points, max_overshoot_m=ANY)

    assert len(made.polygons) == 2
    assert not made.overlaps
    assert not made.polygons[0].relate_pattern(made.polygons[1], "T********")
    assert made.geometry.covers(ring)
    assert made.points == corners(made) <= points


def test_polygons_of_one_cover_hardly_ever_overlap() -> None:
    """Forty stars with up to three holes: two in a hundred covers may, and say so."""
    draw = np.random.default_rng(5)
    overlapping = 0
    for k in range(40):
        count = int(draw.integers(6, 30))
        turn, radius = np.arange(count) * math.tau / count, draw.uniform(1500, 3000, count)
        star: Any = shapely.Polygon(np.column_stack((radius * np.cos(turn), radius * np.sin(turn))))
        for _ in range(k % 3 + 1):
            star = star.difference(shapely.Point(*draw.uniform(-900, 900, 2)).buffer(draw.uniform(100, 500)))
        made = cover(degrees(star), max_points=int(draw.integers(30, 100)), max_overshoot_m=ANY)
        assert made.geometry.covers(degrees(star))
        overlapping += made.overlaps

    assert overlapping <= 4


def test_same_bytes_every_time() -> None:
    """Nothing is drawn by lot."""
    geometry = degrees(shapely.Point(0, 0).buffer(2000, quad_segs=64).difference(shapely.box(100, -50, 3000, 50)))

    first, second = (cover(geometry, max_points=14, max_overshoot_m=ANY) for _ in range(2))

    assert [each.wkb for each in first.polygons] == [each.wkb for each in second.polygons]


SPIKED = degrees(shapely.union_all([shapely.Point(0, 0).buffer(900), *(shapely.box(500 * k, 0, 500 * k + 9, 2500) for k in range(-4, 5))]))


@pytest.mark.parametrize(
    ("geometry", "points", "metres"),
    [
        (Area.circle(lon=-79.3966, lat=43.64867, radius_m=2000).geometry, 6, 20),
        (SPIKED, 12, 30),
        (shapely.union_all([degrees(shapely.Point(1500 * k, 700 * (k % 3)).buffer(200)) for k in range(9)]), 20, 40),
    ],
)
def test_impossible_says_what_would_fit(geometry: Any, points: int, metres: float) -> None:
    """The error's two figures are true: that many points are enough, that much overshoot is, and neither is much too large."""
    with pytest.raises(GeoAlertError) as caught:
        cover(geometry, max_points=points, max_overshoot_m=metres)

    assert caught.value.code == "cover_impossible"
    found = re.search(
        r"with (\d+) points ([\d.]+) m is the least overshoot; within [\d.]+ m (\d+) points are the fewest", caught.value.what
    )
    assert found is not None, caught.value.what
    enough_m, enough = float(found[2]), int(found[3])
    assert cover(geometry, max_points=points, max_overshoot_m=enough_m).overshoot_m <= enough_m
    assert cover(geometry, max_points=enough, max_overshoot_m=metres).points <= enough
    with pytest.raises(GeoAlertError):
        cover(geometry, max_points=points, max_overshoot_m=enough_m - 0.2)
    with pytest.raises(GeoAlertError):
        cover(geometry, max_points=enough - 1, max_overshoot_m=metres)


def test_sliver_is_covered_at_coarse_decimals() -> None:
    """What is narrower than the last decimal is not lost."""
    sliver = degrees(shapely.box(0, 0, 2000, 1))

    made = cover(sliver, max_overshoot_m=ANY, decimals=3)

    assert made.geometry.covers(sliver)


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
