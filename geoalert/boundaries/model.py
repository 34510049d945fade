"""Layers of boundaries: versioned sets of named polygons."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geoalert import geo
from geoalert.boundaries import checks, hooks
from geoalert.boundaries.digest import layer_digest
from geoalert.boundaries.ids import IdRule, id_text, positions_by_key, split_code
from geoalert.boundaries.index import Index
from geoalert.errors import BoundaryError, LayerNotFound
from geoalert.findings import Finding

MANY = 20_000


@dataclass(frozen=True, slots=True)
class Boundary:
    """One polygon of a layer, such as division D52; `geometry` is lon/lat."""

    layer: str
    id: str
    label: str
    geometry: BaseGeometry

    def __repr__(self) -> str:
        return f"Boundary(layer={self.layer!r}, id={self.id!r}, label={self.label!r})"


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class Layer:
    """A versioned set of boundaries, which may overlap; one row each, in the order of the file.

        divisions = Layer(name="division", ids=["D51", "D52"], geometries=[moss_park, harbourfront])
        divisions.locate(-79.3966, 43.64867)

    Attributes:
        name: what a Match calls the layer, such as "division".
        ids, labels: read-only arrays of str, verbatim; labels default to the ids.
        geometries: read-only array of valid 2-D Polygons and MultiPolygons, EPSG:4326, x = lon.
        valid_from, valid_to: first and last day on which the layer holds; None leaves that side open.
        accuracy_m: stated accuracy of the conversion to EPSG:4326, if one was made.
        lead: whether this layer gives the lead boundary of an alert.
        neighbours: whether its boundaries are neighbouring services', and so outside the city.
        population: read-only, people in each boundary, NaN where nobody says; None where the layer has none.
        id_rule: how ids are compared; made from the ids by default. "verbatim" takes them as written.

    Raises:
        GeometryError: a geometry is missing, empty, not polygonal, 3-D, invalid or not in lon/lat; `row` says which.
        BoundaryError: no rows, unequal lengths, an unusable id, no such rule (unknown_id_rule), or two ids equal under
            it (duplicate_id).
    """

    name: str
    ids: NDArray[Any]
    labels: NDArray[Any]
    geometries: NDArray[Any]
    version: str | None
    valid_from: date | None
    valid_to: date | None
    source: str | None
    licence: str | None
    native_crs: str | None
    accuracy_m: float | None
    repairs: tuple[Finding, ...]
    lead: bool
    neighbours: bool
    population: NDArray[np.float64] | None
    id_rule: IdRule
    _keys: dict[str, int] = field(init=False)
    _index: Index = field(init=False)
    _cache: dict[str, Any] = field(init=False)

    def __init__(
        self,
        *,
        name: str,
        ids: Sequence[Any] | NDArray[Any],
        geometries: Sequence[Any] | NDArray[Any],
        labels: Sequence[Any] | NDArray[Any] | None = None,
        version: str | None = None,
        valid_from: date | None = None,
        valid_to: date | None = None,
        source: str | None = None,
        licence: str | None = None,
        native_crs: str | None = None,
        accuracy_m: float | None = None,
        repairs: tuple[Finding, ...] = (),
        lead: bool = False,
        neighbours: bool = False,
        population: Sequence[Any] | NDArray[Any] | None = None,
        id_rule: IdRule | str | None = None,
    ) -> None:
        checks.check_name(name)
        checks.check_dates(valid_from, valid_to, layer=name)
        checked_ids = checks.checked_ids(ids, layer=name)
        shapes = checks.checked_geometries(geometries, checked_ids, layer=name)
        rule = IdRule.named(id_rule, checked_ids)
        values = {
            "name": name,
            "ids": checked_ids,
            "geometries": shapes,
            "labels": checks.checked_labels(labels, checked_ids, layer=name),
            "version": version,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "source": source,
            "licence": licence,
            "native_crs": native_crs,
            "accuracy_m": accuracy_m,
            "repairs": tuple(repairs),
            "lead": lead,
            "neighbours": neighbours,
            "population": None if population is None else checks.checked_population(population, checked_ids, layer=name),
            "id_rule": rule,
            "_keys": positions_by_key(checked_ids, rule, layer=name),
            "_index": Index(shapes, checked_ids),
            "_cache": {},
        }
        for attribute, value in values.items():
            object.__setattr__(self, attribute, value)

    @classmethod
    def from_geodataframe(cls, gdf: Any, *, name: str, id: str, label: str | None = None, id_rule: str = "default") -> Layer:
        """Returns the layer in a GeoDataFrame, converted to EPSG:4326 and repaired as `read_layer` would.

        Args:
            gdf: a geopandas.GeoDataFrame with a CRS.
            name: the layer's name.
            id, label: its columns of ids and labels.
            id_rule: as for `read_layer`.
        """
        made: Layer = hooks.resolve("layer_from_geodataframe")(gdf, name=name, id=id, label=label, id_rule=id_rule)
        return made

    def to_geodataframe(self) -> Any:
        """Returns the layer as a GeoDataFrame in EPSG:4326, one row a boundary."""
        return hooks.resolve("to_geodataframe")(self)

    def __getstate__(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in ("_index", "_cache")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for array in (state["ids"], state["labels"], state["geometries"], state["population"]):
            if array is not None:
                array.flags.writeable = False
        for attribute, value in {**state, "_index": Index(state["geometries"], state["ids"]), "_cache": {}}.items():
            object.__setattr__(self, attribute, value)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        version = f", version={self.version!r}" if self.version else ""
        return f"<Layer {self.name!r}: {len(self)} boundaries{version}>"

    def __iter__(self) -> Iterator[Boundary]:
        return (self._boundary(row) for row in range(len(self)))

    def __contains__(self, id: object) -> bool:
        text = id_text(id)
        return text is not None and self.id_rule.normalise(text) in self._keys

    def __getitem__(self, id: object) -> Boundary:
        return self._boundary(self.position(id))

    def _boundary(self, row: int) -> Boundary:
        return Boundary(layer=self.name, id=self.ids[row], label=self.labels[row], geometry=self.geometries[row])

    def position(self, id: object) -> int:
        """Returns the row of an id, however it is written: "D14", "14", 14.0 or "14 Division".

        Raises:
            LayerNotFound: no such boundary (unknown_boundary), naming the nearest three.
            BoundaryError: a bare number that several prefixes share (ambiguous_id).
        """
        text = id_text(id)
        row = None if text is None else self._keys.get(self.id_rule.normalise(text))
        if row is None:
            raise self._not_found(id if text is None else text)
        return row

    def _not_found(self, wanted: object) -> BoundaryError:
        text = wanted if isinstance(wanted, str) else ""
        prefix, code = split_code(text)
        if self.id_rule.prefix is None and not prefix and not self.id_rule.verbatim:
            same = [each for each in self.ids if split_code(each)[1] == code]
            if len(same) > 1:
                listed = f"{', '.join(same[:10])}{' ...' if len(same) > 10 else ''}"
                return BoundaryError(
                    f"{text!r} may be any of {listed} in layer {self.name}",
                    code="ambiguous_id",
                    field="id",
                    value=text,
                    do="Write the id with its letters.",
                )
        missing = LayerNotFound(
            f"layer {self.name} has no boundary {wanted!r}",
            code="unknown_boundary",
            field="id",
            value=wanted,
            do=f"The nearest are {', '.join(self._nearest(text))}.",
        )
        missing.layer = self.name
        return missing

    def _nearest(self, text: str) -> list[str]:
        """Returns three ids that read most like `text`, each with its label."""
        wanted = text.casefold()
        rows = self._index.order[:MANY]

        def likeness(row: int) -> float:
            names = (self.ids[row], self.labels[row])
            return max(difflib.SequenceMatcher(None, name.casefold(), wanted).ratio() for name in names)

        best = sorted(rows.tolist(), key=likeness, reverse=True)[:3]
        return [self.ids[row] if self.ids[row] == self.labels[row] else f"{self.ids[row]} ({self.labels[row]})" for row in best]

    @overload
    def locate(self, lons: float, lats: float) -> int: ...
    @overload
    def locate(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.int64]: ...
    def locate(self, lons: float | ArrayLike, lats: float | ArrayLike) -> NDArray[np.int64] | int:
        """Returns the row of the one boundary each point is counted in, -1 for none; scalars in, int out.

        A point on an edge is inside. Where several boundaries cover it, the id first in natural order has it: D9 before D10.

        Raises:
            GeometryError: lons and lats differ in shape (unequal_lengths), or one is not a number (not_finite).
        """
        if isinstance(lons, float) and isinstance(lats, float):
            checks.check_finite_point(lons, lats)
            return self._index.locate_one(lons, lats)
        xs, ys = checks.checked_points(lons, lats)
        if xs.ndim == 0:
            return self._index.locate_one(float(xs), float(ys))
        return self._index.locate(xs.ravel(), ys.ravel()).reshape(xs.shape)

    def locate_all(self, lons: ArrayLike, lats: ArrayLike, tolerance_m: float = 0.0) -> list[tuple[int, ...]] | tuple[int, ...]:
        """Returns the rows of every boundary that covers each point, or comes within `tolerance_m` metres of it, in natural order.

        Scalars in, one tuple out.

        Raises:
            GeometryError: as for `locate`, or a tolerance below zero (negative_tolerance).
        """
        checks.check_tolerance(tolerance_m)
        xs, ys = checks.checked_points(lons, lats)
        points, rows = self._index.within(xs.ravel(), ys.ravel(), tolerance_m)
        found: list[list[int]] = [[] for _ in range(xs.size)]
        for point, row in zip(points.tolist(), rows.tolist(), strict=True):
            found[point].append(row)
        return tuple(found[0]) if xs.ndim == 0 else [tuple(rows) for rows in found]

    def valid_on(self, day: date) -> bool:
        """Returns whether the layer holds on that day, both ends included; a sentinel such as 3000-01-01 is no end."""
        return (self.valid_from or date.min) <= day and (checks.open_ended(self.valid_to) or day <= (self.valid_to or date.max))

    @property
    def tree(self) -> shapely.STRtree:
        """The STRtree over `geometries`, made once."""
        return self._index.tree

    @property
    def ranks(self) -> NDArray[np.int64]:
        """The place of each row in natural order of the ids: the order that settles ties."""
        return self._index.ranks

    @property
    def areas_m2(self) -> NDArray[np.float64]:
        """The area of each boundary in square metres, measured once."""
        if "areas_m2" not in self._cache:
            areas = np.asarray(geo.area_m2(self.geometries), dtype=np.float64)
            areas.flags.writeable = False
            self._cache["areas_m2"] = areas
        areas_m2: NDArray[np.float64] = self._cache["areas_m2"]
        return areas_m2

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of ids, labels and shapes in natural order; the layer's name and row order do not enter."""
        if "digest" not in self._cache:
            rows = self._index.order
            self._cache["digest"] = layer_digest(self.ids[rows], self.labels[rows], self.geometries[rows])
        digest: str = self._cache["digest"]
        return digest
