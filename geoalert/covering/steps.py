"""What may be done at the corners of rings to need fewer of them, and what each step costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoalert.covering.along import farthest_on
from geoalert.covering.plane import Nearness
from geoalert.covering.rings import Ints, Rings, cross
from geoalert.geo.ellipsoid import Floats

DROP, MEET, SWING = 0, 1, 2
_WIDE_M, _WIDE = 3.0, 0.02
_SWINGS = (0.2, 0.4, 0.6, 0.8)
_FAR_M = 1e5


@dataclass(slots=True)
class Steps:
    """The steps at each corner, a row a kind: drop it, put it and the next where the edges beside both meet, or swing the edges
    before and after the next into one that holds it.

    Attributes:
        cost: metres of overshoot; nan where not asked, inf where a step is impossible or would make a ring cross itself.
        sure: whether the cost was asked all along the new edges; else it is only that of their far ends, and may be too low.
        corner: where the edges meet.
        swung: where the one edge starts and ends.
        crossing: steps that were tried and made a ring cross itself.
    """

    cost: Floats
    sure: NDArray[np.bool_]
    corner: Floats
    swung: Floats
    crossing: NDArray[np.bool_]

    @classmethod
    def unknown(cls, count: int, *, swings: bool) -> Steps:
        """Returns steps that no cost is known of; without swings they are out of the question."""
        cost = np.full((3, count), np.nan)
        if not swings:
            cost[SWING] = np.inf
        none = np.zeros((3, count), dtype=bool)
        return cls(cost, none, np.zeros((count, 2)), np.zeros((count, 2, 2)), none.copy())

    def kept(self, keep: Any) -> Steps:
        """Returns the steps of the corners that stay."""
        return Steps(self.cost[:, keep], self.sure[:, keep], self.corner[keep], self.swung[keep], self.crossing[:, keep])

    def free(self) -> bool:
        """Asks again for the steps that once made a ring cross itself, and returns whether there are any."""
        again = self.crossing
        found = bool(again.any())
        self.cost[again] = np.nan
        self.crossing = np.zeros_like(again)
        return found

    def forget(self, changed: Any, before: Ints, after: Ints, *, swings: bool) -> None:
        """Takes back the costs of steps that have a changed corner in their window."""
        next_, next2 = changed[after], changed[after[after]]
        near = changed | changed[before] | next_
        self.cost[DROP, near] = np.nan
        self.cost[MEET, near | next2] = np.nan
        if swings:
            self.cost[SWING, near | next2 | changed[after[after[after]]]] = np.nan


def guess(rings: Rings, near: Nearness, steps: Steps) -> None:
    """Fills in where steps that have no cost lead, and what their far ends alone cost."""
    before, after = rings.around()
    at = rings.at
    starts: list[Floats] = []
    drop = np.flatnonzero(np.isnan(steps.cost[DROP]))
    a, b, c = at[before[drop]], at[drop], at[after[drop]]
    bay = cross(b - a, c - b) <= 0
    starts.append((a + c)[bay] / 2)
    meet = np.flatnonzero(np.isnan(steps.cost[MEET]))
    p, fits = _meet(at[before[meet]], at[meet], at[after[meet]], at[after[after[meet]]])
    fits &= near.plane.on_earth(p)
    starts.append(p[fits])
    metres = near.plane_m(np.concatenate(starts))
    for kind, corners in ((DROP, drop), (MEET, meet)):
        steps.cost[kind, corners] = np.inf
        steps.sure[kind, corners] = False
        steps.crossing[kind, corners] = False
    steps.cost[DROP, drop[bay]] = metres[: bay.sum()]
    steps.cost[MEET, meet[fits]] = metres[bay.sum() :]
    steps.corner[meet] = p
    swing = np.flatnonzero(np.isnan(steps.cost[SWING]))
    if len(swing):
        steps.cost[SWING, swing], steps.swung[swing] = _swing(rings, swing, near)
        steps.sure[SWING, swing] = False
        steps.crossing[SWING, swing] = False


def ascertain(rings: Rings, near: Nearness, steps: Steps, asked: Any, reached_m: float) -> None:
    """Asks what steps cost all along their new edges, and inside the triangles they fill where those are wide.

    Args:
        rings: of the steps.
        near: the geometry.
        steps: with a guess each.
        asked: a mask of kinds and corners.
        reached_m: the overshoot that is there already: a triangle narrow beside it is not looked into.
    """
    before, after = rings.around()
    at = rings.at
    drop, meet, swing = (np.flatnonzero(row) for row in asked)
    a, b, c = at[before[drop]], at[drop], at[after[drop]]
    d, e, p = at[meet], at[after[meet]], steps.corner[meet]
    f, g, h = at[swing], at[after[swing]], at[after[after[swing]]]
    q, r = steps.swung[swing, 0], steps.swung[swing, 1]
    starts, ends = (a, d, e, f, h, g, g), (c, p, p, q, r, q, r)
    owners, kinds = (drop, meet, meet, swing, swing, swing, swing), (DROP, MEET, MEET, SWING, SWING, SWING, SWING)
    found = farthest_on(np.concatenate(starts), np.concatenate(ends), near)
    row, corner = np.repeat(kinds, [len(each) for each in owners]), np.concatenate(owners)
    np.maximum.at(steps.cost, (row, corner), found)
    filled = np.concatenate([np.stack(each, axis=1) for each in ((a, b, c), (d, p, e), (f, q, g), (g, r, h))])
    row, corner = (
        np.repeat((DROP, MEET, SWING, SWING), (len(drop), len(meet), len(swing), len(swing))),
        np.concatenate((drop, meet, swing, swing)),
    )
    wide = np.flatnonzero(_inradius(filled) > max(_WIDE_M, _WIDE * reached_m))
    triangle, metres = near.peaks_in(filled[wide])
    np.maximum.at(steps.cost, (row[wide][triangle], corner[wide][triangle]), metres)
    steps.sure[asked] = True


def _meet(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Returns where the lines a-b and c-d meet beyond b-c, and whether they do."""
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = cross(b - a, c - d)
        s = cross(c - b, c - d) / turn
        u = cross(b - a, b - c) / turn
        p = b + s[:, None] * (b - a)
    fits = np.isfinite(p).all(axis=1) & (s > -1) & (u > -1) & ((s >= 0) | (u >= 0))
    p = np.where(fits[:, None], p, b)
    fits &= (cross(p - b, c - p) >= 0) & (np.abs(p - b).max(axis=1) < _FAR_M)
    return p, fits


