"""Rings with fewer corners that lose nothing of what they enclose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.covering.plane import Nearness
from geoalert.geo.ellipsoid import Floats

Ints = NDArray[np.intp]

_STEP_M = 15.0
_STEPS = (3, 60)
_PACE = 6
_WIDE_M2 = 2000.0
_FANS = tuple((k + 0.5) / 8 for k in range(8))
_DEAR, _DEAR_M = 1.3, 1.0
_SWINGS = (0.2, 0.4, 0.6, 0.8)
_LATE = 2


@dataclass(slots=True)
class Rings:
    """Counter-clockwise rings in metres, one after the other, no corner twice.

    A step adds triangles outside a ring, so that the winding number falls nowhere: what was inside stays inside even where a ring
    comes to cross another.
    """

    at: Floats
    ring: Ints

    @classmethod
    def of(cls, polygons: Any) -> Rings:
        """Returns the shells of an array of polygons; holes are left out."""
        shells = shapely.get_exterior_ring(shapely.orient_polygons(np.asarray(polygons, dtype=object)))
        at, ring = shapely.get_coordinates(shells, return_index=True)
        first = np.r_[True, ring[1:] != ring[:-1]]
        fresh = ~first & np.r_[True, (at[1:] != at[:-1]).any(axis=1)]
        return cls(at[fresh], ring[fresh])

    @property
    def polygons(self) -> Any:
        """The rings as an array of polygons, valid or not."""
        return shapely.polygons(shapely.linearrings(self.at, indices=self.ring))

    def around(self) -> tuple[Ints, Ints]:
        """Returns the positions of each corner's neighbours before and after."""
        count = len(self.at)
        before, after = np.arange(-1, count - 1), np.arange(1, count + 1)
        starts = np.flatnonzero(np.r_[True, self.ring[1:] != self.ring[:-1]])
        ends = np.r_[starts[1:], count] - 1
        before[starts], after[ends] = ends, starts
        return before, after


def cross(a: Floats, b: Floats) -> Floats:
    """Returns the z of the cross product, row by row."""
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


@dataclass(slots=True)
class _Steps:
    """What may be done at each corner: row 0 drops it, row 1 puts it and the next where the edges beside both meet,
    row 2 swings the edges before and after the next into one that holds it.

    Attributes:
        cost: metres of overshoot; nan where not known, inf where a step is impossible or would make a ring cross itself.
        corner: where the edges meet.
        swung: where the one edge starts and ends.
        crossing: steps that were tried and made a ring cross itself.
    """

    cost: Floats
    corner: Floats
    swung: Floats
    crossing: NDArray[np.bool_]

    @classmethod
    def unknown(cls, count: int) -> _Steps:
        return cls(np.full((3, count), np.nan), np.zeros((count, 2)), np.zeros((count, 2, 2)), np.zeros((3, count), dtype=bool))

    def kept(self, keep: Any) -> _Steps:
        return _Steps(self.cost[:, keep], self.corner[keep], self.swung[keep], self.crossing[:, keep])

    def free(self) -> bool:
        """Asks again for the steps that once made a ring cross itself, and returns whether there are any."""
        again = self.crossing.any(axis=0)
        self.cost[:, again] = np.nan
        self.crossing[:] = False
        return bool(again.any())


def collapse(rings: Rings, near: Nearness, *, points: int, within_m: float = np.inf, swings: bool = False) -> Rings:
    """Takes corners away, the cheapest first, until `points` are left or the next would overshoot by more than `within_m`.

    Args:
        rings: contain the geometry, and the result contains them.
        near: the geometry that the overshoot is measured from.
        points: how many corners may stay.
        within_m: the overshoot that no step may pass.
        swings: whether edges may swing once twice the points are left.
    """
    at, ring = rings.at.copy(), np.unique(rings.ring, return_inverse=True)[1]
    steps = _Steps.unknown(len(at))
    reached, freed_at, late = 0.0, -1.0, False
    while len(at) > points:
        now = Rings(at, ring)
        before, after = now.around()
        if swings and not late and len(at) <= _LATE * points:
            late = True
            steps.cost[2] = np.nan
        _price(now, near, before, after, steps, swings=late)
        open_ = np.bincount(ring)[ring] > 3
        cost = np.where(open_, steps.cost.min(axis=0), np.inf)
        chosen = _cheapest(cost, now, len(at) - points, within_m, wide=late)
        dear = not len(chosen) or cost[chosen].max() > _DEAR * reached + _DEAR_M
        if dear and freed_at < reached and steps.free():
            freed_at = reached
            continue
        if not len(chosen):
            break
        done = _apply(now, chosen, after, steps)
        if done is None:
            continue
        keep, moved = done
        reached = max(reached, float(cost[moved].max()))
        touched = np.zeros(len(at), dtype=bool)
        touched[moved] = True
        for _ in range(3 if late else 2):
            touched |= touched[before] | touched[after]
        steps.cost[:, touched] = np.nan
        at, ring, steps = at[keep], ring[keep], steps.kept(keep)
    return Rings(at, ring)


