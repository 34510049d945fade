"""Reading the files of a directory: CSV as spreadsheets write it, GeoJSON and GeoPackage.

The format is told by content, never by the file's name; gzip'd files are read as they are.
"""

from __future__ import annotations

from geoalert.directory.load.read import read_channels, read_directory, read_units, read_venues

__all__ = ["read_channels", "read_directory", "read_units", "read_venues"]
