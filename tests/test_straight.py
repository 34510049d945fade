"""Edges are straight in lon/lat: what is measured beside long ones, and where they cross longitude 180."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geoalert import geo
from geoalert.boundaries.model import Layer
from geoalert.errors import GeometryError

GEOD = pyproj.Geod(ellps="WGS84")
WIDE = box(-110, 49, -101.36, 60)
CROSSING = Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])


@pytest.mark.parametrize(
    ("lon", "lat", "parallel"),
    [(-105.68, 48.9999, 49), (-105.68, 48.999, 49), (-103, 48.9999, 49), (-105.68, 60.0001, 60), (-105.68, 60.02, 60)],
)
def test_distances_beside_a_long_edge_are_true(lon: float, lat: float, parallel: float) -> None:
    """An edge of 600 km bulges 4 km from the chord of its projected ends."""
    true_m = GEOD.inv(lon, lat, lon, parallel)[2]

    assert geo.distance_m(Point(lon, lat), WIDE) == pytest.approx(true_m, abs=0.1)
    assert geo.distances_m(WIDE, [lon], [lat])[0] == pytest.approx(true_m, abs=0.1)


@pytest.mark.parametrize(("lat", "found"), [(48.9999, (0,)), (48.999, ()), (60.0001, (0,)), (60.02, ())])
def test_a_tolerance_beside_a_long_edge_holds(lat: float, found: tuple[int, ...]) -> None:
    """Points 11 m away are within 30 m, points 111 m and 2 km away are not."""
    layer = Layer(name="province", ids=["SK"], geometries=[WIDE])

    assert layer.locate_all(-105.68, lat, 30.0) == found


def test_the_distance_to_a_polygon_is_that_to_its_edge() -> None:
    """Not to a corner, and not to its middle; inside it is 0, in a hole it is that to the hole's edge."""
    ring = Polygon(box(-79.5, 43.6, -79.3, 43.8).exterior, [box(-79.42, 43.68, -79.38, 43.72).exterior])
    beside, inside, hole = (-79.29, 43.7), (-79.31, 43.61), (-79.4, 43.719)
    east_m, north_m = GEOD.inv(*beside, -79.3, 43.7)[2], GEOD.inv(*hole, -79.4, 43.72)[2]

    measured = geo.distances_m(ring, *zip(beside, inside, hole, strict=True))

    assert measured == pytest.approx([east_m, 0, north_m], abs=0.05)
    assert measured[1] == 0
    assert [geo.distance_m(Point(at), ring) for at in (beside, inside, hole)] == pytest.approx([east_m, 0, north_m], abs=0.05)


def test_the_far_end_of_a_continent_is_measured_along_the_geodesic() -> None:
    """The nearest corner of a box 3,000 km away is its north-east one."""
    assert geo.distance_m(Point(-40, 70), WIDE) == pytest.approx(GEOD.inv(-40, 70, -101.36, 60)[2], rel=1e-9)


def test_the_nearest_point_of_a_wide_country_is_found_from_afar() -> None:
    """Far from the middle of both a plane is stretched another way in each direction."""
    far = [
        (-113.65, 4.4),
        (-130.43, 21.1),
        (-90.07, 29.3),
        (-83.53, -17),
        (-94.73, 17),
        (-109, -17),
        (-87, 7),
        (-135.4, -2),
        (-125, -19.5),
    ]
    dense = shapely.get_coordinates(shapely.segmentize(LineString(far), 0.01))
    true_m = GEOD.inv(np.full(len(dense), -68.98), np.full(len(dense), 28.5), dense[:, 0], dense[:, 1])[2].min()

    assert geo.distance_m(Point(-68.98, 28.5), LineString(far)) == pytest.approx(true_m, rel=1e-5)


def test_a_line_along_a_parallel_is_as_long_as_the_parallel() -> None:
    """The geodesic between its ends is shorter."""
    along = np.linspace(-110, -101.36, 20_001)
    true_m = GEOD.line_length(along, np.full_like(along, 49))

    assert geo.length_m(LineString([(-110, 49), (-101.36, 49)])) == pytest.approx(true_m, rel=1e-7)


def test_a_corridor_of_100_km_keeps_its_width_all_along() -> None:
    """Neither its line nor its own long edges may be taken for straight in the metric plane."""
    wide = geo.buffer_m(LineString([(-105, 49), (-103.6, 49)]), 300)

    edge = shapely.get_coordinates(shapely.segmentize(wide, 0.001))
    edge = edge[(edge[:, 0] > -104.99) & (edge[:, 0] < -103.61)]
    away_m = GEOD.inv(edge[:, 0], edge[:, 1], edge[:, 0], np.full(len(edge), 49.0))[2]
    assert len(edge) > 2_000
    assert np.abs(away_m - 300).max() < 0.5


def test_a_flat_end_100_km_wide_stays_flat() -> None:
    """Its one edge is straight in metres, hence bent in lon/lat."""
    line = LineString([(-105, 49), (-105, 49.01)])
    frame = geo.Frame.of(line)

    wide = geo.buffer_m(line, 50_000, cap="flat")

    north_m = shapely.get_coordinates(frame.to_metres(shapely.segmentize(wide, 0.001)))[:, 1]
    end_m = frame.points(-105, 49.01)[0, 1]
    assert np.abs(np.abs(north_m) - end_m)[np.abs(north_m) > end_m - 2].max() < 0.5
    assert np.abs(north_m).max() == pytest.approx(end_m, abs=0.5)


@pytest.mark.parametrize(
    ("line", "code"),
    [([(179.999, 0), (179.9999, 1)], "crosses_antimeridian"), ([(0, 89.99), (90, 89.99)], "covers_pole")],
)
def test_what_cannot_be_widened_in_one_shape_is_refused(line: list[tuple[float, float]], code: str) -> None:
    """Past longitude 180, and over a pole."""
    with pytest.raises(GeometryError) as refused:
        geo.buffer_m(LineString(line), 5_000)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("geometry", "jumps"),
    [
        (CROSSING, True),
        (MultiPolygon([CROSSING]), True),
        (MultiPolygon([box(170, -20, 171, -19), CROSSING]), True),
        (LineString([(179.9, 0), (-179.9, 0)]), True),
        (MultiPolygon([box(170, -20, 180, -19), box(-180, -20, -170, -19)]), False),
        (box(-180, -90, 180, -90 + 1e-9).boundary, True),
        (Polygon([(-180, -90), (180, -90), (180, -60), (60, -70), (-60, -65), (-180, -60)]), False),
        (WIDE, False),
        (Polygon(), False),
    ],
)
def test_an_edge_across_longitude_180_is_seen_in_any_geometry(geometry: object, jumps: bool) -> None:
    """Parts on each side are no crossing; neither is an edge along a pole."""
    assert geo.jumps_antimeridian(geometry).tolist() == [jumps]


def test_only_empty_and_line_geometry_measures_nothing() -> None:
    """As one array, of which nothing has a ring."""
    nothing = np.array([Polygon(), LineString([(0, 0), (1, 1)]), None, shapely.GeometryCollection([Polygon()])], dtype=object)

    assert geo.area_m2(nothing).tolist() == [0, 0, 0, 0]
