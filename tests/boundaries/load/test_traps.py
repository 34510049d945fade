"""Traps of real files, each met by a layer and by an area file: one decision, the same for both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geoalert import geo
from geoalert.app.area import read_area
from geoalert.area import Area
from geoalert.boundaries.load import read_layer
from geoalert.boundaries.model import Layer
from geoalert.errors import GeoAlertError
from tests.boundaries.load.conftest import EAST, WEST, Save

SIDE = [(-79.4, 43.6), (-79.3, 43.6), (-79.3, 43.7), (-79.4, 43.7)]
MERCATOR = shapely.box(-8_838_747.0, 5_412_158.0, -8_837_747.0, 5_413_158.0)
MERCATOR_CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
MTM_NAD27 = (314_000.0, 4_833_000.0, 315_000.0, 4_834_000.0)


def as_layer(path: Path, **options: Any) -> Layer:
    return read_layer(path, name="trap", id="@row", **options)


def as_area(path: Path, **options: Any) -> Area:
    return read_area(path, **options).area(layers={})


BOTH = pytest.mark.parametrize("read", [as_layer, as_area], ids=["layer", "area"])
Read = Callable[..., Layer | Area]

REFUSED: dict[str, tuple[list[Any], str, str]] = {
    "ring round the north pole": ([Polygon([(-150, 85), (-60, 85), (30, 85), (120, 85)])], "covers_pole", "along the pole"),
    "ring round the south pole": ([Polygon([(-150, -85), (-60, -85), (30, -85), (120, -85)])], "covers_pole", "along the pole"),
    "cap with two corners": ([Polygon([(-180, 80), (180, 80), (180, 90), (-180, 90)])], "crosses_antimeridian", "RFC 7946"),
    "beyond the pole": ([Polygon([(-150, 89), (-140, 89), (-140, 91), (-150, 91)])], "out_of_range", "Name the CRS"),
    "over longitude 180": ([box(179, 10, 181, 11)], "crosses_antimeridian", "RFC 7946"),
    "across longitude 180": ([Polygon([(179, 10), (-179, 10), (-179, 11), (179, 11)])], "crosses_antimeridian", "RFC 7946"),
    "Web Mercator that names no CRS": ([MERCATOR], "out_of_range", "EPSG:3857"),
    "mixed types": ([WEST, Point(-79.4, 43.6)], "mixed_geometry", "table of"),
    "a missing shape": ([WEST, None], "missing_geometry", "remove those rows"),
    "(0, 0)": ([Polygon([(0, 0), *SIDE[:2]])], "null_island", "Correct"),
    "-999": ([Polygon([(-999, -999), *SIDE[:2]])], "unknown_marker", "Correct"),
    "0, -85.4887 of police records": ([Polygon([(0, -85.4887), *SIDE[:2]])], "unknown_marker", "Correct"),
    "-1.8e308 of shapefiles": ([Polygon([(-1.7976931348623157e308, -1.7976931348623157e308), *SIDE[:2]])], "unknown_marker", "Correct"),
    "a line drawn as a polygon": ([Polygon([SIDE[0], SIDE[2], SIDE[0]])], "invalid_geometry", "Draw it again"),
    "swapped axes": ([box(43.6, -79.4, 43.7, -79.3)], "swapped_axes", "longitude first"),
    "one row swapped": ([WEST, EAST, box(43.64, -79.38, 43.65, -79.37)], "swapped_axes", "Exchange"),
}


@BOTH
@pytest.mark.parametrize("trap", REFUSED)
def test_what_cannot_be_right_is_one_error_that_says_what_to_do(save_geojson: Save, read: Read, trap: str) -> None:
    """With the file."""
    shapes, code, do = REFUSED[trap]
    path = save_geojson(shapes)

    with pytest.raises(GeoAlertError) as refused:
        read(path)

    assert refused.value.code == code
    assert refused.value.file == str(path)
    assert do in (refused.value.do or "")


KEPT: dict[str, tuple[list[Any], Any]] = {
    "cut at longitude 180": ([MultiPolygon([box(179, 10, 180, 11), box(-180, 10, -179, 11)])], None),
    "an edge along the pole": ([Polygon([(-150, 89), (-140, 89), (-140, 90), (-150, 90)])], None),
    "heights": ([shapely.force_3d(WEST, 76.5)], WEST),
    "overlapping rows": ([WEST, box(-79.395, 43.64, -79.38, 43.65)], box(-79.40, 43.64, -79.38, 43.65)),
    "a sliver beside a square": ([WEST, box(-79.39, 43.64, -79.39 + 1e-9, 43.65)], WEST),
    "a bow-tie": ([Polygon([SIDE[0], SIDE[2], SIDE[1], SIDE[3]])], None),
    "a nested shell": ([MultiPolygon([box(-79.4, 43.6, -79.3, 43.7), box(-79.36, 43.64, -79.34, 43.66)])], box(-79.4, 43.6, -79.3, 43.7)),
}


@pytest.mark.parametrize("trap", KEPT)
def test_what_can_be_meant_is_the_same_ground_for_a_layer_and_an_area(save_geojson: Save, trap: str) -> None:
    """Valid, flat, and of one size; an area is the union of the rows."""
    shapes, expected = KEPT[trap]
    path = save_geojson(shapes)

    layer, area = as_layer(path), as_area(path)

    assert area.geometry.is_valid
    assert not area.geometry.has_z
    assert shapely.is_valid(layer.geometries).all()
    assert area.area_m2 == pytest.approx(geo.area_m2(shapely.union_all(layer.geometries)), rel=1e-9)
    assert expected is None or area.area_m2 == pytest.approx(geo.area_m2(expected), rel=1e-6)


def test_a_vertex_south_of_85_degrees_is_a_place_in_a_layer_of_antarctica(save_geojson: Save) -> None:
    """On longitude 0, where portals put what failed, but among others that lie there."""
    shape = Polygon([(-70, -80), (100, -80), (100, -86), (0, -86), (-70, -86)])

    assert as_layer(save_geojson([shape])).geometries[0].equals(shape)


def test_overlapping_rows_stay_apart_in_a_layer_and_count_once_in_an_area(save_geojson: Save) -> None:
    """Half of the west square belongs to both rows."""
    path = save_geojson([WEST, box(-79.395, 43.64, -79.38, 43.65)])

    layer, area = as_layer(path), as_area(path)

    assert layer.locate_all(-79.392, 43.645) == (0, 1)
    assert area.area_m2 < float(layer.areas_m2.sum()) * 0.85


@BOTH
def test_web_mercator_is_converted_and_never_measured(save_geojson: Save, read: Read) -> None:
    """A square kilometre of the map is half of one on the ground; an old `crs` member or `crs=` says what it is."""
    for path, options in (
        (save_geojson([MERCATOR], crs=MERCATOR_CRS), {}),
        (save_geojson([MERCATOR], name="plain.geojson"), {"crs": "EPSG:3857"}),
    ):
        found = read(path, **options)

        size = found.area_m2 if isinstance(found, Area) else float(found.areas_m2[0])
        assert size == pytest.approx(0.523e6, rel=0.002)
        assert shapely.area(MERCATOR) == pytest.approx(1e6)


@BOTH
@pytest.mark.parametrize("crs", ["EPSG:7991", "EPSG:26717", "EPSG:4267"])
def test_nad27_without_its_grid_is_refused(tmp_path: Path, read: Read, crs: str) -> None:
    """City files named MTM are NAD27: 9 m is worse than 5 m, the grid that is missing is named, nothing is fetched."""
    shape = geopandas.GeoSeries([box(*MTM_NAD27)], crs="EPSG:7991").to_crs(crs)
    geopandas.GeoDataFrame({"CODE": ["1"]}, geometry=shape).to_file(tmp_path / "mtm.gpkg", engine="pyogrio")

    with pytest.raises(GeoAlertError, match="accurate to 9 m only; 5 m is accepted") as refused:
        read(tmp_path / "mtm.gpkg")

    assert refused.value.code == "accuracy_too_low"
    assert "ca_nrc_ntv2_0.tif" in (refused.value.do or "")


def test_what_a_person_accepts_is_written_down(tmp_path: Path) -> None:
    """NAD27's 9 m where `accept_accuracy_m` says so."""
    geopandas.GeoDataFrame({"CODE": ["1"]}, geometry=[box(*MTM_NAD27)], crs="EPSG:7991").to_file(tmp_path / "mtm.gpkg", engine="pyogrio")

    layer = as_layer(tmp_path / "mtm.gpkg", accept_accuracy_m=9)

    assert (layer.native_crs, layer.accuracy_m) == ("EPSG:7991", 9.0)


