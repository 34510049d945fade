"""Directory rows from GeoJSON and GeoPackage: the same columns, the position from the point.

GeoJSON goes through the boundary room's strict reader: GDAL takes a numeric `id` property for its own and renumbers doubles.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geoalert.directory.load.row import Row
from geoalert.directory.load.table import check_header, is_gzip
from geoalert.errors import DirectoryError, GeoAlertError
from geoalert.geo import parse_crs, to_lonlat

AGREE_DEGREES = 0.001
"""How far lat and lon columns may lie from the point before the row is refused; about 100 m."""

_SQLITE = b"SQLite format 3\x00"
_LAT = ("lat", "latitude", "y")
_LON = ("lon", "lng", "long", "longitude", "x")


@dataclass(frozen=True, slots=True)
class _Table:
    file: str
    columns: dict[str, list[str]]
    points: list[Any]
    crs: str | None


def is_features(content: bytes) -> bool:
    """Tells by the first bytes whether a file is GeoJSON or GeoPackage."""
    return content.startswith(_SQLITE) or content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def feature_rows(
    path: Path, content: bytes, columns: tuple[str, ...], *, table: str | None = None, crs: str | None = None, placed: bool = True
) -> list[Row]:
    """Returns the rows of a GeoJSON or GeoPackage table, counted from 1, `lat` and `lon` filled in from the points.

    Args:
        content: of the file, unpacked.
        table: of a GeoPackage with several.
        crs: of a file that names none.
        placed: False for tables whose rows are not places; their geometry is ignored.

    Raises:
        DirectoryError: unreadable_file, which_table, missing_crs, same_point, not_a_point, position_disagrees, and those of the header.
    """
    found = _read(path, content, table)
    if placed:
        found = _in_lonlat(found, crs)
        _refuse_same_point(found)
    known = found.columns
    needed = tuple(name for name in columns if not (placed and name in ("lat", "lon") and name not in known))
    check_header(list(known), needed, file=found.file)
    rows = []
    for place in range(len(found.points)):
        cells = {name: cells[place] for name, cells in known.items()}
        row = Row(found.file, place + 1, cells)
        rows.append(_with_position(row, found.points[place]) if placed else row)
    return rows


def _read(path: Path, content: bytes, table: str | None) -> _Table:
    if content.startswith(_SQLITE):
        return _geopackage(path, table)
    if table is not None:
        raise DirectoryError("GeoJSON has no tables", code="which_table", file=path, value=table, do="Leave the table's name out")
    from geoalert.boundaries.load.geojson import read_geojson

    try:
        raw = read_geojson([json.loads(content.decode("utf-8-sig"))], path.name)
    except (ValueError, RecursionError) as err:
        raise DirectoryError(f"not JSON: {err}", code="unreadable_file", file=path, do="Save the file again") from err
    except GeoAlertError as err:
        raise DirectoryError(err.what, code=err.code, file=path, row=err.row, field=err.field, value=err.value, do=err.do) from err
    columns = {str(name): [_text(value) for value in cells] for name, cells in raw.columns.items()}
    if "id" not in columns and raw.feature_ids is not None and any(key is not None for key in raw.feature_ids):
        columns["id"] = [_text(key) for key in raw.feature_ids]
    return _Table(str(path), columns, list(raw.geometries), raw.crs or raw.default_crs)


def _geopackage(path: Path, table: str | None) -> _Table:
    import pyogrio

    source = f"/vsigzip/{path.resolve()}" if is_gzip(path) else path
    try:
        tables = [str(name) for name, _ in pyogrio.list_layers(source)]
        if table not in tables and (table is not None or len(tables) > 1):
            what = "the file has several tables" if table is None else "no such table"
            raise DirectoryError(what, code="which_table", file=path, value=table, do=f"Name one of {', '.join(tables)}")
        meta, _, geometries, values = pyogrio.raw.read(source, layer=table)
        shapes = None if geometries is None else list(shapely.from_wkb(geometries))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FieldError, shapely.errors.ShapelyError) as err:
        raise DirectoryError(f"the file cannot be read: {err}", code="unreadable_file", file=path, do="Save it again") from err
    columns = {str(name): [_text(value) for value in cells] for name, cells in zip(meta["fields"], values, strict=True) if name != "fid"}
    points = shapes if shapes is not None else [None] * (len(values[0]) if len(values) else 0)
    return _Table(str(path), columns, points, meta["crs"])


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)) or (isinstance(value, np.datetime64) and np.isnat(value)):
        return ""
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]")).removesuffix("T00:00:00")
    if isinstance(value, list | np.ndarray):
        return ";".join(_text(part) for part in value)
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip()


def _in_lonlat(found: _Table, crs: str | None) -> _Table:
    text = found.crs or crs
    if not any(point is not None for point in found.points):
        return found
    if text is None:
        raise DirectoryError("the file names no CRS", code="missing_crs", file=found.file, field="crs", do="Name the CRS, as in EPSG:26917")
    try:
        read = parse_crs(text)
        if read.is_lonlat:
            return found
        points = list(to_lonlat(np.array(found.points, dtype=object), read).geometries)
    except GeoAlertError as err:
        raise DirectoryError(err.what, code=err.code, file=found.file, field=err.field or "crs", value=err.value, do=err.do) from err
    return _Table(found.file, found.columns, points, found.crs)


def _refuse_same_point(found: _Table) -> None:
    points = [point for point in found.points if point is not None and not point.is_empty]
    if len(points) < 3:
        return
    west, south, east, north = shapely.total_bounds(np.array(points, dtype=object))
    if east - west > 1e-4 or north - south > 1e-4:
        return
    right = _columns_that_look_right(found.columns)
    do = (
        f"Its columns {right[0]} and {right[1]} look right: save it as CSV with those as lat and lon"
        if right
        else "Ask for a file with its positions"
    )
    raise DirectoryError(
        f"all {len(points)} rows lie on one point",
        code="same_point",
        file=found.file,
        field="geometry",
        value=f"lon {points[0].centroid.x:.4f}, lat {points[0].centroid.y:.4f}",
        do=do,
    )


def _columns_that_look_right(columns: dict[str, list[str]]) -> tuple[str, str] | None:
    lat = next((name for name in columns if name.casefold() in _LAT and _spread(columns[name], 90)), None)
    lon = next((name for name in columns if name.casefold() in _LON and _spread(columns[name], 180)), None)
    return (lat, lon) if lat and lon else None


def _spread(cells: list[str], most: float) -> bool:
    try:
        numbers = {float(cell) for cell in cells if cell}
    except ValueError:
        return False
    return len(numbers) > 1 and all(0 < abs(number) <= most for number in numbers)


def _with_position(row: Row, point: Any) -> Row:
    """Returns the row with lat and lon of its point, where it has one; else its columns speak."""
    if point is None or point.is_empty:
        return row
    if point.geom_type == "MultiPoint" and len(point.geoms) == 1:
        point = point.geoms[0]
    if point.geom_type != "Point":
        raise row.error(
            "a venue is a point", code="not_a_point", field="geometry", value=point.geom_type, do="Draw its entrance as one point"
        )
    for field, value in (("lat", point.y), ("lon", point.x)):
        if row.cells.get(field) and not abs(row.degrees(field) - value) <= AGREE_DEGREES:
            raise row.error(
                f"the column differs from the geometry's {value:.5f}",
                code="position_disagrees",
                field=field,
                do="Correct one, or leave the column out",
            )
    return Row(row.file, row.number, {**row.cells, "lat": repr(float(point.y)), "lon": repr(float(point.x))})
