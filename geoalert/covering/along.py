"""How far straight lines reach from a geometry."""

from __future__ import annotations

from typing import Any

import numpy as np

from geoalert.covering.plane import Nearness
from geoalert.covering.rings import Ints
from geoalert.geo.ellipsoid import Floats

_STEP_M, _FEWEST = 15.0, 3
_LONG_M, _STEPS = 400.0, 300
_FIRST, _SPLIT = 8, 4
_SURE_M, _SURE = 0.1, 0.01


def farthest_on(starts: Floats, ends: Floats, near: Nearness) -> Floats:
    """Returns about how far each straight line reaches from the geometry, asked at its end and on the way."""
    length = np.hypot(*(ends - starts).T)
    farthest = np.zeros(len(starts))
    long = length > _LONG_M
    for some, reach in ((~long, _evenly), (long, _where_it_may)):
        if some.any():
            farthest[some] = reach(starts[some], (ends - starts)[some], length[some], near)
    return farthest


def _evenly(starts: Floats, along: Floats, length: Floats, near: Nearness) -> Floats:
    """Returns it for short lines: asked every 15 m."""
    count = np.maximum(length / _STEP_M, _FEWEST).astype(np.intp)
    first = np.cumsum(count) - count
    share = (np.arange(count.sum()) - np.repeat(first, count) + 1) / np.repeat(count, count)
    line = np.repeat(np.arange(len(starts)), count)
    farthest: Floats = np.maximum.reduceat(near.plane_m(starts[line] + along[line] * share[:, None]), first)
    return farthest


def _where_it_may(starts: Floats, along: Floats, length: Floats, near: Nearness) -> Floats:
    """Returns it for long lines.

    The distance to one edge is convex along a line, so the edges nearest to both ends of a stretch bound what it reaches; stretches
    that may reach farther than their line is known to are split, down to 15 m or a 300th of the line.
    """
    least = np.maximum(_STEP_M, length / _STEPS)
    share = np.linspace(0, 1, _FIRST + 1)
    reach, edge = near.plane_edge((starts[:, None] + along[:, None] * share[:, None]).reshape(-1, 2))
    reach, edge = reach.reshape(-1, _FIRST + 1), edge.reshape(-1, _FIRST + 1)
    farthest: Floats = reach[:, 1:].max(axis=1)
    line, low, step = np.repeat(np.arange(len(starts)), _FIRST), np.tile(share[:-1], len(starts)), 1 / _FIRST
    apart, near_edge = (np.stack((each[:, :-1].ravel(), each[:, 1:].ravel())) for each in (reach, edge))
    while True:
        a, b = (starts[line] + along[line] * part[:, None] for part in (low, low + step))
        known, size = farthest[line], length[line] * step
        may = (apart.sum(axis=0) + size) / 2 > known + np.maximum(_SURE_M, _SURE * known)
        may &= size > least[line]
        some = np.flatnonzero(may)
        bound = np.minimum(*(_most(a[some], b[some], each[some], near) for each in near_edge))
        some = some[bound > (known + np.maximum(_SURE_M, _SURE * known))[some]]
        if not len(some):
            return farthest
        inner = low[some, None] + step * np.arange(1, _SPLIT) / _SPLIT
        new, new_edge = near.plane_edge((starts[line[some], None] + along[line[some], None] * inner[..., None]).reshape(-1, 2))
        np.maximum.at(farthest, np.repeat(line[some], _SPLIT - 1), new)
        apart, near_edge = _between(apart[:, some], new), _between(near_edge[:, some], new_edge)
        low, line, step = np.column_stack((low[some], inner)).ravel(), np.repeat(line[some], _SPLIT), step / _SPLIT


def _between(ends: Any, inner: Any) -> Any:
    """Returns what is known of both ends of the stretches that split ones become."""
    row = np.column_stack((ends[0], inner.reshape(ends.shape[1], -1), ends[1]))
    return np.stack((row[:, :-1].ravel(), row[:, 1:].ravel()))


def _most(a: Floats, b: Floats, number: Ints, near: Nearness) -> Floats:
    """Returns how far stretches reach from one edge each, which is never less than from the geometry; inf where there is none."""
    start, run = near.edge(number)
    most = np.maximum(*(np.hypot(*away(at, start, run).T) for at in (a, b)))
    return np.where(number < 0, np.inf, most)


def away(points: Floats, start: Floats, along: Floats) -> Floats:
    """Returns how points lie from the nearest place on edges, row by row."""
    here = points - start
    share = np.clip((here * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-300), 0.0, 1.0)
    apart: Floats = here - share[:, None] * along
    return apart
