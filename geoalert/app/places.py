"""Street corners of the project's gazetteer, opened when the first is asked for."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoalert.places.store import Places

FILE_NAME = "places.sqlite"


class Corners:
    """Finds corners in one gazetteer; call it with the words for one.

    Args:
        path: what `geoalert places build` wrote, or a CSV of corners.

    Example:
        Corners(Path("places.sqlite"))("Queen St W & Spadina Ave")   # (-79.3966, 43.64867, "Queen St W and Spadina Ave area")
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._places: Places | None = None

    def __call__(self, text: str) -> tuple[float, float, str]:
        """Returns longitude, latitude (EPSG:4326) and the public words for the place.

        Raises:
            AreaError: ambiguous_place, unknown_place, not_an_intersection.
            BoundaryError: the gazetteer cannot be read.
        """
        from geoalert.places.load import read_places

        with self._lock:
            if self._places is None:
                self._places = read_places(self.path)
        place = self._places.near(text)
        return place.lon, place.lat, place.label

    def close(self) -> None:
        """Lets go of the gazetteer."""
        with self._lock:
            if self._places is not None:
                self._places.close()
                self._places = None


def corners_of(named: Path | None, folder: Path) -> Corners | None:
    """Returns the gazetteer that geoalert.toml names, else `places.sqlite` of the folder, else None."""
    if named is not None:
        return Corners(named)
    path = folder / FILE_NAME
    return Corners(path) if path.exists() else None
