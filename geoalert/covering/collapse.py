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


@dataclass(slots=True)
class _Steps:
    """What may be done at each corner: row 0 drops it, row 1 puts it and the next where the edges beside both meet.

    Attributes:
        cost: metres of overshoot; nan where not known, inf where a step is impossible or would make a ring cross itself.
        corner: where the edges meet.
        crossing: steps that were tried and made a ring cross itself.
    """

    cost: Floats
    corner: Floats
    crossing: NDArray[np.bool_]

    @classmethod
    def unknown(cls, count: int) -> _Steps:
        return cls(np.full((2, count), np.nan), np.zeros((count, 2)), np.zeros((2, count), dtype=bool))

    def kept(self, keep: Any) -> _Steps:
        return _Steps(self.cost[:, keep], self.corner[keep], self.crossing[:, keep])

    def free(self) -> bool:
        """Asks again for the steps that once made a ring cross itself, and returns whether there are any."""
        again = self.crossing.any(axis=0)
        self.cost[:, again] = np.nan
        self.crossing[:] = False
        return bool(again.any())


def collapse(rings: Rings, near: Nearness, *, points: int, within_m: float = np.inf) -> Rings:
    """Takes corners away, the cheapest first, until `points` are left or the next would overshoot by more than `within_m`.

    Args:
        rings: contain the geometry, and the result contains them.
        near: the geometry that the overshoot is measured from.
        points: how many corners may stay.
        within_m: the overshoot that no step may pass.
    """
    at, ring = rings.at.copy(), np.unique(rings.ring, return_inverse=True)[1]
    steps = _Steps.unknown(len(at))
    reached, freed_at = 0.0, -1.0
    while len(at) > points:
        now = Rings(at, ring)
        before, after = now.around()
        _price(now, near, before, after, steps)
        open_ = np.bincount(ring)[ring] > 3
        cost = np.where(open_, steps.cost.min(axis=0), np.inf)
        chosen = _cheapest(cost, before, after, len(at) - points, within_m, ring)
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
        for _ in range(2):
            touched |= touched[before] | touched[after]
        steps.cost[:, touched] = np.nan
        at, ring, steps = at[keep], ring[keep], steps.kept(keep)
    return Rings(at, ring)


def _price(rings: Rings, near: Nearness, before: Ints, after: Ints, steps: _Steps) -> None:
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
    steps.cost[:, todo] = drop_cost, meet_cost
    steps.crossing[:, todo] = False
    steps.corner[todo] = p


def farthest_on(starts: Floats, ends: Floats, near: Nearness) -> Floats:
    """Returns about how far each straight line reaches from the geometry, asked at its end and on the way."""
    count = np.clip(np.hypot(*(ends - starts).T) / _STEP_M, *_STEPS).astype(np.intp)
    first = np.cumsum(count) - count
    share = (np.arange(count.sum()) - np.repeat(first, count) + 1) / np.repeat(count, count)
    line = np.repeat(np.arange(len(starts)), count)
    metres = near.plane_m(starts[line] + (ends - starts)[line] * share[:, None])
    farthest: Floats = np.maximum.reduceat(metres, first) if len(first) else np.zeros(0)
    return farthest


def _cheapest(cost: Floats, before: Ints, after: Ints, surplus: int, within_m: float, ring: Ints) -> Ints:
    """Returns corners whose steps do not touch each other, cheapest first, as many as one round may take."""
    order = np.lexsort((np.arange(len(cost)), cost))
    level = cost[order[min(len(order), max(1, surplus // _PACE)) - 1]]
    limit = min(float(level), within_m)
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
        stay[np.concatenate((some[kind[some] == 0], after[meet]))] = False
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
