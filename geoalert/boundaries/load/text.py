"""Text formats: which kind of JSON a file is, and tables in CSV whose geometry is WKT or GeoJSON text."""

from __future__ import annotations

import gc
import io
import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pydantic_core import from_json

from geoalert.boundaries.load.geojson import cut_short, read_geojson
from geoalert.boundaries.load.opening import unreadable
from geoalert.boundaries.load.raw import RawTable, named
from geoalert.errors import BoundaryError, GeometryError
from geoalert.findings import Finding

_GEOMETRY_NAMES = ("wkt", "geometry", "geom", "the_geom", "shape", "multipolygon", "polygon", "geometry_wkt", "wkt_geom")
_GEOMETRY_TEXT = re.compile(
    r"\s*(?:SRID=(\d+);\s*)?(?:MULTI)?(?:POLYGON|POINT|LINESTRING|SURFACE|CURVE|GEOMETRYCOLLECTION|CURVEPOLYGON)", re.IGNORECASE
)


def read_json(path: Path, name: str) -> RawTable | None:
    """Returns the table of a GeoJSON file or sequence; None where it is an Esri JSON answer, which GDAL reads.

    Raises:
        BoundaryError: codes unreadable_file, unknown_format, incomplete_file, and those of `read_geojson`.
    """
    documents = _documents(path.read_bytes(), path)
    first = documents[0]
    if isinstance(first, Mapping) and "type" not in first:
        if isinstance(first.get("error"), Mapping):
            text = f"the server answered with an error instead of a layer: {first['error'].get('message')}"
            raise unreadable(path.name, text)
        if "geometryType" in first or "spatialReference" in first or _has_attributes(first.get("features")):
            _check_esri(first)
            return None
    if isinstance(first, Mapping) and first.get("type") == "Topology":
        raise BoundaryError(
            "TopoJSON is not read",
            code="unknown_format",
            file=path.name,
            do="Save it as GeoJSON, for example with `ogr2ogr out.geojson in.json`",
        )
    return read_geojson(documents, name)


