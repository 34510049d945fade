"""GeoDataFrames of areas, matches, selections, plans and layers, and files of them for any GIS."""

from __future__ import annotations

from geoalert.frames.frame import matches_frame, selections_frame, table_frames, to_geodataframe
from geoalert.frames.tables import Table, tables_of
from geoalert.frames.write import FORMATS, Written, write

__all__ = ["FORMATS", "Table", "Written", "matches_frame", "selections_frame", "table_frames", "tables_of", "to_geodataframe", "write"]
