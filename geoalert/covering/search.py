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
_RADII_M = (2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 80.0, 100.0, 150.0)
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


def drafts(ask: Ask, points: int, within_m: float = math.inf) -> Iterator[Draft]:
    """Yields rings of at most so many points, each with wider bays and gaps closed beforehand, while that may pay."""
    most = ask.most(points)
    whole, joint_m = joined(ask.near.geometry, most)
    least = math.inf
    for radius_m in (0.0, *_RADII_M):
        if least <= _GOOD_M or radius_m >= max(least, 2 * _GOOD_M) or radius_m > within_m:
            break
        shape = whole if radius_m <= joint_m else closed(ask.near.geometry, radius_m)
        holes = radius_m == 0 and len(shapely.get_rings(shapely.get_parts(shape))) > shapely.get_num_geometries(shape)
        for fill_m in (math.inf, joint_m) if holes else (max(radius_m, joint_m),):
            pieces, filled_m = parts(shape, fill_m, most)
            if len(pieces) > most:
                continue
            rings = collapse(Rings.of(pieces), ask.near, points=points, within_m=within_m)
            draft = Draft(rings, max(filled_m, float(farthest_on(rings.at, rings.at[rings.around()[1]], ask.near).max())))
            least = min(least, draft.reach_m)
            yield draft


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
