"""Metres on the ellipsoid, coordinate reference systems, and lat-first text: the only importer of pyproj.

Geometry is EPSG:4326 with x = lon, y = lat, edges straight in lon/lat. Metres come from geodesics, from the authalic measure (`area_m2`)
or from a `Frame` chosen for the geometry; no transformer is made per alert.
"""

from __future__ import annotations

from geoalert.geo.circle import MAX_RADIUS_M, check_radius, circle_polygon
from geoalert.geo.crs import ACCEPT_ACCURACY_M, LONLAT, Conversion, Crs, parse_crs, to_lonlat
from geoalert.geo.ellipsoid import area_m2
from geoalert.geo.frame import Cap, Frame, buffer_m, distance_m, distances_m, length_m
from geoalert.geo.lonlat import check_bounds, check_lonlat, read_latlon, write_latlon
from geoalert.geo.straight import BEND_M, cut_edges, goes_round_pole, jumps_antimeridian
from geoalert.geo.strips import Strips

__all__ = [
    "ACCEPT_ACCURACY_M",
    "BEND_M",
    "LONLAT",
    "MAX_RADIUS_M",
    "Cap",
    "Conversion",
    "Crs",
    "Frame",
    "Strips",
    "area_m2",
    "buffer_m",
    "check_bounds",
    "check_lonlat",
    "check_radius",
    "circle_polygon",
    "cut_edges",
    "distance_m",
    "distances_m",
    "goes_round_pole",
    "jumps_antimeridian",
    "length_m",
    "parse_crs",
    "read_latlon",
    "to_lonlat",
    "write_latlon",
]
