"""Corners moved outwards to coordinates of few decimals."""

from __future__ import annotations

import numpy as np

from geoalert.covering.plane import EARTH
from geoalert.covering.rings import Rings
from geoalert.geo.ellipsoid import Floats

_REACHES = (2, 10)
_FAR = 1000
_ON = 1e-6


def rounded_outward(rings: Rings, decimals: int, *, slack: float = 0.0, far: bool = False, within: Floats = EARTH) -> Floats | None:
    """Returns lon/lat corners of so many decimals, each beyond both its edges, or None where a corner is too sharp for that.

    None lies out of bounds, and an edge along those keeps no slack.

    Args:
        rings: in degrees.
        decimals: of the result.
        slack: how far beyond the edges a corner has to be, in units of the last decimal.
        far: whether sharp corners may move far, along the middle between their edges.
        within: bounds in degrees, of so many decimals: least and most.
    """
    grain = 10.0**decimals
    at = np.clip(rings.at, *within) * grain
    least, most = np.round(within * grain)
    before, after = rings.around()
    inward, outward = _unit(at - at[before]), _unit(at[after] - at)
    border = (at <= least + _ON) | (at >= most - _ON)
    free_in, free_out = ((border & border[beside]).any(axis=1) for beside in (before, after))
    chosen = np.full(at.shape, np.nan)
    for reach in (*_REACHES, *((None,) if far else ())):
        todo = np.flatnonzero(np.isnan(chosen[:, 0]))
        if not len(todo):
            break
        spots = _along(at[todo], inward[todo] - outward[todo]) if reach is None else _around(at[todo], reach)
        away = spots - at[todo][:, None]
        beyond = ((spots >= least) & (spots <= most)).all(axis=-1)
        for edge, free in ((inward[todo], free_in[todo]), (outward[todo], free_out[todo])):
            outside = away[..., 0] * edge[:, None, 1] - away[..., 1] * edge[:, None, 0]
            beyond &= outside >= np.where(free, 0.0, slack)[:, None] - 1e-9
        distance = np.where(beyond, (away**2).sum(axis=-1), np.inf)
        best = distance.argmin(axis=1)
        found = np.isfinite(distance[np.arange(len(todo)), best])
        chosen[todo[found]] = spots[np.flatnonzero(found), best[found]]
    if np.isnan(chosen).any():
        return None
    rounded: Floats = np.round(chosen / grain, decimals)
    return rounded


def _around(at: Floats, reach: int) -> Floats:
    """Returns the lattice round each corner."""
    steps = np.arange(-reach, reach + 2)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    around: Floats = np.floor(at)[:, None] + grid[None]
    return around


def _along(at: Floats, way: Floats) -> Floats:
    """Returns the lattice within two steps of the lines from corners."""
    line = at[:, None] + _unit(way)[:, None] * np.arange(1.0, _FAR)[:, None]
    return np.concatenate([np.floor(line) + np.array([x, y]) for x in (0.0, 1.0) for y in (0.0, 1.0)], axis=1)


def _unit(edges: Floats) -> Floats:
    unit: Floats = edges / np.maximum(np.hypot(edges[:, 0], edges[:, 1]), 1e-300)[:, None]
    return unit
