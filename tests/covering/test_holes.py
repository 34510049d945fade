"""Pieces without holes add up to what they were cut from."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geoalert.area import Area
from geoalert.covering import without_holes
from geoalert.errors import GeoAlertError
from tests.covering.shapes import degrees, troubled


def check(geometry: Any, pieces: list[Any]) -> None:
    """Asks of pieces that they add up, share nothing and have no holes."""
    assert sum(each.area for each in pieces) == pytest.approx(geometry.area, rel=1e-9)
    assert all(each.is_valid and not each.interiors for each in pieces)
    assert sum(a.intersection(b).area for a, b in combinations(pieces, 2)) <= 1e-9 * geometry.area
    assert shapely.union_all(pieces).symmetric_difference(geometry).area <= 1e-9 * geometry.area
    kept = {tuple(at) for at in shapely.get_coordinates(pieces).tolist()}
    assert {tuple(at) for at in shapely.get_coordinates(geometry).tolist()} <= kept


@settings(max_examples=40)
@given(geometry=troubled())
def test_pieces_add_up(geometry: Any) -> None:
    """Same area to 1e-9, no shared interior, every corner kept, the same at every call."""
    pieces = without_holes(geometry)

    check(geometry, pieces)
    assert pieces == without_holes(geometry)


@st.composite
def holed_boxes(draw: st.DrawFn) -> Any:
    """Draws a lon/lat box of a metre to a hundred kilometres, with round and slanted holes."""
    wide = 10 ** draw(st.floats(-5, 0))
    lon, lat = draw(st.floats(-120, 120)), draw(st.floats(-60, 60))
    box: Any = shapely.box(lon, lat, lon + wide, lat + wide * draw(st.floats(0.3, 1)))
    for _ in range(draw(st.integers(1, 4))):
        x, y = lon + wide * draw(st.floats(0, 1)), lat + wide * draw(st.floats(0, 1))
        box = box.difference(shapely.Point(x, y).buffer(wide * draw(st.floats(0.02, 0.2)), quad_segs=draw(st.sampled_from([1, 8]))))
    return box


@settings(max_examples=60)
@given(geometry=holed_boxes())
def test_pieces_of_any_size_add_up(geometry: Any) -> None:
    """Where an ulp is a billionth of the shape, slanted holes are cut too."""
    assume(geometry.geom_type == "Polygon" and geometry.is_valid)

    check(geometry, without_holes(geometry))


@pytest.mark.parametrize("place", range(30))
def test_small_circle_with_a_round_hole_is_cut(place: int) -> None:
    """A hundred metres with a hole that is a metre off the middle, thirty places in a city."""
    lon, lat = -79.4 + 0.01 * place, 43.65 + 0.003 * place
    ring = Area.circle(lon=lon, lat=lat, radius_m=100) - Area.circle(lon=lon + 0.00001, lat=lat, radius_m=100 / 3)

    check(ring.geometry, without_holes(ring))


def test_four_hundred_holes_leave_fewer_pieces() -> None:
    """One line cuts a whole row of them."""
    holes = [shapely.Point(50 + 100 * x, 50 + 100 * y).buffer(30, quad_segs=4) for x in range(20) for y in range(20)]
    geometry = degrees(shapely.box(0, 0, 2000, 2000).difference(shapely.union_all(holes)))

    pieces = without_holes(geometry)

    assert len(pieces) < 400
    assert sum(each.area for each in pieces) == pytest.approx(geometry.area, rel=1e-9)
    assert not any(each.interiors for each in pieces)


def test_many_holes_in_rows() -> None:
    """Holes in line with each other, one touching the shell, islands in holes."""
    block = shapely.box(0, 1, 1, 2)
    holes = [shapely.box(0.1 + 0.2 * x, 1.1 + 0.2 * y, 0.2 + 0.2 * x, 1.2 + 0.2 * y) for x in range(4) for y in range(4)]
    holes.append(shapely.Polygon([(1, 1.95), (0.95, 1.97), (0.95, 1.93)]))
    geometry = shapely.union_all([block.difference(shapely.union_all(holes)), shapely.box(0.12, 1.12, 0.18, 1.18)])

    check(geometry, without_holes(geometry))


def test_shape_without_holes_stays() -> None:
    """Nothing is cut that has no hole."""
    box = shapely.box(-79.4, 43.6, -79.3, 43.7)

    assert without_holes(box) == [box]


def test_empty_is_refused() -> None:
    """One coded error."""
    with pytest.raises(GeoAlertError) as caught:
        without_holes(shapely.Polygon())

    assert caught.value.code == "empty_area"
