"""One bad row among good ones is named; long edges of projected layers keep their place."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

from geoalert import geo
from geoalert.boundaries.load import layer_from_geodataframe, read_layer
from geoalert.boundaries.model import Layer
from geoalert.errors import CRSError, GeometryError

Save = Callable[..., Path]
CROSSING = Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])
UTM = [box(x, 4_830_000, x + 1_000, 4_831_000) for x in (628_000, 629_000, 630_000, 631_000)]


def frame_of(shapes: list[Any], crs: str) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"CODE": [f"B{row}" for row in range(len(shapes))]}, geometry=shapes, crs=crs)


def turned(shape: Any) -> Any:
    return shapely.transform(shape, np.fliplr)


def with_vertex(shape: Polygon, x: float, y: float) -> Polygon:
    return Polygon([*list(shape.exterior.coords)[:3], (x, y)])


@pytest.mark.parametrize("shape", [CROSSING, MultiPolygon([CROSSING]), MultiPolygon([CROSSING, box(170, -20, 171, -19)])])
def test_longitude_180_is_not_crossed_in_any_part(save_geojson: Save, shape: Any) -> None:
    """By a file, and by a Layer made in Python."""
    for make in (
        lambda: read_layer(save_geojson([box(170, -20, 171, -19), shape]), name="n", id="CODE"),
        lambda: Layer(name="n", ids=["1", "2"], geometries=[box(170, -20, 171, -19), shape]),
    ):
        with pytest.raises(GeometryError) as refused:
            make()
        assert (refused.value.code, refused.value.row) == ("crosses_antimeridian", 2)


@pytest.mark.parametrize(("lon", "lat"), [(-79.4, 43.6), (-87.6, 41.8), (151.2, -33.9), (2.3, 48.8), (10.7, 59.9), (36.8, -1.3)])
@pytest.mark.parametrize("count", [3, 20])
def test_a_swapped_row_among_good_ones_is_named(save_geojson: Save, lon: float, lat: float, count: int) -> None:
    """Nobody would see it on a map: it lies on another continent."""
    shapes: list[Any] = [box(lon + x / 100, lat, lon + x / 100 + 0.01, lat + 0.01) for x in range(count)]
    assert len(read_layer(save_geojson(shapes), name="n", id="CODE")) == count
    shapes[1] = turned(shapes[1])

    with pytest.raises(GeometryError) as refused:
        read_layer(save_geojson(shapes), name="n", id="CODE")

    assert (refused.value.code, refused.value.row) == ("swapped_axes", 2)
    assert f"x {lat:.7g}" in (refused.value.value or "")


def test_one_of_two_rows_is_told_by_antarctica(save_geojson: Save) -> None:
    """Where there is no majority."""
    with pytest.raises(GeometryError) as refused:
        read_layer(save_geojson([turned(box(-79.4, 43.6, -79.3, 43.7)), box(-79.3, 43.6, -79.2, 43.7)]), name="n", id="CODE")

    assert (refused.value.code, refused.value.row) == ("swapped_axes", 1)


@pytest.mark.parametrize(
    "shapes",
    [
        [box(30, 30, 31, 31), box(35, 31, 36, 32), box(31, 35, 32, 36)],
        [box(5, 47, 15, 55), box(-5, 42, 8, 51), box(55, -21.4, 56, -20.8), box(45, -13, 45.3, -12.6), box(-62, 14, -60, 17)],
        [box(-125, 25, -67, 49), box(-160, 19, -155, 22), box(144, 13, 145, 14), box(-67, 18, -65, 18.5)],
        [*(box(x, 60 - x, x + 1.2, 61 - x) for x in range(20, 40)), box(18, 39, 20, 41), box(18, 41, 20, 43)],
        [box(4, 58, 31, 71), box(10, 76, 30, 80), box(-20, -75, 45, -69), box(-91, -69, -90, -68)],
    ],
)
def test_far_parts_of_a_country_are_no_swap(save_geojson: Save, shapes: list[Any]) -> None:
    """Places near the diagonal, islands overseas, Antarctic land."""
    assert len(read_layer(save_geojson(shapes), name="n", id="CODE")) == len(shapes)


@pytest.mark.parametrize(("x", "y", "code"), [(0, 0, "null_island"), (-9999, -9999, "unknown_marker")])
def test_a_marker_among_metres_is_named(x: float, y: float, code: str) -> None:
    """Converted, (0, 0) of UTM 17N is a real place in the Pacific."""
    shapes = [*UTM[:2], with_vertex(UTM[2], x, y)]

    with pytest.raises(GeometryError) as refused:
        layer_from_geodataframe(frame_of(shapes, "EPSG:26917"), name="n", id="CODE")

    assert (refused.value.code, refused.value.row) == (code, 3)


def test_the_origin_of_a_grid_may_be_a_corner() -> None:
    """The British square SV begins at (0, 0)."""
    squares = [box(x, 0, x + 100_000, 100_000) for x in (0, 100_000)]

    assert len(layer_from_geodataframe(frame_of(squares, "EPSG:27700"), name="square", id="CODE", accept_accuracy_m=10)) == 2


@pytest.mark.parametrize(("bad", "code"), [(turned(UTM[2]), "swapped_axes"), (box(630_000, 130_000, 631_000, 131_000), "outside_crs")])
def test_one_row_off_a_projected_system_is_named(bad: Any, code: str) -> None:
    """The others do not vouch for it."""
    with pytest.raises(GeometryError) as refused:
        layer_from_geodataframe(frame_of([*UTM[:2], bad, UTM[3]], "EPSG:26917"), name="n", id="CODE")

    assert (refused.value.code, refused.value.row) == (code, 3)


def test_a_row_off_its_system_is_counted_as_the_table_counts(tmp_path: Path) -> None:
    """The first polygon of a spreadsheet stands in row 2."""
    path = tmp_path / "beats.csv"
    path.write_text("CODE,WKT\n" + "".join(f'B{row},"{shape.wkt}"\n' for row, shape in enumerate([*UTM[:2], turned(UTM[2])])))

    with pytest.raises(GeometryError) as refused:
        read_layer(path, name="n", id="CODE", crs="EPSG:26917")

    assert (refused.value.code, refused.value.row) == ("swapped_axes", 4)


def test_a_whole_province_may_use_one_zone() -> None:
    """Ontario reaches two zones beyond UTM 17N."""
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:26917", always_xy=True)
    ontario = shapely.transform(shapely.segmentize(box(-95.2, 41.6, -74.3, 56.9), 1), lambda xy: np.column_stack(to_utm.transform(*xy.T)))

    layer = layer_from_geodataframe(frame_of([ontario], "EPSG:26917"), name="province", id="CODE")

    assert layer.geometries[0].bounds == pytest.approx((-95.2, 41.6, -74.3, 56.9), abs=0.02)


def test_an_operation_for_a_part_of_the_layer_is_not_taken() -> None:
    """ED50 has one to 1 m for the North Sea, which ends at 10.86 east."""
    north_sea, berlin = box(10.7, 52.4, 10.8, 52.5), box(13.3, 52.4, 13.5, 52.6)
    assert layer_from_geodataframe(frame_of([north_sea], "EPSG:4230"), name="n", id="CODE").accuracy_m == 1

    with pytest.raises(CRSError) as refused:
        layer_from_geodataframe(frame_of([north_sea, berlin], "EPSG:4230"), name="n", id="CODE")

    assert refused.value.code == "accuracy_too_low"
    assert "6 m" in str(refused.value)


def test_the_recorded_operation_is_the_one_used() -> None:
    """Over Ontario the best American operation does not reach; PROJ's figure and result are those of the chosen one."""
    place = box(-95, 42, -74.5, 56)
    made = geo.to_lonlat([place], geo.parse_crs("EPSG:4267"), accept_accuracy_m=50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = pyproj.transformer.TransformerGroup("EPSG:4267", "EPSG:4326", always_xy=True)
    used = next(one for one in group.transformers if one.description == made.operation)

    assert (made.accuracy_m, used.accuracy) == (12, 12)
    assert "NAD27 to WGS 84 (11)" in made.operation
    assert shapely.get_coordinates(made.geometries[0])[0] == pytest.approx(used.transform(-74.5, 42), abs=1e-9)


def test_no_operation_for_all_of_the_layer_is_refused() -> None:
    """Whatever accuracy is accepted."""
    with pytest.raises(CRSError) as refused:
        geo.to_lonlat(
            [box(-80, 43, -79, 44), box(-45, 10, -44, 11), box(-170, 70, -169, 71)], geo.parse_crs("EPSG:4267"), accept_accuracy_m=100
        )

    assert refused.value.code == "accuracy_too_low"


def test_long_straight_edges_of_a_projected_layer_stay_where_they_are() -> None:
    """An edge of 50 km along the grid bends 46 m away from the line between its converted ends; neighbours keep one edge."""
    south, north = box(600_000, 4_780_000, 650_000, 4_830_000), box(600_000, 4_830_000, 650_000, 4_880_000)
    layer = layer_from_geodataframe(frame_of([south, shapely.reverse(north), UTM[0]], "EPSG:26917"), name="n", id="CODE")
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:26917", always_xy=True)

    edge = shapely.get_coordinates(shapely.segmentize(layer.geometries[0], 1e-3))
    x, y = to_utm.transform(edge[:, 0], edge[:, 1])
    assert shapely.distance(south.exterior, shapely.points(x, y)).max() < 0.15
    shared = shapely.intersection(layer.geometries[0], layer.geometries[1])
    assert shared.area == 0
    assert geo.length_m(shapely.line_merge(shared)) == pytest.approx(50_000, rel=1e-3)
    corners = [set(shape.exterior.coords) for shape in layer.geometries[:2]]
    assert len(corners[0] & corners[1]) > 20
    assert len(layer.geometries[2].exterior.coords) == 5
    (note,) = [finding for finding in layer.repairs if finding.code == "edges_densified"]
    assert "row 1, 2" in note.text


def test_edges_in_feet_and_lines_get_corners_too() -> None:
    """In State Plane feet, and as the line of a corridor."""
    crs = geo.parse_crs("EPSG:2263")
    line = shapely.LineString([(920_000, 150_000), (1_080_000, 270_000)])

    made = geo.to_lonlat([line, shapely.Point(1_000_000, 200_000)], crs)

    assert made.bent == (0,)
    to_feet = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:2263", always_xy=True)
    x, y = to_feet.transform(*shapely.get_coordinates(shapely.segmentize(made.geometries[0], 1e-3)).T)
    assert shapely.distance(line, shapely.points(x, y)).max() < 0.5
