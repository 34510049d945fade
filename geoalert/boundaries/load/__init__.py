"""Reading boundary files: any usual format and CRS in, one valid lon/lat Layer or one clear error out."""

from __future__ import annotations

from geoalert.boundaries.load.frame import layer_from_geodataframe
from geoalert.boundaries.load.read import read_layer
from geoalert.boundaries.load.report import FileReport, inspect_file

__all__ = ["FileReport", "inspect_file", "layer_from_geodataframe", "read_layer"]
