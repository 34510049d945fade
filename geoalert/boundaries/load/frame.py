"""From an unchecked table, or a GeoDataFrame, to a Layer: the one path every reader takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert import geo
from geoalert.boundaries.ids import IdRule
from geoalert.boundaries.load import fields, repairs
from geoalert.boundaries.load.formats import from_frame
from geoalert.boundaries.load.raw import RawTable, located, named
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError, CRSError, GeometryError
from geoalert.findings import Finding

_CODE = re.compile(r"[A-Z]+:[A-Z0-9]+")


def layer_from_geodataframe(
    gdf: Any,
    *,
    name: str,
    id: str,
    label: str | None = None,
    crs: str | None = None,
    version: str | None = None,
    valid_from: date | str | None = None,
    valid_to: date | str | None = None,
    source: str | None = None,
    licence: str | None = None,
    dissolve: bool = False,
    accept_accuracy_m: float = 5.0,
    lead: bool = False,
    neighbours: bool = False,
    population: str | None = None,
    id_rule: str = "default",
) -> Layer:
    """Returns the layer in a GeoDataFrame, checked, converted and repaired exactly as `read_layer` does a file.

        frame = geopandas.read_postgis("select * from beats", connection)
        beats = layer_from_geodataframe(frame, name="beat", id="beat_num")

    Args:
        gdf: a geopandas.GeoDataFrame; without a CRS it is refused unless `crs` names one.
        id, label: columns; `@row` is the row number, `@feature` the index.

    Raises:
        BoundaryError: as for `read_layer`; `file` is "GeoDataFrame".
    """
    facts = LayerFacts(
        name=name, id=id, label=label, crs=crs, version=version,
        valid_from=as_date(valid_from, "valid_from"), valid_to=as_date(valid_to, "valid_to"),
        source=source, licence=licence, dissolve=dissolve, accept_accuracy_m=accept_accuracy_m, lead=lead,
        neighbours=neighbours, population=population, id_rule=id_rule,
    )  # fmt: skip
    with located("GeoDataFrame"):
        return build_layer(from_frame(gdf, format="GeoDataFrame", name=name), facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFacts:
    """What the person who names a layer says about it, beside the table itself.

    The fields are the keywords of `read_layer`, which explains them; dates are dates here.
    """

    name: str
    id: str
    label: str | None = None
    crs: str | None = None
    version: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None
    licence: str | None = None
    dissolve: bool = False
    accept_accuracy_m: float = 5.0
    lead: bool = False
    neighbours: bool = False
    population: str | None = None
    id_rule: str = "default"


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """The polygons of a table in lon/lat, valid, with the CRS they came in and the accuracy of the conversion (None: none was made)."""

    geometries: NDArray[np.object_]
    crs: str
    accuracy_m: float | None
    notes: tuple[Finding, ...]


def as_date(value: date | str | None, field: str) -> date | None:
    """Returns a date, which may be written 2026-04-01.

    Raises:
        BoundaryError: code invalid_validity.
    """
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as err:
        raise BoundaryError("not a date", code="invalid_validity", field=field, value=value, do="Write it as 2026-04-01") from err


def build_layer(raw: RawTable, facts: LayerFacts) -> Layer:
    """Returns the Layer in a table.

    The kind of geometry is looked at before the columns, so that a list of places is told to be one whatever id was named.

    Raises:
        BoundaryError: codes as listed at `read_layer`.
    """
    repairs.check_kinds(raw)
    ids, habits = fields.read_ids(raw, facts.id)
    labels = fields.read_labels(raw, facts.label, ids)
    rule = IdRule.named(facts.id_rule, ids)
    rows = fields.same_ids(ids, rule)
    if not facts.dissolve:
        fields.refuse_duplicates(raw, ids, rows, facts.id)
    placed = place(raw, crs=facts.crs, accept_accuracy_m=facts.accept_accuracy_m, ids=ids)
    shapes, notes = placed.geometries, placed.notes
    people = None if facts.population is None else fields.read_population(raw, facts.population, list(rows.values()))
    if len(rows) < len(ids):
        shapes, joined = _dissolved(shapes, ids, list(rows.values()), raw)
        firsts = [positions[0] for positions in rows.values()]
        ids, labels = [ids[first] for first in firsts], [labels[first] for first in firsts]
        notes += joined
    return Layer(
        name=facts.name,
        ids=ids,
        geometries=shapes,
        labels=labels,
        version=facts.version,
        valid_from=facts.valid_from,
        valid_to=facts.valid_to,
        source=facts.source,
        licence=facts.licence,
        native_crs=placed.crs,
        accuracy_m=placed.accuracy_m,
        repairs=raw.notes + habits + notes,
        lead=facts.lead,
        neighbours=facts.neighbours,
        population=people,
        id_rule=rule,
    )


def place(raw: RawTable, *, crs: str | None, accept_accuracy_m: float, ids: Sequence[str] | None = None) -> Placed:
    """Returns the polygons of a table that `check_kinds` let pass, in lon/lat and valid.

    Raises:
        CRSError: codes missing_crs, crs_conflict, unknown_crs, accuracy_too_low; GeometryError: codes of `repairs`.
    """

    def name_of(position: int) -> str:
        row = f"row {raw.row(position)}"
        return row if ids is None else f"{row} ({ids[position]})"

    flat = repairs.polygons(raw, name_of)
    named_crs, notes = _crs_of(raw, flat.geometries, crs)
    shapes, accuracy_m = flat.geometries, None
    if not named_crs.is_lonlat:
        with _of_table(raw):
            converted = geo.to_lonlat(shapes, named_crs, accept_accuracy_m=accept_accuracy_m)
        shapes, accuracy_m = converted.geometries, converted.accuracy_m
        if converted.bent:
            rows = named([raw.row(position) for position in converted.bent])
            text = f"corners added to straight edges that lie over {geo.BEND_M:g} m off between their converted ends: row {rows}"
            notes += (Finding("note", "edges_densified", text, where=f"row {raw.row(converted.bent[0])}"),)
    repairs.check_position(shapes, raw)
    mended = repairs.valid(shapes, raw, name_of)
    native = named_crs.text if _CODE.fullmatch(named_crs.text) else named_crs.name
    return Placed(mended.geometries, native, accuracy_m, notes + flat.notes + mended.notes)


@contextmanager
def _of_table(raw: RawTable) -> Iterator[None]:
    """Counts the row of a geometry's error as people count the rows of the table."""
    try:
        yield
    except GeometryError as err:
        err.row = None if err.row is None else raw.row(err.row - 1)
        raise


