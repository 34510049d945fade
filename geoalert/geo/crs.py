"""Coordinate reference systems: named at the edge, converted there, and refused where the conversion is not good enough."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.errors import CRSError, GeometryError
from geoalert.geo.straight import bend_edges

if TYPE_CHECKING:
    from pyproj import CRS, Transformer
    from pyproj.transformer import AreaOfInterest, TransformerGroup

ACCEPT_ACCURACY_M = 5.0
_USE_MARGIN_DEGREES = 20.0
_SWAP_MARGIN_DEGREES = 10.0
_EDGE_DEGREES = 0.1
_SHORTEST_M = 200.0
_LONLAT = {"EPSG:4326", "OGC:CRS84", "URN:OGC:DEF:CRS:OGC:1.3:CRS84", "URN:OGC:DEF:CRS:EPSG::4326", "CRS84", "WGS84"}


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate reference system, named at the edge of the program and nowhere else.

    Attributes:
        text: what named it, such as "EPSG:26917" or WKT.
        name: what its authority calls it.
        is_lonlat: whether x, y are already WGS 84 lon, lat, so that nothing has to be converted.
    """

    text: str
    name: str
    is_lonlat: bool


LONLAT = Crs("OGC:CRS84", "WGS 84 (lon, lat)", is_lonlat=True)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a conversion to lon/lat.

    Attributes:
        geometries: in EPSG:4326, x = lon.
        accuracy_m: what PROJ states for the operation; 0 where nothing was converted.
        operation: its description, for the record.
        bent: places of the geometries whose edges got corners, because they would lie over 1 m off in lon/lat.
    """

    geometries: NDArray[np.object_]
    accuracy_m: float | None
    operation: str
    bent: tuple[int, ...] = ()


def parse_crs(text_or_wkt: str) -> Crs:
    """Returns the CRS that an EPSG code, WKT, PROJ string or OGC URN names; x is always east, y north, as files store them.

    Raises:
        CRSError: code unknown_crs.
    """
    text = text_or_wkt.strip()
    if text.upper() in _LONLAT:
        return LONLAT if text.upper() != "EPSG:4326" else Crs("EPSG:4326", "WGS 84", is_lonlat=True)
    crs = _proj_crs(text)
    two_d = crs.to_2d()
    return Crs(text, two_d.name, is_lonlat=two_d.is_geographic and two_d.to_epsg(min_confidence=70) == 4326)


@lru_cache(maxsize=64)
def _proj_crs(text: str) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError as ProjError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            crs = CRS.from_user_input(text)
        except ProjError as err:
            raise CRSError(
                "no coordinate reference system of that name",
                code="unknown_crs",
                field="crs",
                value=text,
                do="Give an EPSG code such as EPSG:26917, WKT or a PROJ string.",
            ) from err
    if not (crs.is_geographic or crs.is_projected or crs.is_bound):
        raise CRSError(
            "that system has no place on the earth", code="unknown_crs", field="crs", value=text, do="Name the system of the map itself."
        )
    return crs


def to_lonlat(geometries: Any, crs: Crs, *, accept_accuracy_m: float = ACCEPT_ACCURACY_M) -> Conversion:
    """Converts an array of geometries to WGS 84 lon/lat by the most accurate operation installed for all of them; never fetches a grid.

    An operation counts only where its area of use holds everything. Edges that are straight in a projected system and would lie over 1 m
    off in lon/lat get corners, the same from both sides.

    Args:
        geometries: shapely geometries whose x is east and y is north in `crs`.
        crs: from `parse_crs`.
        accept_accuracy_m: the worst stated accuracy that is taken; British National Grid without its grid file states 2 m, NAD27 9 m.

    Raises:
        CRSError: code accuracy_too_low; the operation is worse than `accept_accuracy_m`, states no accuracy, or is meant for a part only.
        GeometryError: codes outside_crs and swapped_axes; coordinates that the system cannot mean, or only the other way round. `row`
            counts the geometries from 1, where not all are at fault.
    """
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    if crs.is_lonlat:
        return Conversion(array, 0.0, "none")
    operation, accuracy_m = _operation(crs, _place(crs, array), accept_accuracy_m)

    def convert(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        lons, lats = operation.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack((lons, lats))

    source = _proj_crs(crs.text)
    bent = np.zeros(0, dtype=np.intp)
    if source.is_projected:
        array, bent = bend_edges(array, convert, _SHORTEST_M / float(source.axis_info[0].unit_conversion_factor))
    converted = shapely.transform(array, convert)
    lost = np.isfinite(shapely.bounds(array)).all(axis=1) & ~np.isfinite(shapely.bounds(converted)).all(axis=1)
    if lost.any():
        raise _outside(crs, shapely.bounds(array), lost)
    return Conversion(converted, accuracy_m, operation.description, tuple(bent.tolist()))


def _place(crs: Crs, array: NDArray[np.object_]) -> AreaOfInterest | None:
    """Returns where the geometries lie, in degrees, after asking each whether the system can mean it."""
    from pyproj import Transformer
    from pyproj.transformer import AreaOfInterest

    bounds = shapely.bounds(array)
    known = np.isfinite(bounds).all(axis=1)
    if not known.any():
        return None
    source = _proj_crs(crs.text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        to_base = Transformer.from_crs(source, source.geodetic_crs or source, always_xy=True)
        away = known & ~_in_use(source, to_base, bounds, margin=_USE_MARGIN_DEGREES)
        if away.any():
            turned = _in_use(source, to_base, bounds[:, [1, 0, 3, 2]], margin=_SWAP_MARGIN_DEGREES)
            raise (_swapped if turned[away].all() else _outside)(crs, bounds, away)
        left, bottom, right, top = (float(edge) for edge in shapely.total_bounds(array))
        west, south, east, north = to_base.transform_bounds(left, bottom, right, top)
    if not np.isfinite([west, south, east, north]).all():
        raise _outside(crs, bounds, known)
    return AreaOfInterest(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))


def _in_use(source: CRS, to_base: Transformer, bounds: NDArray[np.float64], *, margin: float) -> NDArray[np.bool_]:
    """Returns whether each bounds' corners, in degrees, are finite and within a margin of where the system is meant to be used."""
    xs, ys = bounds[:, [0, 2, 2, 0]], bounds[:, [1, 1, 3, 3]]
    lons, lats = (np.asarray(part).reshape(xs.shape) for part in to_base.transform(xs.ravel(), ys.ravel()))
    meant = np.isfinite(lons) & np.isfinite(lats) & (np.abs(lats) <= 90 + _EDGE_DEGREES)
    area = source.area_of_use
    if area is not None:
        east = area.east + 360 * (area.west > area.east)
        across = (lons - area.west + margin) % 360 <= east - area.west + 2 * margin
        meant &= across | (east - area.west + 2 * margin >= 360)
        meant &= (lats >= area.south - margin) & (lats <= area.north + margin)
    within: NDArray[np.bool_] = meant.all(axis=1)
    return within


