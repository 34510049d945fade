"""Metres, proved against PROJ; and what the edge refuses."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry import shape

from geoalert import geo
from geoalert.errors import CRSError, GeometryError

GEOD = pyproj.Geod(ellps="WGS84")
LONS, LATS = st.floats(-170, 170), st.floats(-79.9, 79.9)
TORONTO_NAD27 = (304_800.0, 4_833_000.0)


def _edge_distances_m(lon: float, lat: float, circle: shapely.Polygon) -> np.ndarray:
    corners = shapely.get_coordinates(circle)
    along = np.linspace(0, 1, 8, endpoint=False)[:, None, None]
    points = (corners[:-1] + (corners[1:] - corners[:-1]) * along).reshape(-1, 2)
    count = len(points)
    return GEOD.inv(np.full(count, lon), np.full(count, lat), points[:, 0], points[:, 1])[2]


@given(lon=LONS, lat=LATS, radius_m=st.floats(0, 6).map(lambda power: 10**power))
def test_the_whole_edge_of_a_circle_is_within_half_a_metre(lon: float, lat: float, radius_m: float) -> None:
    """Vertices, chord middles and points between, at any latitude below 80 degrees and any radius."""
    try:
        circle = geo.circle_polygon(lon, lat, radius_m)
    except GeometryError as refused:
        assume(refused.code not in ("crosses_antimeridian", "covers_pole"))
        raise

    assert np.abs(_edge_distances_m(lon, lat, circle) - radius_m).max() <= 0.5
    assert circle.is_valid
    assert shapely.is_ccw(circle.exterior)


@pytest.mark.parametrize(("radius_m", "least"), [(60, 18), (600, 55), (5_000, 157), (50_000, 497), (500_000, 1_570)])
def test_a_circle_has_hardly_more_vertices_than_its_edge_needs(radius_m: float, least: int) -> None:
    """The least number of vertices on a plane is pi / acos((r - 0.5) / (r + 0.5)); a few per cent more is what the earth takes."""
    assert math.ceil(math.pi / math.acos((radius_m - 0.5) / (radius_m + 0.5))) in range(least - 3, least + 4)

    assert len(geo.circle_polygon(-79.4, 43.65, radius_m).exterior.coords) - 1 <= least * 1.05 + 1


@pytest.mark.parametrize(
    ("lon", "lat", "radius_m", "code"),
    [
        (-79.4, 43.6, 0, "radius_out_of_range"),
        (-79.4, 43.6, -5, "radius_out_of_range"),
        (-79.4, 43.6, 1_000_001, "radius_out_of_range"),
        (-79.4, 43.6, math.nan, "radius_out_of_range"),
        (179.99, 10, 5_000, "crosses_antimeridian"),
        (-179.99, -10, 5_000, "crosses_antimeridian"),
        (20, 89.9, 50_000, "covers_pole"),
        (20, -85, 900_000, "covers_pole"),
    ],
)
def test_impossible_circles_are_refused(lon: float, lat: float, radius_m: float, code: str) -> None:
    """One code each."""
    with pytest.raises(GeometryError) as refused:
        geo.circle_polygon(lon, lat, radius_m)

    assert refused.value.code == code


@given(lon=LONS, lat=st.floats(-85, 85), size=st.floats(-4, 0.5), turn=st.floats(0.05, 3))
def test_areas_agree_with_geodesic_areas(lon: float, lat: float, size: float, turn: float) -> None:
    """Densified edges make straight lon/lat lines geodesic, so that PROJ measures the same shape, to a few cm2 of its own."""
    side = 10**size
    assume(lat + side / 3 / turn < 85)
    polygon = shapely.Polygon([(lon, lat), (lon + side, lat + side / 3 / turn), (lon + side / 2, lat + side)])
    dense = shapely.segmentize(polygon, side / 400)

    assert geo.area_m2(polygon) == pytest.approx(abs(GEOD.geometry_area_perimeter(dense)[0]), rel=1e-6, abs=0.05)


def test_areas_agree_with_an_equal_area_projection() -> None:
    """EPSG:6933 states equal area; the hole and the second part count as they should."""
    forward = pyproj.Transformer.from_crs("EPSG:4326", "+proj=cea +ellps=WGS84", always_xy=True)
    polygon = shapely.MultiPolygon([shapely.box(-80, 43, -79, 44) - shapely.box(-79.8, 43.2, -79.5, 43.4), shapely.box(0, -1, 0.1, 2)])
    dense = shapely.segmentize(polygon, 1e-3)
    flat = shapely.transform(dense, lambda at: np.column_stack(forward.transform(at[:, 0], at[:, 1])))

    assert geo.area_m2(polygon) == pytest.approx(flat.area, rel=1e-9)


@given(lat=st.floats(-85, 85), size=st.floats(-4, 1), cut=st.floats(0.1, 0.9))
def test_the_parts_of_a_cut_add_up(lat: float, size: float, cut: float) -> None:
    """Straight lon/lat edges make the area a measure: cutting changes nothing."""
    side = min(10**size, 89 - abs(lat))
    whole = shapely.Polygon([(0, lat), (side, lat + side / 7), (side * 0.8, lat + side), (0.1 * side, lat + side / 2)])
    knife = shapely.box(-1, lat - 1, side * cut, lat + side * 0.6)

    parts = geo.area_m2(np.array([whole & knife, whole - knife], dtype=object))

    assert parts.sum() == pytest.approx(geo.area_m2(whole), rel=2e-9)


def test_areas_of_an_array_have_its_shape_and_other_geometry_counts_nothing() -> None:
    """Collections count their polygons; points, lines and empty shapes are 0."""
    box = shapely.box(-79.5, 43.5, -79.4, 43.6)
    mixed = np.array(
        [[box, shapely.Point(0, 1)], [shapely.GeometryCollection([shapely.MultiPolygon([box]), shapely.Point(1, 1)]), shapely.Polygon()]]
    )

    areas = geo.area_m2(mixed)

    assert areas.shape == (2, 2)
    assert areas[0, 0] == areas[1, 0] > 0
    assert areas[0, 1] == areas[1, 1] == 0
    assert geo.area_m2([]).shape == (0,)


@given(lon=LONS, lat=st.floats(-85, 85), bearing=st.floats(0, 360), reach=st.floats(1, 6).map(lambda power: 10**power))
def test_a_frame_is_the_lambert_plane_of_proj(lon: float, lat: float, bearing: float, reach: float) -> None:
    """East and north agree with PROJ to a millimetre, and come back to where they were."""
    east, north, _ = GEOD.fwd(lon, lat, bearing, reach)
    frame = geo.Frame(lon, lat)
    plane = pyproj.Proj(proj="laea", lon_0=lon, lat_0=lat, ellps="WGS84")

    (measured,) = frame.points(east, north)
    back = frame.to_lonlat(shapely.Point(*measured))

    assert measured == pytest.approx(plane(east, north), abs=1e-3)
    assert (back.x - east + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)
    assert back.y == pytest.approx(north, abs=1e-11)


@given(lon=LONS, lat=LATS, a=st.tuples(st.floats(0, 360), st.floats(0, 10_000)), b=st.tuples(st.floats(0, 360), st.floats(0, 10_000)))
def test_lengths_at_city_scale_are_true_to_centimetres(lon: float, lat: float, a: tuple[float, float], b: tuple[float, float]) -> None:
    """Two places within 10 km of the centre: 3 cm."""
    ends = np.array([GEOD.fwd(lon, lat, *place)[:2] for place in (a, b)])

    flat = geo.Frame(lon, lat).points(ends[:, 0], ends[:, 1])

    assert math.dist(*flat) == pytest.approx(GEOD.inv(*ends[0], *ends[1])[2], abs=0.03)


@given(lon=LONS, lat=LATS, bearing=st.floats(0, 360), gap_m=st.floats(1, 50_000))
def test_distances_agree_with_geodesics(lon: float, lat: float, bearing: float, gap_m: float) -> None:
    """A centimetre in a city, 1e-6 beyond."""
    there = GEOD.fwd(lon, lat, bearing, gap_m)[:2]
    assume(abs(there[0] - lon) < 90)

    assert geo.distance_m(shapely.Point(lon, lat), shapely.Point(there)) == pytest.approx(gap_m, rel=1e-6, abs=0.01)
    assert geo.distances_m(shapely.Point(lon, lat), [there[0]], [there[1]])[0] == pytest.approx(gap_m, rel=1e-5, abs=0.01)


def test_points_inside_are_at_no_distance() -> None:
    """Distance counts from the edge outwards."""
    circle = geo.circle_polygon(-79.4, 43.65, 600)
    east = GEOD.fwd(-79.4, 43.65, 90, 1_000)

    assert geo.distances_m(circle, [-79.4, east[0]], [43.65, east[1]]) == pytest.approx([0, 400], abs=0.6)


@pytest.mark.parametrize(("cap", "length_m"), [("flat", 2_700), ("round", 2_700 + 600)])
def test_a_corridor_is_as_wide_as_asked(cap: geo.Cap, length_m: float) -> None:
    """A straight 2.7 km line widened by 300 m: its ends and sides are where they should be, geodesically."""
    end = GEOD.fwd(-79.42, 43.64, 71, 2_700)[:2]
    line = shapely.LineString([(-79.42, 43.64), end])

    wide = geo.buffer_m(line, 300, cap=cap)
    frame = geo.Frame.of(line)
    box = shapely.minimum_rotated_rectangle(frame.to_metres(wide))
    corners = shapely.get_coordinates(box)
    sides = sorted(math.dist(corners[i], corners[i + 1]) for i in (0, 1))

    assert sides == pytest.approx([600, length_m], abs=0.6)
    assert geo.length_m(line) == pytest.approx(2_700, abs=1e-3)


@given(lon=LONS, lat=LATS, distance_m=st.floats(1, 20_000))
def test_a_buffered_point_is_within_half_a_metre_of_a_circle(lon: float, lat: float, distance_m: float) -> None:
    """Chords of arcs lie at most half a metre inside."""
    wide = geo.buffer_m(shapely.Point(lon, lat), distance_m)

    away = _edge_distances_m(lon, lat, wide) - distance_m

    assert away.min() >= -0.5
    assert away.max() <= 0.5


@pytest.mark.parametrize(
    ("crs", "at", "accuracy_m"),
    [
        ("EPSG:3857", (-8_838_747.2, 5_412_158.5), 0.0),
        ("EPSG:26917", (630_084.0, 4_833_438.0), 4.0),
        ("EPSG:2952", (312_000.0, 4_834_000.0), 1.0),
        ("EPSG:27700", (530_000.0, 180_000.0), 2.0),
        ("EPSG:4269", (-79.4, 43.65), 4.0),
    ],
)
def test_conversions_record_their_accuracy(crs: str, at: tuple[float, float], accuracy_m: float) -> None:
    """PROJ's own coordinates, with the figure it states; the better British grid is not installed and not fetched."""
    expected = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True, only_best=False).transform(*at)

    converted = geo.to_lonlat([shapely.Point(at)], geo.parse_crs(crs))

    assert converted.geometries[0].coords[0] == pytest.approx(expected, abs=1e-4)
    assert converted.accuracy_m == accuracy_m
    assert converted.operation


