"""Tables as GeoDataFrames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from geoalert.directory.selection import Selection
from geoalert.frames.tables import Layers, Table, boundaries_table, merged, selections_table, tables_of
from geoalert.targeting.match import Match

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

CRS = "EPSG:4326"
_DTYPES: dict[str, Any] = {"text": object, "number": np.float64, "truth": np.bool_}


def to_geodataframe(thing: Any, layers: Layers = None) -> GeoDataFrame:
    """Returns one GeoDataFrame in EPSG:4326, x = lon; of a plan all its tables, told apart by the column `table`.

        to_geodataframe(survey(area, layers), layers).query("targeted").plot()

    Args:
        thing: an Area, Layer, Survey, Plan or Selected, or a list of one kind: Area, Match or Selection.
        layers: where the shapes of matched boundaries come from; without any, their rows have no geometry.

    Raises:
        GeoAlertError: as `tables_of`.
    """
    return frame_of(merged(tables_of(thing, layers)))


def table_frames(thing: Any, layers: Layers = None) -> dict[str, GeoDataFrame]:
    """Returns one GeoDataFrame for each table by its name: of a plan `area`, `boundaries` and `selections`."""
    return {table.name: frame_of(table) for table in tables_of(thing, layers)}


def matches_frame(matches: Iterable[Match | Mapping[str, Any]], layers: Layers) -> GeoDataFrame:
    """Returns the matched boundaries with the shapes of `layers`; of no matches an empty frame.

    Raises:
        LayerNotFound: unknown_layer, unknown_boundary.
    """
    return frame_of(boundaries_table(matches, layers))


def selections_frame(selections: Iterable[Selection | Mapping[str, Any]]) -> GeoDataFrame:
    """Returns channels and venues, the state of each (chosen, visit, skipped) and why; channels have no geometry."""
    return frame_of(selections_table(selections))


def frame_of(table: Table) -> GeoDataFrame:
    """Returns a table as a GeoDataFrame: numbers as float64, truths as bool, or as objects where some are None."""
    import geopandas

    columns: dict[str, Any] = {}
    for name, kind in table.fields:
        values = table.column(name)
        unknown = kind == "truth" and None in values
        columns[name] = np.array(values, dtype=object if unknown else _DTYPES[kind])
    shapes = np.empty(len(table), dtype=object)
    shapes[:] = table.geometries
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=CRS)
