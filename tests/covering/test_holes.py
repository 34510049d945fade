"""Pieces without holes add up to what they were cut from."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
import shapely
from hypothesis import given, settings

from geoalert.covering import without_holes
from geoalert.errors import GeoAlertError
from tests.covering.shapes import troubled


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
