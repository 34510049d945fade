"""The search for the cover of least overshoot within a budget of points."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from geoalert.covering.collapse import Rings, collapse, farthest_on
from geoalert.covering.lattice import rounded_outward
from geoalert.covering.model import Cover
from geoalert.covering.overshoot import overshoot_m
from geoalert.covering.plane import Nearness, Plane
from geoalert.covering.shapes import closed, joined, parts

_GOOD_M = 3.0
_SHARES = (0.15, 0.4, 0.7, 1.0, 1.4)
_FAR_M = 50.0
_FILL = 0.95
_MANY = 6
_THIN_M = 1.0
_SLACKS = (0.0, 1e-4, 0.1, 1.0)
_REPAIRS = 4


@dataclass(frozen=True, slots=True)
class Ask:
    """A geometry and what its cover is bound to.

    Attributes:
        geometry: lon/lat.
        near: its distances.
        decimals: of the coordinates.
        max_polygons: None for as many as the shape needs.
    """

    geometry: Any
    near: Nearness
    decimals: int
    max_polygons: int | None

    @classmethod
    def of(cls, geometry: Any, *, decimals: int, max_polygons: int | None) -> Ask:
        """Returns the ask with its geometry indexed."""
        return cls(geometry, Nearness(geometry, Plane.of(geometry)), decimals, max_polygons)

    def most(self, points: int) -> int:
        """Returns how many polygons so many points may make."""
        return points // 3 if self.max_polygons is None else min(self.max_polygons, points // 3)


@dataclass(frozen=True, slots=True)
class Draft:
    """Rings that contain the geometry, not rounded yet, and about how far they reach beyond."""

    rings: Rings
    reach_m: float


def best_cover(ask: Ask, points: int) -> Cover | None:
    """Returns the cover of least overshoot with at most so many points; None where the decimals are too coarse for any."""
    found: Cover | None = None
    for draft in sorted(drafts(ask, points), key=lambda each: each.reach_m):
        if found is not None and draft.reach_m >= found.overshoot_m:
            break
        made = rounded(ask, draft.rings, points)
        if made is not None and (found is None or made.overshoot_m < found.overshoot_m):
            found = made
    if found is None:
        hull = Rings.of([shapely.convex_hull(ask.near.geometry)])
        found = rounded(ask, collapse(hull, ask.near, points=points), points)
    return found


def drafts(ask: Ask, points: int) -> Iterator[Draft]:
    """Yields rings of at most so many points: of the shape as it is, then with bays and gaps of a part of that overshoot closed."""
    most = ask.most(points)
    thin = _thinned(ask, points)
    whole, joint_m = joined(thin, most)
    least = _GOOD_M
    tried: set[bytes] = set()
    for share in (0.0, *_SHARES):
        if share and least <= (_GOOD_M if share < 1 else _FAR_M):
            break
        radius_m = max(joint_m, share * least)
        shape = whole if radius_m <= joint_m else closed(thin, radius_m)
        for fill_m in (math.inf, radius_m, _FILL * least):
            pieces, filled_m = parts(shape, fill_m, most)
            mark = shapely.to_wkb(shapely.multipolygons(pieces))
            if len(pieces) > most or mark in tried or (tried and filled_m >= least):
                continue
            rings = collapse(Rings.of(pieces), ask.near, points=points)
            reach_m = max(filled_m, float(farthest_on(rings.at, rings.at[rings.around()[1]], ask.near).max()))
            least = min(least, reach_m) if tried else reach_m
            tried.add(mark)
            yield Draft(rings, reach_m)
            if reach_m > _FAR_M:
                rings = collapse(Rings.of(pieces), ask.near, points=points, swings=True)
                yield Draft(rings, max(filled_m, float(farthest_on(rings.at, rings.at[rings.around()[1]], ask.near).max())))


def _thinned(ask: Ask, points: int) -> Any:
    """Returns the metric geometry, of far fewer corners and a metre wider at most where it has very many."""
    geometry = ask.near.geometry
    if len(ask.near.corners) <= _MANY * points:
        return geometry
    shells = shapely.get_parts(geometry)
    kept = collapse(Rings.of(shells), ask.near, points=points, within_m=_THIN_M).polygons
    solid = [
        Polygon(shell.exterior, polygon.interiors) if len(polygon.interiors) else shell for shell, polygon in zip(kept, shells, strict=True)
    ]
    return shapely.union_all(solid)


def rounded(ask: Ask, rings: Rings, points: int) -> Cover | None:
    """Returns the rings with their coordinates rounded so that they still contain the geometry; None where that cannot be."""
    plane = ask.near.plane
    unit_m = float(plane.scale.max()) * 10.0**-ask.decimals
    for _ in range(_REPAIRS):
        for slack in _SLACKS:
            at = rounded_outward(Rings(plane.to_degrees(rings.at), rings.ring), ask.decimals, slack=slack)
            if at is None:
                break
            polygons = _tidied(Rings(at, rings.ring).polygons)
            if polygons is None or len(polygons) > ask.most(points):
                break
            if _covers(polygons, ask.geometry):
                count = sum(len(each.exterior.coords) - 1 for each in polygons)
                if count <= points:
                    return Cover(tuple(polygons), count, overshoot_m(polygons, ask.near))
        wider = shapely.buffer(rings.polygons, 1.5 * unit_m, join_style="mitre", mitre_limit=2.0)
        blunt = shapely.union_all(closed(shapely.union_all(wider), 1.5 * unit_m))
        rings = collapse(Rings.of(shapely.get_parts(joined(blunt, ask.most(points))[0])), ask.near, points=points)
    return None


def _tidied(polygons: Any) -> list[Polygon] | None:
    """Returns the polygons one by one, with no idle corner and none inside another; None where a ring crosses itself."""
    if not shapely.is_valid(polygons).all():
        return None
    simple = shapely.simplify(polygons, 0.0)
    kept = [each for k, each in enumerate(simple) if not any(_inside(each, other, k, j) for j, other in enumerate(simple))]
    return sorted(kept, key=lambda each: (-each.area, each.bounds))


def _inside(one: Polygon, other: Polygon, k: int, j: int) -> bool:
    if j == k or not other.covers(one):
        return False
    return j < k or not one.covers(other)


def _covers(polygons: list[Polygon], geometry: Any) -> bool:
    whole = polygons[0] if len(polygons) == 1 else shapely.union_all(np.array(polygons, dtype=object))
    return bool(shapely.covers(whole, geometry))
