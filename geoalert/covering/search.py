"""The search for the cover of least overshoot within a budget of points."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from geoalert.covering.along import farthest_on
from geoalert.covering.apart import kept_apart, lattice_lines
from geoalert.covering.collapse import clearance_m, collapse
from geoalert.covering.lattice import rounded_outward
from geoalert.covering.model import Cover
from geoalert.covering.overshoot import overshoot_m
from geoalert.covering.plane import Nearness, Plane
from geoalert.covering.rings import Rings
from geoalert.covering.shapes import closed, joined, parts, plain, smoothed
from geoalert.covering.tangents import convex, tangent_ring
from geoalert.covering.tighten import tightened

Lines = Sequence[tuple[int, float]]

_SHARES = (0.7, 1.0, 1.4)
_STAGES = (1.5, 1.25, 1.1, 1.0)
_FAR_M = 40.0
_FILLS = 3
_ROUGH_M = 2.0
_MANY = 6
_HUGE = 20_000
_THIN_M = 1.0
_THIN = 0.05
_LATE = 2
_CLEAR = 4.0
_SLACKS = (0.0, 1e-4, 0.1, 1.0)
_REPAIRS = 4
_TRIMS = 4


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

    @property
    def unit_m(self) -> float:
        """Metres that a step of the last decimal is long, at most."""
        return float(self.near.plane.scale.max()) * 10.0**-self.decimals

    def snap(self, axis: int, metres: float) -> float:
        """Returns the place on an axis that is nearest to one and has the decimals of the cover."""
        plane = self.near.plane
        origin, scale = (plane.lon, plane.lat)[axis], float(plane.scale[axis])
        return (round(metres / scale + origin, self.decimals) - origin) * scale

    def most(self, points: int) -> int:
        """Returns how many polygons so many points may make."""
        return points // 3 if self.max_polygons is None else min(self.max_polygons, points // 3)


@dataclass(frozen=True, slots=True)
class Draft:
    """Rings that contain the geometry, not rounded yet, and about how far their edges and the holes they fill reach beyond.

    `lines` are the meridians and parallels that it was cut along, among others.
    """

    rings: Rings
    edge_m: float
    filled_m: float
    lines: Lines = ()

    @property
    def reach_m(self) -> float:
        """About how far the cover of them reaches at least."""
        return max(self.edge_m, self.filled_m)


def best_cover(ask: Ask, points: int) -> Cover | None:
    """Returns the cover of least overshoot with at most so many points; None where the decimals are too coarse for any."""
    found: Cover | None = None
    for draft in sorted(drafts(ask, points), key=lambda each: each.reach_m):
        if found is not None and draft.reach_m >= found.overshoot_m:
            break
        made = rounded(ask, draft.rings, points, fill_m=draft.reach_m, lines=draft.lines)
        if made is not None and (found is None or made.overshoot_m < found.overshoot_m):
            found = made
    if found is None:
        hull = Rings.of([shapely.convex_hull(ask.near.geometry)])
        found = rounded(ask, collapse(hull, ask.near, points=points), points)
    if found is None:
        made_plain = [rounded(ask, Rings.of([each]), points) for each in plain(ask.near)]
        found = min((each for each in made_plain if each is not None), key=lambda each: each.overshoot_m, default=None)
    return found


def guessed_points(ask: Ask, short: int, short_m: float, within_m: float) -> int:
    """Returns about how many points a cover needs that reaches no farther, where so many reach so far."""
    if convex(ask.near):
        return math.ceil(short * math.sqrt(short_m / within_m))
    pieces, _ = parts(_thinned(ask, len(ask.near.corners) // _MANY), within_m, len(ask.near.corners))
    return len(collapse(Rings.of(pieces), ask.near, points=3, within_m=within_m).at)


def drafts(ask: Ask, points: int) -> Iterator[Draft]:
    """Yields rings of at most so many points: of the shape as it is, and where islands reach far, with the gaps between them closed."""
    most = ask.most(points)
    thin = _thinned(ask, points)
    whole, joint_m = joined(thin, most)
    islands = shapely.get_num_geometries(thin) > 1
    least = math.inf
    tried: set[bytes] = set()
    for share in (0.0, *_SHARES):
        if share and (not _FAR_M < least < math.inf or not islands):
            break
        shape = whole if not share or share * least <= joint_m else closed(thin, share * least)
        fill_m = math.inf
        for _ in range(_FILLS):
            pieces, filled_m = parts(shape, fill_m, most, ask.snap)
            mark = shapely.to_wkb(shapely.multipolygons(pieces))
            if len(pieces) > most or mark in tried or filled_m >= least:
                break
            tried.add(mark)
            rings = Rings.of(pieces)
            lines = lattice_lines(rings, ask.near.plane, ask.decimals) if len(pieces) > 1 else ()
            if share:
                rings = collapse(rings, ask.near, points=_LATE * points, within_m=_THIN * least)
            for draft in _collapsed(ask, rings, points, filled_m):
                least = min(least, draft.reach_m)
                yield replace(draft, lines=lines)
            if filled_m <= draft.edge_m:
                break
            fill_m = draft.edge_m

    tangents = tangent_ring(ask.near, points) if least > _ROUGH_M else None
    if tangents is not None:
        yield Draft(tangents, _reach_m(tangents, ask.near), 0.0)


def _collapsed(ask: Ask, rings: Rings, points: int, filled_m: float) -> Iterator[Draft]:
    """Yields the rings with so many points, and where they reach far once more, drawn in between steps that cost more time."""
    late = collapse(rings, ask.near, points=_LATE * points)
    clear_m = _CLEAR * ask.unit_m
    made = collapse(late, ask.near, points=points)
    if clearance_m(made) < clear_m:
        made = collapse(late, ask.near, points=points, clear_m=clear_m)
    draft = Draft(made, _reach_m(made, ask.near), filled_m)
    yield draft
    if draft.edge_m <= max(_FAR_M, filled_m):
        return
    for share in _STAGES:
        late = collapse(late, ask.near, points=max(3, int(share * points)), swings=True, clear_m=clear_m)
        late = tightened(late, ask.near)
    yield Draft(late, _reach_m(late, ask.near), filled_m)


def _reach_m(rings: Rings, near: Nearness) -> float:
    return float(farthest_on(rings.at, rings.at[rings.around()[1]], near).max())


def _thinned(ask: Ask, points: int) -> Any:
    """Returns the metric geometry, of far fewer corners and a metre wider at most where it has very many."""
    geometry = ask.near.geometry
    if len(ask.near.corners) <= _MANY * points:
        return geometry
    if len(ask.near.corners) > _HUGE:
        geometry = smoothed(geometry, _THIN_M / 4)
    shells = shapely.get_parts(geometry)
    kept = collapse(Rings.of(shells), ask.near, points=points, within_m=_THIN_M).polygons
    solid = [
        Polygon(shell.exterior, polygon.interiors) if len(polygon.interiors) else shell for shell, polygon in zip(kept, shells, strict=True)
    ]
    return shapely.union_all(solid)


def rounded(ask: Ask, rings: Rings, points: int, *, fill_m: float = math.inf, lines: Lines = ()) -> Cover | None:
    """Returns the rings with their coordinates rounded so that they still contain the geometry; None where that cannot be.

    Polygons that come to overlap are made one, unless that one had a hole.
    """
    most = ask.most(points)
    found: Cover | None = None
    first = rings
    for turn in range(_REPAIRS):
        last = turn == _REPAIRS - 1 and found is None
        polygons = _outward(ask, first if last else rings, points, far=last)
        if polygons is None:
            if found is not None:
                break
            wider = shapely.buffer(rings.polygons, 1.5 * ask.unit_m, join_style="mitre", mitre_limit=2.0)
            wider = shapely.intersection(wider, ask.near.plane.earth)
            blunt = shapely.union_all(closed(shapely.union_all(wider), 1.5 * ask.unit_m))
            rings = collapse(Rings.of(parts(joined(blunt, most)[0], fill_m, most)[0]), ask.near, points=points)
            continue
        count = sum(len(each.exterior.coords) - 1 for each in polygons)
        found = Cover(tuple(polygons), count, overshoot_m(polygons, ask.near))
        merged = shapely.get_parts(found.geometry)
        if len(merged) == len(polygons) or not found.overlaps:
            break
        if any(len(each.interiors) for each in merged):
            return _trimmed(ask, found, rings, points, lines)
        rings = collapse(Rings.of(shapely.transform(merged, ask.near.plane.to_metres)), ask.near, points=points)
    return found


def _trimmed(ask: Ask, made: Cover, rings: Rings, points: int, lines: Lines) -> Cover:
    """Returns the cover with its polygons kept apart where that can be, of fewer corners where trimming adds some; else as it is."""
    polygons: list[Polygon] | None = list(made.polygons)
    for _ in range(_TRIMS):
        kept = polygons and kept_apart(polygons, lines, ask.geometry, decimals=ask.decimals)
        if not kept:
            break
        count = sum(len(each.exterior.coords) - 1 for each in kept)
        if count <= points:
            return Cover(tuple(kept), count, overshoot_m(kept, ask.near))
        rings = collapse(rings, ask.near, points=len(rings.at) - (count - points))
        polygons = _outward(ask, rings, points, far=False)
    return made


def _outward(ask: Ask, rings: Rings, points: int, *, far: bool) -> list[Polygon] | None:
    """Returns the polygons of the rings at the decimals asked for, with as little slack as makes them contain the geometry."""
    for slack in _SLACKS:
        at = rounded_outward(Rings(ask.near.plane.to_degrees(rings.at), rings.ring), ask.decimals, slack=slack, far=far)
        polygons = None if at is None else _tidied(Rings(at, rings.ring).polygons)
        if polygons is None or len(polygons) > ask.most(points):
            return None
        if _covers(polygons, ask.geometry):
            return polygons if shapely.get_num_coordinates(polygons).sum() - len(polygons) <= points else None
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
