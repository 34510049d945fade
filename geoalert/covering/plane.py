"""Metres in which an edge that is straight in lon/lat stays straight, and how far a point is from a geometry there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.geo.ellipsoid import E2, SEMI_MAJOR_M, Floats

_GRAIN_M, _GRAINS = 10.0, 4000
_ACUTE = 0.99
EARTH = np.array([[-180.0, -90.0], [180.0, 90.0]])
_EARTH_SLACK = 1e-12


@dataclass(frozen=True, slots=True)
class Plane:
    """Degrees stretched to metres at one latitude: affine, so that what covers here covers in lon/lat.

    `geo.Frame` bends a 10 km edge by 2 m, more than a cover has to spare.

    Attributes:
        lon, lat: degrees of the origin.
    """

    lon: float
    lat: float

    @classmethod
    def of(cls, geometry: Any) -> Plane:
        """Returns the plane in the middle of a lon/lat geometry."""
        west, south, east, north = shapely.bounds(geometry)
        return cls(float((west + east) / 2), float((south + north) / 2))

    @property
    def scale(self) -> Floats:
        """Metres per degree of longitude and of latitude at the origin."""
        scale: Floats = metres_per_degree(np.array([self.lat]))[0]
        return scale

    def to_metres(self, at: Floats) -> Floats:
        """Returns lon/lat rows as rows of metres east and north."""
        return (at - (self.lon, self.lat)) * self.scale

    def to_degrees(self, at: Floats) -> Floats:
        """Returns rows of metres as lon/lat."""
        return at / self.scale + (self.lon, self.lat)

    def on_earth(self, at: Floats) -> NDArray[np.bool_]:
        """Returns which rows of metres lie between both sides of the antimeridian and both poles."""
        least, most = self.to_metres(EARTH + np.array([[-_EARTH_SLACK], [_EARTH_SLACK]]))
        on: NDArray[np.bool_] = ((at >= least) & (at <= most)).all(axis=1)
        return on

    @property
    def earth(self) -> Any:
        """The whole earth as a metric box."""
        return shapely.box(*self.to_metres(EARTH).ravel())


def metres_per_degree(lat: Floats) -> Floats:
    """Returns metres per degree of longitude and of latitude, one row a latitude in degrees."""
    phi = np.radians(np.clip(lat, -89.99, 89.99))
    bulge = 1 - E2 * np.sin(phi) ** 2
    degree = math.pi / 180 * SEMI_MAJOR_M
    return np.column_stack((degree * np.cos(phi) / np.sqrt(bulge), degree * (1 - E2) / bulge**1.5))


class Nearness:
    """Distances from points to one geometry in a plane, 0 inside; indexed once."""

    def __init__(self, geometry: Any, plane: Plane) -> None:
        metric = shapely.transform(geometry, plane.to_metres)
        shapely.prepare(metric)
        rings = shapely.get_rings(shapely.get_parts(metric))
        at, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        self.geometry = metric
        self.plane = plane
        self._from, self._to = at[:-1][same], at[1:][same]
        self._peaks: tuple[Any, Floats] | None = None
        self._tree = shapely.STRtree(shapely.linestrings(np.stack((self._from, self._to), axis=1)))

    @property
    def corners(self) -> Floats:
        """Where edges start, in metres."""
        corners: Floats = self._from
        return corners

    @property
    def stretch(self) -> float:
        """How many true metres one of the plane may be, at the latitudes of the geometry and a little beyond."""
        lats = self.plane.to_degrees(np.array(shapely.bounds(self.geometry)).reshape(2, 2))[:, 1] + (-0.02, 0.02)
        lats = np.append(lats, np.clip(0.0, *lats))
        return float((metres_per_degree(lats) / self.plane.scale).max())

    def plane_m(self, points: Floats) -> Floats:
        """Returns metres of the plane, which are true ones at its origin."""
        return self._measured(points)[0]

    def plane_edge(self, points: Floats) -> tuple[Floats, Any]:
        """Returns metres of the plane and the number of the nearest edge, -1 inside."""
        apart, outside, edges = self._measured(points)
        number = np.full(len(points), -1)
        number[outside] = edges
        return apart, number

    def true_m(self, points: Floats) -> Floats:
        """Returns metres on the ground to the point that is nearest in the plane: never less than to the nearest one."""
        return self.true_edge(points)[0]

    def true_edge(self, points: Floats) -> tuple[Floats, Any]:
        """Returns the same and the number of that edge, -1 inside."""
        apart, outside, edges = self._measured(points)
        number = np.full(len(points), -1)
        if not len(outside):
            return apart, number
        number[outside] = edges
        here, start = points[outside], self._from[edges]
        along = self._to[edges] - start
        length2 = np.maximum((along**2).sum(axis=1), 1e-300)
        share = np.clip(((here - start) * along).sum(axis=1) / length2, 0.0, 1.0)
        away = (here - start - share[:, None] * along) / self.plane.scale
        middle = self.plane.to_degrees(here)[:, 1] - away[:, 1] / 2
        apart[outside] = np.hypot(*(away * metres_per_degree(middle)).T)
        return apart, number

    def peaks_in(self, triangles: Floats) -> tuple[Any, Floats]:
        """Returns the positions of triangles that hold a place as far as none around it, one row a place, and how far that is.

        A triangle reaches farthest on its sides or there.
        """
        if not len(triangles):
            return np.zeros(0, dtype=np.intp), np.zeros(0)
        if self._peaks is None:
            at = _peaks(self.geometry)
            self._peaks = shapely.STRtree(shapely.points(at)), self.plane_m(at)
        tree, metres = self._peaks
        found, peak = tree.query(shapely.polygons(triangles), predicate="intersects")
        return found, metres[peak]

    def nearest_edge(self, points: Floats) -> Any:
        """Returns the number of the edge that is nearest to each point."""
        return self._tree.query_nearest(shapely.points(points), all_matches=False)[1]

    def edge(self, number: Any) -> tuple[Floats, Floats]:
        """Returns where edges start and how they run."""
        return self._from[number], self._to[number] - self._from[number]

    def _measured(self, points: Floats) -> tuple[Floats, Any, Any]:
        """Returns plane metres, which points lie outside, and the nearest edge of each of those."""
        apart = np.zeros(len(points))
        outside = np.flatnonzero(~shapely.intersects_xy(self.geometry, points[:, 0], points[:, 1]))
        if not len(outside):
            return apart, outside, outside
        (_, edges), metres = self._tree.query_nearest(shapely.points(points[outside]), return_distance=True, all_matches=False)
        apart[outside] = metres
        return apart, outside, edges


def _peaks(geometry: Any) -> Floats:
    """Returns about where the distance to a metric geometry is greater than all around: where circles touch it on three sides."""
    step_m = max(_GRAIN_M, shapely.length(geometry) / _GRAINS)
    dense = shapely.segmentize(shapely.simplify(geometry, _GRAIN_M / 20), step_m)
    made = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(shapely.get_coordinates(dense))))
    corners = shapely.get_coordinates(made).reshape(-1, 4, 2)[:, :3]
    a, b, c = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    square_b, square_c, area = (b**2).sum(axis=1), (c**2).sum(axis=1), 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    square_a = ((b - c) ** 2).sum(axis=1)
    sides = np.sort(np.stack((square_a, square_b, square_c)), axis=0)
    acute = (sides[0] + sides[1] >= sides[2] * _ACUTE) & (area != 0)
    b, c, square_b, square_c, area = b[acute], c[acute], square_b[acute], square_c[acute], area[acute]
    away = np.stack((c[:, 1] * square_b - b[:, 1] * square_c, b[:, 0] * square_c - c[:, 0] * square_b), axis=1) / area[:, None]
    return np.asarray(a[acute] + away, dtype=float)
