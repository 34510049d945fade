"""What a Layer demands of the values it is made from, and of the points it is asked about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NoReturn

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geoalert import geo
from geoalert.boundaries.ids import id_text
from geoalert.errors import BoundaryError, GeometryError

FAR_FUTURE = date(2099, 12, 31)
"""From here on a date says that nobody knows the end: 2099-12-31, 2999-12-31, 3000-01-01, 9999-12-31."""

_POLYGONAL = (3, 6)


def open_ended(day: date | None) -> bool:
    """Returns whether the last day of an edition is none at all, missing or a sentinel such as 3000-01-01."""
    return day is None or (day.date() if isinstance(day, datetime) else day) >= FAR_FUTURE


def check_name(name: object) -> None:
    """Raises BoundaryError (invalid_layer_name) unless the name is a text that can be printed on one line."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise BoundaryError(
            "a layer needs a name", code="invalid_layer_name", field="name", value=name, do='Give one short word, such as "division".'
        )


def check_dates(valid_from: object, valid_to: object, *, layer: str) -> None:
    """Raises BoundaryError (invalid_validity) unless both are dates or None, and in order."""
    for field, day in (("valid_from", valid_from), ("valid_to", valid_to)):
        if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
            raise BoundaryError(
                f"layer {layer} needs a date without a time", code="invalid_validity", field=field, value=day, do="Write it as 2027-03-12."
            )
    if isinstance(valid_from, date) and isinstance(valid_to, date) and valid_from > valid_to:
        raise BoundaryError(
            f"layer {layer} ends before it begins",
            code="invalid_validity",
            field="valid_to",
            value=f"{valid_from} to {valid_to}",
            do="Exchange the two dates.",
        )


