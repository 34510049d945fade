"""read_shapes: polygons, lines or points of a file as one geometry."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, box

from geoalert.boundaries.load.shapes import read_shapes
from geoalert.errors import GeoAlertError
from tests.boundaries.load.conftest import EAST, WEST, Save

LINE = LineString([(-79.40, 43.64), (-79.39, 43.65)])
NEXT = LineString([(-79.39, 43.65), (-79.38, 43.64)])
CROSSING = LineString([(-79.40, 43.65), (-79.39, 43.64)])


@pytest.mark.parametrize(
    ("shapes", "whole"),
    [
        ([WEST, EAST], box(-79.40, 43.64, -79.38, 43.65)),
        ([LINE], LINE),
        ([LINE, NEXT], LineString([*LINE.coords, NEXT.coords[1]])),
        ([Point(-79.4, 43.64)], Point(-79.4, 43.64)),
        ([Point(-79.4, 43.64), Point(-79.39, 43.65)], MultiPoint([(-79.4, 43.64), (-79.39, 43.65)])),
    ],
)
def test_one_kind_becomes_one_geometry(save_geojson: Save, shapes: list[shapely.Geometry], whole: shapely.Geometry) -> None:
    """United, joined, or as it is."""
    found = read_shapes(save_geojson(shapes))

    assert found.geometry.equals(whole)
    assert found.geometry.geom_type == whole.geom_type
    assert (found.native_crs, found.accuracy_m) == (None, None)


def test_lines_that_cross_are_not_cut(save_geojson: Save) -> None:
    """Cut there, flat caps would leave dents in a corridor."""
    assert len(shapely.get_parts(read_shapes(save_geojson([LINE, CROSSING])).geometry)) == 2


@pytest.mark.parametrize("shape", [WEST, LINE])
def test_another_crs_is_converted_and_recorded(tmp_path: Path, shape: shapely.Geometry) -> None:
    """To the metre, in any format, and a table of several is named."""
    frame = geopandas.GeoDataFrame({"id": [1]}, geometry=[shape], crs="EPSG:4326").to_crs("EPSG:26917")
    frame.to_file(tmp_path / "drawn.gpkg", layer="first", engine="pyogrio")
    frame.to_file(tmp_path / "drawn.gpkg", layer="second", engine="pyogrio")

    found = read_shapes(tmp_path / "drawn.gpkg", table="second")

    assert shapely.hausdorff_distance(found.geometry, shape) < 3e-5
    assert found.native_crs == "EPSG:26917"
    assert found.accuracy_m is not None
    with pytest.raises(GeoAlertError, match="first, second") as refused:
        read_shapes(tmp_path / "drawn.gpkg")
    assert refused.value.code == "several_tables"


@pytest.mark.parametrize(
    ("shapes", "code"),
    [
        ([WEST, LINE], "mixed_geometry"),
        ([LINE, Point(-79.4, 43.64)], "mixed_geometry"),
        ([GeometryCollection([LINE])], "mixed_geometry"),
        ([WEST, None], "missing_geometry"),
        ([], "empty_layer"),
        ([Point(43.64, -79.4)], "swapped_axes"),
        ([Point(0, 0)], "null_island"),
        ([LineString([(179, 10), (-179, 10)])], "crosses_antimeridian"),
    ],
)
def test_what_draws_no_area_is_refused(save_geojson: Save, shapes: list[shapely.Geometry], code: str) -> None:
    """With the file named."""
    with pytest.raises(GeoAlertError) as refused:
        read_shapes(save_geojson(shapes))

    assert refused.value.code == code
    assert str(refused.value.file).endswith("layer.geojson")
