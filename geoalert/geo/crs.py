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

if TYPE_CHECKING:
    from pyproj import CRS, Transformer
    from pyproj.transformer import AreaOfInterest, TransformerGroup

ACCEPT_ACCURACY_M = 5.0
_USE_MARGIN_DEGREES = 10.0
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
    """

    geometries: NDArray[np.object_]
    accuracy_m: float | None
    operation: str


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
    """Converts an array of geometries to WGS 84 lon/lat by the most accurate operation installed for where they lie; never fetches a grid.

    Args:
        geometries: shapely geometries whose x is east and y is north in `crs`.
        crs: from `parse_crs`.
        accept_accuracy_m: the worst stated accuracy that is taken; British National Grid without its grid file states 2 m, NAD27 9 m.

    Raises:
        CRSError: code accuracy_too_low; the operation is worse than `accept_accuracy_m` or states no accuracy at all.
        GeometryError: codes outside_crs and swapped_axes; coordinates that the system cannot mean, or only the other way round.
    """
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    if crs.is_lonlat:
        return Conversion(array, 0.0, "none")
    bounds = shapely.total_bounds(array)
    operation, accuracy_m = _operation(crs, _place(crs, bounds), accept_accuracy_m)

    def convert(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        lons, lats = operation.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack((lons, lats))

    converted = shapely.transform(array, convert)
    if np.isfinite(bounds).all() and not np.isfinite(shapely.total_bounds(converted)).all():
        raise _outside(crs, bounds)
    return Conversion(converted, accuracy_m, operation.description)


def _place(crs: Crs, bounds: NDArray[np.float64]) -> AreaOfInterest | None:
    from pyproj import Transformer
    from pyproj.transformer import AreaOfInterest

    if not np.isfinite(bounds).all():
        return None
    source = _proj_crs(crs.text)
    left, bottom, right, top = (float(edge) for edge in bounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        to_base = Transformer.from_crs(source, source.geodetic_crs or source, always_xy=True)
        west, south, east, north = to_base.transform_bounds(left, bottom, right, top)
        if not _in_use(source, west, south, east, north):
            if _in_use(source, *to_base.transform_bounds(bottom, left, top, right)):
                raise _swapped(crs, bounds)
            raise _outside(crs, bounds)
    return AreaOfInterest(max(west, -180.0), south, min(east, 180.0), north)


def _in_use(source: CRS, west: float, south: float, east: float, north: float) -> bool:
    """Returns whether bounds in degrees are finite and come within 10 degrees of where the system is meant to be used."""
    if not np.isfinite([west, south, east, north]).all() or max(abs(south), abs(north)) > 90:
        return False
    area, margin = source.area_of_use, _USE_MARGIN_DEGREES
    if area is None or area.west > area.east:
        return True
    across = west <= area.east + margin and east >= area.west - margin
    return across and south <= area.north + margin and north >= area.south - margin


def _operation(crs: Crs, place: AreaOfInterest | None, accept_accuracy_m: float) -> tuple[Transformer, float]:
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
    best = min(stated, key=lambda one: one.accuracy)
    if best.accuracy > accept_accuracy_m:
        raise CRSError(
            f"converting {crs.name} to WGS 84 is accurate to {best.accuracy:g} m only; {accept_accuracy_m:g} m is accepted",
            code="accuracy_too_low",
            field="crs",
            value=crs.text,
            do=f"{_grids(group)}Or accept it with accept_accuracy_m={best.accuracy:g}.",
        )
    return best, float(best.accuracy)


def _grids(group: TransformerGroup) -> str:
    names = dict.fromkeys(grid.short_name for one in group.unavailable_operations for grid in one.grids if not grid.available)
    if not names:
        return ""
    listed = ", ".join(list(names)[:3])
    return f"A better conversion needs the grid {listed}: put it into PROJ's folder. "


def _swapped(crs: Crs, bounds: NDArray[np.float64]) -> GeometryError:
    return GeometryError(
        f"the coordinates fit {crs.name} only with their axes swapped",
        code="swapped_axes",
        field="crs",
        value=", ".join(f"{value:.6g}" for value in bounds),
        do="Save the file with the easting first.",
    )


def _outside(crs: Crs, bounds: NDArray[np.float64]) -> GeometryError:
    return GeometryError(
        f"coordinates lie outside what {crs.name} can mean",
        code="outside_crs",
        field="crs",
        value=", ".join(f"{value:.6g}" for value in bounds),
        do="Check that crs= names the system of the file.",
    )
