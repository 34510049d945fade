"""Plain shapes of any size take a few times what a rough shore takes, in the same process."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from geoalert.area import Area
from geoalert.covering import cover, without_holes
from geoalert.errors import AreaError
from tests.covering.shapes import degrees

MOST_TIMES = 10
"""Of what a shore of 2,000 corners takes; the shapes here were at 15 to 80 times before steps looked no further than they had to."""


def star(corners: int, widest_m: float, seed: int = 1) -> Any:
    """Returns a star of needles that are as long as the city and longer."""
    draw = np.random.default_rng(seed)
    turn, radius = np.sort(draw.uniform(0, math.tau, corners)), draw.uniform(200, widest_m, corners)
    return degrees(shapely.Polygon(np.column_stack((radius * np.cos(turn), radius * np.sin(turn)))))


def islands(count: int) -> Any:
    """Returns boxes that lie scattered over 40 km."""
    at = np.random.default_rng(2).uniform(-20000, 20000, (count, 2))
    return degrees(shapely.union_all(shapely.box(*at.T, *(at + 300).T)))


def holed(rows: int) -> Any:
    """Returns a box with rows of round holes."""
    holes = [shapely.Point(50 + 100 * x, 50 + 100 * y).buffer(30, quad_segs=4) for x in range(rows) for y in range(rows)]
    return degrees(shapely.box(0, 0, 100 * rows, 100 * rows).difference(shapely.union_all(holes)))


def rough_shore(corners: int) -> Any:
    """Returns bays within bays."""
    turn = np.arange(corners) * math.tau / corners
    radius = 3000 + sum(np.sin(k * turn + k**1.5) * 2000 / k for k in range(2, 200))
    return degrees(shapely.Polygon(np.column_stack((radius * np.cos(turn), radius * np.sin(turn)))))


def spent_s(work: Callable[[], Any]) -> float:
    """Returns the processor time of a piece of work, whether it gives a cover or says what would fit."""
    start = time.process_time()
    with contextlib.suppress(AreaError):
        work()
    return time.process_time() - start


@pytest.fixture(scope="module")
def shore_s() -> float:
    """What a rough shore of 2,000 corners takes here and now."""
    shore = rough_shore(2000)
    return min(spent_s(lambda: cover(shore)) for _ in range(2))


SHAPES: list[tuple[Callable[[], Any], float]] = [
    (lambda: Area.circle(lon=-79.38, lat=43.65, radius_m=200_000), 161),
    (lambda: star(150, 50_000), 10_000),
    (lambda: star(180, 3_000), 5_000),
    (lambda: islands(100), 10_000),
    (lambda: holed(20), 500),
]


@pytest.mark.parametrize(("shape", "within_m"), SHAPES, ids=["circle", "needles", "star", "islands", "holes"])
def test_no_plain_shape_falls_off_a_cliff(shape: Callable[[], Any], within_m: float, shore_s: float) -> None:
    """A cover, or the error that says what would fit."""
    geometry = shape()

    assert spent_s(lambda: cover(geometry, max_overshoot_m=within_m)) < MOST_TIMES * shore_s


def test_half_a_million_corners_take_far_less_than_their_number(shore_s: float) -> None:
    """Thinned to a metre before their steps are priced; nothing is lost."""
    geometry = rough_shore(500_000)
    covers = []

    assert spent_s(lambda: covers.append(cover(geometry))) < 30 * shore_s
    assert covers[0].geometry.covers(geometry)


def test_four_hundred_holes_are_cut_in_rows(shore_s: float) -> None:
    """Where there are many holes, lines through the middle ones cut whole rows at once."""
    geometry = holed(20)

    assert spent_s(lambda: without_holes(geometry)) < MOST_TIMES / 2 * shore_s


def test_needles_too_sharp_for_the_decimals_are_rounded_along_themselves() -> None:
    """A tip moves on rather than giving way to the hull."""
    assert cover(star(180, 50_000, seed=180), max_overshoot_m=1e5).overshoot_m < 3000
