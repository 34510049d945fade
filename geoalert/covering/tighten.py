"""Rings drawn in to what they enclose, corner by corner, with no corner more."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.covering.plane import Nearness
from geoalert.covering.rings import Ints, Rings, cross
from geoalert.geo.ellipsoid import Floats

_HALVINGS = 8
_FARTHEST = 0.9
_BACK = 0.998
_INSIDE = 1e-6
_LEAST_M = 0.5


def tightened(rings: Rings, near: Nearness) -> Rings:
    """Returns the rings with corners slid along their edges as far in as the geometry lets them.

    Args:
        rings: contain the geometry, and the result contains it to a tenth of a millimetre.
        near: the geometry.
    """
    now = Rings(rings.at.copy(), rings.ring)
    before, after = now.around()
    place = np.arange(len(now.at)) - np.searchsorted(now.ring, now.ring)
    last = after < np.arange(len(now.at))
    for third in range(3):
        some = np.flatnonzero((place % 3 == third) & ~(last & (place % 3 == 0)))
        if not len(some):
            continue
        ways = [_slid(now.at, some, before, after, 1, near), _slid(now.at, some, after, before, -1, near)]
        reach = near.plane_m(np.concatenate(ways)).reshape(2, -1)
        to = np.where((reach[0] <= reach[1])[:, None], *ways)
        better = np.flatnonzero(near.plane_m(now.at[some]) > reach.min(axis=0) + _LEAST_M)
        _move(now, some[better], to[better])
    return now


def _slid(at: Floats, some: Ints, along: Ints, other: Ints, sense: int, near: Nearness) -> Floats:
    """Returns where corners come to by sliding on the line of one edge while the far end of the other stays."""
    here, start, fixed = at[some], at[along[some]], at[other[some]]
    turn = cross(here - start, fixed - here) * sense
    way = np.where((turn > 0)[:, None], start - here, here - start)
    size = np.hypot(*way.T)
    room = np.minimum(size, np.where(turn > 0, size, np.hypot(*(fixed - here).T))) * _FARTHEST
    way = way / np.maximum(size, 1e-300)[:, None]
    low, high = np.zeros(len(some)), room
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        free = _free(here, here + way * middle[:, None], fixed, near)
        low, high = np.where(free, middle, low), np.where(free, high, middle)
    slid: Floats = here + way * (low * _BACK)[:, None]
    return slid


def _free(here: Floats, there: Floats, fixed: Floats, near: Nearness) -> NDArray[np.bool_]:
    """Returns whether triangles hold nothing of the geometry."""
    triangles = np.stack((here, there, fixed), axis=1)
    centre = triangles.mean(axis=1, keepdims=True)
    touched: NDArray[np.bool_] = shapely.intersects(near.geometry, shapely.polygons(triangles + (centre - triangles) * _INSIDE))
    return ~touched


def _move(rings: Rings, corners: Ints, to: Floats) -> None:
    """Moves the corners that leave every ring simple."""
    tries = [np.arange(len(corners))]
    while tries:
        some = tries.pop()
        if not len(some):
            continue
        at = rings.at.copy()
        at[corners[some]] = to[some]
        if shapely.is_valid(Rings(at, rings.ring).polygons).all():
            rings.at[:] = at
        elif len(some) > 1:
            tries += [some[len(some) // 2 :], some[: len(some) // 2]]
