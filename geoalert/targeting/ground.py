"""What is worked out once for some layers, so that an area meets them quickly."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert import geo
from geoalert.targeting.edges import Edges

if TYPE_CHECKING:
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

    from geoalert.area import Area
    from geoalert.boundaries.model import Layer

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Overlap = tuple[int, int, Any]

_FEW = 8
_KEPT = 16
_NOTHING_M2 = 1e-6
_making = Lock()
_grounds: WeakKeyDictionary[STRtree, dict[tuple[int, ...], Ground]] = WeakKeyDictionary()


class Ground:
    """The boundaries of some layers as one list, layer after layer, prepared for tests and cut into edges.

    Threads may share it. GEOS fills the indexes of a prepared polygon while it is asked, without a lock, and even full ones stand no two
    askers at once; so the prepared ones are copies that nobody else holds, asked under the lock of this ground.

    Attributes:
        geometries, areas_m2, bounds: of the boundaries; a test that has one of the geometries first needs the lock.
        owners: of each boundary, the place of its layer and its row there.
        layer: of each boundary, the place of its layer.
    """

    def __init__(self, layers: Sequence[Layer], others: Sequence[STRtree] = ()) -> None:
        self.geometries: NDArray[Any] = shapely.force_2d(np.concatenate([layer.geometries for layer in layers]))
        self.areas_m2 = np.concatenate([layer.areas_m2 for layer in layers])
        self.owners = [(at, row) for at, layer in enumerate(layers) for row in range(len(layer))]
        self.layer = np.repeat(np.arange(len(layers)), [len(layer) for layer in layers])
        self.bounds = shapely.bounds(self.geometries)
        self.tree = shapely.STRtree(self.geometries)
        self.edges = Edges(self.geometries)
        # Not the keys of `_grounds`, which must not be held here: of the others, whose ids must not be used again.
        self.others = others
        self._overlaps: dict[int, list[Overlap]] = {}
        self._asking = Lock()
        shapely.prepare(self.geometries)

    def meeting(self, geometry: BaseGeometry) -> Rows:
        """Returns every boundary that shares at least a point with a geometry, in order."""
        rows: Rows = self.tree.query(geometry)
        if not len(rows):
            return rows
        rows.sort()
        boundaries = self.geometries[rows]
        with self._asking:
            met: Rows = rows[shapely.intersects(boundaries, geometry)]
        return met

    def beside(self, geometry: BaseGeometry, known: Rows) -> Rows:
        """Returns every boundary whose box meets that of a geometry, but the known."""
        rows: Rows = np.setdiff1d(self.tree.query(geometry), known)
        return rows

    def shared_m2(self, area: Area, rows: Rows) -> tuple[list[float], list[bool]]:
        """Returns the square metres of an area in each of the boundaries, exact as by intersecting each, and which hold it whole."""
        geometry = area.geometry
        boundaries = self.geometries[rows]
        with self._asking:
            holding = shapely.covers(boundaries, geometry)
        shared = np.where(holding, area.area_m2, 0.0)
        cut = (~holding).nonzero()[0]
        if len(cut) >= _FEW:
            west, south, east, north = geometry.bounds
            box = self.bounds[rows[cut]]
            small = cut[((box[:, :2] >= (west, south)) & (box[:, 2:] <= (east, north))).all(axis=1)]
            if len(small):
                own = shapely.force_2d(geometry)
                shapely.prepare(own)
                small = small[shapely.covers(own, boundaries[small])]
                shared[small] = self.areas_m2[rows[small]]
                cut = np.setdiff1d(cut, small, assume_unique=True)
        if len(cut):
            strips = area.strips
            if strips is None:
                shared[cut] = geo.area_m2(shapely.intersection(boundaries[cut], geometry))
            else:
                wanted, owner = self.edges.near(rows[cut], strips.bounds)
                shared[cut] = strips.shared_m2(self.edges.edges, wanted, owner, len(cut))
        return shared.tolist(), holding.tolist()

    def overlaps(self, rows: Rows) -> list[Overlap]:
        """Returns where two of the boundaries, both of one layer, have ground in common; sought once for each boundary."""
        unknown = np.array([row for row in rows.tolist() if row not in self._overlaps], dtype=np.int64)
        if len(unknown):
            # Copies are never prepared, so no other thread is asking them.
            nth, other = self.tree.query(shapely.force_2d(self.geometries[unknown]), predicate="intersects")
            one = unknown[nth]
            beside = (one != other) & (self.layer[one] == self.layer[other])
            one, other = one[beside], other[beside]
            common = shapely.intersection(self.geometries[one], self.geometries[other])
            found: dict[int, list[Overlap]] = {row: [] for row in unknown.tolist()}
            for at in (geo.area_m2(common) > _NOTHING_M2).nonzero()[0].tolist():
                parts = shapely.get_parts(common[at])
                polygons = shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
                found[int(one[at])].append((int(one[at]), int(other[at]), polygons))
            self._overlaps.update(found)
        return [each for row in rows.tolist() for each in self._overlaps[row] if each[0] < each[1]]

    def twice_m2(self, geometry: BaseGeometry) -> dict[int, float]:
        """Returns, by the place of a layer, the square metres of a geometry that its boundaries count more than once."""
        twice: dict[int, float] = {}
        met = [each for each in self.overlaps(self.meeting(geometry)) if shapely.intersects(each[2], geometry)]
        for at in {int(self.layer[one]) for one, _, _ in met}:
            here = [each for each in met if self.layer[each[0]] == at]
            common = shapely.intersection(np.array([each[2] for each in here], dtype=object), geometry)
            excess_m2 = float(geo.area_m2(common).sum())
            if len(here) > 1 and excess_m2 - geo.area_m2(shapely.union_all(common)) > _NOTHING_M2:
                parts = shapely.intersection(self.geometries[np.unique([each[:2] for each in here])], geometry)
                excess_m2 = float(geo.area_m2(parts).sum()) - geo.area_m2(shapely.union_all(parts))
            twice[at] = excess_m2
        return twice


def ground_of(layers: Sequence[Layer]) -> Ground:
    """Returns the ground of layers, made at their first match and kept as long as the first of them."""
    trees = [layer.tree for layer in layers]
    first = trees[0]
    key = tuple([id(tree) for tree in trees])
    ground = _grounds.get(first, {}).get(key)
    if ground is None:
        with _making:
            kept = _grounds.setdefault(first, {})
            ground = kept.get(key)
            if ground is None:
                ground = Ground(layers, trees[1:])
                if len(kept) >= _KEPT:
                    kept.clear()
                kept[key] = ground
    return ground
