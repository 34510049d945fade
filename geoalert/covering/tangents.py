"""The polygon of so many sides that lies closest round a shape that is nearly convex."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely

from geoalert.covering.plane import Nearness
from geoalert.covering.rings import Ints, Rings, cross
from geoalert.geo.ellipsoid import Floats

_CONVEX = 0.95
_WAYS = 180
_MOST = _WAYS // 3
_HALVINGS = 24


def tangent_ring(near: Nearness, points: int) -> Rings | None:
    """Returns the ring of tangents that reaches out least; None where the shape is far from convex or the points are many.

    Each of 180 directions has one tangent. How far two of them meet outside grows with the turn between, so that for a given reach
    the longest turns in a row need the fewest corners. None of them leaves the earth.
    """
    if points > _MOST or not convex(near):
        return None
    hull = shapely.convex_hull(near.geometry)
    turn = np.arange(_WAYS) * (2 * math.pi / _WAYS)
    out = np.column_stack((np.cos(turn), np.sin(turn)))
    support = (shapely.get_coordinates(hull) @ out.T).max(axis=0)
    first = np.repeat(np.arange(_WAYS), _MOST)
    corners = _corner(out, support, first, first + np.tile(np.arange(1, _MOST + 1), _WAYS))
    reach = np.where(near.plane.on_earth(corners), near.plane_m(corners), np.inf).reshape(_WAYS, _MOST)
    reach = np.maximum.accumulate(reach, axis=1)
    low, high = 0.0, float(reach[np.isfinite(reach)].max(initial=0.0))
    if _row(reach, high, points) is None:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _row(reach, middle, points) is not None else (middle, high)
    row: Any = _row(reach, high, points)
    return Rings(_corner(out, support, row, np.roll(row, -1)), np.zeros(len(row), dtype=np.intp))


def convex(near: Nearness) -> bool:
    """Returns whether a shape fills nearly all of its hull."""
    return bool(shapely.area(near.geometry) >= _CONVEX * shapely.area(shapely.convex_hull(near.geometry)))


def _row(reach: Floats, most_m: float, points: int) -> Ints | None:
    """Returns tangents that no two in a row of meet farther out; None where so many do not go round."""
    on = (reach <= most_m).sum(axis=1)
    at = [np.arange(_WAYS)]
    for _ in range(points):
        at.append(at[-1] + on[at[-1] % _WAYS])
    round_ = np.flatnonzero(at[points] - at[0] >= _WAYS)
    if not len(round_):
        return None
    start = int(round_[0])
    row = np.array([each[start] for each in at[:points]])
    return np.asarray(row[row < start + _WAYS] % _WAYS, dtype=np.intp)


def _corner(out: Floats, support: Floats, first: Ints, second: Ints) -> Floats:
    """Returns where two tangents meet."""
    a, b = out[first], out[second % _WAYS]
    h, k = support[first][:, None], support[second % _WAYS][:, None]
    across = np.column_stack((b[:, 1], -b[:, 0])) * h - np.column_stack((a[:, 1], -a[:, 0])) * k
    corner: Floats = across / cross(a, b)[:, None]
    return corner