def _price(rings: Rings, near: Nearness, before: Ints, after: Ints, steps: _Steps, *, swings: bool) -> None:
    """Fills in what the steps at each corner cost that has none."""
    todo = np.flatnonzero(np.isnan(steps.cost).any(axis=0))
    if not len(todo):
        return
    at = rings.at
    a, b, c, d = at[before[todo]], at[todo], at[after[todo]], at[after[after[todo]]]
    drop = cross(b - a, c - b) <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = cross(b - a, c - d)
        s = cross(c - b, c - d) / turn
        u = cross(b - a, b - c) / turn
        p = b + s[:, None] * (b - a)
    meet = np.isfinite(p).all(axis=1) & (s > -1) & (u > -1) & ((s >= 0) | (u >= 0))
    p = np.where(meet[:, None], p, b)
    meet &= (cross(p - b, c - p) >= 0) & (np.abs(p - b).max(axis=1) < 1e5)
    drop_cost, meet_cost = np.full(len(todo), np.inf), np.full(len(todo), np.inf)
    drops, meets = np.flatnonzero(drop), np.flatnonzero(meet)
    wide = drops[-cross(b - a, c - b)[drops] > _WIDE_M2]
    broad = meets[cross(p - b, c - p)[meets] > _WIDE_M2]
    starts = np.concatenate((a[drops], b[meets], c[meets], *(b[wide] for _ in _FANS), *(p[broad] for _ in _FANS)))
    ends = [c[drops], p[meets], p[meets], *((a + (c - a) * fan)[wide] for fan in _FANS), *((b + (c - b) * fan)[broad] for fan in _FANS)]
    ways = np.split(farthest_on(starts, np.concatenate(ends), near), np.cumsum([len(each) for each in ends])[:-1])
    drop_cost[drops] = ways[0]
    meet_cost[meets] = np.maximum(ways[1], ways[2])
    drop_cost[wide] = np.maximum(drop_cost[wide], np.max(ways[3 : 3 + len(_FANS)], axis=0))
    meet_cost[broad] = np.maximum(meet_cost[broad], np.max(ways[3 + len(_FANS) :], axis=0))
    swing_cost = np.full(len(todo), np.inf)
    if swings:
        swing_cost, steps.swung[todo] = _swing(a, b, c, d, at[after[after[after[todo]]]], near)
    steps.cost[:, todo] = drop_cost, meet_cost, swing_cost
    steps.crossing[:, todo] = False
    steps.corner[todo] = p


