"""The gazetteer as one SQLite file: written whole, then only read."""

from __future__ import annotations

from geoalert.places.store.read import Places, open_places, places_of
from geoalert.places.store.write import write_places

__all__ = ["Places", "open_places", "places_of", "write_places"]
