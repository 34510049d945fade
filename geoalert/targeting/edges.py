"""The edges of many boundaries, in runs with a box each, so that those near an area are found quickly."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.geo.strips import LEAST_DEGREES, count_up

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_RUN = 16


class Edges:
    """Every edge of some boundaries but the vertical ones, as `Strips.shared_m2` wants them; vertical edges bound no area below them."""

    def __init__(self, geometries: NDArray[Any]) -> None:
        parts, owner = shapely.get_parts(shapely.orient_polygons(geometries, exterior_cw=True), return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        corners, ring = shapely.get_coordinates(rings, return_index=True)
        begin, end = corners[:-1], corners[1:]
        sloping = ((ring[1:] == ring[:-1]) & (abs(end[:, 0] - begin[:, 0]) > LEAST_DEGREES)).nonzero()[0]
        begin, end, ring = begin[sloping], end[sloping], ring[sloping]
        east = begin[:, 0] < end[:, 0]
        west_end, east_end = np.where(east[:, None], begin, end).T, np.where(east[:, None], end, begin).T
        slope = (east_end[1] - west_end[1]) / (east_end[0] - west_end[0])
        edges = np.stack((west_end[0], east_end[0], west_end[1], slope, np.where(east, 1.0, -1.0)))
        nth = np.arange(len(ring)) - np.searchsorted(ring, ring)
        self.first = (nth % _RUN == 0).nonzero()[0]
        self.lengths = np.diff(np.append(self.first, len(ring)))
        last = self.first + self.lengths - 1
        begins, ends = begin[self.first, 0], end[last, 0]
        low, high = np.minimum(begin[:, 1], end[:, 1]), np.maximum(begin[:, 1], end[:, 1])
        self.boxes = np.stack(
            (
                np.minimum.reduceat(west_end[0], self.first),
                np.minimum.reduceat(low, self.first),
                np.maximum.reduceat(east_end[0], self.first),
                np.maximum.reduceat(high, self.first),
            )
        )
        flat = np.zeros(len(begins))
        chords = np.stack((np.minimum(begins, ends), np.maximum(begins, ends), flat + np.inf, flat, np.sign(ends - begins)))
        self.edges = np.concatenate((edges, chords), axis=1)
        self.first_chord = len(ring)
        self.counts = np.bincount(owner[part[ring[self.first]]], minlength=len(geometries))
        past = self.counts.cumsum()
        runs = np.arange(len(self.first))
        self.runs = [runs[start:stop] for start, stop in zip((past - self.counts).tolist(), past.tolist(), strict=True)]

    def near(self, rows: Ints, bounds: tuple[float, float, float, float]) -> tuple[Ints, Ints]:
        """Returns which edges can matter in the bounds, and the place in `rows` of each edge's boundary.

        A run of edges that lies wholly above the bounds stands as its chord, infinitely high.
        """
        run = np.concatenate([self.runs[row] for row in rows.tolist()])
        place = np.arange(len(rows)).repeat(self.counts[rows])
        west, south, east, north = self.boxes.take(run, axis=1)
        met = (east > bounds[0]) & (west < bounds[2]) & (north > bounds[1])
        over = south >= bounds[3]
        near, above = (met > over).nonzero()[0], (met & over).nonzero()[0]
        which = run.take(near)
        nth, edge = count_up(self.first.take(which), self.lengths.take(which))
        owner = place.take(near.take(nth))
        if not len(above):
            return edge, owner
        return np.concatenate((edge, run.take(above) + self.first_chord)), np.concatenate((owner, place.take(above)))
