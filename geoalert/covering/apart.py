"""Polygons of one cover that share no ground, where the line that the shape was cut along still parts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from geoalert.covering.lattice import rounded_outward
from geoalert.covering.plane import EARTH, Plane
from geoalert.covering.rings import Rings
from geoalert.geo.ellipsoid import Floats

_LINE_M = 1e-6
_NEAREST = 12


def lattice_lines(rings: Rings, plane: Plane, decimals: int) -> list[tuple[int, float]]:
    """Returns the meridians (axis 0) and parallels (axis 1) that edges run along, in degrees of so many decimals."""
    along = np.abs(rings.at[rings.around()[1]] - rings.at)
    degrees = np.round(plane.to_degrees(rings.at), decimals)
    found = [np.unique(degrees[along[:, axis] < _LINE_M, axis]) for axis in (0, 1)]
    return [(axis, float(value)) for axis in (0, 1) for value in found[axis]]


def kept_apart(polygons: list[Polygon], lines: Iterable[tuple[int, float]], geometry: Any, *, decimals: int) -> list[Polygon] | None:
    """Returns polygons trimmed along meridians and parallels of few decimals so that no two share ground; None where that cannot be.

    Args:
        polygons: lon/lat, rounded; together they cover the geometry, and so does the result.
        lines: where the shape was cut, tried first; then lines within what is shared.
        geometry: lon/lat.
        decimals: of the coordinates.
    """
    now = list(polygons)
    for i, j in combinations(range(len(now)), 2):
        if not now[i].relate_pattern(now[j], "T********"):
            continue
        for axis, value in _candidates(now[i].intersection(now[j]), lines, decimals):
            tried = _parted(now, i, j, axis, value, decimals)
            if tried is not None and shapely.union_all(tried).covers(geometry):
                now = tried
                break
        else:
            return None
    return now


def _candidates(shared: Any, lines: Iterable[tuple[int, float]], decimals: int) -> Iterator[tuple[int, float]]:
    bounds = np.array(shared.bounds).reshape(2, 2)
    grain = 10.0**-decimals
    cuts = [(axis, value) for axis, value in lines if bounds[0, axis] - grain < value < bounds[1, axis] + grain]
    yield from cuts
    for axis in np.argsort(bounds[1] - bounds[0]).tolist():
        inside = np.arange(np.round(bounds[0, axis] / grain), np.round(bounds[1, axis] / grain) + 1)
        middle = inside[max(0, len(inside) // 2 - _NEAREST // 2) :][:_NEAREST]
        yield from ((axis, float(value)) for value in np.round(middle * grain, decimals) if (axis, float(value)) not in cuts)


def _parted(polygons: Sequence[Polygon], i: int, j: int, axis: int, value: float, decimals: int) -> list[Polygon] | None:
    """Returns the polygons with one kept below the line and the other above; None where either falls apart."""
    middles = [shapely.get_coordinates(shapely.centroid(polygons[k]))[0, axis] for k in (i, j)]
    low, high = (i, j) if middles[0] <= middles[1] else (j, i)
    made = list(polygons)
    for k, side in ((low, 1), (high, 0)):
        bounds = EARTH.copy()
        bounds[side, axis] = value
        trimmed = _trimmed(made[k], bounds, decimals)
        if trimmed is None:
            return None
        made[k] = trimmed
    return made


def _trimmed(polygon: Polygon, bounds: Floats, decimals: int) -> Polygon | None:
    """Returns a rounded polygon within bounds that holds all of it there."""
    inside = shapely.intersection(polygon, shapely.box(*bounds.ravel()))
    if not isinstance(inside, Polygon) or inside.is_empty:
        return None
    rings = Rings.of([inside])
    at = rounded_outward(rings, decimals, within=bounds)
    if at is None:
        return None
    made: Polygon = shapely.simplify(Rings(at, rings.ring).polygons[0], 0.0)
    return made if made.is_valid else None
