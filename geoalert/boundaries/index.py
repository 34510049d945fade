"""The index behind a Layer: which boundaries cover a point, quickly and exactly."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert import geo
from geoalert.boundaries.grid import Grid, build_grid
from geoalert.boundaries.ids import natural_key

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW = 2048
FEW_POINTS = 512
SMALL = 64
METRES_PER_DEGREE_LEAST = 110_000.0


class Index:
    """Search structures over the geometries of one layer, each made when first asked for.

    Threads may share it: at worst two of them make the same structure and one is dropped. GEOS fills the inner indexes of a prepared
    polygon while it is asked, without a lock, so the prepared ones are copies that nobody else holds, asked under the lock of this index.
    """

    def __init__(self, geometries: NDArray[Any], ids: NDArray[Any]) -> None:
        self.geometries = geometries
        self.ids = ids
        self.asked = 0
        self._asking = Lock()

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The STRtree over the geometries, in row order."""
        return shapely.STRtree(self.geometries)

    @cached_property
    def order(self) -> Ints:
        """Rows in natural order of their ids."""
        keys = [natural_key(each) for each in self.ids]
        order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
        order.flags.writeable = False
        return order

    @cached_property
    def ranks(self) -> Ints:
        """The place of each row in natural order."""
        ranks = np.empty(len(self.order), dtype=np.int64)
        ranks[self.order] = np.arange(len(self.order))
        ranks.flags.writeable = False
        return ranks

    @cached_property
    def _own(self) -> NDArray[Any]:
        """Copies of the geometries, the large ones prepared for repeated point tests; to be asked by `covers` only."""
        copies: NDArray[Any] = shapely.force_2d(self.geometries)
        shapely.prepare(copies[shapely.get_num_coordinates(copies) > SMALL])
        return copies

    def covers(self, rows: NDArray[np.signedinteger[Any]], xs: Any, ys: Any) -> NDArray[np.bool_]:
        """Returns whether the boundary of each row covers the point, its edge included; one thread at a time."""
        own = self._own
        with self._asking:
            covered: NDArray[np.bool_] = shapely.intersects_xy(own[rows], xs, ys)
        return covered

    @cached_property
    def grid(self) -> Grid:
        """The grid over the geometries."""
        own, order = self._own, self.order
        with self._asking:
            return build_grid(own, order)

    @cached_property
    def vertices(self) -> int:
        """The number of vertices of all geometries."""
        return int(shapely.get_num_coordinates(self.geometries).sum())

    @cached_property
    def boxes(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Least x, least y, greatest x and greatest y of each geometry."""
        bounds = shapely.bounds(self.geometries)
        return tuple(np.ascontiguousarray(bounds[:, side]) for side in range(4))  # type: ignore[return-value]

    def locate(self, xs: Floats, ys: Floats) -> Ints:
        """Returns, for each finite point, the row first in natural order that covers it, or -1.

        Making the grid costs as much as asking the tree for one point in every two to eight vertices, so it is made after about as many.
        """
        self.asked += len(xs)
        if self.asked >= max(self.vertices // 4, FEW_POINTS):
            return self.grid.locate(xs, ys, self.covers)
        points, rows = self.covering(xs, ys)
        best = np.full(len(xs), len(self.ids), dtype=np.int64)
        np.minimum.at(best, points, self.ranks[rows])
        return np.append(self.order, -1)[best]

    def locate_one(self, x: float, y: float) -> int:
        """Returns the row first in natural order that covers the point, or -1."""
        rows = self.near_one(x, y)
        if len(rows) == 0:
            return -1
        rows = rows[self.covers(rows, x, y)]
        if len(rows) < 2:
            return int(rows[0]) if len(rows) else -1
        return int(rows[np.argmin(self.ranks[rows])])

    def near_one(self, x: float, y: float) -> Ints:
        """Returns the rows whose box holds the point."""
        if len(self.ids) > FEW:
            rows: Ints = self.tree.query(shapely.points(x, y))
            return rows
        west, south, east, north = self.boxes
        return np.flatnonzero((west <= x) & (x <= east) & (south <= y) & (y <= north))

    def covering(self, xs: Floats, ys: Floats) -> tuple[Ints, Ints]:
        """Returns pairs (point, row) for every boundary that covers a point, its edge included."""
        points, rows = self.tree.query(shapely.points(xs, ys))
        inside = self.covers(rows, xs[points], ys[points])
        return points[inside], rows[inside]

    def within(self, xs: Floats, ys: Floats, tolerance_m: float) -> tuple[Ints, Ints]:
        """Returns pairs (point, row) for every boundary that covers a point or is no further than the tolerance, in natural order."""
        points, rows = self.covering(xs, ys)
        if tolerance_m > 0:
            near_points, near_rows = self._beside(xs, ys, tolerance_m)
            points, rows = np.concatenate([points, near_points]), np.concatenate([rows, near_rows])
        sequence = np.lexsort((self.ranks[rows], points))
        return points[sequence], rows[sequence]

    def _beside(self, xs: Floats, ys: Floats, tolerance_m: float) -> tuple[Ints, Ints]:
        """Returns pairs (point, row) where the boundary does not cover the point but is within the tolerance."""
        height = tolerance_m / METRES_PER_DEGREE_LEAST
        widest = np.cos(np.radians(np.minimum(np.abs(ys) + height, 89.9)))
        width = tolerance_m / (METRES_PER_DEGREE_LEAST * widest)
        points, rows = self.tree.query(shapely.box(xs - width, ys - height, xs + width, ys + height))
        outside = ~self.covers(rows, xs[points], ys[points])
        points, rows = points[outside], rows[outside]
        near = np.zeros(len(rows), dtype=bool)
        by_row = np.argsort(rows, kind="stable")
        for mine in np.split(by_row, np.flatnonzero(np.diff(rows[by_row])) + 1):
            if len(mine):
                distances_m = geo.distances_m(self.geometries[rows[mine[0]]], xs[points[mine]], ys[points[mine]])
                near[mine] = distances_m <= tolerance_m
        return points[near], rows[near]