def _operation(crs: Crs, place: AreaOfInterest | None, accept_accuracy_m: float) -> tuple[Transformer, float]:
    """Returns the transformer of the least stated error among those meant for the whole place, and that error."""
    from pyproj.transformer import TransformerGroup

    with warnings.catch_warnings():
        # PROJ warns of every better grid that is not installed; the refusal below names it where it matters.
        warnings.simplefilter("ignore")
        group = TransformerGroup(_proj_crs(crs.text), "EPSG:4326", always_xy=True, area_of_interest=place)
    stated = [one for one in group.transformers if one.accuracy >= 0 and "Ballpark" not in one.description]
    if not stated:
        raise CRSError(
            f"{crs.name} can be converted to WGS 84 only by a guess without a stated accuracy",
            code="accuracy_too_low",
            field="crs",
            value=crs.text,
            do=f"{_grids(group)}Give the file in WGS 84, or name a system with a datum.",
        )
    whole = [one for one in stated if place is None or _holds(one.area_of_use, place)]
    if not whole:
        raise CRSError(
            f"no one conversion of {crs.name} to WGS 84 is meant for the whole of this place",
            code="accuracy_too_low",
            field="crs",
            value=crs.text,
            do=f"{_grids(group)}Give it in WGS 84, or as one file for each part.",
        )
    best = min(whole, key=lambda one: one.accuracy)
    if best.accuracy > accept_accuracy_m:
        raise CRSError(
            f"converting {crs.name} to WGS 84 is accurate to {best.accuracy:g} m only; {accept_accuracy_m:g} m is accepted",
            code="accuracy_too_low",
            field="crs",
            value=crs.text,
            do=f"{_grids(group)}Or accept it with accept_accuracy_m={best.accuracy:g}.",
        )
    return best, float(best.accuracy)


def _holds(area: Any, place: AreaOfInterest) -> bool:
    """Returns whether an area of use, a box in degrees, holds a place to within 0.1 degree."""
    if area is None:
        return True
    inside = place.south_lat_degree >= area.south - _EDGE_DEGREES and place.north_lat_degree <= area.north + _EDGE_DEGREES
    after_west = place.west_lon_degree >= area.west - _EDGE_DEGREES
    before_east = place.east_lon_degree <= area.east + _EDGE_DEGREES
    across = after_west and before_east if area.west <= area.east else after_west or before_east
    return bool(inside and across)


def _grids(group: TransformerGroup) -> str:
    names = dict.fromkeys(grid.short_name for one in group.unavailable_operations for grid in one.grids if not grid.available)
    if not names:
        return ""
    listed = ", ".join(list(names)[:3])
    return f"A better conversion needs the grid {listed}: put it into PROJ's folder. "


def _swapped(crs: Crs, bounds: NDArray[np.float64], bad: NDArray[np.bool_]) -> GeometryError:
    return _misplaced(f"the coordinates fit {crs.name} only with their axes swapped", "swapped_axes", bounds, bad)


def _outside(crs: Crs, bounds: NDArray[np.float64], bad: NDArray[np.bool_]) -> GeometryError:
    return _misplaced(f"coordinates lie outside what {crs.name} can mean", "outside_crs", bounds, bad)


def _misplaced(what: str, code: str, bounds: NDArray[np.float64], bad: NDArray[np.bool_]) -> GeometryError:
    row = int(np.argmax(bad))
    do = "Save it with the easting first." if code == "swapped_axes" else "Check that crs= names the system of the file."
    return GeometryError(
        what,
        code=code,
        row=None if bad.all() else row + 1,
        field="crs",
        value=", ".join(f"{value:.6g}" for value in bounds[row]),
        do=do if bad.all() else f"{do.removesuffix('.')}, and the coordinates of that row.",
    )
