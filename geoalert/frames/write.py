"""Writing nouns to files that any GIS opens: whole or not at all, and over nothing that is there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoalert.errors import GeoAlertError
from geoalert.findings import Finding
from geoalert.frames.geopackage import write_geopackage
from geoalert.frames.shapefile import PARTS, STALE, field_renamed, write_shapefile, zipped
from geoalert.frames.tables import Layers, Table, tables_of
from geoalert.frames.texts import RENAMED, geojson, kml

FORMATS = {".gpkg": "geopackage", ".geojson": "geojson", ".json": "geojson", ".kml": "kml", ".shp": "shapefile", ".zip": "shapefile"}
"""The format that each suffix stands for; a `.zip` holds one shapefile for each table."""

_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        path: the file, or the .shp among `files`.
        format: geopackage, geojson, kml or shapefile.
        tables: rows of each table by its name.
        files: every file, a shapefile's parts included.
        notes: what the format could not hold as it was.
    """

    path: Path
    format: str
    tables: Mapping[str, int]
    files: tuple[Path, ...]
    notes: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the same JSON-ready."""
        notes = [note.to_dict() for note in self.notes]
        return {
            "path": str(self.path),
            "format": self.format,
            "tables": dict(self.tables),
            "files": list(map(str, self.files)),
            "notes": notes,
        }


def write(thing: Any, path: str | Path, *, format: str | None = None, layers: Layers = None, overwrite: bool = False) -> Written:
    """Writes an area, layer, survey, plan or Selected, or a list of areas, matches or selections, in EPSG:4326.

        write(plan, "S1.gpkg", layers=desk.layers)              # tables area, boundaries and selections, styled for QGIS

    A file appears whole and readable by its owner only. Withheld geometry, venues at a
    withheld place and contact addresses are in none.

    Args:
        thing: what is written.
        path: its suffix says the format; see `FORMATS`.
        format: geopackage, geojson, kml or shapefile, where the suffix does not say.
        layers: where the shapes of matched boundaries come from; without any, their rows have no geometry.
        overwrite: replace what is there.

    Raises:
        GeoAlertError: unknown_format, file_exists, not_exportable, several_tables or mixed_geometry (shapefiles),
            file_unwritable.
        BoundaryError: layer_changed; LayerNotFound: unknown_layer, unknown_boundary.
    """
    to = Path(path)
    chosen = _format_of(to, format)
    tables = tables_of(thing, layers)
    loose = chosen == "shapefile" and to.suffix.lower() != ".zip"
    if loose:
        _check_shapefile(to, tables)
    names = [to.with_suffix(part) for part in PARTS] if loose else [to]
    if not overwrite:
        _refuse_existing(names)
    with _scratch(to) as folder:
        notes = _make(tables, folder, to, chosen)
        files = tuple(name for name in names if (folder / name.name).exists())
        _place_all(folder, files, overwrite=overwrite)
        if loose and overwrite:
            for part in STALE:
                to.with_suffix(part).unlink(missing_ok=True)
    return Written(to, chosen, {table.name: len(table) for table in tables}, files, notes)


def _make(tables: Sequence[Table], folder: Path, to: Path, format: str) -> tuple[Finding, ...]:
    """Writes the file, or a shapefile's parts, into an empty folder under the names they are to have."""
    made = folder / to.name
    if format == "geojson":
        made.write_bytes(geojson(tables))
    elif format == "kml":
        made.write_bytes(kml(tables))
        renamed = {field: RENAMED[field] for table in tables for field, _ in table.fields if field in RENAMED}
        return tuple(field_renamed(field, other, "readers of KML take it for the placemark's own") for field, other in renamed.items())
    elif format == "geopackage":
        # GDAL warns of any other suffix.
        write_geopackage(tables, folder / "made.gpkg")
        (folder / "made.gpkg").replace(made)
    elif to.suffix.lower() != ".zip":
        return write_shapefile(tables[0], made)
    else:
        inside = folder / "parts"
        inside.mkdir()
        notes = [note for table in tables for note in write_shapefile(table, inside / f"{table.name}.shp")]
        made.write_bytes(zipped(inside))
        return tuple(notes)
    return ()


def _format_of(path: Path, format: str | None) -> str:
    """Returns the format that is named, else the one of the suffix."""
    chosen = format or FORMATS.get(path.suffix.lower())
    if chosen is None or chosen not in FORMATS.values():
        raise GeoAlertError(
            "not a format that is written here",
            code="unknown_format",
            field="format",
            value=format or path.name,
            do=f"Name a file that ends in {', '.join(FORMATS)}, or one of the formats {', '.join(dict.fromkeys(FORMATS.values()))}.",
        )
    if chosen == "shapefile" and path.suffix.lower() not in (".shp", ".zip"):
        raise GeoAlertError("a shapefile ends in .shp or .zip", code="unknown_format", field="path", value=path.name, do="Name it so.")
    return chosen


def _check_shapefile(path: Path, tables: Sequence[Table]) -> None:
    """Refuses several tables in one shapefile."""
    if len(tables) > 1:
        raise GeoAlertError(
            f"a shapefile holds one table, this has {len(tables)}: {', '.join(table.name for table in tables)}",
            code="several_tables",
            file=path.name,
            do=f"Write {path.stem}.zip, which holds one shapefile for each, or {path.stem}.gpkg.",
        )


def _refuse_existing(paths: Sequence[Path]) -> None:
    """Refuses paths where anything stands, a link that leads nowhere included."""
    for path in paths:
        if os.path.lexists(path):
            raise GeoAlertError(
                "there is something of that name",
                code="file_exists",
                file=path,
                do="Name another file, or say that this one may be replaced.",
            )


@contextmanager
def _scratch(to: Path) -> Iterator[Path]:
    """Makes a folder beside the file's place, and removes it with whatever is left in it."""
    folder: Path | None = None
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=to.parent, prefix=".new-"))
        yield folder
    # The classes of pyogrio's errors are RuntimeErrors.
    except (OSError, RuntimeError, sqlite3.Error) as err:
        told = getattr(err, "strerror", None) or str(err)
        raise GeoAlertError(
            f"a file cannot be written: {told}", code="file_unwritable", file=to, do="Check the path and the disk."
        ) from err
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _place_all(folder: Path, files: Sequence[Path], *, overwrite: bool) -> None:
    """Puts finished files in their places, the .shp last; where one cannot be put, those that were not there before go again."""
    placed: list[Path] = []
    try:
        for path in files:
            _place(folder / path.name, path, overwrite=overwrite)
            placed.append(path)
    except BaseException:
        for path in () if overwrite else placed:
            path.unlink(missing_ok=True)
        raise


def _place(made: Path, path: Path, *, overwrite: bool) -> None:
    """Puts a finished file in its place at once; without `overwrite` even one that appeared meanwhile stays."""
    made.chmod(_MODE)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    if not overwrite:
        try:
            os.link(made, path)
        except FileExistsError:
            _refuse_existing([path])
        except OSError:
            # A disk without hard links: what is left is the test made before.
            _refuse_existing([path])
            made.replace(path)
        return
    made.replace(path)
