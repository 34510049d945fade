"""Rings with fewer corners that lose nothing of what they enclose."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geoalert.covering.plane import Nearness
from geoalert.covering.rings import Ints, Rings
from geoalert.covering.steps import DROP, MEET, SWING, Steps, ascertain, guess
from geoalert.geo.ellipsoid import Floats

_PACE, _SLOW = 1, 3

_DEAR, _DEAR_M = 1.3, 1.0


def collapse(rings: Rings, near: Nearness, *, points: int, within_m: float = np.inf, swings: bool = False, clear_m: float = 0.0) -> Rings:
    """Takes corners away, the cheapest first, until `points` are left or the next would overshoot by more than `within_m`.

    Args:
        rings: contain the geometry, and the result contains them.
        near: the geometry that the overshoot is measured from.
        points: how many corners may stay.
        within_m: the overshoot that no step may pass.
        swings: whether edges may swing, which takes the longest to ask.
        clear_m: how near a ring may come to itself; nearer only where it does so already.
    """
    now = Rings(rings.at.copy(), np.unique(rings.ring, return_inverse=True)[1])
    steps = Steps.unknown(len(now.at), swings=swings)
    clear_m = min(clear_m, clearance_m(now)) if clear_m else 0.0
    reached, freed_at = 0.0, -1.0
    while len(now.at) > points:
        before, after = now.around()
        surplus = len(now.at) - points
        cost, level = _priced(now, near, steps, max(1, surplus // (_SLOW if swings else _PACE)), within_m, reached)
        chosen = _cheapest(cost, now, surplus, level, wide=swings)
        dear = not len(chosen) or cost[chosen].max() > _DEAR * reached + _DEAR_M
        if dear and freed_at < reached and steps.free():
            freed_at = reached
            continue
        if not len(chosen):
            break
        done = _apply(now, chosen, after, steps, clear_m)
        if done is None:
            continue
        keep, moved, changed = done
        reached = max(reached, float(cost[moved].max()))
        steps.forget(changed, before, after, swings=swings)
        now, steps = Rings(now.at[keep], now.ring[keep]), steps.kept(keep)
    return now


def clearance_m(rings: Rings) -> float:
    """Returns the metres that a ring comes near itself, or that two of its corners do."""
    return float(shapely.minimum_clearance(rings.polygons).min())


def _priced(rings: Rings, near: Nearness, steps: Steps, count: int, within_m: float, reached_m: float) -> tuple[Floats, float]:
    """Returns the cost of the cheapest step at each corner and the limit that so many steps keep, all below it certain."""
    guess(rings, near, steps)
    open_ = np.bincount(rings.ring)[rings.ring] > 3
    while True:
        cost = np.where(open_, steps.cost.min(axis=0), np.inf)
        level = min(float(np.partition(cost, min(count, len(cost)) - 1)[min(count, len(cost)) - 1]), within_m)
        asked = (steps.cost <= level) & ~steps.sure & open_ & np.isfinite(steps.cost)
        if not asked.any():
            return cost, level
        ascertain(rings, near, steps, asked, reached_m)


def _cheapest(cost: Floats, rings: Rings, surplus: int, limit: float, *, wide: bool) -> Ints:
    """Returns corners whose steps do not touch each other, cheapest first, as many as one round may take."""
    (before, after), ring = rings.around(), rings.ring
    some = np.flatnonzero((cost <= limit) & np.isfinite(cost))
    order = some[np.lexsort((some, cost[some]))]
    left = np.bincount(ring) - 3
    taken = np.zeros(len(cost), dtype=bool)
    chosen: list[int] = []
    for i in order.tolist():
        if len(chosen) >= surplus:
            break
        window = (before[i], i, after[i], after[after[i]], *((after[after[after[i]]],) if wide else ()))
        if left[ring[i]] < 1 or any(taken[j] for j in window):
            continue
        left[ring[i]] -= 1
        for j in window:
            taken[j] = True
        chosen.append(i)
    return np.array(chosen, dtype=np.intp)


def _apply(rings: Rings, chosen: Ints, after: Ints, steps: Steps, clear_m: float) -> tuple[Any, Ints, Any] | None:
    """Takes the steps that leave every ring simple and returns the corners that stay, that steps were taken at, and that changed.

    A step that does not even alone is ruled out.
    """
    tries = [chosen]
    keep = np.ones(len(rings.at), dtype=bool)
    changed = np.zeros(len(rings.at), dtype=bool)
    kind = steps.cost.argmin(axis=0)
    moved: list[int] = []
    while tries:
        some = tries.pop()
        at, stay = rings.at.copy(), keep.copy()
        meet = some[kind[some] == MEET]
        at[meet] = steps.corner[meet]
        swing = some[kind[some] == SWING]
        at[swing], at[after[after[swing]]] = steps.swung[swing, 0], steps.swung[swing, 1]
        gone = np.concatenate((some[kind[some] == DROP], after[meet], after[swing]))
        stay[gone] = False
        moves = np.zeros(rings.ring[-1] + 1, dtype=bool)
        moves[rings.ring[some]] = True
        part = moves[rings.ring] & stay
        made = Rings(at[part], (np.cumsum(moves) - 1)[rings.ring[part]])
        if shapely.is_valid(made.polygons).all() and (not clear_m or clearance_m(made) >= clear_m):
            rings.at[:] = at
            keep = stay
            moved += some.tolist()
            changed[gone] = changed[meet] = changed[swing] = changed[after[after[swing]]] = True
        elif len(some) > 1:
            tries += [some[len(some) // 2 :], some[: len(some) // 2]]
        else:
            steps.cost[kind[some], some] = np.inf
            steps.crossing[kind[some], some] = True
    return (keep, np.array(moved, dtype=np.intp), changed) if moved else None
