"""Shapefiles, for those who can open nothing else: ten characters to a field name, 254 bytes to a text."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from geoalert.errors import GeoAlertError
from geoalert.findings import Finding
from geoalert.frames.frame import frame_of
from geoalert.frames.geopackage import geometry_type
from geoalert.frames.tables import Table

SHORT = {
    "share_of_area": "share_area",
    "share_of_boundary": "share_bdry",
    "opening_hours": "open_hours",
}
"""Field names of more than ten characters, and what a shapefile calls them."""

PARTS = (".cpg", ".dbf", ".prj", ".shx", ".shp")
STALE = (".qix", ".sbn", ".sbx", ".qpj")
"""Indexes that other programs put beside a shapefile; wrong once it is replaced."""

_TEXT_BYTES = 254
_WHEN = "1970-01-01"
_ZIP_WHEN = (1980, 1, 1, 0, 0, 0)


def write_shapefile(table: Table, path: Path) -> tuple[Finding, ...]:
    """Writes the five parts of a new shapefile, and returns which names and texts were shortened.

    Raises:
        GeoAlertError: areas that are points stand beside others (mixed_geometry).
    """
    import pyogrio

    if geometry_type(table) == "Unknown":
        raise GeoAlertError(
            "a shapefile holds points or polygons, not both",
            code="mixed_geometry",
            file=path.name,
            do="Write a .gpkg or .geojson, or points and polygons apart.",
        )
    frame = frame_of(table)
    notes = []
    for field, kind in table.fields:
        if field in SHORT:
            notes.append(field_renamed(field, SHORT[field], "a shapefile's names have ten characters"))
        if kind == "text":
            short = [_short(value) for value in table.column(field)]
            cut = sum(one != other for one, other in zip(short, table.column(field), strict=True))
            if cut:
                notes.append(Finding("warn", "text_shortened", f"{cut} text(s) of {field} cut to {_TEXT_BYTES} bytes", where=field))
                frame[field] = short
    pyogrio.write_dataframe(
        frame.rename(columns=SHORT),
        path,
        driver="ESRI Shapefile",
        encoding="UTF-8",
        geometry_type="Point" if geometry_type(table) == "Point" else "Polygon",
        layer_options={"DBF_DATE_LAST_UPDATE": _WHEN},
    )
    return tuple(notes)


def field_renamed(field: str, other: str, why: str) -> Finding:
    """Returns the note that a format calls a field otherwise."""
    return Finding("note", "field_renamed", f"the field {field} is called {other}: {why}", where=field)


def zipped(folder: Path) -> bytes:
    """Returns the files of a folder as a zip, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name, _ZIP_WHEN), file.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _short(text: Any) -> Any:
    """Returns the text within a shapefile's limit, whole characters only."""
    if text is None or len(text.encode()) <= _TEXT_BYTES:
        return text
    return text.encode()[: _TEXT_BYTES - 3].decode(errors="ignore") + "…"