def _swing(a: Floats, b: Floats, c: Floats, d: Floats, e: Floats, near: Nearness) -> tuple[Floats, Floats]:
    """Returns what the cheapest edge through c costs from the line a-b to the line d-e, in place of b-c-d, and where it starts and ends."""
    least, ends = np.full(len(b), np.inf), np.stack((b, d), axis=1)
    first, second = (c - b) / np.maximum(np.hypot(*(c - b).T), 1e-300)[:, None], (d - c) / np.maximum(np.hypot(*(d - c).T), 1e-300)[:, None]
    bent = cross(first, second) > 0
    for share in _SWINGS:
        way = first * (1 - share) + second * share
        with np.errstate(divide="ignore", invalid="ignore"):
            p = b + (cross(c - b, way) / cross(b - a, way))[:, None] * (b - a)
            q = d + (cross(c - d, way) / cross(d - e, way))[:, None] * (d - e)
        fits = bent & np.isfinite(p).all(axis=1) & np.isfinite(q).all(axis=1)
        fits &= (np.abs(np.where(fits[:, None], p - b, 0)).max(axis=1) < 1e5) & (
            np.abs(np.where(fits[:, None], q - d, 0)).max(axis=1) < 1e5
        )
        p, q = np.where(fits[:, None], p, b), np.where(fits[:, None], q, d)
        fits &= (cross(p - b, c - p) >= 0) & (cross(q - c, d - q) >= 0)
        fits &= (((p - b) * (b - a)).sum(axis=1) > -((b - a) ** 2).sum(axis=1)) & (
            ((q - d) * (d - e)).sum(axis=1) > -((d - e) ** 2).sum(axis=1)
        )
        fits &= (((c - p) * way).sum(axis=1) > 0) & (((q - c) * way).sum(axis=1) > 0)
        at = np.flatnonzero(fits)
        lines = farthest_on(np.concatenate((b[at], d[at], c[at], c[at])), np.concatenate((p[at], q[at], p[at], q[at])), near)
        cost = np.full(len(b), np.inf)
        cost[at] = lines.reshape(4, -1).max(axis=0)
        better = cost < least
        least[better] = cost[better]
        ends[better] = np.stack((p, q), axis=1)[better]
    return least, ends


def farthest_on(starts: Floats, ends: Floats, near: Nearness) -> Floats:
    """Returns about how far each straight line reaches from the geometry, asked at its end and on the way."""
    count = np.clip(np.hypot(*(ends - starts).T) / _STEP_M, *_STEPS).astype(np.intp)
    first = np.cumsum(count) - count
    share = (np.arange(count.sum()) - np.repeat(first, count) + 1) / np.repeat(count, count)
    line = np.repeat(np.arange(len(starts)), count)
    metres = near.plane_m(starts[line] + (ends - starts)[line] * share[:, None])
    farthest: Floats = np.maximum.reduceat(metres, first) if len(first) else np.zeros(0)
    return farthest


def _cheapest(cost: Floats, rings: Rings, surplus: int, within_m: float, *, wide: bool) -> Ints:
    """Returns corners whose steps do not touch each other, cheapest first, as many as one round may take."""
    (before, after), ring = rings.around(), rings.ring
    order = np.lexsort((np.arange(len(cost)), cost))
    level = cost[order[min(len(order), max(1, surplus // _PACE)) - 1]]
    limit = min(float(level), within_m)
    left = np.bincount(ring) - 3
    taken = np.zeros(len(cost), dtype=bool)
    chosen: list[int] = []
    for i in order[: np.searchsorted(cost[order], limit, side="right")].tolist():
        if not np.isfinite(cost[i]) or len(chosen) >= surplus:
            break
        window = (before[i], i, after[i], after[after[i]], *((after[after[after[i]]],) if wide else ()))
        if left[ring[i]] < 1 or any(taken[j] for j in window):
            continue
        left[ring[i]] -= 1
        for j in window:
            taken[j] = True
        chosen.append(i)
    return np.array(chosen, dtype=np.intp)


def _apply(rings: Rings, chosen: Ints, after: Ints, steps: _Steps) -> tuple[Any, Ints] | None:
    """Takes the steps that leave every ring simple and returns what stays and what was touched; rules out a step that alone does not."""
    tries = [chosen]
    keep = np.ones(len(rings.at), dtype=bool)
    kind = steps.cost.argmin(axis=0)
    moved: list[int] = []
    while tries:
        some = tries.pop()
        at, stay = rings.at.copy(), keep.copy()
        meet = some[kind[some] == 1]
        at[meet] = steps.corner[meet]
        swing = some[kind[some] == 2]
        at[swing], at[after[after[swing]]] = steps.swung[swing, 0], steps.swung[swing, 1]
        stay[np.concatenate((some[kind[some] == 0], after[meet], after[swing]))] = False
        part = np.isin(rings.ring, rings.ring[some]) & stay
        if shapely.is_valid(Rings(at[part], np.unique(rings.ring[part], return_inverse=True)[1]).polygons).all():
            rings.at[:] = at
            keep = stay
            moved += some.tolist()
        elif len(some) > 1:
            tries += [some[len(some) // 2 :], some[: len(some) // 2]]
        else:
            steps.cost[kind[some], some] = np.inf
            steps.crossing[kind[some], some] = True
    return (keep, np.array(moved, dtype=np.intp)) if moved else None
