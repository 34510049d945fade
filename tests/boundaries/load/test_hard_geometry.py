"""The hard files of the shared folder: each has one decision."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from geoalert.app.area import read_area
from geoalert.area import Area
from geoalert.boundaries.load import inspect_file, read_layer
from geoalert.boundaries.model import Layer
from geoalert.errors import GeoAlertError
from geoalert.targeting import area_from_rule

ROOT = Path(os.environ.get("GEOALERT_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "data" / "hard_geometry"
FILES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*json*") if path.is_file()) if ROOT.is_dir() else []
COUNTS = {"geojson_invalid": 74, "antimeridian": 100, "turf": 116, "real": 2}

DECISIONS = {
    "geojson_invalid/invalid_geometries/invalid_exterior_not_ccw.geojson": (),
    "geojson_invalid/invalid_geometries/invalid_incorrect_geometry_data_type.geojson": "invalid_coordinates",
    "geojson_invalid/invalid_geometries/invalid_less_three_unique_nodes.geojson": "ring_too_short",
    "geojson_invalid/invalid_geometries/invalid_unclosed.geojson": ("ring_closed",),
    "geojson_invalid/invalid_structure/invalid_feature_geometry_is_string.geojson": "invalid_geojson",
    "geojson_invalid/invalid_structure/invalid_featurecollection_feature_nullfeature.geojson": "invalid_geojson",
    "geojson_invalid/invalid_structure/invalid_geometry_coordinates_string.geojson": "invalid_coordinates",
    "geojson_invalid/problematic_geometries/problematic_3d_coordinates.geojson": ("height_dropped",),
    "geojson_invalid/problematic_geometries/problematic_4d_coordinates.geojson": ("height_dropped",),
    "geojson_invalid/problematic_geometries/problematic_crosses_antimeridian.geojson": "crosses_antimeridian",
    "geojson_invalid/problematic_geometries/problematic_duplicate_nodes.geojson": (),
    "geojson_invalid/problematic_geometries/problematic_feature_null_geometry.geojson": "missing_geometry",
    "geojson_invalid/problematic_geometries/problematic_inner_and_exterior_ring_intersect.geojson": "repair_too_large",
    "geojson_invalid/problematic_geometries/problematic_outside_lat_lon_boundaries.geojson": "crosses_antimeridian",
    "geojson_invalid/problematic_geometries/problematic_self_intersection_large.geojson": ("geometry_repaired",),
    "geojson_invalid/problematic_geometries/problematic_self_intersection_small.geojson": ("geometry_repaired",),
    "geojson_invalid/problematic_geometries/problematic_wrong_bbox_coordinate_order.geojson": (),
    "geojson_invalid/problematic_structure/problematic_crs_defined.geojson": (),
    "geojson_invalid/valid/valid_featurecollection_empty_features.geojson": "empty_layer",
    "geojson_invalid/valid/valid_featurecollection_multiple_feature_types.geojson": "mixed_geometry",
    "antimeridian/input/over-180.json": "crosses_antimeridian",
    "antimeridian/input/north-pole.json": "covers_pole",
    "antimeridian/input/line.json": "not_polygons",
    "antimeridian/output/flat/north-pole.json": (),
    "antimeridian/output/flat/split.json": (),
    "antimeridian/output/flat/latitude-band.json": "crosses_antimeridian",
    "turf/turf-boolean-valid/test/false/Polygon/polygon-with-spike.geojson": ("geometry_repaired",),
    "turf/turf-boolean-valid/test/false/Polygon/not-closing-ring.geojson": ("ring_closed",),
    "turf/turf-boolean-valid/test/false/MultiPolygon/multipolygons-overlap.geojson": ("geometry_repaired",),
    "turf/turf-kinks/test/in/hourglass.geojson": ("geometry_repaired",),
    "turf/turf-unkink-polygon/test/in/hourglass.geojson": "null_island",
    "turf/turf-unkink-polygon/test/in/complex.geojson": ("geometry_repaired",),
    "turf/turf-unkink-polygon/test/in/polygon-with-holes.geojson": ("geometry_repaired",),
    "turf/turf-clean-coords/test/in/triangle.geojson": "null_island",
}


def outcome(path: Path) -> Layer | GeoAlertError:
    try:
        return read_layer(path, name="hard", id="@row")
    except GeoAlertError as err:
        return err


def drawn(path: Path) -> Area | GeoAlertError:
    try:
        return read_area(path).area(layers={})
    except GeoAlertError as err:
        return err


@pytest.mark.shared
def test_no_hard_file_is_left_out(shared: Path) -> None:
    """The parametrised table below saw every file that the folder's README counts."""
    assert Counter(name.split("/", 1)[0] for name in FILES) == COUNTS
    assert set(DECISIONS) <= set(FILES)


