"""Geometry at reading: one decision for each fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoalert import geo
from geoalert.boundaries.load import read_layer
from geoalert.boundaries.load.raw import RawTable
from geoalert.boundaries.load.repairs import valid
from geoalert.errors import GeoAlertError
from tests.boundaries.load.conftest import EAST, WEST, Save


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def at(*offsets: tuple[float, float]) -> list[list[float]]:
    """A ring near Queen and Spadina from offsets in hundredths of a degree."""
    return [[-79.40 + x / 100, 43.64 + y / 100] for x, y in offsets]


SQUARE = at((0, 0), (10, 0), (10, 10), (0, 10), (0, 0))
REPAIRED = {
    "bow-tie": (polygon(at((0, 0), (10, 10), (10, 0), (0, 10), (0, 0))), "geometry_repaired", 0.5),
    "spike": (polygon(at((0, 0), (10, 0), (10, 10), (15, 15), (10, 10), (0, 10), (0, 0))), "geometry_repaired", 1.0),
    "small hole outside": (polygon(SQUARE, at((20, 20), (21, 20), (21, 21), (20, 21), (20, 20))), "geometry_repaired", 1.01),
    "hole across the edge": (polygon(SQUARE, at((9, 4), (11, 4), (11, 6), (9, 6), (9, 4))), "geometry_repaired", 0.98),
    "nested shell": (
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [at((4, 4), (6, 4), (6, 6), (4, 6), (4, 4))]]},
        "geometry_repaired",
        1.0,
    ),
    "unclosed": (polygon(SQUARE[:-1]), "ring_closed", 1.0),
    "ring of two positions": (polygon(SQUARE, at((4, 4), (5, 5), (4, 4))), "ring_dropped", 1.0),
    "heights": (polygon([[*position, 76.5] for position in SQUARE]), "height_dropped", 1.0),
    "heights here and there": (polygon([[*SQUARE[0], 76.5], *SQUARE[1:]]), "height_dropped", 1.0),
    "collection": (
        {"type": "GeometryCollection", "geometries": [polygon(SQUARE), {"type": "GeometryCollection", "geometries": []}]},
        "collection_joined",
        1.0,
    ),
    "bbox of three": (polygon(SQUARE) | {"bbox": [1, 2, 3]}, "bbox_ignored", 1.0),
}


@pytest.mark.parametrize("fault", REPAIRED)
def test_what_can_be_repaired_is_repaired_and_listed(save_geojson: Save, fault: str) -> None:
    """The layer is valid, 2-D, of the area meant, and says what was done."""
    shape, code, share = REPAIRED[fault]
    layer = read_layer(save_geojson([shape]), name="n", id="CODE")
    assert [finding.code for finding in layer.repairs] == [code]
    assert layer.geometries[0].is_valid
    assert not layer.geometries[0].has_z
    assert geo.area_m2(layer.geometries[0]) == pytest.approx(share * geo.area_m2(shapely.Polygon(SQUARE)), rel=1e-3)


def test_a_repair_names_row_id_reason_place_and_area(save_geojson: Save) -> None:
    """Everything a person needs to find it in a GIS."""
    path = save_geojson([EAST, REPAIRED["small hole outside"][0]], properties=[{"CODE": "D52"}, {"CODE": "D14"}])
    (finding,) = read_layer(path, name="n", id="CODE").repairs
    assert finding.where == "row 2 (D14)"
    assert finding.text.startswith("row 2 (D14): hole lies outside shell at -79.2")
    assert "m2" in finding.text


KEPT = {
    "clockwise shell": polygon(SQUARE[::-1]),
    "duplicate vertices": polygon([SQUARE[0], *SQUARE]),
    "split at 180": {
        "type": "MultiPolygon",
        "coordinates": [
            [[[178, 51], [180, 51], [180, 52], [178, 52], [178, 51]]],
            [[[-180, 51], [-178, 51], [-178, 52], [-180, 52], [-180, 51]]],
        ],
    },
}


@pytest.mark.parametrize("shape", KEPT)
def test_what_is_not_wrong_is_kept_without_a_word(save_geojson: Save, shape: str) -> None:
    """Ring directions, duplicate vertices and polygons split at longitude 180 are fine."""
    layer = read_layer(save_geojson([KEPT[shape]]), name="n", id="CODE")
    assert layer.repairs == ()


REFUSED = {
    "point": ({"type": "Point", "coordinates": [-98.738, 0.0]}, "not_polygons"),
    "line": ({"type": "LineString", "coordinates": SQUARE}, "not_polygons"),
    "null": (None, "missing_geometry"),
    "empty": (polygon(), "missing_geometry"),
    "empty collection": ({"type": "GeometryCollection", "geometries": []}, "missing_geometry"),
    "two points": (polygon(at((0, 0), (1, 1), (0, 0))), "ring_too_short"),
    "flat ring": (polygon(at((0, 0), (1, 0), (2, 0), (0, 0))), "invalid_geometry"),
    "hole as large as its shell": (polygon(SQUARE, SQUARE), "invalid_geometry"),
    "island written as a hole": (polygon(SQUARE, at((20, 0), (28, 0), (28, 8), (20, 8), (20, 0))), "repair_too_large"),
    "null island": (polygon([[0, 0], [1, 0], [1, 1], [0, 0]]), "null_island"),
    "one vertex at null island": (polygon([*SQUARE[:-1], [0, 0], SQUARE[0]]), "null_island"),
    "unknown marker": (polygon([*SQUARE[:-1], [-1, -1], SQUARE[0]]), "unknown_marker"),
    "no data of a shapefile": (polygon([*SQUARE[:-1], [-1.7e308, 43], SQUARE[0]]), "unknown_marker"),
    "over 180": (polygon([[170, 10], [190, 10], [190, 20], [170, 20], [170, 10]]), "crosses_antimeridian"),
    "jump over 180": (polygon([[170, 10], [-170, 10], [-170, 20], [170, 20], [170, 10]]), "crosses_antimeridian"),
    "latitude 100": (polygon([[-79, 80], [-79, 100], [-78, 100], [-79, 80]]), "out_of_range"),
    "metres": (polygon([[630000, 4833000], [631000, 4833000], [631000, 4834000], [630000, 4833000]]), "out_of_range"),
    "text": (polygon([["-79.4", "43.6"]] * 4), "invalid_coordinates"),
    "true": (polygon([[True, False]] * 4), "invalid_coordinates"),
    "one ordinate": (polygon([[-79.4]] * 4), "invalid_coordinates"),
    "too shallow": ({"type": "Polygon", "coordinates": SQUARE}, "invalid_coordinates"),
    "too deep": (polygon([SQUARE]), "invalid_coordinates"),  # type: ignore[list-item]
    "no coordinates": ({"type": "Polygon"}, "invalid_coordinates"),
    "lower case": ({"type": "polygon", "coordinates": [SQUARE]}, "invalid_geojson"),
    "point in a collection": (
        {"type": "GeometryCollection", "geometries": [polygon(SQUARE), {"type": "Point", "coordinates": [-79, 43]}]},
        "not_polygons",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_right_is_refused_once(save_geojson: Save, fault: str) -> None:
    """One error with its code, the file, and what to do."""
    shape, code = REFUSED[fault]
    path = save_geojson([shape])
    with pytest.raises(GeoAlertError) as caught:
        read_layer(path, name="n", id="CODE")
    assert (caught.value.code, caught.value.file) == (code, str(path))
    assert caught.value.do


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(save_geojson: Save, token: str) -> None:
    """JSON writers leave NaN behind."""
    path = save_geojson([WEST])
    path.write_text(path.read_text().replace("-79.39", token, 1))
    with pytest.raises(GeoAlertError) as caught:
        read_layer(path, name="n", id="CODE")
    assert (caught.value.code, caught.value.row) == ("not_finite", 1)


@pytest.mark.parametrize("odd", [{"type": "Point", "coordinates": [-79.4, 43.6]}, {"type": "LineString", "coordinates": SQUARE}])
def test_points_or_lines_among_polygons_name_their_rows(save_geojson: Save, odd: dict[str, Any]) -> None:
    """A label point left in the table is no boundary."""
    with pytest.raises(GeoAlertError, match=r"row\(s\) 2, 4") as caught:
        read_layer(save_geojson([WEST, odd, EAST, odd]), name="n", id="CODE")
    assert (caught.value.code, caught.value.row) == ("mixed_geometry", 2)


def test_one_missing_geometry_refuses_the_layer_and_names_the_row(save_geojson: Save) -> None:
    """A layer with a hole where a boundary should be fails closed."""
    with pytest.raises(GeoAlertError, match="2") as caught:
        read_layer(save_geojson([WEST, None]), name="n", id="CODE")
    assert (caught.value.code, caught.value.row) == ("missing_geometry", 2)


def test_sequences_name_the_feature(tmp_path: Path) -> None:
    """Record separators and plain lines are both read; a fault names its feature."""
    lines = [json.dumps({"type": "Feature", "properties": {"CODE": "1"}, "geometry": polygon(SQUARE)}), '{"type": "Feature"}']
    path = tmp_path / "a.geojsonl"
    for text in ("\n".join(lines), "".join(f"\x1e{line}\n" for line in lines)):
        path.write_text(text)
        with pytest.raises(GeoAlertError) as caught:
            read_layer(path, name="n", id="CODE")
        assert (caught.value.code, caught.value.row) == ("invalid_geojson", 2)


@given(st.lists(st.tuples(st.floats(0.1, 60), st.floats(0.1, 60)), min_size=4, max_size=9, unique=True))
def test_any_ring_is_made_valid_or_refused(corners: list[tuple[float, float]]) -> None:
    """Whatever the ring, what comes out is valid, polygonal and not empty, or one error."""
    shape = shapely.Polygon([*corners, corners[0]])
    raw = RawTable("test", "t", {}, np.array([shape], dtype=object), None)
    code, result = None, None
    try:
        result = valid(raw.geometries, raw, lambda position: "row 1")
    except GeoAlertError as err:
        code = err.code
    if result is None:
        assert code in ("invalid_geometry", "repair_too_large")
        return
    assert shapely.is_valid(result.geometries[0])
    assert result.geometries[0].geom_type in ("Polygon", "MultiPolygon")
    assert not result.geometries[0].is_empty
    assert bool(result.notes) != shape.is_valid
