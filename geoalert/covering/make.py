"""`cover`: a few points that contain everything, or an error that says what would."""

from __future__ import annotations

import math

from shapely.geometry.base import BaseGeometry

from geoalert.area import Area
from geoalert.covering.holes import polygonal
from geoalert.covering.model import Cover
from geoalert.covering.search import Ask, best_cover, guessed_points
from geoalert.errors import AreaError, GeometryError
from geoalert.geo.lonlat import check_number

_LEAST_POINTS = 3
_FIRST_STEP = 16
_DECIMALS = range(3, 8)


def cover(
    geometry: Area | BaseGeometry,
    max_points: int = 100,
    max_overshoot_m: float = 161,
    max_polygons: int | None = None,
    decimals: int = 5,
) -> Cover:
    """Returns hole-free polygons that contain the whole geometry once rounded, with the least overshoot found for their points.

        cover(downtown, max_points=100)      # downtown.geometry lies within .geometry of it

    Args:
        geometry: lon/lat; an Area, a Polygon or a MultiPolygon.
        max_points: of all polygons together; closing points are not counted.
        max_overshoot_m: the farthest that any point of the cover may lie from the geometry, filled holes and bays too; 161 m is 0.1 mile.
        max_polygons: None for as many as the shape needs.
        decimals: of the coordinates, 3 to 7.

    Raises:
        AreaError: code empty_area; code cover_impossible, which says the smallest point count and the smallest overshoot that would fit.
        GeometryError: codes bad_max_points, bad_max_polygons, bad_max_overshoot, bad_decimals, not_an_area, invalid_geometry.
    """
    _check(max_points, max_overshoot_m, max_polygons, decimals)
    ask = Ask.of(polygonal(geometry), decimals=decimals, max_polygons=max_polygons)
    made = best_cover(ask, max_points)
    if made is None or made.overshoot_m > max_overshoot_m:
        raise _impossible(ask, made, max_points, max_overshoot_m)
    return made


def _impossible(ask: Ask, made: Cover | None, max_points: int, max_overshoot_m: float) -> AreaError:
    """Returns the error that says what would fit."""
    least = "no cover at all at these decimals" if made is None else f"{math.ceil(made.overshoot_m * 10) / 10:g} m is the least overshoot"
    enough = None if made is None else _fewest(ask, max_points, made.overshoot_m, max_overshoot_m)
    fewest = f"{enough} points are the fewest" if enough else "no number of points is enough"
    return AreaError(
        f"no cover: with {max_points} points {least}; within {max_overshoot_m:g} m {fewest}",
        code="cover_impossible",
        field="max_overshoot_m",
        value=max_overshoot_m,
        do="Give more points, more overshoot, or cut the area into parts.",
    )


def _fewest(ask: Ask, short: int, short_m: float, within_m: float) -> int | None:
    """Returns how many points were found to be enough where one fewer, or `short`, was not; None where none is.

    The first number that is tried comes from one draft, the next ones from how the overshoot falls with the points.
    """
    most = max(2 * short, 4 * len(ask.near.corners))
    enough, enough_m = most + 1, 0.0
    tried = min(max(guessed_points(ask, short, short_m, within_m), short + 1), most)
    step = max(1, (tried - short) // _FIRST_STEP)
    while enough - short > 1:
        made = best_cover(ask, tried)
        reach_m = math.inf if made is None else made.overshoot_m
        if reach_m <= within_m:
            enough, enough_m = tried, reach_m
        else:
            short, short_m = tried, reach_m
        if enough > most:
            tried, step = min(short + step, most), 2 * step
        else:
            tried = min(max(_between(short, short_m, enough, enough_m, within_m), short + 1, enough - step), enough - 1)
            step *= 4
    return enough if enough <= most else None


def _between(short: int, short_m: float, enough: int, enough_m: float, within_m: float) -> int:
    """Returns how many points are enough if the overshoot falls with a power of them."""
    if not (0 < enough_m < short_m < math.inf):
        return (short + enough) // 2
    return math.ceil(short * math.pow(enough / short, math.log(short_m / within_m) / math.log(short_m / enough_m)))


def _check(max_points: int, max_overshoot_m: float, max_polygons: int | None, decimals: int) -> None:
    for name, count in (("max_points", max_points), ("max_polygons", max_polygons), ("decimals", decimals)):
        if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
            raise GeometryError(f"{name} is a whole number", code=f"bad_{name}", field=name, value=count, do="Write it without a point.")
    if max_polygons is not None and max_polygons < 1:
        raise GeometryError("a cover has at least one polygon", code="bad_max_polygons", field="max_polygons", value=max_polygons)
    if max_points < _LEAST_POINTS:
        raise GeometryError(
            "a polygon has at least 3 points",
            code="bad_max_points",
            field="max_points",
            value=max_points,
            do="Give 3 or more; 100 is usual.",
        )
    check_number(max_overshoot_m, field="max_overshoot_m")
    if not 0 < max_overshoot_m < math.inf:
        raise GeometryError(
            "max_overshoot_m must be more than 0 m",
            code="bad_max_overshoot",
            field="max_overshoot_m",
            value=max_overshoot_m,
            do="Give metres, such as 161.",
        )
    if decimals not in _DECIMALS:
        raise GeometryError(
            "decimals are 3 to 7",
            code="bad_decimals",
            field="decimals",
            value=decimals,
            do="Give 5, which is a metre, unless told otherwise.",
        )
