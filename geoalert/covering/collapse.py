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

_STEP_M = 40.0
_STEPS = (4, 24)
_PACE = 6


@dataclass(slots=True)
class Rings:
    """Counter-clockwise rings in metres, one after the other, no corner twice.

    A step adds one triangle outside a ring, so that the winding number falls nowhere: what was inside stays inside even where a ring
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


def collapse(rings: Rings, near: Nearness, *, points: int, within_m: float = np.inf) -> Rings:
    """Takes corners away, the cheapest first, until `points` are left or the next would overshoot by more than `within_m`."""
    at, ring = rings.at.copy(), np.unique(rings.ring, return_inverse=True)[1]
    cost, corner, kind = np.full(len(at), np.nan), at.copy(), np.zeros(len(at), dtype=np.int8)
    reached = 0.0
    while len(at) > points:
        now = Rings(at, ring)
        before, after = now.around()
        _price(now, near, before, after, cost, corner, kind)
        open_ = np.bincount(ring)[ring] > 3
        chosen = _cheapest(np.where(open_, cost, np.inf), before, after, len(at) - points, max(reached, 0.0), within_m, ring)
        if not len(chosen):
            break
        done = _apply(now, chosen, after, corner, kind, cost)
        if done is None:
            continue
        keep, moved = done
        reached = max(reached, float(cost[chosen].max()))
        touched = np.zeros(len(at), dtype=bool)
        touched[moved] = True
        for _ in range(2):
            touched |= touched[before] | touched[after]
        cost[touched] = np.nan
        at, ring, cost, corner, kind = at[keep], ring[keep], cost[keep], corner[keep], kind[keep]
    return Rings(at, ring)


def _price(rings: Rings, near: Nearness, before: Ints, after: Ints, cost: Floats, corner: Floats, kind: Any) -> None:
    """Fills in what the better step at each unpriced corner costs in metres of overshoot: 1 drops it, 2 lets its neighbours' edges meet."""
    todo = np.flatnonzero(np.isnan(cost))
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
    starts = np.concatenate((a[drops], b[meets], c[meets]))
    ends = np.concatenate((c[drops], p[meets], p[meets]))
    middles = ((a + b + c) / 3)[drops]
    ways = farthest_on(starts, ends, near)
    drop_cost[drops] = np.maximum(ways[: len(drops)], near.plane_m(middles))
    meet_cost[meets] = np.maximum(*ways[len(drops) :].reshape(2, -1))
    cost[todo] = np.minimum(drop_cost, meet_cost)
    kind[todo] = np.where(drop_cost <= meet_cost, 1, 2)
    corner[todo] = p


def farthest_on(starts: Floats, ends: Floats, near: Nearness) -> Floats:
    """Returns about how far each straight line reaches from the geometry, asked at its end and on the way."""
    count = np.clip(np.hypot(*(ends - starts).T) / _STEP_M, *_STEPS).astype(np.intp)
    first = np.cumsum(count) - count
    share = (np.arange(count.sum()) - np.repeat(first, count) + 1) / np.repeat(count, count)
    line = np.repeat(np.arange(len(starts)), count)
    metres = near.plane_m(starts[line] + (ends - starts)[line] * share[:, None])
    farthest: Floats = np.maximum.reduceat(metres, first) if len(first) else np.zeros(0)
    return farthest


def _cheapest(cost: Floats, before: Ints, after: Ints, surplus: int, reached: float, within_m: float, ring: Ints) -> Ints:
    """Returns corners whose steps do not touch each other, cheapest first, as many as one round may take."""
    order = np.lexsort((np.arange(len(cost)), cost))
    level = cost[order[min(len(order), max(1, surplus // _PACE)) - 1]]
    limit = min(max(reached, float(level)), within_m)
    left = np.bincount(ring) - 3
    taken = np.zeros(len(cost), dtype=bool)
    chosen: list[int] = []
    for i in order[: np.searchsorted(cost[order], limit, side="right")].tolist():
        if not np.isfinite(cost[i]) or len(chosen) >= surplus:
            break
        window = (before[i], i, after[i], after[after[i]])
        if left[ring[i]] < 1 or any(taken[j] for j in window):
            continue
        left[ring[i]] -= 1
        for j in window:
            taken[j] = True
        chosen.append(i)
    return np.array(chosen, dtype=np.intp)


def _apply(rings: Rings, chosen: Ints, after: Ints, corner: Floats, kind: Any, cost: Floats) -> tuple[Any, Ints] | None:
    """Takes the steps that leave every ring simple and returns what stays and what was touched; forbids a step that alone does not."""
    tries = [chosen]
    keep = np.ones(len(rings.at), dtype=bool)
    moved: list[int] = []
    while tries:
        some = tries.pop()
        at, stay = rings.at.copy(), keep.copy()
        meet = some[kind[some] == 2]
        at[meet] = corner[meet]
        stay[np.concatenate((some[kind[some] == 1], after[meet]))] = False
        touched = np.unique(rings.ring[some])
        part = np.isin(rings.ring, touched) & stay
        if shapely.is_valid(Rings(at[part], np.unique(rings.ring[part], return_inverse=True)[1]).polygons).all():
            rings.at[:] = at
            keep = stay
            moved += some.tolist()
        elif len(some) > 1:
            tries += [some[len(some) // 2 :], some[: len(some) // 2]]
        else:
            cost[some] = np.inf
    return (keep, np.array(moved, dtype=np.intp)) if moved else None