def _swing(rings: Rings, corners: Ints, near: Nearness) -> tuple[Floats, Floats]:
    """Returns what the ends cost of the cheapest edge through c from the line a-b to the line d-e, in place of b-c-d, and the ends."""
    before, after = rings.around()
    at = rings.at
    a, b, c, d, e = (
        at[before[corners]],
        at[corners],
        at[after[corners]],
        at[after[after[corners]]],
        at[after[after[after[corners]]]],
    )
    least, ends = np.full(len(b), np.inf), np.stack((b, d), axis=1)
    first, second = _unit(c - b), _unit(d - c)
    bent = cross(first, second) > 0
    for share in _SWINGS:
        way = first * (1 - share) + second * share
        p, near_p = _onto(a, b, c, way)
        q, near_q = _onto(e, d, c, way)
        fits = bent & near_p & near_q & (cross(p - b, c - p) >= 0) & (cross(q - c, d - q) >= 0)
        fits &= (((c - p) * way).sum(axis=1) > 0) & (((q - c) * way).sum(axis=1) > 0)
        fits &= near.plane.on_earth(p) & near.plane.on_earth(q)
        some = np.flatnonzero(fits)
        cost = np.full(len(b), np.inf)
        if len(some):
            cost[some] = near.plane_m(np.concatenate((p[some], q[some]))).reshape(2, -1).max(axis=0)
        better = cost < least
        least[better] = cost[better]
        ends[better] = np.stack((p, q), axis=1)[better]
    return least, ends


def _onto(a: Floats, b: Floats, through: Floats, way: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Returns where a line meets the line a-b, and whether that is past a and not far off."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = b + (cross(through - b, way) / cross(b - a, way))[:, None] * (b - a)
    fits: Any = np.isfinite(p).all(axis=1)
    p = np.where(fits[:, None], p, b)
    fits &= np.abs(p - b).max(axis=1) < _FAR_M
    fits &= ((p - b) * (b - a)).sum(axis=1) > -((b - a) ** 2).sum(axis=1)
    return p, fits


def _inradius(triangles: Floats) -> Floats:
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    around = np.hypot(*(b - a).T) + np.hypot(*(c - b).T) + np.hypot(*(a - c).T)
    radius: Floats = np.abs(cross(b - a, c - b)) / np.maximum(around, 1e-300)
    return radius


def _unit(along: Floats) -> Floats:
    unit: Floats = along / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-300)[:, None]
    return unit
