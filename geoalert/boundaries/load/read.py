"""read_layer: a boundary file in, one Layer out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from geoalert.boundaries.load.formats import read_table
from geoalert.boundaries.load.frame import LayerFacts, as_date, build_layer
from geoalert.boundaries.load.opening import opened
from geoalert.boundaries.load.raw import located
from geoalert.boundaries.model import Layer


def read_layer(
    path: str | Path,
    *,
    name: str,
    id: str,
    label: str | None = None,
    table: str | None = None,
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
    """Returns the layer in a boundary file, in lon/lat, each repair listed in `Layer.repairs`.

        divisions = read_layer("TPS_DIVISIONS.geojson", name="division", id="DIV", label="UNIT_NAME")

    Reads GeoJSON and its sequences, Shapefile, GeoPackage, FileGDB, KML, KMZ, CSV with WKT, Esri JSON and GeoParquet; plain, gzip'd,
    zipped or in a folder. The format is told by content.

    Refused: points and lines, missing geometry, swapped axes, vertices at (0, 0), polygons across longitude 180. Repaired and listed:
    invalid and unclosed rings, heights, collections of polygons. Kept as they are: duplicate vertices, ring directions; `bbox` members
    are never used. Curves of binary formats arrive as GDAL's straight edges.

    Args:
        path: file or folder.
        name: what a Match calls the layer.
        id, label: columns. `@row` means row numbers; `@feature` the ids beside the columns (GeoJSON's `id` member, the FID); "id" the
            column of that name, else GeoJSON's `id` member. Ids stay verbatim ("097"); whole numbers become their digits.
        table: which table, where there are several.
        crs: the CRS of a file that names none, such as "EPSG:26917"; GeoJSON is lon/lat unless it, or you, say otherwise.
        valid_from, valid_to, dissolve: dates, or text such as 2026-04-01; whether to join the rows of one id.
        accept_accuracy_m: the worst stated accuracy of the conversion to lon/lat, metres.
        lead, neighbours, population: as `Layer` says; the last is a column, added up where rows are joined.
        id_rule: "default" takes D14, 14 and "14 Division" for one id; "verbatim" compares ids as written, for ids such as 1 and A1.

    Raises:
        BoundaryError: codes file_not_found, unreadable_file, unknown_format, incomplete_file, invalid_geojson, several_tables,
            unknown_table, unknown_field, missing_id, invalid_id, duplicate_id, invalid_population, unknown_id_rule, empty_layer,
            not_polygons, mixed_geometry, mixed_crs, unsafe_archive, archive_too_large, too_many_files.
        CRSError: codes missing_crs, crs_conflict, unknown_crs, accuracy_too_low.
        GeometryError: codes missing_geometry, invalid_coordinates, ring_too_short, not_finite, unknown_marker, swapped_axes,
            null_island, out_of_range, outside_crs, crosses_antimeridian, invalid_geometry, repair_too_large, curved_geometry.
        ConfigurationError: code missing_extra, for GeoParquet without pyarrow.
    """
    facts = LayerFacts(
        name=name, id=id, label=label, crs=crs, version=version,
        valid_from=as_date(valid_from, "valid_from"), valid_to=as_date(valid_to, "valid_to"), source=source, licence=licence,
        dissolve=dissolve, accept_accuracy_m=accept_accuracy_m, lead=lead, neighbours=neighbours, population=population, id_rule=id_rule,
    )  # fmt: skip
    with located(path), opened(Path(path)) as sources:
        raw, _ = read_table(sources, table)
        return build_layer(raw, facts)
