"""Few-point polygons that contain an area, and polygons without holes that add up to it."""

from __future__ import annotations

from geoalert.covering.holes import without_holes
from geoalert.covering.make import cover
from geoalert.covering.model import Cover

__all__ = ["Cover", "cover", "without_holes"]
