"""What a geometry may be filled to before its corners are counted: bays and gaps closed, holes filled or cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from geoalert.covering.holes import Snap, hole_free
from geoalert.covering.plane import Nearness
from geoalert.errors import GeometryError

_ARC = 4
_WIDEST_M = 1e6
_NECK_M = 2.0


def closed(geometry: Any, radius_m: float) -> Any:
    """Returns the metric geometry with every bay, gap and hole filled that a disc of the radius cannot enter."""
    if radius_m <= 0:
        return geometry
    filled = shapely.buffer(shapely.buffer(geometry, radius_m, quad_segs=_ARC), -radius_m, quad_segs=_ARC)
    return shapely.union(filled, geometry)


def smoothed(geometry: Any, by_m: float) -> Any:
    """Returns a metric geometry of fewer corners that contains the geometry and is little wider, or the same where that fails."""
    wider = shapely.buffer(shapely.simplify(geometry, by_m), 1.01 * by_m, join_style="mitre", mitre_limit=2.0)
    return wider if shapely.covers(wider, geometry) else geometry


def parts(geometry: Any, fill_m: float, most: int, snap: Snap | None = None) -> tuple[Any, float]:
    """Returns hole-free polygons that contain the geometry, and the metres that the holes filled for it reach in.

    Args:
        geometry: metric.
        fill_m: a hole whose largest disc has no greater radius is filled, others are cut.
        most: how many polygons may come of it; with more, and where a cut fails, every hole is filled.
        snap: where a cut may lie, as `hole_free`.
    """
    polygons = shapely.get_parts(geometry)
    if not any(len(polygon.interiors) for polygon in polygons):
        return polygons, 0.0
    reaches = [[_reach_m(ring) for ring in polygon.interiors] for polygon in polygons]
    kept = [
        Polygon(polygon.exterior, [ring for ring, reach in zip(polygon.interiors, row, strict=True) if reach > fill_m])
        for polygon, row in zip(polygons, reaches, strict=True)
    ]
    try:
        pieces = hole_free(kept, snap=snap)
    except GeometryError:
        pieces = []
    if not pieces or len(pieces) > most:
        return _shells(polygons), max(reach for row in reaches for reach in row)
    return np.array(pieces, dtype=object), max((reach for row in reaches for reach in row if reach <= fill_m), default=0.0)


def joined(geometry: Any, most: int) -> tuple[Any, float]:
    """Returns the metric geometry in at most so many parts, and the least radius of closing that makes it so."""
    if _count(geometry) <= most:
        return geometry, 0.0
    low, high = 0.0, 1.0
    while _count(closed(geometry, high)) > most and high < _WIDEST_M:
        low, high = high, high * 4
    while high - low > max(0.5, 0.02 * high):
        middle = (low + high) / 2
        low, high = (low, middle) if _count(closed(geometry, middle)) <= most else (middle, high)
    high += _NECK_M
    return closed(geometry, high), high


def plain(near: Nearness) -> list[Polygon]:
    """Returns the box round a geometry and the triangles round that box with one side along it, those that lie on the earth."""
    west, south, east, north = shapely.bounds(near.geometry)
    x, y, wide, high = (west + east) / 2, (south + north) / 2, east - west, north - south
    rows = [[(west, south), (east, south), (east, north), (west, north)]]
    rows += [[(side, y - high), (side, y + high), (far, y)] for side, far in ((west, east + wide), (east, west - wide))]
    rows += [[(x - wide, side), (x + wide, side), (x, far)] for side, far in ((south, north + high), (north, south - high))]
    return [Polygon(row) for row in rows if near.plane.on_earth(np.array(row)).all()]


def _count(geometry: Any) -> int:
    return int(shapely.get_num_geometries(geometry))


def _shells(polygons: Any) -> Any:
    return shapely.polygons(shapely.get_exterior_ring(polygons))


def _reach_m(ring: Any) -> float:
    west, south, east, north = shapely.bounds(ring)
    tolerance = max(0.1, 0.02 * min(east - west, north - south))
    circle: Any = shapely.maximum_inscribed_circle(Polygon(ring), tolerance=tolerance)
    return float(circle.length) + float(tolerance)
