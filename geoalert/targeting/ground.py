"""What is worked out once for a layer, so that an area meets it quickly."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

    from geoalert.boundaries.model import Layer

Rows = NDArray[np.int64]

_MANY_EDGES = 2_000_000
_FEW, _MANY = 4, 8
_making = Lock()
_grounds: WeakKeyDictionary[STRtree, Ground] = WeakKeyDictionary()


class Ground:
    """The prepared boundaries of one layer, and the edges at which the number of boundaries over a place changes.

    Attributes:
        geometries, areas_m2, tree, bounds: of the boundaries, in row order.
        lone_edges: index of every edge that is not shared by exactly two boundaries, one on each side; None for a very large layer.
    """

    def __init__(self, layer: Layer) -> None:
        self.geometries: NDArray[Any] = layer.geometries
        self.areas_m2 = layer.areas_m2
        self.tree = layer.tree
        self.bounds = shapely.bounds(layer.geometries)
        _prepare(self.geometries)
        self.lone_edges = _lone_edges(self.geometries)

    def meeting(self, geometry: BaseGeometry) -> Rows:
        """Returns the rows of every boundary that shares at least a point with a geometry."""
        rows: Rows = self.tree.query(geometry)
        if not len(rows):
            return rows
        met: Rows = rows[shapely.intersects(self.geometries[rows], geometry)]
        return met

    def swallowed(self, geometry: BaseGeometry, rows: Rows) -> set[int]:
        """Returns the places in `rows` of boundaries that lie wholly in the geometry, leaving nothing to cut; a few are not asked."""
        if len(rows) < _FEW:
            return set()
        west, south, east, north = geometry.bounds
        bounds = self.bounds[rows]
        small = ((bounds[:, :2] >= (west, south)) & (bounds[:, 2:] <= (east, north))).all(axis=1).nonzero()[0]
        if not len(small):
            return set()
        return set(small[shapely.covers(geometry, self.geometries[rows[small]])].tolist())

    def remainder(self, geometry: BaseGeometry, rows: Rows, within: tuple[float, float] | None) -> int | None:
        """Returns the place in `rows` of a boundary that holds exactly what the others leave of the geometry; None if none is proved to.

        Where no lone edge meets a polygon, each edge in it parts two boundaries, so all its points lie in equally many of them: in one,
        if one of its points does; `within` is such a point, None for a geometry in pieces.
        """
        if self.lone_edges is None or within is None or not 1 < len(rows) <= _MANY:
            return None
        if len(self.lone_edges.query(geometry)) and len(self.lone_edges.query(geometry, predicate="intersects")):
            return None
        holders = shapely.intersects_xy(self.geometries[rows], *within).nonzero()[0]
        return int(holders[0]) if len(holders) == 1 else None


def inner_point(geometry: BaseGeometry) -> tuple[float, float] | None:
    """Returns the centroid of a polygon in one piece where it lies inside, else None."""
    if geometry.geom_type != "Polygon":
        return None
    lon, lat = shapely.get_coordinates(shapely.centroid(geometry))[0].tolist()
    return (lon, lat) if shapely.intersects_xy(geometry, lon, lat) else None


def ground_of(layer: Layer) -> Ground:
    """Returns the layer's ground, made at its first match and kept as long as the layer."""
    ground = _grounds.get(layer.tree)
    if ground is None:
        with _making:
            ground = _grounds.get(layer.tree) or Ground(layer)
            _grounds[layer.tree] = ground
    return ground


def _prepare(geometries: NDArray[Any]) -> None:
    # GEOS builds the inner indexes of a prepared polygon at its first tests and without a lock, hence one of each kind here.
    shapely.prepare(geometries)
    west, south, east, north = shapely.bounds(geometries).T
    middle = (south + north) / 2
    across = np.stack((np.column_stack((west - 1, middle)), np.column_stack((east + 1, middle))), axis=1)
    shapely.intersects(geometries, shapely.linestrings(across))
    shapely.intersects_xy(geometries, (west + east) / 2, middle)


def _lone_edges(geometries: NDArray[Any]) -> STRtree | None:
    """Returns the edges that are not the same edge of exactly one neighbour on its other side; None for a layer too large to ask."""
    polygons = shapely.get_parts(geometries)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    if len(corners) > _MANY_EDGES:
        return None
    shell = np.concatenate(([True], polygon[1:] != polygon[:-1]))
    left = (shapely.is_ccw(rings) == shell)[ring[:-1]]
    start, end = corners[:-1], corners[1:]
    real = (ring[1:] == ring[:-1]) & (start != end).any(axis=1)
    start, end, left = start[real] + 0.0, end[real] + 0.0, left[real]
    back = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    edges = np.where(back[:, None], np.column_stack((end, start)), np.column_stack((start, end)))
    _, same, count = np.unique(np.ascontiguousarray(edges).view("V32").ravel(), return_inverse=True, return_counts=True)
    sides = np.bincount(same, weights=left ^ back)
    lone = ~((count == 2) & (sides == 1))[same]
    return shapely.STRtree(shapely.linestrings(edges[lone].reshape(-1, 2, 2)))
