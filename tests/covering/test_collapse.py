"""Every step that takes corners from a ring keeps what the ring held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from geoalert.covering.along import farthest_on
from geoalert.covering.collapse import collapse
from geoalert.covering.plane import Nearness, Plane
from geoalert.covering.rings import Rings
from geoalert.covering.steps import MEET, SWING, Steps, ascertain, guess
from geoalert.covering.tangents import tangent_ring
from geoalert.covering.tighten import tightened
from tests.covering.shapes import TORONTO, degrees, stars


def near_to(metric: Any) -> Nearness:
    """Returns the distances of a shape in metres."""
    return Nearness(degrees(metric), Plane(*TORONTO))


def reach_m(rings: Rings, near: Nearness) -> float:
    """Returns how far the edges of rings reach from the geometry."""
    return float(farthest_on(rings.at, rings.at[rings.around()[1]], near).max())


def holds(rings: Rings, near: Nearness) -> bool:
    """Asks whether rings hold the geometry, to a millimetre."""
    return bool(shapely.buffer(shapely.union_all(rings.polygons), 1e-3).covers(near.geometry))


@settings(max_examples=25)
@given(star=stars(), points=st.integers(4, 40), swings=st.booleans())
def test_collapsed_rings_hold_the_geometry(star: Any, points: int, swings: bool) -> None:
    """Needles and bays, with swings and without: nothing is lost, and every ring is simple."""
    near = near_to(star)

    made = collapse(Rings.of([near.geometry]), near, points=points, swings=swings)

    assert holds(made, near)
    assert shapely.is_valid(made.polygons).all()


def test_swing_puts_one_edge_for_two_and_holds_the_corner_between() -> None:
    """A blunt corner: the one edge goes through it, from the line before to the line after, and costs what its ends reach."""
    near = near_to(shapely.Polygon([(-1000, -2000), (1000, -2000), (900, 0), (0, 300), (-900, 0)]))
    rings = Rings.of([near.geometry])
    steps = Steps.unknown(5, swings=True)
    tip = int(rings.at[:, 1].argmax())
    before = int(rings.around()[0][tip])

    guess(rings, near, steps)
    asked = np.isfinite(steps.cost) & (np.arange(3)[:, None] == SWING)
    ascertain(rings, near, steps, asked, 0.0)

    start, end = steps.swung[before]
    assert asked[SWING, before]
    assert shapely.LineString([start, end]).distance(shapely.Point(rings.at[tip])) < 1e-6
    assert steps.cost[SWING, before] == pytest.approx(near.plane_m(np.stack((start, end))).max(), abs=5)
    assert steps.cost[SWING, before] < steps.cost[MEET, before]


def test_swings_reach_out_less_than_drops_and_meets_alone() -> None:
    """Nine sides in eight points: without swings an edge has to be drawn out on both sides."""
    turns = np.arange(9) * 2 * np.pi / 9
    near = near_to(shapely.Polygon(np.column_stack((np.cos(turns), np.sin(turns))) * 1000))
    rings = Rings.of([near.geometry])

    plain, swung = (collapse(rings, near, points=8, swings=swings) for swings in (False, True))

    assert len(plain.at) == len(swung.at) == 8
    assert holds(swung, near)
    assert reach_m(swung, near) < reach_m(plain, near)


@settings(max_examples=25)
@given(star=stars(), points=st.integers(4, 30))
def test_drawn_in_rings_hold_the_geometry_and_reach_no_farther(star: Any, points: int) -> None:
    """Corners slide inwards only as far as the geometry lets them."""
    near = near_to(star)
    rings = collapse(Rings.of([near.geometry]), near, points=points)

    made = tightened(rings, near)

    assert holds(made, near)
    assert shapely.is_valid(made.polygons).all()
    assert len(made.at) == len(rings.at)
    assert shapely.area(made.polygons).sum() <= shapely.area(rings.polygons).sum() + 1e-6


@pytest.mark.parametrize("points", [3, 5, 12, 60])
def test_tangents_hold_what_is_convex(points: int) -> None:
    """An ellipse lies inside its tangents, and so many are enough."""
    near = near_to(shapely.affinity.scale(shapely.Point(0, 0).buffer(1000, quad_segs=32), 2.0, 1.0))

    made = tangent_ring(near, points)

    assert made is not None
    assert len(made.at) <= points
    assert holds(made, near)


def test_tangents_are_not_asked_for_what_has_bays() -> None:
    """A star is no convex shape."""
    near = near_to(shapely.Point(0, 0).buffer(1000).difference(shapely.box(0, -200, 2000, 200)))

    assert tangent_ring(near, 12) is None


def test_the_middle_of_a_filled_bay_is_asked() -> None:
    """The bottom of a bottle is farther from its walls than the straight line over its neck is."""
    bottle = shapely.union_all([shapely.Point(0, 0).buffer(300, quad_segs=16), shapely.box(-40, 0, 40, 900)])
    near = near_to(shapely.box(-1000, -1000, 1000, 800).difference(bottle))

    triangle, metres = near.peaks_in(np.array([[[-2000.0, 800.0], [2000.0, 800.0], [0.0, -3000.0]]]))

    assert triangle.max() == 0
    assert metres.max() == pytest.approx(300, abs=10)
