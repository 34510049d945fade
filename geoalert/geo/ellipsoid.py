"""WGS 84, its authalic latitude, and the exact area of lon/lat geometry."""

from __future__ import annotations

import cmath
import math
from functools import lru_cache
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
_SHORT_RAD = 0.001
LOCAL_DEGREES = 0.1
_LATTICE_DEGREES = 0.05
_TERMS = 7
_POLYGON = 3


def _q_series() -> list[float]:
    """Returns a_k of dq/dlat = sum of a_k cos((2k + 1) lat); seven terms are exact to the last bit."""
    at = (np.arange(64) + 0.5) * (math.pi / 128)
    slope = 2 * (1 - E2) * np.cos(at) / (1 - E2 * np.sin(at) ** 2) ** 2
    return [float(2 * np.mean(slope * np.cos((2 * k + 1) * at))) for k in range(_TERMS)]


_SERIES = _q_series()


def authalic_q(sine: Floats) -> Floats:
    """Returns q (Snyder 3-12), the equal-area ordinate, of the sine of latitude; area between parallels is a^2/2 dq dlon."""
    return (1 - E2) * (sine / (1 - E2 * sine * sine) + np.arctanh(E * sine) / E)


def area_m2(geometries: Any) -> Any:
    """Returns the area of lon/lat polygons in square metres: a float for one geometry, an array for an array.

    Edges are straight in lon/lat (RFC 7946, 3.1.1), so the parts of a cut add up to the whole, to 1e-9 of it at any size. The measure is
    Green's theorem over authalic q (Snyder 3-12), which needs no projection. Holes are left out; anything but polygons counts 0.

        area_m2(layer.geometries)                      # one number a boundary
    """
    if isinstance(geometries, np.ndarray) and geometries.ndim == 1:
        return _areas(geometries)
    if isinstance(geometries, np.ndarray | list | tuple):
        array = np.asarray(geometries, dtype=object)
        return _areas(array.ravel()).reshape(array.shape)
    return float(_areas(np.array([geometries], dtype=object))[0])


def _areas(geometries: NDArray[np.object_]) -> Floats:
    kinds = shapely.get_type_id(geometries)
    if not len(kinds):
        return np.zeros(0)
    if (kinds == _POLYGON).all() and not shapely.get_num_interior_rings(geometries).any():
        return _ring_areas(geometries)
    areas = np.zeros(len(geometries))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    if not (shapely.get_type_id(parts) == _POLYGON).all():
        parts, nested = shapely.get_parts(parts, return_index=True)
        polygons = shapely.get_type_id(parts) == _POLYGON
        parts, owner = parts[polygons], owner[nested[polygons]]
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return areas
    ring_areas = _ring_areas(rings)
    inner = np.concatenate(([False], part[1:] == part[:-1]))
    np.add.at(areas, owner[part], np.where(inner, -ring_areas, ring_areas))
    return areas


def _ring_areas(rings: NDArray[np.object_]) -> Floats:
    """Returns the unsigned area of rings, or of polygons without holes, in square metres; empty ones are 0.

    All rings are measured in one run over their coordinates; the steps from one ring to the next are zero.
    """
    counts = shapely.get_num_coordinates(rings)
    if not counts.all():
        if not counts.any():
            return np.zeros(len(rings))
        areas = np.zeros(len(rings))
        areas[counts > 0] = _ring_areas(rings[counts > 0])
        return areas
    coordinates = shapely.get_coordinates(rings)
    lat = np.ascontiguousarray(coordinates[:, 1])
    step = coordinates[1:, 0] - coordinates[:-1, 0]
    last = np.cumsum(counts)
    step[last[:-1] - 1] = 0.0
    south, north = float(lat.min()), float(lat.max())
    mean = _local_mean_q(lat, (south + north) / 2) if north - south < LOCAL_DEGREES else _mean_q(lat)
    return np.abs(np.add.reduceat(step * mean, last - counts)) * (SEMI_MAJOR_M * SEMI_MAJOR_M * math.pi / 360)


def _local_mean_q(lat: Floats, middle: float) -> Floats:
    """Returns the mean of q over each edge, less a constant: a Taylor series that keeps 1e-11 of the area within 0.1 degrees."""
    parallel = round(middle / _LATTICE_DEGREES)
    first, second, third, fourth = q_slopes(parallel * _LATTICE_DEGREES)
    away = (lat - parallel * _LATTICE_DEGREES) * (math.pi / 180)
    half = (away[1:] - away[:-1]) * 0.5
    centre = away[:-1] + half
    mean: Floats = (((fourth * centre + third) * centre + second) * centre + first) * centre
    mean += (third * centre + second / 3) * (half * half)
    return mean


@lru_cache(maxsize=1024)
def q_slopes(lat: float) -> tuple[float, float, float, float]:
    """Returns the first four Taylor coefficients of q at a latitude in degrees, of the difference in radians."""
    turn = cmath.exp(1j * math.radians(lat))
    powers = [(2 * k + 1, a, turn ** (2 * k + 1)) for k, a in enumerate(_SERIES)]
    return (
        sum(a * z.real for _, a, z in powers),
        -sum(a * n * z.imag for n, a, z in powers) / 2,
        -sum(a * n**2 * z.real for n, a, z in powers) / 6,
        sum(a * n**3 * z.imag for n, a, z in powers) / 24,
    )


def _mean_q(lat: Floats) -> Floats:
    """Returns the mean of q over each edge between latitudes in degrees."""
    half = np.radians(lat[1:] - lat[:-1]) / 2
    middle = np.radians(lat[:-1]) + half
    sine = np.sin(middle)
    mean = authalic_q(sine)
    bulge = 1 - E2 * sine * sine
    mean += -2 * (1 - E2) * sine * (1 - 4 * E2 * (1 - sine * sine) / bulge) / (bulge * bulge) * half * half / 6
    long = np.abs(half) > _SHORT_RAD
    if long.any():
        mean[long] = authalic_q(np.sin(middle[long, None] + half[long, None] * _GAUSS_AT)) @ _GAUSS_WEIGHT / 2
    return mean
