"""Whether lon, lat can be right, and the only two functions that read and write latitude first."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from numbers import Real
from typing import Any

from geoalert.errors import GeometryError

_PAIR = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*,\s*([+-]?\d+(?:\.\d+)?)\s*")
_NULL_DEGREES = 1e-3
_ZERO_DEGREES = 1e-9
_UNKNOWN = (-1, 99, 999, 9999, -99, -999, -9999)
_SOUTHERNMOST_HOMES = -60.0


def check_lonlat(
    lon: float,
    lat: float,
    *,
    within: tuple[float, float, float, float] | None = None,
    file: object = None,
    row: int | None = None,
    field: str | None = None,
) -> None:
    """Refuses coordinates that cannot be a place where people are.

    `within` is (west, south, east, north) of where the place must roughly be, such as the bounds of the layers: a pair that fits there only
    when swapped, or with the other sign, is then seen everywhere. Without it a swap is seen where the latitude is impossible or lies in
    Antarctica. Without `field` the error names lon or lat. A latitude of exactly 0 is a marker or a failed projection, whatever the
    longitude; this is asked of points only.

    Raises:
        GeometryError: codes not_a_number, not_finite, null_island, unknown_marker, swapped_axes, sign_lost, out_of_range.
    """
    for name, value in (("lon", lon), ("lat", lat)):
        check_number(value, field=name if field is None else f"{field}.{name}", file=file, row=row)
    found = _suspicion(lon, lat, within, row)
    if found is not None:
        code, what, do = found
        easting = "longitude" in what or not math.isfinite(lon) or (abs(lon) > 180 and abs(lat) <= 90)
        at_fault = field or ("lon" if easting else "lat")
        raise GeometryError(what, code=code, file=file, row=row, field=at_fault, value=f"lon {lon}, lat {lat}", do=do)


def check_number(value: object, *, field: str, file: object = None, row: int | None = None) -> None:
    """Refuses what is not a number: text, None, and True or False.

    Raises:
        GeometryError: code not_a_number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise GeometryError(
            f"{field} must be a number", code="not_a_number", file=file, row=row, field=field, value=value, do="Write it as a number."
        )


def check_bounds(bounds: Iterable[float], *, file: object = None, row: int | None = None, field: str | None = None) -> None:
    """Refuses a shape whose (west, south, east, north) cannot be on the earth, or is only with its axes swapped.

    Raises:
        GeometryError: codes not_finite, swapped_axes, out_of_range.
    """
    west, south, east, north = bounds
    for lon, lat in ((west, south), (east, north)):
        found = _misplacement(lon, lat, None) if math.isfinite(lon) and math.isfinite(lat) else _suspicion(lon, lat, None)
        if found is not None:
            code, what, do = found
            raise GeometryError(what, code=code, file=file, row=row, field=field, value=f"lon {lon}, lat {lat}", do=do)


def _suspicion(
    lon: float, lat: float, within: tuple[float, float, float, float] | None, row: int | None = None
) -> tuple[str, str, str] | None:
    leave_out = "Give the real lon and lat" + (", or leave the row out." if row is not None else ".")
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return "not_finite", "coordinates are not finite numbers", leave_out
    if abs(lon) < _NULL_DEGREES and abs(lat) < _NULL_DEGREES:
        return "null_island", "coordinates are (0, 0), which records use for an unknown place", leave_out
    if (lon == lat and lon in _UNKNOWN) or (abs(lon) < 1e-6 and lat < -85):
        return "unknown_marker", "coordinates are a marker that records use for an unknown place", leave_out
    if abs(lat) < _ZERO_DEGREES:
        return "unknown_marker", "the latitude is exactly 0, which records and failed projections use for an unknown place", leave_out
    return _misplacement(lon, lat, within)


def _misplacement(lon: float, lat: float, within: tuple[float, float, float, float] | None) -> tuple[str, str, str] | None:
    fits = within is not None and _inside(lon, lat, within)
    swap = "x is the longitude and y the latitude: swap them."
    if abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180:
        return "swapped_axes", "the latitude is impossible; the axes look swapped", swap
    if abs(lon) > 180 or abs(lat) > 90:
        return "out_of_range", "coordinates lie outside the earth", "Give degrees, or name the CRS of metre coordinates with crs=."
    if within is not None and not fits and _inside(lat, lon, within):
        return "swapped_axes", "the place fits only with its axes swapped", swap
    if within is not None and not fits:
        for name, turned in (("longitude", (-lon, lat)), ("latitude", (lon, -lat))):
            if _inside(*turned, within):
                lost = "missing" if (lon if name == "longitude" else lat) > 0 else "wrong"
                do = f"West and south are negative: write lon {turned[0]}, lat {turned[1]}."
                return "sign_lost", f"the sign of the {name} is {lost}", do
    if not fits and lat < _SOUTHERNMOST_HOMES and abs(lon) <= 90:
        return "swapped_axes", "the place lies in Antarctica; the axes look swapped", swap
    return None


def _inside(lon: float, lat: float, bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return west - 1 <= lon <= east + 1 and south - 1 <= lat <= north + 1


def write_latlon(coordinates: Iterable[Any], *, decimals: int = 6) -> str:
    """Returns lon, lat pairs as "lat,lon lat,lon", the form of CAP 1.2 and of nothing else here."""
    return " ".join(f"{float(pair[1]):.{decimals}f},{float(pair[0]):.{decimals}f}" for pair in coordinates)


def read_latlon(text: str) -> list[tuple[float, float]]:
    """Returns the (lon, lat) pairs of "lat,lon lat,lon".

    Raises:
        GeometryError: codes invalid_geometry, out_of_range, swapped_axes.
    """
    pairs = []
    for position, word in enumerate(text.split(), start=1):
        found = _PAIR.fullmatch(word)
        if found is None:
            raise GeometryError(f"pair {position} is not lat,lon", value=word, do='Write pairs as "43.65,-79.38 43.66,-79.38".')
        lat, lon = float(found[1]), float(found[2])
        if abs(lat) > 90 or abs(lon) > 180:
            swapped = abs(lat) <= 180 and abs(lon) <= 90
            raise GeometryError(
                f"pair {position} lies outside the earth",
                code="swapped_axes" if swapped else "out_of_range",
                value=word,
                do="The latitude comes first in this text.",
            )
        pairs.append((lon, lat))
    return pairs
