"""Corners moved outwards to coordinates of few decimals."""

from __future__ import annotations

import numpy as np

from geoalert.covering.rings import Rings
from geoalert.geo.ellipsoid import Floats

_REACHES = (2, 10)


def rounded_outward(rings: Rings, decimals: int, *, slack: float = 0.0) -> Floats | None:
    """Returns lon/lat corners of so many decimals, each beyond both its edges, or None where a corner is too sharp for that.

    Args:
        rings: in degrees.
        decimals: of the result.
        slack: how far beyond the edges a corner has to be, in units of the last decimal.
    """
    grain = 10.0**decimals
    at = rings.at * grain
    before, after = rings.around()
    chosen = np.full(at.shape, np.nan)
    inward, outward = _unit(at - at[before]), _unit(at[after] - at)
    for reach in _REACHES:
        todo = np.flatnonzero(np.isnan(chosen[:, 0]))
        if not len(todo):
            break
        steps = np.arange(-reach, reach + 2)
        grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
        spots = np.floor(at[todo])[:, None] + grid[None]
        away = spots - at[todo][:, None]
        beyond = np.ones(away.shape[:2], dtype=bool)
        for edge in (inward[todo], outward[todo]):
            outside = away[..., 0] * edge[:, None, 1] - away[..., 1] * edge[:, None, 0]
            beyond &= outside >= slack - 1e-9
        far = np.where(beyond, (away**2).sum(axis=-1), np.inf)
        best = far.argmin(axis=1)
        found = np.isfinite(far[np.arange(len(todo)), best])
        chosen[todo[found]] = spots[np.flatnonzero(found), best[found]]
    if np.isnan(chosen).any():
        return None
    rounded: Floats = np.round(chosen / grain, decimals)
    return rounded


def _unit(edges: Floats) -> Floats:
    unit: Floats = edges / np.maximum(np.hypot(edges[:, 0], edges[:, 1]), 1e-300)[:, None]
    return unit