def test_nad27_read_as_nad83_would_land_226_m_off() -> None:
    """Which is why the system is never guessed from the numbers."""
    corners = np.array([shapely.Point(314_500, 4_833_500)])

    right = geo.to_lonlat(corners, geo.parse_crs("EPSG:7991"), accept_accuracy_m=9).geometries[0]
    wrong = geo.to_lonlat(corners, geo.parse_crs("EPSG:2952")).geometries[0]

    assert geo.distance_m(right, wrong) == pytest.approx(226, abs=10)


@BOTH
def test_the_british_grid_s_fallback_of_2_m_is_taken_and_recorded(tmp_path: Path, read: Read) -> None:
    """Without Ordnance Survey's grid PROJ states 2 m, which is better than 5."""
    frame = geopandas.GeoDataFrame({"CODE": ["1"]}, geometry=[box(530_000, 180_000, 531_000, 181_000)], crs="EPSG:27700")
    frame.to_file(tmp_path / "beat.gpkg", engine="pyogrio")

    found = read(tmp_path / "beat.gpkg")

    if isinstance(found, Layer):
        assert (found.native_crs, found.accuracy_m) == ("EPSG:27700", 2.0)
    else:
        assert (found.rule["native_crs"], found.rule["accuracy_m"]) == ("EPSG:27700", 2.0)


