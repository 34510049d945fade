"""Tiny, thin, clockwise and self-touching areas: our errors or the shares of plain intersections, nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geoalert import geo
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.errors import AreaError, GeoAlertError
from geoalert.geo.strips import Strips
from geoalert.targeting import match, survey
from geoalert.targeting.edges import Edges
from tests.places import squares

SCALES = [1e-30, 1e-17, 1e-14, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 5e-3]
GRID_STEPS = st.integers(-4, 4)
CORNER = st.tuples(GRID_STEPS, GRID_STEPS)
LAYERS = {
    (west, south): squares(west=west - 0.03, south=south - 0.03, side=0.01, across=6, up=6) for west, south in [(0.0, 0.0), (-79.0, 43.0)]
}
NOISE_M2 = 1e-4


def plain_shares(area: Area, layer: Layer) -> dict[str, float]:
    """Returns the share of the area by id, by intersecting each boundary."""
    parts_m2 = geo.area_m2(shapely.intersection(layer.geometries, area.geometry))
    return dict(zip(layer.ids.tolist(), (parts_m2 / area.area_m2).tolist(), strict=True))


def agree(area: Area, layer: Layer) -> None:
    """Asserts that match and survey say what plain intersections say, within the noise of measuring."""
    found = {each.id: each.share_of_area or 0.0 for each in match(area, layer)}
    expected = plain_shares(area, layer)
    near = 1e-6 + NOISE_M2 / area.area_m2
    assert set(found) == set(layer.ids[shapely.intersects(layer.geometries, area.geometry)])
    for name, share in expected.items():
        assert abs(found.get(name, 0.0) - share) <= near, (name, found.get(name), share)
    assert all(0 <= share <= 1 for share in survey(area, layer).uncovered.values())


@settings(max_examples=300)
@given(
    place=st.sampled_from(sorted(LAYERS)),
    corners=st.lists(CORNER, min_size=3, max_size=9),
    wide=st.sampled_from(SCALES),
    high=st.sampled_from(SCALES),
    clockwise=st.booleans(),
)
def test_an_area_of_any_shape_is_matched_or_refused(
    place: tuple[float, float], corners: list[tuple[int, int]], wide: float, high: float, clockwise: bool
) -> None:
    """Corners on a small lattice fall on each other, on one meridian and on the corners of boundaries."""
    ring = [(place[0] + x * wide, place[1] + y * high) for x, y in corners]
    try:
        area = Area.polygon(shapely.orient_polygons(shapely.Polygon(ring), exterior_cw=clockwise))
        agree(area, LAYERS[place])
    except GeoAlertError:
        return


@settings(max_examples=100)
@given(place=st.sampled_from(sorted(LAYERS)), corners=st.lists(CORNER, min_size=5, max_size=12), scale=st.sampled_from(SCALES[3:]))
def test_areas_with_parts_and_holes_that_touch_are_matched(
    place: tuple[float, float], corners: list[tuple[int, int]], scale: float
) -> None:
    """What mending a crossed ring gives: parts at one corner, holes that touch the edge."""
    mended = shapely.make_valid(shapely.Polygon([(place[0] + x * scale, place[1] + y * scale) for x, y in corners]))
    polygons = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    assume(polygons)
    try:
        agree(Area.polygon(shapely.union_all(polygons)), LAYERS[place])
    except GeoAlertError:
        return


def star(points: Any) -> Layer:
    """Returns a layer of one boundary over points."""
    return Layer(name="thin", ids=["T1"], geometries=[shapely.Polygon(points)])


@settings(max_examples=150)
@given(corners=st.lists(CORNER, min_size=3, max_size=40), wide=st.sampled_from(SCALES), scale=st.sampled_from(SCALES[5:]))
def test_a_boundary_of_any_shape_is_matched_or_refused(corners: list[tuple[int, int]], wide: float, scale: float) -> None:
    """Thin boundaries, whose chords and edges may have no width."""
    try:
        layer = star([(x * wide, y * 0.002) for x, y in corners])
    except GeoAlertError:
        return

    agree(Area.polygon(shapely.box(-scale, -scale, scale, scale)), layer)


def test_an_area_of_two_squares_on_a_lattice_is_measured() -> None:
    """Closed runs of edges begin and end at one meridian, on which both chains of the area have a corner."""
    grid = squares(west=-79, south=43, side=0.01, across=10, up=10)
    whole = Area.named(grid, "D4", "D5", "E4", "E5")

    assert {each.id for each in match(whole, grid) if each.relation != "touches"} == {"D4", "D5", "E4", "E5"}
    agree(whole, grid)


def test_vertical_edges_count_nothing() -> None:
    """As the measure allows them, also where two corners of the area lie on their meridian."""
    strips = Strips.of(shapely.Polygon([(0, 0), (0.01, -0.01), (0.02, 0), (0.01, 0.01)]))
    assert strips is not None
    edges = np.array([[0.01, 0.01, np.inf, 0.0, 1.0], [-1.0, 1.0, 1.0, 0.0, 1.0]]).T

    both = strips.shared_m2(edges, np.array([0, 1]), np.array([0, 0]), 1)

    assert both[0] == pytest.approx(strips.shared_m2(edges, np.array([1]), np.array([0]), 1)[0])


def test_edges_too_short_for_a_slope_are_left_out() -> None:
    """No slope is infinite."""
    edges = Edges(np.array([shapely.Polygon([(0, 0), (1e-310, 1), (1, 1), (1, 0)])], dtype=object))

    assert np.isfinite(edges.edges[3]).all()


@pytest.mark.parametrize("side", [1e-200, 1e-9])
def test_an_area_without_size_is_refused(side: float) -> None:
    """Of nothing there is no share."""
    area = Area.polygon(shapely.box(0, 0, side, side))

    for ask in (match, survey):
        with pytest.raises(AreaError, match="no size") as refused:
            ask(area, LAYERS[0.0, 0.0])
        assert refused.value.code == "empty_area"
