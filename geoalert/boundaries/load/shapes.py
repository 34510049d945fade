"""read_shapes: the shapes of a file as one geometry, for areas that people draw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoalert.boundaries.load.formats import read_table
from geoalert.boundaries.load.frame import place
from geoalert.boundaries.load.opening import opened
from geoalert.boundaries.load.raw import RawTable, located, named
from geoalert.errors import BoundaryError, GeometryError
from geoalert.findings import Finding

_KINDS = {0: "points", 1: "lines", 3: "polygons", 4: "points", 5: "lines", 6: "polygons"}


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """What a file draws, as one geometry in lon/lat.

    Attributes:
        geometry: polygons united; lines joined where they meet end to end; points as they are.
        native_crs: the CRS it was converted from, None where it was lon/lat already.
        accuracy_m: the stated accuracy of that conversion.
        notes: repairs, and what else reading decided.
    """

    geometry: BaseGeometry
    native_crs: str | None
    accuracy_m: float | None
    notes: tuple[Finding, ...]


def read_shapes(path: str | Path, *, table: str | None = None, crs: str | None = None, accept_accuracy_m: float = 5.0) -> Shapes:
    """Returns the polygons, lines or points of a file, checked and repaired as `read_layer` does; ids and columns are not looked at.

    Args:
        path: any file that `read_layer` reads.
        table: which table, where there are several.
        crs: the CRS of a file that names none.
        accept_accuracy_m: the worst stated accuracy of the conversion to lon/lat, metres.

    Raises:
        BoundaryError, CRSError, GeometryError: as `read_layer`; `mixed_geometry` where polygons, lines and points are mixed.

    Example:
        read_shapes("water.gpkg", table="lakes").geometry
    """
    with located(path), opened(Path(path)) as sources:
        raw, _ = read_table(sources, table)
        kind = _kind(raw)
        placed = place(raw, crs=crs, accept_accuracy_m=accept_accuracy_m)
    parts = shapely.get_parts(placed.geometries)
    if kind == "polygons":
        whole = shapely.union_all(placed.geometries)
    elif kind == "lines":
        whole = parts[0] if len(parts) == 1 else shapely.line_merge(shapely.multilinestrings(parts))
    else:
        whole = parts[0] if len(parts) == 1 else shapely.multipoints(parts)
    # Of lon/lat no conversion was made, and so none is recorded.
    converted = placed.accuracy_m is not None
    return Shapes(whole, placed.crs if converted else None, placed.accuracy_m, placed.notes)


def _kind(raw: RawTable) -> str:
    """Returns the one kind of shape that a table holds.

    Raises:
        BoundaryError: codes empty_layer, mixed_geometry; GeometryError: code missing_geometry.
    """
    if len(raw) == 0:
        raise BoundaryError("the table has no rows", code="empty_layer", do="Name a file and table with at least one shape")
    missing = np.flatnonzero((raw.geometries == None) | shapely.is_empty(raw.geometries)).tolist()  # noqa: E711 - elementwise
    if missing:
        rows = [raw.row(position) for position in missing]
        raise GeometryError(
            f"{len(rows)} row(s) have no geometry, or an empty one: {named(rows)}",
            code="missing_geometry",
            row=rows[0],
            field="geometry",
            do="Draw what is missing, or remove those rows",
        )
    leaves = raw.geometries
    while (shapely.get_type_id(leaves) == 7).any():
        leaves = shapely.get_parts(leaves)
    kinds = sorted({_KINDS.get(int(each), "lines") for each in shapely.get_type_id(leaves)})
    if len(kinds) > 1 or (kinds != ["polygons"] and (shapely.get_type_id(raw.geometries) == 7).any()):
        raise BoundaryError(
            f"the table mixes {' and '.join(kinds)}" if len(kinds) > 1 else f"the table holds collections of {kinds[0]}",
            code="mixed_geometry",
            field="geometry",
            do="Save one kind of shape as a table of its own, without collections",
        )
    return kinds[0]
