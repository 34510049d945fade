"""Straight edges: cut fine before they are projected, and told where they cross longitude 180."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.geo.ellipsoid import SEMI_MAJOR_M, Floats

# An edge of 0.01 degree leaves its own chord in a metric plane by 25 mm at most.
EDGE_DEGREES = 0.01
BEND_M = 1.0
KEPT_BEND_M = 0.1
_MOST_PIECES = 10_000
_METRES_PER_DEGREE = math.pi * SEMI_MAJOR_M / 180
_POLYGON = 3

Convert = Callable[[Floats], Floats]


def cut_edges(geometry: Any) -> Any:
    """Returns lon/lat geometry with corners at most 0.01 degree apart along each edge: it covers the same ground, and may be projected."""
    return shapely.segmentize(geometry, EDGE_DEGREES)


def jumps_antimeridian(geometries: Any) -> NDArray[np.bool_]:
    """Returns of each lon/lat geometry whether an edge spans more than 180 degrees of longitude, other than along a pole."""
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    jumping = np.zeros(len(array), dtype=bool)
    bounds = shapely.bounds(array)
    wide = np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180)
    if len(wide):
        lines, owner = _lines(array[wide])
        xy, line = shapely.get_coordinates(lines, return_index=True)
        far = (line[1:] == line[:-1]) & (np.abs(np.diff(xy[:, 0])) > 180)
        far &= ~((np.abs(xy[:-1, 1]) == 90) & (np.abs(xy[1:, 1]) == 90))
        jumping[wide[owner[line[1:][far]]]] = True
    return jumping


def goes_round_pole(geometry: Any) -> bool:
    """Returns whether a ring of a lon/lat geometry, each edge taken the short way, leads once round the earth."""
    lines, _ = _lines(np.atleast_1d(np.asarray(geometry, dtype=object)))
    for line in lines:
        steps = np.diff(shapely.get_coordinates(line)[:, 0])
        if abs(((steps + 180) % 360 - 180).sum()) > 180:
            return True
    return False


def _lines(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.integer[Any]]]:
    """Returns every ring and line of the geometries, and which geometry each belongs to."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    polygons = shapely.get_type_id(parts) == _POLYGON
    rings, part = shapely.get_rings(parts[polygons], return_index=True)
    return np.concatenate((rings, parts[~polygons])), np.concatenate((owner[polygons][part], owner[~polygons]))


def bend_edges(geometries: NDArray[np.object_], convert: Convert, shortest: float) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Returns geometries with corners added where `convert` would carry an edge's middle over 1 m off its chord, and which these are.

    The added corners lie on the edge, and depend on its two ends alone, in either direction: neighbours keep one edge.

    Args:
        geometries: polygons or lines in a plane system.
        convert: from that plane to lon/lat.
        shortest: edges below this length in the plane's unit are left alone.
    """
    lines, owner = _lines(geometries)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    at = np.flatnonzero((line[1:] == line[:-1]) & (np.hypot(*np.diff(xy, axis=0).T) > shortest))
    bent = np.unique(owner[line[at[_pieces(xy[at], xy[at + 1], convert) > 1]]]) if len(at) else np.zeros(0, dtype=np.intp)
    if not len(bent):
        return geometries, bent
    changed = geometries.copy()
    for position in bent.tolist():
        changed[position] = _bent(geometries[position], convert, shortest)
    return changed, bent


def _bent(geometry: Any, convert: Convert, shortest: float) -> Any:
    if hasattr(geometry, "geoms"):
        return type(geometry)([_bent(part, convert, shortest) for part in geometry.geoms])
    if geometry.geom_type == "Polygon":
        rings = [_bent(ring, convert, shortest) for ring in (geometry.exterior, *geometry.interiors)]
        return type(geometry)(rings[0], rings[1:])
    if "Line" not in geometry.geom_type:
        return geometry
    xy = shapely.get_coordinates(geometry)
    pieces = np.where(np.hypot(*np.diff(xy, axis=0).T) > shortest, _pieces(xy[:-1], xy[1:], convert), 1)
    edge = np.repeat(np.arange(len(pieces)), pieces)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    low, high, turned = _undirected(xy[:-1], xy[1:])
    share = np.where(turned[edge], pieces[edge] - nth, nth) / pieces[edge]
    made = low[edge] + (high - low)[edge] * share[:, None]
    made = np.where((nth == 0)[:, None], xy[:-1][edge], made)
    return type(geometry)(np.concatenate((made, xy[-1:])))


def _undirected(begins: Floats, ends: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Returns the lesser end of each edge, the greater one, and whether the edge runs from the greater to the lesser."""
    turned = (begins[:, 0] > ends[:, 0]) | ((begins[:, 0] == ends[:, 0]) & (begins[:, 1] > ends[:, 1]))
    return np.where(turned[:, None], ends, begins), np.where(turned[:, None], begins, ends), turned


def _pieces(begins: Floats, ends: Floats, convert: Convert) -> NDArray[np.int64]:
    """Returns into how many pieces to cut each edge: 1 where the middle stays within 1 m, else as many as leave 0.1 m."""
    low, high, _ = _undirected(begins, ends)
    first, last, middle = (convert(place) for place in (low, high, (low + high) / 2))
    away = middle - (first + last) / 2
    off_m = np.hypot(away[:, 0] * np.cos(np.radians(middle[:, 1])), away[:, 1]) * _METRES_PER_DEGREE
    off_m = np.where(np.isfinite(off_m) & (np.abs(first[:, 0] - last[:, 0]) <= 180), off_m, 0.0)
    cut = np.minimum(np.ceil(np.sqrt(off_m / KEPT_BEND_M)), _MOST_PIECES).astype(np.int64)
    return np.where(off_m > BEND_M, cut, 1)
