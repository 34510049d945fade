"""GeoPackage: one table for each kind, and QGIS's own table of styles, so that the file opens coloured and labelled."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from geoalert.frames.frame import frame_of
from geoalert.frames.styles import qml
from geoalert.frames.tables import Table

GEOMETRY = "geom"
# A file's bytes say what is in it, not when it was written.
_WHEN = "1970-01-01T00:00:00.000Z"
# As QGIS makes it, so that it reads and writes it: QgsOgrProviderMetadata::saveStyle.
_STYLES = """CREATE TABLE layer_styles (
id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_STYLE = """INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD,
useAsDefault, description, owner, ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', NULL, ?)"""
_CONTENTS = """INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)"""


def write_geopackage(tables: Sequence[Table], path: Path) -> None:
    """Writes a new file with the tables and the style of each, the same bytes for the same tables."""
    import pyogrio

    for at, table in enumerate(tables):
        pyogrio.write_dataframe(
            frame_of(table),
            path,
            layer=table.name,
            driver="GPKG",
            geometry_type=geometry_type(table),
            promote_to_multi=geometry_type(table) == "MultiPolygon",
            append=at > 0,
            # QGIS 3.22 and 3.28 call 1.4 partially supported.
            dataset_options={"VERSION": "1.3"},
            layer_options={"GEOMETRY_NAME": GEOMETRY, "SPATIAL_INDEX": "YES"},
        )
    with closing(sqlite3.connect(path)) as file:
        with file:
            file.execute(_STYLES)
            file.execute(_CONTENTS, (_WHEN,))
            file.executemany(_STYLE, [(table.name, GEOMETRY, table.name, qml(table), _WHEN) for table in tables])
            file.execute("UPDATE gpkg_contents SET last_change = ?", (_WHEN,))
        file.execute("VACUUM")


def geometry_type(table: Table) -> str:
    """Returns the one type that a GIS is told for a table: Point, Polygon, MultiPolygon, or Unknown where points stand among others."""
    if table.name == "selections" or table.shapes == {"Point"}:
        return "Point"
    if "Point" in table.shapes:
        return "Unknown"
    return "Polygon" if {each.geom_type for each in table.geometries if each is not None} == {"Polygon"} else "MultiPolygon"
