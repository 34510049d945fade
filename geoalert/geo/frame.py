"""A local metric frame chosen from a geometry, and what is measured in it: corridors, lengths, distances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from geoalert.errors import GeometryError
from geoalert.geo.circle import check_radius, geod
from geoalert.geo.ellipsoid import AUTHALIC_RADIUS_M, E2, Q_POLE, SEMI_MAJOR_M, Floats, authalic_q
from geoalert.geo.straight import cut_edges

Cap = Literal["round", "flat"]

_CHORD_ERROR_M = 0.25
_NEAR_M = 20_000.0
_EDGE_M = 2_000.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The oblique equal-area plane (Lambert, ellipsoidal: Snyder 24-17 to 24-26) that touches the earth at one point.

    One plane serves every size: areas are exact at any distance from the centre, lengths are off by 3 cm at 10 km and by 1e-4 at 100 km.

        frame = Frame.of(district)
        frame.to_metres(district).buffer(300)

    Attributes:
        lon, lat: where the plane touches, in degrees; there east and north are both 0.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (abs(self.lon) <= 180 and abs(self.lat) <= 90):
            raise GeometryError("a frame's centre lies outside the earth", code="out_of_range", value=(self.lon, self.lat))

    @classmethod
    def of(cls, *geometries: Any) -> Frame:
        """Returns the frame in the middle of the bounds of all geometries."""
        west, south, east, north = shapely.total_bounds(np.array(geometries, dtype=object) if len(geometries) > 1 else geometries[0])
        return cls(float((west + east) / 2), float((south + north) / 2))

    def _centre(self) -> tuple[float, float, float]:
        sine = math.sin(math.radians(self.lat))
        beta_sine = min(1.0, max(-1.0, float(authalic_q(np.array(sine))) / Q_POLE))
        beta_cosine = math.sqrt(1 - beta_sine * beta_sine)
        parallel_radius = SEMI_MAJOR_M * math.cos(math.radians(self.lat)) / math.sqrt(1 - E2 * sine * sine)
        stretch = parallel_radius / (AUTHALIC_RADIUS_M * beta_cosine) if beta_cosine > 1e-9 else 1.0
        return beta_sine, beta_cosine, stretch

    def _forward(self, coordinates: Floats) -> Floats:
        sine_1, cosine_1, stretch = self._centre()
        lat = np.radians(coordinates[:, 1])
        dlon = np.radians((coordinates[:, 0] - self.lon + 180) % 360 - 180)
        sine = authalic_q(np.sin(lat)) / Q_POLE
        cosine = np.sqrt(np.maximum(0.0, 1 - sine * sine))
        east, towards = cosine * np.sin(dlon), cosine * np.cos(dlon)
        scale = AUTHALIC_RADIUS_M * np.sqrt(2 / np.maximum(1e-12, 1 + sine_1 * sine + cosine_1 * towards))
        return np.column_stack((scale * stretch * east, scale / stretch * (cosine_1 * sine - sine_1 * towards)))

    def _inverse(self, coordinates: Floats) -> Floats:
        sine_1, cosine_1, stretch = self._centre()
        east, north = coordinates[:, 0] / stretch, coordinates[:, 1] * stretch
        reach = np.hypot(east, north)
        half = np.minimum(1.0, reach / (2 * AUTHALIC_RADIUS_M))
        sine_c = 2 * half * np.sqrt(1 - half * half)
        cosine_c = 1 - 2 * half * half
        away = np.where(reach > 0, reach, 1.0)
        q = Q_POLE * (cosine_c * sine_1 + north * sine_c * cosine_1 / away)
        dlon = np.arctan2(east * sine_c, away * cosine_1 * cosine_c - north * sine_1 * sine_c)
        return np.column_stack((self.lon + np.degrees(dlon), np.degrees(_latitude(q))))

    def to_metres(self, geometry: Any) -> Any:
        """Returns the lon/lat geometry, or array of geometries, in metres east and north of the centre."""
        return shapely.transform(geometry, self._forward)

    def to_lonlat(self, geometry: Any) -> Any:
        """Returns the geometry, or array of geometries, in lon/lat."""
        return shapely.transform(geometry, self._inverse)

    def points(self, lons: Any, lats: Any) -> Floats:
        """Returns points as an array of east, north in metres."""
        return self._forward(np.column_stack((np.atleast_1d(lons), np.atleast_1d(lats))).astype(np.float64))


def _latitude(q: Floats) -> Floats:
    """Returns the latitude in radians of an authalic q: Snyder 3-18, then one Newton step (3-16)."""
    beta = np.arcsin(np.clip(q / Q_POLE, -1.0, 1.0))
    e4, e6 = E2 * E2, E2 * E2 * E2
    lat: Floats = (
        beta
        + (E2 / 3 + 31 * e4 / 180 + 517 * e6 / 5040) * np.sin(2 * beta)
        + (23 * e4 / 360 + 251 * e6 / 3780) * np.sin(4 * beta)
        + 761 * e6 / 45360 * np.sin(6 * beta)
    )
    sine, cosine = np.sin(lat), np.cos(lat)
    slope = 2 * (1 - E2) * cosine / (1 - E2 * sine * sine) ** 2
    return lat + np.where(cosine > 1e-6, (q - authalic_q(sine)) / np.where(cosine > 1e-6, slope, 1.0), 0.0)


def buffer_m(geometry: Any, distance_m: float, *, cap: Cap = "round") -> Any:
    """Returns the lon/lat geometry widened by metres on every side; a flat cap ends a line where it ends.

    Arcs lie at most 0.25 m inside the distance. Joins are round; so are caps unless asked otherwise.

    Args:
        geometry: a point, line or polygon.
        distance_m: more than 0, at most 1,000 km.
        cap: round goes past the ends of a line by the distance, flat stops at them.

    Raises:
        GeometryError: codes radius_out_of_range, unknown_cap, crosses_antimeridian, covers_pole.
    """
    check_radius(distance_m, field="distance_m")
    if cap not in ("round", "flat"):
        raise GeometryError("caps are round or flat", code="unknown_cap", field="caps", value=cap, do="Give round or flat.")
    frame = Frame.of(geometry)
    quarter = max(8, math.ceil(math.pi / 4 / math.acos(1 - min(0.5, _CHORD_ERROR_M / distance_m))))
    wide = shapely.buffer(frame.to_metres(cut_edges(geometry)), distance_m, quad_segs=quarter, cap_style=cap)
    _refuse_pole(frame, geometry, wide, distance_m)
    made = frame.to_lonlat(shapely.segmentize(wide, _EDGE_M))
    west, _, east, _ = shapely.total_bounds(made)
    if west < -180 or east > 180:
        raise GeometryError(
            "the widened shape crosses the antimeridian",
            code="crosses_antimeridian",
            field="distance_m",
            value=distance_m,
            do="Make it narrower, or give one shape on each side of longitude 180.",
        )
    return made


def _refuse_pole(frame: Frame, geometry: Any, wide: Any, distance_m: float) -> None:
    _, south, _, north = shapely.total_bounds(geometry)
    reach = 1 + math.degrees(distance_m / SEMI_MAJOR_M)
    for pole, near in ((90.0, north + reach > 90), (-90.0, south - reach < -90)):
        if near and shapely.intersects_xy(wide, *frame.points(0.0, pole)[0]):
            raise GeometryError(
                "the widened shape covers a pole",
                code="covers_pole",
                field="distance_m",
                value=distance_m,
                do="Make it narrower, or move it away from the pole.",
            )


def length_m(line: Any) -> float:
    """Returns the length in metres of a line whose edges are straight in lon/lat, such as along a parallel."""
    return float(geod().geometry_length(cut_edges(line)))


def distance_m(a: Any, b: Any) -> float:
    """Returns the metres between two lon/lat geometries, along the geodesic of the nearest points; 0 where they meet.

    Edges are straight in lon/lat, long ones too: the nearest points are true to 25 mm across an edge.
    """
    # A copy is never a prepared one, which another thread may be using: GEOS makes the indexes of those as it goes, without a lock.
    if shapely.intersects(shapely.force_2d(a), b):
        return 0.0
    fine_a, fine_b = cut_edges(a), cut_edges(b)
    frame = Frame.of(a, b)
    nearest = _nearest(frame, fine_a, fine_b)
    if _span_m(a, b) > _NEAR_M:
        middle = shapely.get_coordinates(frame.to_lonlat(shapely.line_interpolate_point(nearest, 0.5, normalized=True)))[0]
        frame = Frame(float((middle[0] + 180) % 360 - 180), float(middle[1]))
        nearest = _nearest(frame, fine_a, fine_b)
    (from_lon, from_lat), (to_lon, to_lat) = shapely.get_coordinates(frame.to_lonlat(nearest))
    return float(geod().inv(from_lon, from_lat, to_lon, to_lat)[2])


def _nearest(frame: Frame, a: Any, b: Any) -> Any:
    return shapely.shortest_line(frame.to_metres(a), frame.to_metres(b))


def distances_m(geometry: Any, lons: Any, lats: Any) -> Floats:
    """Returns the metres from each point to the geometry, along the geodesic to its nearest point; 0 inside.

    Edges are straight in lon/lat, long ones too: the nearest point is true to 25 mm across an edge.

    Args:
        geometry: any lon/lat geometry.
        lons, lats: degrees, scalars or arrays of one length.
    """
    xs, ys = np.atleast_1d(lons).astype(np.float64), np.atleast_1d(lats).astype(np.float64)
    own = shapely.force_2d(geometry)
    shapely.prepare(own)
    apart = np.zeros(len(xs))
    outside = np.flatnonzero(~shapely.intersects_xy(own, xs, ys))
    if not len(outside):
        return apart
    frame = Frame.of(own)
    metric = frame.to_metres(cut_edges(own))
    shapely.prepare(metric)
    nearest = shapely.shortest_line(metric, shapely.points(frame.points(xs[outside], ys[outside])))
    there = shapely.get_coordinates(frame.to_lonlat(nearest))[::2]
    apart[outside] = geod().inv(xs[outside], ys[outside], there[:, 0], there[:, 1])[2]
    return apart


def _span_m(a: Any, b: Any) -> float:
    west, south, east, north = shapely.total_bounds(np.array([a, b], dtype=object))
    return float(max(east - west, north - south)) * math.pi * SEMI_MAJOR_M / 180
