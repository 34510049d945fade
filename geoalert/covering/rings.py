"""Closed rings of corners in metres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.geo.ellipsoid import Floats

Ints = NDArray[np.intp]


@dataclass(slots=True)
class Rings:
    """Counter-clockwise rings in metres, one after the other, no corner twice.

    A step adds triangles outside a ring, so that the winding number falls nowhere: what was inside stays inside even where a ring
    comes to cross another.
    """

    at: Floats
    ring: Ints
    _around: tuple[Ints, Ints] | None = field(default=None, init=False, repr=False, compare=False)

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
        if self._around is None:
            count = len(self.at)
            before, after = np.arange(-1, count - 1), np.arange(1, count + 1)
            breaks = np.flatnonzero(self.ring[1:] != self.ring[:-1]) + 1
            starts, ends = np.append(0, breaks), np.append(breaks, count) - 1
            before[starts], after[ends] = ends, starts
            self._around = before, after
        return self._around


def cross(a: Floats, b: Floats) -> Floats:
    """Returns the z of the cross product, row by row."""
    product: Floats = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return product