@pytest.mark.parametrize("crs", ["EPSG:7991", "EPSG:4267"])
def test_nad27_without_its_grid_is_refused_by_figure_and_grid(crs: str) -> None:
    """Read without the grid it lands metres off, so the way out is named; accepting the figure is a person's choice."""
    at = TORONTO_NAD27 if crs == "EPSG:7991" else (-79.4, 43.65)

    with pytest.raises(CRSError, match=r"ca_nrc_ntv2_0\.tif.*accept_accuracy_m=9") as refused:
        geo.to_lonlat([shapely.Point(at)], geo.parse_crs(crs))

    assert refused.value.code == "accuracy_too_low"
    assert geo.to_lonlat([shapely.Point(at)], geo.parse_crs(crs), accept_accuracy_m=10).accuracy_m == 9


def test_a_conversion_without_stated_accuracy_is_refused_whatever_is_accepted() -> None:
    """A projection on a bare ellipsoid has no datum."""
    crs = geo.parse_crs("+proj=tmerc +lat_0=0 +lon_0=-79.5 +k=0.9999 +x_0=304800 +ellps=GRS80 +units=m")

    with pytest.raises(CRSError) as refused:
        geo.to_lonlat([shapely.Point(312_000, 4_834_000)], crs, accept_accuracy_m=1e6)

    assert refused.value.code == "accuracy_too_low"


