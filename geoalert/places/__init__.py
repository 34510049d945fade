"""Places by the corner of two streets: how they are written, what was found, and the value that an area rule is handed."""

from __future__ import annotations

from geoalert.places.gather import Corner, Gathered, Sighting, gather
from geoalert.places.model import Found, Near, Place, metres_apart
from geoalert.places.streets import Street, read_street

__all__ = ["Corner", "Found", "Gathered", "Near", "Place", "Sighting", "Street", "gather", "metres_apart", "read_street"]