@BOTH
def test_a_shapefile_without_prj_is_refused_until_its_crs_is_named(tmp_path: Path, read: Read) -> None:
    """Metres or degrees, the file does not say."""
    path = tmp_path / "a.shp"
    pyogrio.write_dataframe(geopandas.GeoDataFrame({"CODE": ["1"]}, geometry=[WEST], crs="EPSG:4326").to_crs(26917), path)
    path.with_suffix(".prj").unlink()

    with pytest.raises(GeoAlertError) as refused:
        read(path)

    assert refused.value.code == "missing_crs"
    found = read(path, crs="EPSG:26917")
    size = found.area_m2 if isinstance(found, Area) else float(found.areas_m2[0])
    assert size == pytest.approx(float(geo.area_m2(WEST)), rel=1e-6)


@pytest.mark.filterwarnings("ignore:Column names longer than 10 characters")
@pytest.mark.filterwarnings("ignore:Normalized/laundered field name")
def test_ten_characters_of_a_field_are_found_by_the_name_that_is_there(tmp_path: Path) -> None:
    """`Neighbourhood_Name` came back from a shapefile as `Neighbourh`: the error names it, the cut name reads."""
    frame = geopandas.GeoDataFrame({"Neighbourhood_Name": ["Quay"], "Neighbourhood_Id": ["097"]}, geometry=[WEST], crs="EPSG:4326")
    pyogrio.write_dataframe(frame, tmp_path / "a.shp")

    with pytest.raises(GeoAlertError) as refused:
        read_layer(tmp_path / "a.shp", name="n", id="Neighbourhood_Id", label="Neighbourhood_Name")

    assert refused.value.code == "unknown_field"
    assert "Neighbourh" in (refused.value.do or "")
    layer = read_layer(tmp_path / "a.shp", name="n", id="Neighbou_1", label="Neighbourh")
    assert (layer.ids.tolist(), layer.labels.tolist()) == (["097"], ["Quay"])
    assert as_area(tmp_path / "a.shp").geometry.equals(WEST)


@BOTH
def test_true_curves_of_text_are_refused_and_of_geopackages_straightened(tmp_path: Path, read: Read) -> None:
    """A CURVEPOLYGON has no vertices where it bends; GDAL's straight edges are noted, text has none."""
    curve = "CURVEPOLYGON(CIRCULARSTRING(-79.40 43.65,-79.39 43.66,-79.38 43.65,-79.39 43.64,-79.40 43.65))"
    (tmp_path / "curve.csv").write_text(f'CODE,WKT\n1,"{curve}"\n', encoding="utf-8")

    with pytest.raises(GeoAlertError) as refused:
        read(tmp_path / "curve.csv", crs="EPSG:4326")

    assert (refused.value.code, refused.value.row) == ("curved_geometry", 2)
    assert "straight edges" in (refused.value.do or "")


@BOTH
@pytest.mark.parametrize("shape", [Point(-79.4, 43.65), shapely.LineString(SIDE[:2])])
def test_points_and_lines_are_neither_a_layer_nor_an_area(save_geojson: Save, read: Read, shape: shapely.Geometry) -> None:
    """They need a radius, or metres on each side."""
    with pytest.raises(GeoAlertError) as refused:
        read(save_geojson([shape]))

    assert refused.value.code == ("not_polygons" if read is as_layer else "not_an_area")
    assert refused.value.do