def object_array(values: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    """Returns the values as a new one-dimensional array of objects, never unpacked further."""
    listed = values.tolist() if isinstance(values, np.ndarray) and values.dtype != object else list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def checked_ids(ids: Sequence[Any] | NDArray[Any], *, layer: str) -> NDArray[Any]:
    """Returns the ids as a read-only array of str: texts verbatim, whole numbers as their digits.

    Raises:
        BoundaryError: no rows (empty_layer), or an id that is missing or blank (invalid_id).
    """
    array = object_array(ids)
    if len(array) == 0:
        raise BoundaryError(f"layer {layer} has no boundaries", code="empty_layer", do="Name a file and table with at least one polygon.")
    for row, value in enumerate(array):
        if type(value) is str and value.strip():
            continue
        text = id_text(value)
        if text is None or not text.strip():
            raise BoundaryError(
                f"a boundary of layer {layer} has no id",
                code="invalid_id",
                row=row + 1,
                field="id",
                value=value,
                do="Name a column in which every row has an id.",
            )
        array[row] = str(text)
    return _frozen(array)


def checked_labels(labels: Sequence[Any] | NDArray[Any] | None, ids: NDArray[Any], *, layer: str) -> NDArray[Any]:
    """Returns the labels as a read-only array of str; a missing one is its id.

    Raises:
        BoundaryError: not one label for each id (unequal_lengths).
    """
    if labels is None:
        return ids
    array = object_array(labels)
    if len(array) != len(ids):
        raise BoundaryError(f"layer {layer} has {len(ids)} ids and {len(array)} labels", code="unequal_lengths", field="labels")
    for row, value in enumerate(array):
        array[row] = str(value) if isinstance(value, str) else id_text(value) or ids[row]
    return _frozen(array)


def checked_population(values: Sequence[Any] | NDArray[Any], ids: NDArray[Any], *, layer: str) -> NDArray[np.float64]:
    """Returns the people in each boundary as a read-only array; NaN where nobody says.

    Raises:
        BoundaryError: not one number for each id (unequal_lengths), or one below zero (invalid_population).
    """
    array = np.array(values, dtype=np.float64)
    if array.shape != ids.shape:
        raise BoundaryError(f"layer {layer} has {len(ids)} ids and {array.size} populations", code="unequal_lengths", field="population")
    bad = (array < 0) | np.isinf(array)
    if bad.any():
        row = int(np.argmax(bad))
        raise BoundaryError(
            f"{ids[row]} of layer {layer} has no such population",
            code="invalid_population",
            row=row + 1,
            field="population",
            value=float(array[row]),
            do="Give a number from 0 on, or NaN.",
        )
    return _frozen(array)


def checked_geometries(geometries: Sequence[Any] | NDArray[Any], ids: NDArray[Any], *, layer: str) -> NDArray[Any]:
    """Returns the geometries as a read-only array of valid 2-D polygons in lon/lat.

    Raises:
        BoundaryError: not one geometry for each id (unequal_lengths).
        GeometryError: missing_geometry, wrong_geometry_type, empty_geometry, has_z, out_of_range, crosses_antimeridian or
            invalid_geometry, with the row.
    """
    array = object_array(geometries)
    if len(array) != len(ids):
        raise BoundaryError(f"layer {layer} has {len(ids)} ids and {len(array)} geometries", code="unequal_lengths", field="geometries")

    def refuse(bad: NDArray[np.bool_], code: str, what: str, do: str) -> None:
        if bad.any():
            row = int(np.argmax(bad))
            _refuse_geometry(f"{ids[row]} of layer {layer} {what.format(array[row])}", code=code, row=row, do=do)

    repair = "Read the layer with read_layer, which repairs what can be repaired and lists it."
    refuse(~np.asarray(shapely.is_geometry(array)), "missing_geometry", "has no geometry", "Drop the row or supply its polygon.")
    kinds = shapely.get_type_id(array)
    refuse(~np.isin(kinds, _POLYGONAL), "wrong_geometry_type", "is no polygon", "Give Polygons or MultiPolygons only.")
    refuse(np.asarray(shapely.is_empty(array)), "empty_geometry", "is empty", "Drop the row or supply its polygon.")
    refuse(np.asarray(shapely.has_z(array)), "has_z", "has heights", "Drop them with shapely.force_2d, or use read_layer.")
    bounds = shapely.bounds(array)
    limits = np.array([180.0, 90.0, 180.0, 90.0])
    refuse(~(np.abs(bounds) <= limits).all(axis=1), "out_of_range", "is not in degrees of longitude and latitude", "Name the CRS it is in.")
    crossing = "Cut it there into one part on each side."
    refuse(geo.jumps_antimeridian(array), "crosses_antimeridian", "crosses longitude 180", crossing)
    invalid = ~np.asarray(shapely.is_valid(array))
    if invalid.any():
        row = int(np.argmax(invalid))
        reason = shapely.is_valid_reason(array[row])
        _refuse_geometry(f"{ids[row]} of layer {layer} is not valid: {reason}", code="invalid_geometry", row=row, do=repair)
    return _frozen(array)


def _refuse_geometry(what: str, *, code: str, row: int, do: str) -> NoReturn:
    raise GeometryError(what, code=code, row=row + 1, field="geometry", do=do)


def check_tolerance(tolerance_m: float) -> None:
    """Raises GeometryError (negative_tolerance) unless the tolerance is a finite number of metres, zero or more."""
    if not (math.isfinite(tolerance_m) and tolerance_m >= 0):
        raise GeometryError(
            "a tolerance is a number of metres, zero or more", code="negative_tolerance", field="tolerance_m", value=tolerance_m
        )


def check_finite_point(lon: float, lat: float) -> None:
    """Raises GeometryError (not_finite) for NaN and infinity."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise GeometryError(
            "a point has no finite position", code="not_finite", value=(lon, lat), do="Leave rows without a position out before locating."
        )


def checked_points(lons: ArrayLike, lats: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns lons and lats as float arrays of one shape.

    Raises:
        GeometryError: not numbers (not_a_number), unequal_lengths, or not_finite with the first such position.
    """
    try:
        xs, ys = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise GeometryError(f"coordinates must be numbers: {err}", code="not_a_number", field="lons, lats") from err
    if xs.shape != ys.shape:
        raise GeometryError(f"lons has shape {xs.shape}, lats {ys.shape}", code="unequal_lengths", field="lons, lats")
    check_finite(xs, ys)
    return xs, ys


def check_finite(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> None:
    """Raises GeometryError (not_finite) naming the first position, from 0, that is NaN or infinite."""
    bad = ~(np.isfinite(xs) & np.isfinite(ys)).ravel()
    if bad.any():
        first = int(np.argmax(bad))
        raise GeometryError(
            f"point {first} has no finite position",
            code="not_finite",
            row=first + 1,
            field="lons, lats",
            value=(float(xs.ravel()[first]), float(ys.ravel()[first])),
            do="Leave rows without a position out before locating.",
        )
