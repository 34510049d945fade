"""Warm matches of circles of five sizes at sixty places all over the city; each ratio is of one place and size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.targeting import match, survey
from tests.bench.match import Plain
from tests.bench.runner import Bench, Side
from tests.places import toronto_layers

PLACES = 60
RADII_M = (60.0, 300.0, 600.0, 1500.0, 3000.0)
REPEATS = 5


def places(layer: Layer, count: int = PLACES) -> list[tuple[float, float]]:
    """Returns random points in a layer, the same at every run."""
    chance = np.random.default_rng(7)
    west, south, east, north = shapely.total_bounds(layer.geometries)
    lons, lats = chance.uniform(west, east, count * 4), chance.uniform(south, north, count * 4)
    inside = np.flatnonzero(layer.locate(lons, lats) >= 0)[:count]
    return list(zip(lons[inside].tolist(), lats[inside].tolist(), strict=True))


def in_turn(work: Callable[[Any], object], things: list[Any]) -> Callable[[], object]:
    """Returns work that takes each of the things for `REPEATS` calls, then the next."""
    turns: Iterator[Any] = cycle([thing for thing in things for _ in range(REPEATS)])
    return lambda: work(next(turns))


def bench(shared: Path) -> Bench:
    """Returns the bench of places and sizes; each round is one of them, so quartiles are over places."""
    layers = toronto_layers(shared)
    plain = Plain(layers)
    areas = [Area.circle(lon=lon, lat=lat, radius_m=radius_m) for radius_m in RADII_M for lon, lat in places(layers[1])]
    circles = [plain.project(area.geometry) for area in areas]

    def check() -> None:
        for area, circle in zip(areas, circles, strict=True):
            ours = {(found.layer, found.id): found.share_of_area or 0.0 for found in match(area, layers)}
            theirs = {each: share for each, share, _ in plain.shares(circle)}
            assert set(theirs) >= {each for (_, each), share in ours.items() if share > 1e-6}
            assert all(abs(share - theirs.get(each, 0.0)) < 1e-5 for (_, each), share in ours.items())
            survey(area, layers)

    return Bench(
        name="match_places",
        promise=f"warm matches of circles of 60 to 3,000 m at {PLACES} random places, each place and size a ratio, median of all",
        sides=(
            Side("geoalert", in_turn(lambda area: match(area, layers), areas), calls=REPEATS),
            Side("STRtree query + intersection().area, projected before", in_turn(plain.shares, circles), limit=1.3, calls=REPEATS),
            Side(
                "the same with predicate=intersects", in_turn(lambda at: plain.shares(at, "intersects"), circles), limit=1.1, calls=REPEATS
            ),
            Side("our own survey: match, uncovered shares, leads", in_turn(lambda area: survey(area, layers), areas), calls=REPEATS),
        ),
        rounds=len(areas),
        check=check,
    )
