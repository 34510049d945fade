"""Polygons without holes that add up to one with holes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoalert.area import Area
from geoalert.errors import AreaError, GeometryError

Snap = Callable[[int, float], float]

_CUT_AT = (0.5, 0.382, 0.618, 0.25, 0.75, 0.123, 0.877)
_EXACT = 1e-11
_ULPS = 4
_MANY = 8


def without_holes(geometry: Area | BaseGeometry) -> list[Polygon]:
    """Returns hole-free polygons that add up to the geometry and share no interior, the same at every call.

    Each hole is cut along a meridian or a parallel through it, or between corners where a shape is too small for that; every corner of
    the geometry stays, and corners come only where a cut ends.

    Raises:
        AreaError: code empty_area.
        GeometryError: codes not_an_area, invalid_geometry.
    """
    return hole_free(shapely.get_parts(polygonal(geometry)))


def hole_free(polygons: Sequence[Any], *, snap: Snap | None = None) -> list[Polygon]:
    """Returns the polygons with those that have holes cut, in the same order; `snap` says where a line may lie.

    It takes the axis that a line crosses (0 for a meridian) and where the line is to cross it.
    """
    done: list[Polygon] = []
    todo = list(reversed(list(polygons)))
    while todo:
        polygon = todo.pop()
        if len(polygon.interiors):
            todo += reversed(_cut(polygon, snap))
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


def _cut(polygon: Polygon, snap: Snap | None) -> list[Polygon]:
    """Returns pieces that each have fewer holes: of a line through the middle where holes are many, else of the shortest cut through
    the hole that comes first, from west to east.

    Where a rounded end of every such cut would change the area, as on a slant of a tiny shape, the cuts go from corner to corner.
    """
    best: list[Polygon] = []
    shortest = np.inf
    many = len(polygon.interiors) > _MANY
    for cut in _cuts(polygon, _middle_hole(polygon) if many else _first_hole(polygon), snap, through=many):
        if cut.length < shortest and (made := _pieces(polygon, cut)):
            best, shortest = made, cut.length
            if many:
                break
    best = best or _cut_at_corners(polygon)
    if not best:
        raise GeometryError(
            "a hole cannot be cut open",
            code="invalid_geometry",
            field="geometry",
            value=_first_hole(polygon).wkt,
            do="Repair or fill that hole.",
        )
    return best


def _pieces(polygon: Polygon, cut: Any) -> list[Polygon]:
    """Returns what a cut makes of a polygon, in a fixed order; nothing where no hole goes or the area changes."""
    noded = shapely.node(shapely.multilinestrings([*shapely.get_parts(polygon.boundary), *shapely.get_parts(cut)]))
    made = [each for each in shapely.get_parts(shapely.polygonize([noded])) if polygon.contains(each.representative_point())]
    fewer = len(made) > 1 and all(len(each.interiors) < len(polygon.interiors) for each in made)
    return sorted(made, key=lambda each: (each.bounds, each.wkb)) if fewer and _adds_up(made, polygon) else []


def _adds_up(made: Sequence[Polygon], polygon: Polygon) -> bool:
    return bool(abs(sum(each.area for each in made) - polygon.area) <= _EXACT * polygon.area)


def _first_hole(polygon: Polygon) -> Polygon:
    return min((Polygon(ring) for ring in polygon.interiors), key=lambda each: (each.bounds, each.wkb))


def _middle_hole(polygon: Polygon) -> Polygon:
    """Returns the hole with as many to the west as to the east, or to the south as to the north, where they reach wider that way."""
    bounds = shapely.bounds(list(polygon.interiors))
    axis = int((np.ptp(bounds, axis=0)[:2]).argmax())
    return Polygon(polygon.interiors[int(np.argsort(bounds[:, axis], kind="stable")[len(bounds) // 2])])


def _cuts(polygon: Polygon, hole: Polygon, snap: Snap | None, *, through: bool) -> Iterator[Any]:
    """Yields the parts inside the polygon of lines through the hole: those beside it, all, or all that end at any hole."""
    west, south, east, north = hole.bounds
    left, bottom, right, top = polygon.bounds
    wide, high = right - left, top - bottom
    near = max(1e-12 * max(wide, high), _ULPS * float(np.spacing(max(abs(each) for each in polygon.bounds))))
    for share in _CUT_AT:
        x, y = west + (east - west) * share, south + (north - south) * share
        x, y = (x, y) if snap is None else (snap(0, x), snap(1, y))
        lines = [([(x, bottom - high), (x, top + high)]), ([(left - wide, y), (right + wide, y)])]
        if through and high > wide:
            lines.reverse()
        for line in lines:
            inside = [each for each in shapely.get_parts(shapely.intersection(polygon, LineString(line))) if each.length > 0]
            beside = [each for each in inside if each.distance(hole) <= near]
            for cut in [_holed(inside, polygon, near)] if through else [beside, inside]:
                if cut:
                    yield shapely.multilinestrings([_longer(each, max(1e-9 * max(wide, high), near)) for each in cut])


def _holed(inside: list[Any], polygon: Polygon, near: float) -> list[Any]:
    """Returns the segments that have an end off the shell."""
    ends = shapely.get_point(np.repeat(np.array(inside, dtype=object), 2), np.tile((0, -1), len(inside)))
    off = (shapely.distance(ends, polygon.exterior) > near).reshape(-1, 2).any(axis=1)
    return [each for each, kept in zip(inside, off, strict=True) if kept]


def _longer(line: Any, by: float) -> Any:
    """Returns the segment with its ends past the rings that it was cut at, so that it meets them for certain."""
    start, end = shapely.get_coordinates(line)[[0, -1]]
    on = (end - start) / np.hypot(*(end - start)) * by
    return LineString([start - on, end + on])


def _cut_at_corners(polygon: Polygon) -> list[Polygon]:
    """Returns hole-free pieces with no corner but those of the polygon: triangles, joined while each brings a corner that is new."""
    made = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
    corners = [[tuple(at) for at in shapely.get_coordinates(each)[:3].tolist()] for each in made]
    beside: dict[frozenset[Any], list[int]] = {}
    for k, three in enumerate(corners):
        for j in range(3):
            beside.setdefault(frozenset((three[j], three[j - 1])), []).append(k)
    free = set(range(len(made)))
    pieces: list[Polygon] = []
    while free:
        first = min(free)
        free.remove(first)
        held, joined, edge = set(corners[first]), [first], [first]
        while edge:
            three = corners[edge.pop(0)]
            for j in range(3):
                for k in free.intersection(beside[frozenset((three[j], three[j - 1]))]):
                    if len(held.intersection(corners[k])) == 2:
                        free.remove(k)
                        held.update(corners[k])
                        joined.append(k)
                        edge.append(k)
        pieces += shapely.get_parts(shapely.coverage_union_all(made[joined])).tolist()
    fits = all(each.is_valid and not len(each.interiors) for each in pieces) and _adds_up(pieces, polygon)
    return sorted(pieces, key=lambda each: (each.bounds, each.wkb)) if fits else []