@pytest.mark.parametrize("text", ["EPSG:999999", "Toronto", "", "EPSG:5703"])
def test_an_unknown_crs_is_named(text: str) -> None:
    """Nonsense and heights alone are no CRS of a map."""
    with pytest.raises(CRSError) as refused:
        geo.parse_crs(text)

    assert refused.value.code == "unknown_crs"


@pytest.mark.parametrize(
    "text", ["EPSG:4326", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", pyproj.CRS.from_epsg(4326).to_wkt(), "EPSG:4979"]
)
def test_wgs84_needs_no_conversion(text: str) -> None:
    """x is the longitude, whatever the axis order of the authority."""
    crs = geo.parse_crs(text)

    assert crs.is_lonlat
    assert geo.to_lonlat([shapely.Point(-79.4, 43.65)], crs).geometries[0] == shapely.Point(-79.4, 43.65)


def test_coordinates_outside_their_crs_are_refused() -> None:
    """Degrees read as metres of a far away zone stay an error of place, not of luck."""
    with pytest.raises(GeometryError) as refused:
        geo.to_lonlat([shapely.Point(1e12, 1e12)], geo.parse_crs("EPSG:26917"))

    assert refused.value.code == "outside_crs"


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (0, 0, "null_island"),
        (0, -85.4887669, "unknown_marker"),
        (-999, -999, "unknown_marker"),
        (43.65, -79.4, "swapped_axes"),
        (45.5, -122.6, "swapped_axes"),
        (200, 10, "out_of_range"),
        (630_084, 4_833_438, "out_of_range"),
        (math.nan, 43, "not_finite"),
        (-79, math.inf, "not_finite"),
    ],
)
def test_coordinates_that_cannot_be_a_place_are_refused(lon: float, lat: float, code: str) -> None:
    """Each habit of bad records has its code."""
    with pytest.raises(GeometryError) as refused:
        geo.check_lonlat(lon, lat, row=7, field="lat")

    assert (refused.value.code, refused.value.row, refused.value.field) == (code, 7, "lat")


