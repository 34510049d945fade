"""The farthest that a cover reaches beyond what it covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geoalert.covering.along import away
from geoalert.covering.plane import Nearness, metres_per_degree
from geoalert.geo.ellipsoid import Floats

TIGHT_M = 0.25
_SHARE = 0.002
_ARC = 16
_STEP_M = 25.0
_TRIES = 3
_ROUNDS = 40


def overshoot_m(polygons: Sequence[Any], near: Nearness) -> float:
    """Returns the metres from the farthest point of the lon/lat polygons to the geometry: never too few, at most 0.5 or 0.2 % too many.

    Corners and edges tell how far it is at least; what the geometry, widened by little more, leaves over of the cover is searched.
    """
    metric = shapely.transform(shapely.union_all(np.asarray(polygons, dtype=object)), near.plane.to_metres)
    probes = shapely.get_coordinates(shapely.segmentize(metric, _STEP_M))
    least = float(near.true_m(probes).max())
    if least == 0 and near.geometry.covers(metric):
        return 0.0
    slack = max(TIGHT_M, _SHARE * least)
    for _ in range(_TRIES):
        wide = shapely.buffer(near.geometry, (least + slack) / near.stretch, quad_segs=_ARC)
        beyond = shapely.get_parts(shapely.difference(metric, wide))
        beyond = beyond[shapely.area(beyond) > 0]
        if not len(beyond):
            return least + slack
        least = max(least, float(near.true_m(shapely.get_coordinates(shapely.segmentize(beyond, _STEP_M))).max()))
        slack = max(TIGHT_M, _SHARE * least)
    return _searched(beyond, near, least, slack)


def _searched(beyond: Any, near: Nearness, least: float, slack: float) -> float:
    """Returns the most metres that polygons reach out, from triangles that are halved until none can hold more.

    The distance to one edge is convex, so over a triangle it is largest at a corner; the least such figure of a few edges bounds the
    distance to the geometry.
    """
    made = shapely.get_parts(shapely.constrained_delaunay_triangles(beyond))
    corners = shapely.get_coordinates(shapely.get_parts(made)).reshape(-1, 4, 2)[:, :3]
    most = least + slack
    edges = near.nearest_edge(np.concatenate([corners[:, k] * 0.9 + corners.mean(axis=1) * 0.1 for k in range(3)])).reshape(3, -1)
    for _ in range(_ROUNDS):
        bound, reached, edges = _bounds(corners, edges, near)
        least = max(least, reached)
        open_ = bound > least + slack
        most = max(most, float(bound[~open_].max(initial=0.0)))
        if not open_.any():
            break
        corners, bound, edges = _halved(corners[open_]), bound[open_], np.tile(edges[:, open_], 2)
    else:
        most = max(most, float(bound.max()))
    return most


def _bounds(corners: Floats, known: Any, near: Nearness) -> tuple[Floats, float, Any]:
    """Returns a bound of the distance over each triangle, the largest true one at a centre, and the edges that bound best.

    Any edge bounds it, so those known from the triangle that was halved are asked again, and one more.
    """
    centres = corners.mean(axis=1)
    scale = metres_per_degree(near.plane.to_degrees(centres)[:, 1]) / near.plane.scale
    metres, centre_edge = near.true_edge(centres)
    edges = np.vstack((known, np.where(centre_edge < 0, known[0], centre_edge)))
    bounds = np.empty(edges.shape)
    for row, edge in enumerate(edges):
        start, along = near.edge(edge)
        bounds[row] = np.stack([np.hypot(*away(corners[:, k] * scale, start * scale, along * scale).T) for k in range(3)]).max(axis=0)
    best = np.argsort(bounds, axis=0, kind="stable")[:-1]
    return bounds.min(axis=0), float(metres.max()), np.take_along_axis(edges, best, axis=0)


def _halved(corners: Floats) -> Floats:
    """Returns both halves of each triangle, cut across its longest side."""
    sides = np.stack([np.hypot(*(corners[:, (k + 1) % 3] - corners[:, k]).T) for k in range(3)])
    first = sides.argmax(axis=0)
    rows = np.arange(len(corners))
    a, b, c = (corners[rows, (first + k) % 3] for k in range(3))
    middle = (a + b) / 2
    return np.concatenate((np.stack((a, middle, c), axis=1), np.stack((middle, b, c), axis=1)))
