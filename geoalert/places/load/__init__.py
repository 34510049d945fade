"""Files that hold corners: stops, rows of two streets, street centrelines."""

from __future__ import annotations

from geoalert.places.load.read import Format, build_places, read_corners, read_places

__all__ = ["Format", "build_places", "read_corners", "read_places"]
