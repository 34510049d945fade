"""Shares measured along edges are those of plain intersections, whatever lies on what."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from geoalert import geo
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.geo.strips import Strips
from geoalert.targeting import match, survey
from geoalert.targeting.edges import Edges
from geoalert.targeting.ground import ground_of
from tests.places import squares

WEST, SOUTH, SIDE = 10.0, 50.0, 0.01
GRID = squares(side=SIDE)


def star(chance: random.Random, corners: int, *, x: float, y: float, reach: float) -> Any:
    """Returns a random star-shaped polygon, wide or jagged."""
    turns = sorted(chance.uniform(0, 2 * math.pi) for _ in range(corners))
    ring = [(x + reach * chance.uniform(0.2, 1) * math.cos(turn), y + reach * chance.uniform(0.2, 1) * math.sin(turn)) for turn in turns]
    return shapely.buffer(shapely.Polygon(ring), 0)


def random_layer(chance: random.Random) -> Layer:
    """Returns boundaries that overlap, share edges, have holes and parts, and stand on the corners of the grid."""
    shapes = [star(chance, chance.randint(3, 60), x=WEST + 0.03 * chance.random(), y=SOUTH + 0.03 * chance.random(), reach=0.02)]
    shapes += [shapely.difference(shapes[0], affinity.scale(shapes[0], 0.5, 0.5)), *GRID.geometries[chance.sample(range(9), 3)]]
    shapes.append(shapely.union(GRID["A1"].geometry, GRID["C3"].geometry))
    shapes.append(shapely.difference(shapely.box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1), GRID["B2"].geometry))
    shapes = [shape for shape in shapes if shape.geom_type in ("Polygon", "MultiPolygon") and shape.area > 1e-7]
    return Layer(name="random", ids=[f"R{nth}" for nth in range(len(shapes))], geometries=shapes)


def random_area(chance: random.Random, layer: Layer) -> Area:
    """Returns a circle, a box on or off the grid, a boundary itself, a thing with a hole or a jagged one."""
    x, y = WEST + 0.03 * chance.random(), SOUTH + 0.03 * chance.random()
    step = SIDE / 2
    on_grid = shapely.box(WEST + step, SOUTH + step * chance.randint(0, 2), WEST + step * 4, SOUTH + step * chance.randint(3, 6))
    circle = Area.circle(lon=x, lat=y, radius_m=chance.choice([20, 60, 600, 1500, 3000]))
    return chance.choice(
        [
            circle,
            Area.polygon(on_grid),
            Area.polygon(GRID.geometries[chance.randrange(9)]),
            Area.polygon(layer.geometries[chance.randrange(len(layer))]),
            circle - Area.circle(lon=x, lat=y, radius_m=10),
            Area.polygon(shapely.Polygon([(x, y), (x + 0.013, y + 0.001), (x + 0.006, y + 0.011)])),
            Area.polygon(shapely.convex_hull(shapely.MultiPoint([(x + chance.random() / 50, y + chance.random() / 50) for _ in range(9)]))),
        ]
    )


@given(seed=st.integers(0, 2**32))
def test_shares_are_those_of_brute_force(seed: int) -> None:
    """Random boundaries and areas: the same boundaries, shares to 1e-9, and the uncovered rest."""
    chance = random.Random(seed)
    layer = random_layer(chance)
    area = random_area(chance, layer)

    found = {each.id: each for each in match(area, layer)}

    pieces = shapely.intersection(layer.geometries, area.geometry)
    parts = geo.area_m2(pieces)
    assert set(found) == set(layer.ids[shapely.intersects(layer.geometries, area.geometry)])
    for name, part, boundary_m2 in zip(layer.ids, parts, layer.areas_m2, strict=True):
        if name in found:
            assert found[name].share_of_area == pytest.approx(part / area.area_m2, rel=1e-9, abs=1e-9)
            assert found[name].share_of_boundary == pytest.approx(part / boundary_m2, rel=1e-9, abs=1e-9 * area.area_m2 / boundary_m2)
    uncovered = 1 - geo.area_m2(shapely.union_all(pieces)) / area.area_m2
    assert survey(area, layer).uncovered["random"] == pytest.approx(uncovered, abs=1e-8)


@given(x=st.floats(-0.2, 0.2), y=st.floats(-0.2, 0.2), radius_m=st.sampled_from([5, 60, 600, 3000, 5400]), lat=st.floats(-75, 75))
def test_a_circle_shares_all_of_itself_and_of_what_lies_in_it(x: float, y: float, radius_m: float, lat: float) -> None:
    """With itself, with a great box over it, with a half of it and with a box in it, at any latitude."""
    circle = geo.circle_polygon(x, lat + y, radius_m)
    west, south, east, north = circle.bounds
    half = shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)
    inner = affinity.scale(shapely.box(*circle.bounds), 0.6, 0.6)
    others = np.array([circle, shapely.box(west - 1, south - 1, east + 1, north + 1), half, inner], dtype=object)
    strips, edges = Strips.of(circle), Edges(others)
    assert strips is not None

    shared = strips.shared_m2(edges.edges, *edges.near(np.arange(4), strips.bounds), 4)

    assert shared == pytest.approx(geo.area_m2(shapely.intersection(others, circle)), rel=1e-9)


@pytest.mark.parametrize(
    ("shape", "measured"),
    [
        (shapely.box(10, 50, 10.05, 50.05), True),
        (shapely.Polygon([(10, 50), (10.02, 50), (10.02, 50.02), (10.01, 50.005), (10, 50.02)]), True),
        (shapely.Polygon([(10, 50), (10.02, 50.01), (10, 50.02), (10.005, 50.01)]), False),
        (shapely.box(10, 50, 10.01, 50.2), False),
        (shapely.box(10, 50, 10.03, 50.03) - shapely.box(10.01, 50.01, 10.02, 50.02), False),
        (shapely.MultiPolygon([shapely.box(10, 50, 10.01, 50.01), shapely.box(10.02, 50, 10.03, 50.01)]), False),
    ],
)
def test_strips_are_made_of_small_shapes_that_a_meridian_crosses_once(shape: Any, measured: bool) -> None:
    """Others are cut by plain intersection."""
    assert (Strips.of(shape) is not None) is measured


def test_the_edges_of_boundaries_that_tile_a_circle_add_up_to_it() -> None:
    """A hundred boundaries of ragged, shared edges: the parts sum to the circle."""
    chance = random.Random(5)
    points = shapely.MultiPoint([(WEST + chance.random() * 0.1, SOUTH + chance.random() * 0.1) for _ in range(100)])
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)))
    circle = Area.circle(lon=WEST + 0.05, lat=SOUTH + 0.05, radius_m=2500)

    found = match(circle, Layer(name="cells", ids=[f"C{nth}" for nth in range(len(cells))], geometries=cells))

    assert sum(each.share_of_area or 0 for each in found) == pytest.approx(1, abs=1e-12)


def test_a_share_is_never_more_than_the_whole() -> None:
    """An area cut out of a boundary may measure more along the boundary's edges than by itself, by the last bits."""
    shares, measured = [], []
    for seed in range(11, 30):
        chance = random.Random(seed)
        boundary = star(chance, chance.randint(3, 30), x=10, y=50, reach=0.02)
        sides = [0.002 + 0.01 * chance.random() for _ in range(4)]
        cut = shapely.intersection(boundary, shapely.box(10 - sides[0], 50 - sides[1], 10 + sides[2], 50 + sides[3]))
        if boundary.geom_type == cut.geom_type == "Polygon":
            area, layer = Area.polygon(cut), Layer(name="star", ids=["1"], geometries=[boundary])
            ground = ground_of([layer])
            measured += [part / area.area_m2 for part in ground.shared_m2(area, ground.meeting(area.geometry))[0]]
            shares += [found.share_of_area for found in match(area, layer)]

    assert max(measured) > 1.0
    assert max(share for share in shares if share is not None) == 1.0