def _documents(content: bytes, path: Path) -> list[Any]:
    """Returns the JSON values of a file: one, or those of a sequence (RFC 8142, or one to a line)."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise unreadable(path.name, f"JSON must be UTF-8, and byte {err.start + 1} is not") from err
    try:
        if "\x1e" not in text[:1]:
            return [_value(text)]
        return [json.loads(part) for part in text.split("\x1e") if part.strip()]
    except RecursionError as err:
        raise unreadable(path.name, "it is nested too deeply") from err
    except ValueError as err:
        lines = [line for line in text.splitlines() if line.strip()]
        if str(err).startswith("Extra data") and len(lines) > 1:
            return _lines(lines, path)
        raise unreadable(path.name, f"not JSON: {err}") from err


def _value(text: str) -> Any:
    """Returns the JSON value of a text, by the parser that is three times as fast and says less of what is wrong."""
    # The collector walks every coordinate pair again and again while they are made, and none of them can be in a cycle.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return from_json(text, cache_strings="keys")
    except ValueError:
        return json.loads(text)
    finally:
        if collecting:
            gc.enable()


def _lines(lines: list[str], path: Path) -> list[Any]:
    """Returns the JSON value of each line."""
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError) as err:
            raise unreadable(path.name, f"line {number} is not JSON: {err}") from err
    return found


def _has_attributes(features: Any) -> bool:
    """Returns whether features are written the Esri way."""
    return isinstance(features, list) and bool(features) and isinstance(features[0], Mapping) and "attributes" in features[0]


def _check_esri(document: Mapping[str, Any]) -> None:
    """Refuses an Esri answer that was cut short, or whose curves GDAL would drop."""
    if document.get("exceededTransferLimit"):
        raise cut_short()
    features = document.get("features")
    for row, feature in enumerate(features if isinstance(features, list) else (), start=1):
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        if isinstance(geometry, Mapping) and ("curveRings" in geometry or "curvePaths" in geometry):
            raise GeometryError(
                "the geometry has true curves",
                code="curved_geometry",
                row=row,
                do="Ask the server for `returnTrueCurves=false` and fetch it again",
            )


def read_csv(path: Path, name: str) -> RawTable:
    """Returns the table of a CSV file with a column of WKT, EWKT or GeoJSON text, every other cell as text.

    Raises:
        BoundaryError: codes unreadable_file, not_polygons (no such column); GeometryError: code invalid_coordinates.
    """
    frame = _frame(path)
    column = _geometry_column(frame)
    if column is None:
        raise BoundaryError(
            "no column holds WKT or GeoJSON geometry",
            code="not_polygons",
            value=named(list(frame)),
            do="A layer needs polygons; a table of places is a directory file (`geoalert directory check`)",
        )
    texts = list(frame.pop(column))
    geometries = np.empty(len(texts), dtype=object)
    crs: set[str | None] = set()
    notes: list[Finding] = []
    for position, text in enumerate(texts):
        if text.strip():
            geometries[position], one, mended = _cell(text, position + 2, column)
            crs.add(one)
            notes.extend(mended)
    if len(crs) > 1:
        raise BoundaryError("rows name different CRSs", code="mixed_crs", field=column, do="Give every row the same SRID")
    columns = {str(key): list(values) for key, values in frame.items()}
    return RawTable("CSV", name, columns, geometries, next(iter(crs), None), first_row=2, notes=tuple(notes))


def _frame(path: Path) -> Any:
    """Returns the cells of a CSV file as texts, whatever the separator; bytes that are not UTF-8 are cp1252."""
    import pandas as pd

    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    header = text.split("\n", 1)[0]
    mark = max(",;\t|", key=header.count)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, sep=mark, index_col=False, na_filter=False)
    except (ValueError, OverflowError, Warning) as err:
        raise unreadable(path.name, f"not a table: {err}") from err


def _geometry_column(frame: Any) -> str | None:
    """Returns the column whose first filled cell is geometry, those with a usual name first."""
    for column in sorted(frame, key=lambda name: str(name).strip().casefold() not in _GEOMETRY_NAMES):
        first = next((text for text in frame[column] if text.strip()), "")
        if _GEOMETRY_TEXT.match(first) or (first.lstrip().startswith("{") and '"coordinates"' in first):
            return str(column)
    return None


def _cell(text: str, row: int, column: str) -> tuple[Any, str | None, tuple[Finding, ...]]:
    """Returns the geometry of one cell, the CRS it names, and what was mended."""
    try:
        if text.lstrip().startswith("{"):
            one = read_geojson([json.loads(text)], "")
            return one.geometries[0], one.crs or one.default_crs, one.notes
        match = _GEOMETRY_TEXT.match(text)
        crs = f"EPSG:{match[1]}" if match and match[1] else None
        return _wkt(text.split(";", 1)[1] if crs else text, row, crs)
    except BoundaryError as err:
        err.row, err.field = row, column
        raise
    except (ValueError, RecursionError, shapely.errors.ShapelyError) as err:
        raise GeometryError(
            "the cell holds no readable geometry",
            code="invalid_coordinates",
            row=row,
            field=column,
            value=text,
            do="Correct the cell, or remove the row",
        ) from err


def _wkt(text: str, row: int, crs: str | None) -> tuple[Any, str | None, tuple[Finding, ...]]:
    """Returns the geometry of WKT; a ring that does not close is closed and listed."""
    try:
        return shapely.from_wkt(text), crs, ()
    except NotImplementedError as err:
        raise GeometryError("the geometry has true curves", code="curved_geometry", do="Save it with straight edges") from err
    except shapely.errors.ShapelyError:
        mended = shapely.from_wkt(text, on_invalid="fix")
        if mended is None:
            raise
        note = Finding("note", "ring_closed", f"row {row}: a ring that did not end where it began was closed", where=f"row {row}")
        return mended, crs, (note,)