@pytest.mark.shared
@pytest.mark.parametrize("name", FILES)
def test_each_hard_file_is_a_layer_or_one_clear_error(shared: Path, name: str) -> None:
    """Never another exception, never a warning, never an empty layer; and inspecting it says the same."""
    path = shared / "data" / "hard_geometry" / name
    found = outcome(path)
    if isinstance(found, Layer):
        assert len(found) > 0
        assert all(finding.text and finding.code for finding in found.repairs)
        return
    assert (found.code, found.file) == (found.code.lower(), str(path))
    assert found.do
    assert found.code not in ("geoalert_error", "invalid_layer", "invalid_geometry" if found.row is None else "")


@pytest.mark.shared
@pytest.mark.parametrize("name", FILES)
def test_each_hard_file_is_an_area_or_one_clear_error(shared: Path, name: str) -> None:
    """As an area file too: what is an area is valid, measured and made again from its rule."""
    found = drawn(shared / "data" / "hard_geometry" / name)
    if isinstance(found, Area):
        assert found.geometry.is_valid
        assert found.area_m2 > 0
        assert area_from_rule(found.rule, layers={}).digest == found.digest
        return
    assert found.file or found.field
    assert found.do
    assert found.code not in ("geoalert_error", "invalid_layer", "invalid_area")


@pytest.mark.shared
@pytest.mark.parametrize("name", DECISIONS)
def test_notable_files_have_the_decision_that_was_taken(shared: Path, name: str) -> None:
    """A code where refused; the codes of the listed repairs, none among them, where read."""
    found = outcome(shared / "data" / "hard_geometry" / name)
    codes = tuple(finding.code for finding in found.repairs if finding.code != "row_ids") if isinstance(found, Layer) else found.code
    assert codes == DECISIONS[name]


@pytest.mark.shared
def test_the_two_nested_shells_of_the_158_are_repaired_and_listed(shared: Path) -> None:
    """Cliffcrest and the Islands, by id and place, and nothing else."""
    path = shared / "data/hard_geometry/real/toronto_158_ohc_two_invalid.geojson.gz"
    layer = read_layer(path, name="neighbourhood", id="Local_ID", label="NHName")
    assert len(layer) == 158
    listed = [finding for finding in layer.repairs if finding.code == "geometry_repaired"]
    labels = {layer[finding.where.split("(")[1].rstrip(")")].label for finding in listed if finding.where}
    assert len(listed) == 2
    assert all("nested shells at -79." in finding.text and "m2" in finding.text for finding in listed)
    assert {label.split(",")[0].split("-")[0].strip().casefold() for label in labels} == {"cliffcrest", "st lawrence"}


@pytest.mark.shared
def test_the_self_intersection_of_niagara_is_repaired_and_listed(shared: Path) -> None:
    """The one invalid polygon of the 140, at the place its README gives."""
    layer = read_layer(shared / "data/hard_geometry/real/toronto_140_cartodb_2013.geojson.gz", name="neighbourhood", id="name")
    (finding,) = layer.repairs
    assert len(layer) == 140
    assert "Niagara" in (finding.where or "")
    assert "self-intersection at -79.414147, 43.629821" in finding.text


@pytest.mark.shared
def test_the_school_list_with_failed_positions_is_no_layer(shared: Path) -> None:
    """Points, wherever they are, make no layer; inspecting says so without knowing a column."""
    path = shared / "data/toronto_venues/schools_2018_bad_geometry.geojson.gz"
    with pytest.raises(GeoAlertError) as caught:
        read_layer(path, name="school", id="no such column")
    assert caught.value.code == "not_polygons"
    report = inspect_file(path)
    assert report.rows == 1327
    assert [finding.code for finding in report.repairs if finding.level == "refuse"] == ["not_polygons"]
