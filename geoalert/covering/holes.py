"""Polygons without holes that add up to one with holes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoalert.area import Area
from geoalert.errors import AreaError, GeometryError

_CUT_AT = (0.5, 0.382, 0.618, 0.25, 0.75, 0.123, 0.877)
_EXACT = 1e-11


def without_holes(geometry: Area | BaseGeometry) -> list[Polygon]:
    """Returns hole-free polygons that add up to the geometry and share no interior, the same at every call.

    Each hole is cut along a meridian or a parallel through it; every corner of the geometry stays, and corners come only where a cut ends.

    Raises:
        AreaError: code empty_area.
        GeometryError: codes not_an_area, invalid_geometry.
    """
    return hole_free(shapely.get_parts(polygonal(geometry)))


def hole_free(polygons: Sequence[Any]) -> list[Polygon]:
    """Returns the polygons with those that have holes cut, in the same order."""
    done: list[Polygon] = []
    todo = list(reversed(list(polygons)))
    while todo:
        polygon = todo.pop()
        if len(polygon.interiors):
            todo += reversed(_cut(polygon))
        else:
            done.append(polygon)
    return done


def polygonal(geometry: Area | BaseGeometry) -> BaseGeometry:
    """Returns the 2-D Polygon or MultiPolygon that was given, after asking whether it is one.

    Raises:
        AreaError: code empty_area.
        GeometryError: codes not_an_area, invalid_geometry, not_finite, crosses_antimeridian, or as check_bounds.
    """
    if not isinstance(geometry, Area) and geometry is not None:
        geometry = Area.polygon(geometry)
    if geometry is None:
        raise AreaError("the geometry is empty", code="empty_area", field="geometry", do="Give a polygon with an area.")
    if geometry.is_point:
        raise GeometryError(
            "a bare point has no area", code="not_an_area", field="geometry", value="Point", do="Give it a radius: Area.circle."
        )
    shape: BaseGeometry = shapely.force_2d(geometry.geometry)
    return shape


def _cut(polygon: Polygon) -> list[Polygon]:
    """Returns the pieces of the shortest cut through the hole that comes first, from west to east."""
    hole = min((Polygon(ring) for ring in polygon.interiors), key=lambda each: (each.bounds, each.wkb))
    best: list[Polygon] = []
    shortest = np.inf
    for cut in _cuts(polygon, hole):
        if cut.length >= shortest:
            continue
        noded = shapely.node(shapely.multilinestrings([*shapely.get_parts(polygon.boundary), *shapely.get_parts(cut)]))
        made = [each for each in shapely.get_parts(shapely.polygonize([noded])) if polygon.contains(each.representative_point())]
        fewer = len(made) > 1 and all(len(each.interiors) < len(polygon.interiors) for each in made)
        if fewer and abs(sum(each.area for each in made) - polygon.area) <= _EXACT * polygon.area:
            best, shortest = sorted(made, key=lambda each: (each.bounds, each.wkb)), cut.length
    if not best:
        raise GeometryError(
            "a hole cannot be cut open", code="invalid_geometry", field="geometry", value=hole.wkt, do="Repair or fill that hole."
        )
    return best


def _cuts(polygon: Polygon, hole: Polygon) -> Iterator[Any]:
    """Yields the parts inside the polygon of lines through the hole, those beside the hole first."""
    west, south, east, north = hole.bounds
    left, bottom, right, top = polygon.bounds
    wide, high = right - left, top - bottom
    for share in _CUT_AT:
        x, y = west + (east - west) * share, south + (north - south) * share
        lines = ([(x, bottom - high), (x, top + high)], [(left - wide, y), (right + wide, y)])
        for line in lines:
            inside = [each for each in shapely.get_parts(shapely.intersection(polygon, LineString(line))) if each.length > 0]
            beside = [each for each in inside if each.distance(hole) <= 1e-12 * max(wide, high)]
            for cut in (beside, inside):
                yield shapely.multilinestrings([_longer(each, 1e-9 * max(wide, high)) for each in cut])


def _longer(line: Any, by: float) -> Any:
    """Returns the segment with its ends past the rings that it was cut at, so that it meets them for certain."""
    start, end = shapely.get_coordinates(line)[[0, -1]]
    on = (end - start) / np.hypot(*(end - start)) * by
    return LineString([start - on, end + on])