def test_a_swap_between_possible_places_is_seen_by_the_bounds_of_the_layers() -> None:
    """Paris swapped lies in Somalia; only what is expected there tells."""
    geo.check_lonlat(48.85, 2.35)

    with pytest.raises(GeometryError) as refused:
        geo.check_lonlat(48.85, 2.35, within=(2.2, 48.8, 2.5, 48.9))

    assert refused.value.code == "swapped_axes"


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(79.395, 43.65, "sign_lost"), (-79.395, -43.65, "sign_lost"), (43.65, -79.395, "swapped_axes"), (-85.4887, 0.0, "unknown_marker")],
)
def test_a_lost_sign_is_seen_by_the_bounds_of_the_layers(lon: float, lat: float, code: str) -> None:
    """A pair that fits with the other sign has lost it; one that fits nowhere near stays a place far away."""
    toronto = (-79.64, 43.58, -79.11, 43.86)

    with pytest.raises(GeometryError) as refused:
        geo.check_lonlat(lon, lat, within=toronto)

    assert refused.value.code == code
    geo.check_lonlat(-79.395, 43.65, within=toronto)
    geo.check_lonlat(-1.1, 52.9, within=toronto)


@pytest.mark.parametrize("value", ["-79.4", None, True, np.True_])
def test_what_is_no_number_is_named(value: object) -> None:
    """Text, nothing, and True are told apart from a number that is wrong."""
    with pytest.raises(GeometryError) as refused:
        geo.check_lonlat(-79.4, value, field="event")  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.field) == ("not_a_number", "event.lat")


def test_bounds_may_touch_null_island_but_not_leave_the_earth() -> None:
    """A shape with a corner at (0, 0) is a shape."""
    geo.check_bounds((0, 0, 1, 1))

    with pytest.raises(GeometryError) as refused:
        geo.check_bounds((0, 0, 181, 1))

    assert refused.value.code == "out_of_range"


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=9))
def test_latitude_first_text_comes_back(pairs: list[tuple[float, float]]) -> None:
    """Six decimals survive the way out and back, in lon, lat order."""
    back = geo.read_latlon(geo.write_latlon(pairs))

    assert [value for pair in back for value in pair] == pytest.approx([value for pair in pairs for value in pair], abs=5.1e-7)


@pytest.mark.parametrize(("text", "code"), [("43.6", "invalid_geometry"), ("-122.6,45.5", "swapped_axes"), ("43.6,-279", "out_of_range")])
def test_latitude_first_text_is_checked(text: str, code: str) -> None:
    """A pair that is none, swapped or off the earth."""
    with pytest.raises(GeometryError) as refused:
        geo.read_latlon(text)

    assert refused.value.code == code


def test_a_mapping_geometry_survives_a_frame() -> None:
    """There and back over 200 km leaves a shape where it was."""
    area = shape({"type": "Polygon", "coordinates": [[[-80, 43], [-78, 43], [-78, 45], [-80, 43]]]})
    frame = geo.Frame.of(area)

    assert shapely.get_coordinates(frame.to_lonlat(frame.to_metres(area))) == pytest.approx(shapely.get_coordinates(area), abs=1e-11)
    assert frame.to_metres(shapely.segmentize(area, 1e-3)).area == pytest.approx(geo.area_m2(area), rel=1e-8)
