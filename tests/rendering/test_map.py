"""The map shows the area, what it meets and who was chosen, to scale and without metadata."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from PIL import Image

from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.geo import distance_m
from geoalert.rendering.map import area_map, window_of
from geoalert.rendering.mapscale import bar_length_m, metres_per_degree
from geoalert.rendering.segments import check_only_pixels
from geoalert.targeting import Match, match

CENTRE = (-79.39660, 43.64867)
ORANGE, GREEN, VERMILLION = (230, 159, 0), (0, 158, 115), (213, 94, 0)


def grid(name: str, rows: int, step: float) -> Layer:
    """Squares around the centre, numbered."""
    west, south = CENTRE[0] - rows * step / 2 + step / 7, CENTRE[1] - rows * step / 2 + step / 5
    squares = [
        shapely.box(west + i * step, south + j * step, west + (i + 1) * step, south + (j + 1) * step)
        for i in range(rows)
        for j in range(rows)
    ]
    ids = [f"{n:02d}" for n in range(len(squares))]
    return Layer(name=name, ids=ids, geometries=squares, labels=[f"Square number {n}" for n in ids])


def drawn(area: Area, layers: Sequence[Layer], **options: Any) -> np.ndarray[Any, Any]:
    """Returns a map's pixels."""
    content = area_map(area, layers, matches=match(area, layers), **options)
    check_only_pixels(content, "image/png")
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def near(pixels: np.ndarray[Any, Any], colour: tuple[int, int, int]) -> np.ndarray[Any, Any]:
    """Returns where a colour is, within a little."""
    return np.abs(pixels - np.array(colour)).max(axis=2) < 12


LAYERS = [grid("division", 3, 0.02), grid("neighbourhood", 6, 0.009)]
POINTS = [(-79.3966, 43.6502, "chosen"), (-79.3950, 43.6480, "visit"), (-79.4050, 43.6480, "skipped")]


def test_the_same_plan_gives_the_same_picture() -> None:
    """No time, no software name, no chance: bytes can be digested."""
    area = Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=600)
    first, second = (
        area_map(area, LAYERS, matches=match(area, LAYERS), points=POINTS, title="S1 r1 $100 @ Queen", attribution="Sources")
        for _ in range(2)
    )
    assert first == second


def test_a_circle_is_round_and_as_large_as_the_scale_bar_says() -> None:
    """East-west and north-south metres are drawn alike, although degrees are not."""
    size = (1400, 1100)
    pixels = drawn(Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=600), [], size_px=size)
    ys, xs = np.nonzero(near(pixels[: int(size[1] * 0.88)], ORANGE))
    assert abs(np.ptp(xs) - np.ptp(ys)) <= 3


def test_chosen_and_visited_venues_have_their_own_marks() -> None:
    """Each kind has its colour on the map and in the legend; an unused kind appears in neither."""
    area = Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=600)
    with_points, without = drawn(area, LAYERS, points=POINTS), drawn(area, LAYERS)
    for colour in (GREEN, VERMILLION):
        assert near(with_points, colour).sum() > 60
        assert near(without, colour).sum() < 10


def test_an_unknown_kind_of_point_is_refused() -> None:
    """A misspelt kind would vanish from the picture."""
    with pytest.raises(ValueError, match="choosen"):
        area_map(Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=600), [], points=[(*CENTRE, "choosen")])


@pytest.mark.parametrize(
    "area",
    [
        Area.point(lon=CENTRE[0], lat=CENTRE[1]),
        Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=20),
        Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=20_000),
        Area.corridor(shapely.LineString([(-79.45, 43.64), (-79.35, 43.66)]), each_side_m=300),
        Area.circle(lon=20.0, lat=78.2, radius_m=5_000),
        Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=900) - Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=300),
    ],
    ids=["point", "tiny", "huge", "corridor", "arctic", "ring"],
)
def test_any_shape_and_size_is_drawn(area: Area) -> None:
    """Points get a star, holes stay open, and no size breaks labels or scale."""
    assert near(drawn(area, LAYERS, size_px=(700, 560)), ORANGE).sum() > 20


def test_the_window_keeps_the_whole_area_with_room_around() -> None:
    """The area never touches the frame, and the window has the ratio asked for."""
    area = Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=600)
    window = window_of(area.geometry, 1.5)
    width = distance_m(shapely.Point(window.west, CENTRE[1]), shapely.Point(window.east, CENTRE[1]))
    height = distance_m(shapely.Point(CENTRE[0], window.south), shapely.Point(CENTRE[0], window.north))
    assert window.frame.buffer(-0.002).contains(area.geometry)
    assert width / height == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize(("width_m", "bar"), [(1000, 200), (2100, 500), (900, 200), (40_000, 10_000), (33, 5)])
def test_scale_bars_are_round_numbers(width_m: float, bar: int) -> None:
    """1, 2 or 5 times a power of ten, at most a quarter of the width."""
    assert bar_length_m(width_m) == bar


def test_degrees_are_measured_on_the_ellipsoid() -> None:
    """At 45 degrees north a degree is 78,847 m across and 111,132 m along (WGS 84)."""
    assert metres_per_degree(0.0, 45.0) == (pytest.approx(78_847, rel=1e-3), pytest.approx(111_132, rel=1e-3))


@pytest.mark.shared
def test_real_boundaries_are_readable(shared: Path) -> None:
    """The two targeted divisions are written in their colour, at scenario S1's place."""
    features = json.loads((shared / "data/toronto_boundaries/tps_divisions.geojson").read_text())["features"]
    layer = Layer(
        name="division",
        ids=[each["properties"]["DIV"] for each in features],
        labels=[each["properties"]["UNIT_NAME"] for each in features],
        geometries=[shapely.force_2d(shapely.geometry.shape(each["geometry"])) for each in features],
    )
    area = Area.circle(lon=CENTRE[0], lat=CENTRE[1], radius_m=600)
    found: list[Match] = match(area, [layer])
    assert {each.id for each in found if each.targeted} == {"D14", "D52"}
    assert near(drawn(area, [layer], attribution="Test"), (0, 114, 178)).sum() > 2000
