"""WGS 84, its authalic latitude, and the exact area of lon/lat geometry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1 / 298.257223563
E2 = FLATTENING * (2 - FLATTENING)
E = math.sqrt(E2)
Q_POLE = 1 + (1 - E2) * math.atanh(E) / E
AUTHALIC_RADIUS_M = SEMI_MAJOR_M * math.sqrt(Q_POLE / 2)

Floats = NDArray[np.float64]

_GAUSS_AT, _GAUSS_WEIGHT = np.polynomial.legendre.leggauss(6)
_SHORT_RAD = 0.01


def authalic_q(sine: Floats) -> Floats:
    """Returns q (Snyder 3-12), the equal-area ordinate, of the sine of latitude; area between parallels is a^2/2 dq dlon."""
    return (1 - E2) * (sine / (1 - E2 * sine * sine) + np.arctanh(E * sine) / E)


def area_m2(geometries: Any) -> Any:
    """Returns the area of lon/lat polygons in square metres: a float for one geometry, an array for an array.

    Edges are straight in lon/lat (RFC 7946), so the parts of a cut add up to the whole. Anything but polygons counts 0.
    """
    single = not isinstance(geometries, np.ndarray | list | tuple)
    array = np.atleast_1d(np.asarray(geometries, dtype=object))
    areas = _areas(array)
    return float(areas[0]) if single else areas.reshape(np.shape(geometries))


def _areas(geometries: NDArray[np.object_]) -> Floats:
    areas = np.zeros(len(geometries))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    if not (shapely.get_type_id(parts) == 3).all():
        parts, nested = shapely.get_parts(parts, return_index=True)
        polygons = shapely.get_type_id(parts) == 3
        parts, owner = parts[polygons], owner[nested[polygons]]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    if not len(coordinates):
        return areas
    ring_areas, first = ring_areas_m2(coordinates, ring_of)
    ring_owner = ring_part[ring_of[first]]
    outer = np.empty(len(first), dtype=bool)
    outer[0] = True
    np.not_equal(ring_owner[1:], ring_owner[:-1], out=outer[1:])
    np.add.at(areas, owner[ring_owner], np.where(outer, ring_areas, -ring_areas))
    return areas


def ring_areas_m2(coordinates: Floats, ring_of: NDArray[np.intp]) -> tuple[Floats, NDArray[np.intp]]:
    """Returns the unsigned area of each closed ring in a run of lon/lat coordinates, and where each ring starts."""
    step = np.diff(coordinates, axis=0)
    across = ring_of[1:] != ring_of[:-1]
    first = np.concatenate(([0], np.flatnonzero(across) + 1))
    step[across] = 0
    strips = strip_areas_m2(coordinates[:-1, 1], step[:, 0], step[:, 1])
    ends = np.concatenate((strips, [0.0]))
    return np.abs(np.add.reduceat(ends, first)), first


def strip_areas_m2(lat: Floats, dlon: Floats, dlat: Floats) -> Floats:
    """Returns the signed area between the equator and each edge, from the edge's first latitude and its steps in degrees."""
    half = np.radians(dlat) / 2
    middle = np.radians(lat) + half
    reach = np.abs(half).max(initial=0.0)
    if reach < _SHORT_RAD:
        # Mean of q over the edge to h^4: q' = 2(1-e2)cos/(1-e2 sin^2)^2, so q'' needs no second evaluation.
        sine = np.sin(middle)
        bulge = 1 - E2 * sine * sine
        second = -2 * (1 - E2) * sine * (1 - 4 * E2 * (1 - sine * sine) / bulge) / (bulge * bulge)
        mean = authalic_q(sine) + second * half * half / 6
    else:
        at = middle[:, None] + half[:, None] * _GAUSS_AT
        mean = authalic_q(np.sin(at)) @ _GAUSS_WEIGHT / 2
    return SEMI_MAJOR_M * SEMI_MAJOR_M / 2 * np.radians(dlon) * mean
