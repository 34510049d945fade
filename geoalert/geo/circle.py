"""Geodesic circles: every point of the edge within half a metre of the radius."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import Polygon

from geoalert.errors import GeometryError
from geoalert.geo.ellipsoid import SEMI_MAJOR_M, Floats
from geoalert.geo.lonlat import check_number

if TYPE_CHECKING:
    from pyproj import Geod

MAX_RADIUS_M = 1_000_000.0
EDGE_ERROR_M = 0.49
_LEAST_VERTICES = 8
_MOST_VERTICES = 20_000
_SAMPLES = 720
_METRES_PER_DEGREE = math.pi * SEMI_MAJOR_M / 180


@cache
def geod() -> Geod:
    """Returns the WGS 84 geodesic calculator."""
    from pyproj import Geod

    return Geod(ellps="WGS84")


def check_radius(radius_m: float, *, field: str = "radius_m") -> None:
    """Refuses a radius or a distance that is not above 0 and at most 1,000 km.

    Raises:
        GeometryError: codes radius_out_of_range, not_a_number.
    """
    check_number(radius_m, field=field)
    if not 0 < radius_m <= MAX_RADIUS_M:
        raise GeometryError(
            f"{field} must be more than 0 m and at most 1,000 km",
            code="radius_out_of_range",
            field=field,
            value=radius_m,
            do="Give metres, such as 600.",
        )


def circle_polygon(lon: float, lat: float, radius_m: float) -> Polygon:
    """Returns the circle round a point as a lon/lat polygon of few vertices, counter-clockwise.

    Below 80 degrees of latitude the whole edge lies within 0.5 m of the radius, measured along geodesics: vertices outside it, chord
    middles inside it. Never fewer than 8 vertices.

        circle_polygon(-79.39660, 43.64867, 600)      # Queen and Spadina, 55 vertices

    Args:
        lon, lat: the centre in degrees.
        radius_m: more than 0, at most 1,000 km.

    Raises:
        GeometryError: codes radius_out_of_range, covers_pole, crosses_antimeridian.
    """
    check_radius(radius_m)
    azimuths, outward_m = _vertices(lon, lat, radius_m)
    count = len(azimuths)
    lons, lats, _ = geod().fwd(np.full(count, float(lon)), np.full(count, float(lat)), azimuths, radius_m + outward_m)
    ring = np.empty((count + 1, 2))
    ring[:-1, 0] = lon + (lons - lon + 180) % 360 - 180
    ring[:-1, 1] = lats
    ring[-1] = ring[0]
    if ring[:, 0].min() < -180 or ring[:, 0].max() > 180:
        raise GeometryError(
            "the circle crosses the antimeridian",
            code="crosses_antimeridian",
            field="radius_m",
            value=radius_m,
            do="Make it smaller, or give one area on each side of longitude 180.",
        )
    circle: Polygon = shapely.polygons(ring)
    return circle


def _vertices(lon: float, lat: float, radius_m: float) -> tuple[Floats, Floats]:
    """Returns azimuths, clockwise from north, and how far outside the radius each vertex lies."""
    reach = abs(lat) + radius_m / _METRES_PER_DEGREE
    if reach > 89 and radius_m >= geod().inv(lon, lat, lon, math.copysign(90.0, lat))[2]:
        raise GeometryError(
            "the circle covers a pole",
            code="covers_pole",
            field="radius_m",
            value=radius_m,
            do="Make it smaller, or move it away from the pole.",
        )
    bend = radius_m / SEMI_MAJOR_M * math.tan(math.radians(min(reach, 89.9)))
    if bend > 0.02:
        return _uneven_vertices(lon, lat, radius_m)
    edge_error_m = min(EDGE_ERROR_M, radius_m / 25)
    half_angle = math.acos((radius_m - edge_error_m) / (radius_m + edge_error_m)) / math.sqrt(1 + bend)
    count = max(_LEAST_VERTICES, math.ceil(math.pi / half_angle))
    sag = 1 - math.cos(math.pi / count)
    azimuths = np.linspace(0.0, -360.0, count, endpoint=False)
    return azimuths, np.full(count, radius_m * sag / (2 - sag))


def _uneven_vertices(lon: float, lat: float, radius_m: float) -> tuple[Floats, Floats]:
    """Returns vertices as dense as the edge bends against a straight lon/lat line, which differs round a wide circle."""
    azimuths = np.linspace(0.0, -360.0, _SAMPLES, endpoint=False)
    away_m = _chord_offsets_m(lon, lat, radius_m, azimuths)
    width = 2 * math.pi / _SAMPLES
    # A chord k samples wide lies k^2 as far off; floor: the bend changes sign, and a chord must not leap over the change.
    density = np.sqrt(np.maximum(np.abs(away_m), np.abs(away_m).max() / 400) / (2 * EDGE_ERROR_M)) / width
    at = np.concatenate(([0.0], np.cumsum((density + np.roll(density, -1)) / 2 * width)))
    count = max(_LEAST_VERTICES, math.ceil(at[-1]))
    while count < _MOST_VERTICES:
        placed: Floats = np.interp(np.arange(count) * (at[-1] / count), at, np.arange(_SAMPLES + 1) * (-360 / _SAMPLES))
        middle_m = _chord_offsets_m(lon, lat, radius_m, placed)
        outward_m = -(middle_m + np.roll(middle_m, 1)) / 4
        worst = np.abs(middle_m + (outward_m + np.roll(outward_m, -1)) / 2).max()
        if max(worst, np.abs(outward_m).max()) <= EDGE_ERROR_M:
            return placed, outward_m
        count += max(1, count // 50)
    raise GeometryError(
        "so near the pole no polygon in lon/lat follows the circle",
        code="covers_pole",
        field="radius_m",
        value=radius_m,
        do="Make it smaller, or move it away from the pole.",
    )


def _chord_offsets_m(lon: float, lat: float, radius_m: float, azimuths: Floats) -> Floats:
    """Returns how far outside the radius the middle of each straight lon/lat chord to the next azimuth lies; inside is negative."""
    count = len(azimuths)
    lons, lats, _ = geod().fwd(np.full(count, lon), np.full(count, lat), azimuths, np.full(count, radius_m))
    lons = lon + (lons - lon + 180) % 360 - 180
    _, _, reached = geod().inv(np.full(count, lon), np.full(count, lat), (lons + np.roll(lons, -1)) / 2, (lats + np.roll(lats, -1)) / 2)
    offsets: Floats = np.asarray(reached) - radius_m
    return offsets
