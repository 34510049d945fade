"""Tables of the binary and XML formats, through GDAL and geopandas; what they warn about becomes a Finding."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.boundaries.load.opening import Source, unreadable
from geoalert.boundaries.load.raw import RawTable, named
from geoalert.boundaries.load.text import read_csv, read_json
from geoalert.errors import BoundaryError, ConfigurationError
from geoalert.findings import Finding
from geoalert.text import nearest

_FORMAT_NAMES = {"shapefile": "Shapefile", "geopackage": "GeoPackage", "filegdb": "FileGDB", "kml": "KML", "json": "Esri JSON"}
_SEVERAL = ("geopackage", "filegdb", "kml")
_KML_DISPLAY = ("timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet")
_ANSI = (0x00, 0x03, 0x57)


def list_tables(sources: tuple[Source, ...]) -> dict[str, tuple[Source, str | None]]:
    """Returns what can be read, by the name that `table=` takes; GDAL's name of the table beside it."""
    found: dict[str, tuple[Source, str | None]] = {}
    for source in sources:
        names: list[str | None] = list(_gdal_tables(source)) if source.kind in _SEVERAL else [None]
        for name in names:
            key = name or source.stem
            found[f"{source.stem}/{key}" if key in found else key] = (source, name)
    if not found:
        raise BoundaryError("no table holds geometry", code="empty_layer", do="Name a file with at least one polygon")
    return found


def _gdal_tables(source: Source) -> list[str]:
    """Returns the tables with a geometry column; KML folders without features count as none.

    A KML archive's doc.kml often holds nothing but links to its parts.
    """
    import pyogrio

    if source.kind == "kml":
        _refuse_entities(source.path)
    with _heard(source) as _:
        listed = pyogrio.list_layers(source.path)
        names = [str(name) for name, geometry in listed if geometry is not None]
        if source.kind == "kml":
            names = [name for name in names if pyogrio.read_info(source.path, layer=name, force_feature_count=True)["features"]]
    return names


def choose_table(tables: dict[str, tuple[Source, str | None]], table: str | None) -> str:
    """Returns the name of the one table meant.

    Raises:
        BoundaryError: codes several_tables, unknown_table; both list what there is.
    """
    if table is None:
        if len(tables) == 1:
            return next(iter(tables))
        raise BoundaryError(
            f"the file holds {len(tables)} tables: {named(list(tables))}",
            code="several_tables",
            field="table",
            do=f'Name one, for example table="{next(iter(tables))}"',
        )
    if table in tables:
        return table
    likely = nearest(table, tables) or tuple(tables)[:3]
    raise BoundaryError(
        f"there is no table {table!r}", code="unknown_table", field="table", value=table, do=f"Name one of: {named(likely)}"
    )


def read_table(sources: tuple[Source, ...], table: str | None) -> tuple[RawTable, tuple[str, ...]]:
    """Returns the one table meant, unchecked, and the names of all tables.

    Raises:
        BoundaryError: the file is damaged, holds no such table, or several and none is named.
        ConfigurationError: code missing_extra.
    """
    tables = list_tables(sources)
    name = choose_table(tables, table)
    source, inside = tables[name]
    read: RawTable | None
    if source.kind == "csv":
        read = read_csv(source.path, name)
    elif source.kind == "parquet":
        read = _read_parquet(source.path, name)
    else:
        read = read_json(source.path, name) if source.kind == "json" else None
    return read or _read_gdal(source, inside, name), tuple(tables)


def _read_gdal(source: Source, table: str | None, name: str) -> RawTable:
    """Returns a table as GDAL reads it, with its warnings, mended rings and straightened curves as notes."""
    notes: list[Finding] = []
    if source.kind == "shapefile":
        _check_parts(source.path)
    encoding = _dbf_encoding(source.path, notes) if source.kind == "shapefile" else None
    with _heard(source) as heard:
        meta, fids, shapes, values = _raw_read(source, table, encoding, notes)
        curved = _curved(source, table, fids)
    if shapes is None:
        raise BoundaryError("the table has no geometry", code="not_polygons", do="Name a table of polygons")
    geometries = _geometries(shapes, notes)
    if curved:
        text = f"true curves came as straight edges in {len(curved)} row(s): {named(curved)}"
        notes.append(Finding("note", "curves_straightened", text, source="GDAL"))
    for text in dict.fromkeys(str(warning.message) for warning in heard):
        code = "measures_dropped" if "Measured" in text else "reader_note"
        notes.append(Finding("note", code, text, source="GDAL"))
    columns = dict(zip((str(field) for field in meta["fields"]), values, strict=True))
    if source.kind == "kml":
        columns = {field: cells for field, cells in columns.items() if field not in _KML_DISPLAY}
    crs = _known_crs(meta["crs"])
    return RawTable(_FORMAT_NAMES[source.kind], name, columns, geometries, crs, feature_ids=fids.tolist(), notes=tuple(notes))


def _raw_read(source: Source, table: str | None, encoding: str | None, notes: list[Finding]) -> Any:
    """Returns pyogrio's meta, FIDs, WKB and columns, read again as cp1252 where the texts are not in the encoding named."""
    from pyogrio import raw

    try:
        return raw.read(source.path, layer=table, encoding=encoding, return_fids=True, datetime_as_string=True)
    except UnicodeDecodeError:
        notes.append(Finding("warn", "encoding_guessed", "the texts are not in the encoding that the file names: read as cp1252"))
        return raw.read(source.path, layer=table, encoding="CP1252", return_fids=True, datetime_as_string=True)


