"""What lies exactly on a limit reaches it, whatever the last bits of measuring say."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoalert import geo
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.targeting import match
from geoalert.targeting.match import Match
from geoalert.targeting.rules import judge_point, judge_shares, parse_rule
from tests.places import squares

ULP = 2.0**-52


def parts(of_a_hundred: int, *, lon: float, lat: float, wide: float) -> tuple[Area, Layer]:
    """Returns a box, and a boundary that holds so many hundredths of it, with another that holds the rest."""
    split = lon + wide * of_a_hundred
    south, north = lat - wide, lat + 2 * wide
    layer = Layer(
        name="part", ids=["P1", "P2"], geometries=[shapely.box(lon - wide, south, split, north), shapely.box(split, south, lon + 1, north)]
    )
    return Area.polygon(shapely.box(lon, lat, lon + wide * 100, lat + wide)), layer


def found_in(area: Area, layer: Layer, rule: str) -> dict[str, Match]:
    """Returns the matches by id."""
    return {found.id: found for found in match(area, layer, rule)}


@pytest.mark.parametrize(("hundredths", "rule"), [(1, "overlap"), (20, "share:20%"), (1, "share:1%")])
@given(lon=st.integers(-170_000, 170_000), lat=st.integers(-60_000, 70_000), wide=st.sampled_from([1e-5, 1e-4, 1e-3]))
def test_the_exact_share_of_an_area_is_enough(hundredths: int, rule: str, lon: int, lat: int, wide: float) -> None:
    """A hundredth is 1 %, wherever it lies."""
    area, layer = parts(hundredths, lon=lon / 1000, lat=lat / 1000, wide=wide)

    assert found_in(area, layer, rule)["P1"].targeted


@given(lon=st.integers(-170_000, 170_000), lat=st.integers(-60_000, 70_000))
def test_half_of_a_boundary_is_enough(lon: int, lat: int) -> None:
    """A small boundary across the middle of the edge of a large area."""
    x, y = lon / 1000, lat / 1000
    layer = Layer(name="half", ids=["H1"], geometries=[shapely.box(x - 1e-4, y + 0.05, x + 1e-4, y + 0.0501)])

    assert found_in(Area.polygon(shapely.box(x, y, x + 0.1, y + 0.1)), layer, "overlap")["H1"].targeted


@pytest.mark.parametrize(
    ("rule", "share", "of_boundary"), [("overlap", 0.01, 0.0), ("overlap", 0.0, 0.5), ("share:20%", 0.2, 0.0), ("share:100%", 1.0, 0.0)]
)
def test_a_share_on_the_limit_is_targeted_and_one_below_is_not(rule: str, share: float, of_boundary: float) -> None:
    """The limit itself, a few bits less, and a millionth less."""
    policy = parse_rule(rule)

    def judged(factor: float) -> bool:
        return judge_shares(policy, "D1", share * factor, of_boundary * factor, "overlaps", 0.0, holds_centre=False)[0]

    assert judged(1)
    assert judged(1 - 16 * ULP)
    assert not judged(1 - 1e-6)


def test_a_boundary_at_the_exact_distance_is_within_it() -> None:
    """150 m along the meridian, from an area and from a point; a centimetre more is too far."""
    metres = geo.length_m(shapely.LineString([(10, 50), (10, 51)]))
    away = 150.0 / metres
    south = 50 + 0.01
    for _ in range(30):
        measured_m = geo.length_m(shapely.LineString([(10.005, south), (10.005, south + away)]))
        away *= 150.0 / measured_m
    north = shapely.Polygon([(10.005, south + away), (10.01, 50.03), (10, 50.03)])
    layer = Layer(name="north", ids=["N1"], geometries=[north])
    area, point = Area.polygon(shapely.Polygon([(10, 50), (10.01, 50), (10.005, south)])), Area.point(lon=10.005, lat=south)

    for asked in (area, point):
        (found,) = match(asked, layer, "within:150m", tolerance_m=0)
        assert found.targeted
        assert found.distance_m == pytest.approx(150, abs=5e-4)
        assert not [each for each in match(asked, layer, "within:149.99m", tolerance_m=0) if each.targeted]


def test_a_distance_is_its_own_limit() -> None:
    """Whatever is measured, exactly so far is within it."""
    area, layer = Area.circle(lon=9.99, lat=50.005, radius_m=100), squares(across=1, up=1)
    (found,) = match(area, layer, "within:900m")

    (again,) = match(area, layer, f"within:{found.distance_m!r}m")

    assert found.distance_m > 0
    assert (again.targeted, again.relation) == (True, "near")


@pytest.mark.parametrize(("away_m", "near"), [(150.0, True), (150.0000001, True), (149.9, True), (150.001, False), (150.1, False)])
def test_a_point_is_judged_to_the_millimetre(away_m: float, near: bool) -> None:
    """At most 150 m is 150 m."""
    assert judge_point(parse_rule("within:150m"), "D1", away_m, 30.0, inside=False)[0] is near


@pytest.mark.parametrize("radius_m", [500, 2000, 4000])
def test_what_was_cut_at_a_boundary_lies_inside_it(radius_m: float) -> None:
    """Corners of a cut are off the edge by the last bit, on either side."""
    turns = [2 * math.pi * nth / 37 for nth in range(37)]
    ring = [(10.1 + 0.03 * math.cos(turn) * (1 + 0.3 * math.sin(5 * turn)), 50.1 + 0.02 * math.sin(turn)) for turn in turns]
    layer = Layer(name="cut", ids=["C1", "C2"], geometries=[shapely.Polygon(ring), shapely.box(9, 49, 11, 51) - shapely.Polygon(ring)])

    for corner in ring:
        area = Area.named(layer, "C1") & Area.circle(lon=corner[0], lat=corner[1], radius_m=radius_m)
        found = found_in(area, layer, "overlap")
        assert found["C1"].relation == "inside", found["C1"]
        assert found["C1"].share_of_area == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(("outside", "relation"), [(1e-12, "inside"), (1e-7, "overlaps"), (1e-3, "overlaps")])
def test_an_area_with_a_millionth_outside_is_not_inside(outside: float, relation: str) -> None:
    """Only what measuring cannot tell is taken for nothing."""
    layer = squares(west=10, south=50, side=0.01, across=1, up=1)
    area = Area.polygon(shapely.box(10.004, 50.004, 10.01 + 0.006 * outside, 50.006))

    assert found_in(area, layer, "overlap")["A1"].relation == relation


LONG = shapely.box(9.5, 50.02, 10.5, 50.2)
SMALL = shapely.box(9.995, 50.0, 10.005, 50.005)


@pytest.mark.parametrize(("area", "boundary"), [(SMALL, LONG), (LONG, SMALL)])
def test_a_long_edge_is_near_where_it_runs(area: shapely.Polygon, boundary: shapely.Polygon) -> None:
    """Along the parallel, not along the chord of its two corners 70 km apart."""
    (found,) = match(Area.polygon(area), Layer(name="long", ids=["L1"], geometries=[boundary]), "within:5km")

    assert found.distance_m == pytest.approx(geo.distance_m(area, boundary), abs=0.03)


def test_a_far_boundary_is_measured_along_the_geodesic() -> None:
    """Across a wide area no plane keeps hundreds of kilometres."""
    area, boundary = shapely.box(10, 50, 20, 55), shapely.box(23, 44, 24, 47)

    (found,) = match(Area.polygon(area), Layer(name="far", ids=["F1"], geometries=[boundary]), "within:900km")

    assert found.distance_m == pytest.approx(geo.distance_m(area, boundary), abs=0.03)


def test_no_share_is_more_than_one() -> None:
    """Though the sum of strips may be, by the last bit."""
    layer = squares(side=0.01, across=3, up=3)
    whole = [Area.named(layer, each) for each in layer.ids]
    turned = [Area.circle(lon=10.004 + step / 9000, lat=50.005 + step / 7000, radius_m=60 + 23 * step) for step in range(60)]

    found = [
        each
        for area in [*whole, *(one & part for one in whole for part in turned[::6] if one.geometry.intersects(part.geometry))]
        for each in match(area, layer)
    ]
    found += [
        each
        for area in turned
        for each in match(
            area,
            [
                Layer(
                    name="dots",
                    ids=[f"d{nth}" for nth in range(6)],
                    geometries=[shapely.Point(10.004 + nth / 3000, 50.005 + nth / 2500).buffer(0.0004) for nth in range(6)],
                )
            ],
        )
    ]

    edge = math.nextafter(10.01, 11)
    beyond = [Area.polygon(shapely.box(10.001 + step * 1e-5, 50.001, edge, 50.007 - step * 7e-6)) for step in range(200)]
    found += [each for area in beyond for each in match(area, layer)]

    assert max(each.share_of_area or 0.0 for each in found) == 1
    assert max(each.share_of_boundary or 0.0 for each in found) == 1