def _crs_of(raw: RawTable, shapes: NDArray[np.object_], crs: str | None) -> tuple[geo.Crs, tuple[Finding, ...]]:
    """Returns the CRS to read the table in, and a note where the person named another than the format's own."""
    stated = raw.crs or raw.default_crs
    if crs is None:
        if stated is None:
            raise _missing_crs(shapes)
        return geo.parse_crs(stated), ()
    wanted = geo.parse_crs(crs)
    if raw.crs is not None and not _agree(wanted, geo.parse_crs(raw.crs), shapes):
        raise CRSError(
            f"the file says it is in {geo.parse_crs(raw.crs).name}",
            code="crs_conflict",
            field="crs",
            value=crs,
            do="Leave crs out, or correct the file if it is wrong",
        )
    if raw.crs is None and raw.default_crs is not None and not wanted.is_lonlat:
        text = f"read in {crs}, as named; a {raw.format} file that names none is in {raw.default_crs}"
        return wanted, (Finding("warn", "crs_named", text, source="RFC 7946"),)
    return wanted, ()


def _agree(one: geo.Crs, other: geo.Crs, shapes: NDArray[np.object_]) -> bool:
    """Returns whether two CRSs put the table in the same place, to a metre, whatever they are called."""
    if one.name == other.name or (one.is_lonlat and other.is_lonlat):
        return True
    corners = shapely.points(shapely.total_bounds(shapes).reshape(2, 2))
    try:
        here, there = (geo.to_lonlat(corners, crs, accept_accuracy_m=np.inf).geometries for crs in (one, other))
    except BoundaryError:
        return False
    return bool((np.abs(shapely.get_coordinates(here) - shapely.get_coordinates(there)) < 1e-5).all())


def _missing_crs(shapes: NDArray[np.object_]) -> CRSError:
    """Returns the refusal of a table without a CRS, with the likely ones as its numbers suggest."""
    west, south, east, north = shapely.total_bounds(shapes)
    if abs(west) <= 180 and abs(east) <= 180 and abs(south) <= 90 and abs(north) <= 90:
        do = 'The numbers look like degrees: if they are longitude and latitude, name crs="EPSG:4326" (WGS 84) or crs="EPSG:4269" (NAD83)'
    else:
        do = 'The numbers are metres or feet of a projected CRS: ask the publisher which, and name it, such as crs="EPSG:26917" (UTM 17N)'
    return CRSError(
        "the file names no CRS", code="missing_crs", field="crs", value=f"x {west:.7g} to {east:.7g}, y {south:.7g} to {north:.7g}", do=do
    )


def _dissolved(
    shapes: NDArray[np.object_], ids: Sequence[str], rows: list[list[int]], raw: RawTable
) -> tuple[NDArray[np.object_], tuple[Finding, ...]]:
    """Returns one geometry per id, the union of its rows, each union listed."""
    joined = np.empty(len(rows), dtype=object)
    notes = []
    for at, positions in enumerate(rows):
        joined[at] = shapes[positions[0]] if len(positions) == 1 else shapely.union_all(shapes[positions])
        if len(positions) > 1:
            where = f"rows {named([raw.row(position) for position in positions])}"
            notes.append(Finding("note", "dissolved", f"{ids[positions[0]]}: {len(positions)} rows joined into one", where=where))
    return joined, tuple(notes)