def _curved(source: Source, table: str | None, fids: NDArray[Any]) -> list[int]:
    """Returns the rows whose geometry is drawn with arcs; GDAL straightens them on the way without a word."""
    from pyogrio import raw

    if source.kind not in ("geopackage", "filegdb") or table is None or '"' in table:
        return []
    # OGR_GEOMETRY is a field of OGR SQL only: https://gdal.org/user/ogr_sql_dialect.html#special-fields
    wanted = " OR ".join(f"OGR_GEOMETRY LIKE '{kind}%'" for kind in ("CURVE", "COMPOUND", "MULTISURFACE", "CIRCULAR"))
    query = f'SELECT FID FROM "{table}" WHERE {wanted}'  # noqa: S608 - a quoted table name of the file itself
    _, _, _, found = raw.read(source.path, sql=query, sql_dialect="OGRSQL", read_geometry=False)
    row_of = {fid: row for row, fid in enumerate(fids.tolist(), start=1)}
    return [row_of[fid] for fid in found[0].tolist() if fid in row_of]


@contextmanager
def _heard(source: Source) -> Iterator[list[warnings.WarningMessage]]:
    """Collects the warnings of GDAL and turns its errors into the one for a file that cannot be read."""
    from pyogrio.errors import DataLayerError, DataSourceError

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            yield heard
        # pyogrio leaves a name unbound where a .prj is not UTF-8, hence NameError: pyogrio/_io.pyx, get_crs.
        except (DataSourceError, DataLayerError, ValueError, RuntimeError, OSError, OverflowError, NameError) as err:
            raise unreadable(source.path.name, str(err).replace(str(source.path.parent), "").strip("/")) from err


def _geometries(shapes: NDArray[np.object_], notes: list[Finding]) -> NDArray[np.object_]:
    """Returns the geometries of WKB; rings that do not close are closed and listed, what cannot be built is None."""
    geometries: NDArray[np.object_] = shapely.from_wkb(shapes, on_invalid="ignore")
    for position, (shape, made) in enumerate(zip(shapes, geometries, strict=True)):
        if made is None and shape is not None:
            geometries[position] = shapely.from_wkb(shape, on_invalid="fix")
            row = f"row {position + 1}"
            if geometries[position] is not None:
                notes.append(Finding("note", "ring_closed", f"{row}: a ring that did not end where it began was closed", where=row))
    return geometries


def _known_crs(text: str | None) -> str | None:
    """Returns the CRS unless it is GeoPackage's "undefined" or a local plane, which place nothing on the earth."""
    if text is None or not text.strip() or "undefined" in text.casefold() or text.startswith(("LOCAL_CS", "ENGCRS", "EngineeringCRS")):
        return None
    return text


def _check_parts(path: Path) -> None:
    """Refuses a .shp without its .shx or .dbf, which GDAL would read without columns or not at all."""
    beside = {other.suffix.lower() for other in path.parent.iterdir() if other.stem == path.stem}
    missing = [part for part in (".shx", ".dbf") if part not in beside]
    if missing:
        raise BoundaryError(
            f"the shapefile has no {' and no '.join(missing)} part beside it",
            code="unreadable_file",
            file=path.name,
            do="Copy all its parts (.shp .shx .dbf .prj .cpg) into one folder, or name the .zip they came in",
        )


def _dbf_encoding(path: Path, notes: list[Finding]) -> str | None:
    """Returns the encoding of a .dbf that names none: UTF-8 where all its bytes are, else cp1252, as Windows writes it."""
    parts = {other.suffix.lower(): other for other in path.parent.iterdir() if other.stem == path.stem}
    content = parts[".dbf"].read_bytes()
    named_in = parts[".cpg"].read_text("ascii", errors="replace").strip() if ".cpg" in parts else ""
    rows = content[int.from_bytes(content[8:10], "little") :]
    if rows.isascii():
        return None
    try:
        rows.decode("utf-8")
    except UnicodeDecodeError:
        if named_in.upper().replace("-", "") == "UTF8":
            notes.append(Finding("warn", "encoding_guessed", "the .cpg says UTF-8, the texts are not: read as cp1252"))
            return "CP1252"
        return "CP1252" if not named_in and len(content) > 29 and content[29] in _ANSI else None
    return None if named_in else "UTF-8"


def _refuse_entities(path: Path) -> None:
    """Refuses XML that declares entities: they can name other files and grow without end."""
    if b"<!ENTITY" in path.read_bytes().upper():
        raise unreadable(path.name, "it declares XML entities, which are not read")


def _read_parquet(path: Path, name: str) -> RawTable:
    """Returns the table of a GeoParquet file; without a `crs` in its metadata it is in OGC:CRS84 by its specification."""
    if importlib.util.find_spec("pyarrow") is None:
        raise ConfigurationError(
            "GeoParquet needs pyarrow, which is not installed", code="missing_extra", file=path.name, do="pip install 'geoalert[sources]'"
        )
    import geopandas
    from pyarrow import ArrowException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return from_frame(geopandas.read_parquet(path), format="GeoParquet", name=name)
    except (ArrowException, ValueError, TypeError, KeyError, OSError, shapely.errors.ShapelyError) as err:
        raise unreadable(path.name, str(err).splitlines()[0] if str(err) else type(err).__name__) from err


def from_frame(frame: Any, *, format: str, name: str) -> RawTable:
    """Returns the table in a GeoDataFrame.

    Raises:
        BoundaryError: code not_polygons, where it has no geometry column.
    """
    try:
        geometry = frame.geometry
    except AttributeError as err:
        raise BoundaryError("the frame has no geometry column", code="not_polygons", do="Set one: frame.set_geometry(...)") from err
    columns = {str(key): list(frame[key]) for key in frame.columns if key != geometry.name}
    shapes = np.array(geometry.array, dtype=object)
    crs = None if geometry.crs is None else geometry.crs.to_string()
    return RawTable(format, name, columns, shapes, crs, feature_ids=list(frame.index))
