"""A Layer: what it accepts, how it is asked, what it answers."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geoalert.boundaries import hooks
from geoalert.boundaries.folder import boundaries_folder
from geoalert.boundaries.model import Boundary, Layer
from geoalert.errors import BoundaryError, ConfigurationError, GeometryError, LayerNotFound


def squares(**fields: Any) -> Layer:
    """Returns D9, D10 and D11, one degree each, side by side from (0, 0) to (3, 1)."""
    given: dict[str, Any] = {
        "name": "division",
        "ids": ["D10", "D9", "D11"],
        "labels": ["10 Division", "9 Division", None],
        "geometries": [box(1, 0, 2, 1), box(0, 0, 1, 1), box(2, 0, 3, 1)],
    }
    return Layer(**{**given, **fields})


def test_rows_keep_the_order_and_text_they_came_with() -> None:
    """Ids are verbatim, a missing label is the id."""
    layer = squares()
    assert len(layer) == 3
    assert layer.ids.tolist() == ["D10", "D9", "D11"]
    assert layer.labels.tolist() == ["10 Division", "9 Division", "D11"]
    assert [boundary.id for boundary in layer] == ["D10", "D9", "D11"]
    assert all(type(each) is str for each in layer.ids)


def test_a_layer_cannot_be_changed() -> None:
    """Neither its fields nor its rows."""
    layer = squares()
    with pytest.raises(AttributeError):
        layer.name = "ward"  # type: ignore[misc]
    for array in (layer.ids, layer.labels, layer.geometries, layer.ranks):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_arrays_given_stay_the_givers() -> None:
    """The layer keeps copies, so that a later change of the input does not reach it."""
    ids, shapes = np.array(["1", "2"]), np.array([box(0, 0, 1, 1), box(1, 0, 2, 1)])
    layer = Layer(name="ward", ids=ids, geometries=shapes)
    ids[0], shapes[0] = "9", None
    assert layer.ids.tolist() == ["1", "2"]
    assert layer.locate(0.5, 0.5) == 0


@pytest.mark.parametrize("written", ["D9", "9", 9, 9.0, "9 Division", "Division 9", np.int64(9), np.float64(9), "d09", "9.0"])
def test_an_id_is_found_however_it_is_written(written: object) -> None:
    """Excel's floats, padded digits and unit words are one id."""
    layer = squares()
    assert layer.position(written) == 1
    assert written in layer
    assert layer[written] == Boundary("division", "D9", "9 Division", box(0, 0, 1, 1))


@pytest.mark.parametrize("written", ["D54", "W9", "", None, True, float("nan"), 9.5, "NSA", object()])
def test_an_unknown_id_names_the_nearest_three(written: object) -> None:
    """The error helps whoever mistyped."""
    layer = squares()
    assert written not in layer
    with pytest.raises(LayerNotFound) as error:
        layer.position(written)
    assert error.value.code == "unknown_boundary"
    assert error.value.do is not None
    assert all(each in error.value.do for each in ("D9", "D10", "D11"))


def test_a_bare_number_that_several_prefixes_share_is_ambiguous() -> None:
    """A1 and B1 are two places, and 1 says neither."""
    layer = Layer(name="sector", ids=["A1", "B1", "A2"], geometries=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 0, 3, 1)])
    assert layer.position("b-01") == 1
    with pytest.raises(BoundaryError, match="A1, B1") as error:
        layer.position("1")
    assert error.value.code == "ambiguous_id"
    with pytest.raises(LayerNotFound):
        layer.position("2")


@pytest.mark.parametrize(
    ("ids", "rows"),
    [(["097", "4", "97"], (1, 3)), (["D14", "14"], (1, 2)), (["Wychwood (94)", "094"], (1, 2)), (["14 Division", "Division 14"], (1, 2))],
)
def test_two_ids_that_are_one_are_refused(ids: list[str], rows: tuple[int, int]) -> None:
    """Both ids and rows are named, and so is the way out."""
    with pytest.raises(BoundaryError) as error:
        Layer(name="x", ids=ids, geometries=[box(n, 0, n + 1, 1) for n in range(len(ids))])
    assert error.value.code == "duplicate_id"
    assert error.value.do is not None
    assert all(way in error.value.do for way in ("dissolve = true in geoalert.toml", "dissolve=True", ",dissolve=true in --layer"))
    for row in rows:
        assert f"{ids[row - 1]!r} (row {row})" in str(error.value)


BOWTIE = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (None, "missing_geometry"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", "missing_geometry"),
        (Point(0, 0), "wrong_geometry_type"),
        (LineString([(0, 0), (1, 1)]), "wrong_geometry_type"),
        (shapely.GeometryCollection([box(0, 0, 1, 1)]), "wrong_geometry_type"),
        (Polygon(), "empty_geometry"),
        (MultiPolygon(), "empty_geometry"),
        (shapely.force_3d(box(0, 0, 1, 1), 5.0), "has_z"),
        (BOWTIE, "invalid_geometry"),
        (box(630_000, 4_833_000, 631_000, 4_834_000), "out_of_range"),
        (box(43, -100, 44, -79), "out_of_range"),
    ],
)
def test_a_geometry_that_is_no_valid_polygon_in_degrees_is_refused(geometry: Any, code: str) -> None:
    """Repairing is the reader's work; a Layer only holds what is right."""
    with pytest.raises(GeometryError) as error:
        Layer(name="x", ids=["1", "2"], geometries=[box(5, 5, 6, 6), geometry])
    assert (error.value.code, error.value.row) == (code, 2)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "invalid_layer_name"),
        ({"name": "a\nb"}, "invalid_layer_name"),
        ({"ids": [], "labels": None, "geometries": []}, "empty_layer"),
        ({"ids": ["1", " ", "3"]}, "invalid_id"),
        ({"ids": ["1", None, "3"]}, "invalid_id"),
        ({"ids": ["1", float("nan"), "3"]}, "invalid_id"),
        ({"labels": ["one"]}, "unequal_lengths"),
        ({"geometries": [box(0, 0, 1, 1)]}, "unequal_lengths"),
        ({"valid_from": datetime(2027, 1, 1)}, "invalid_validity"),  # noqa: DTZ001
        ({"valid_from": date(2027, 1, 2), "valid_to": date(2027, 1, 1)}, "invalid_validity"),
    ],
)
def test_other_bad_fields_are_refused(fields: dict[str, Any], code: str) -> None:
    """Each with its own code."""
    with pytest.raises(BoundaryError) as error:
        squares(**fields)
    assert error.value.code == code


def test_a_layer_is_valid_from_its_first_to_its_last_day() -> None:
    """Both ends count; an open end has no limit."""
    layer = squares(valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    assert layer.valid_on(date(2024, 1, 1))
    assert layer.valid_on(date(2024, 12, 31))
    assert not layer.valid_on(date(2023, 12, 31))
    assert not layer.valid_on(date(2025, 1, 1))
    assert squares().valid_on(date.max)


def test_the_digest_is_that_of_the_boundaries_alone() -> None:
    """Name, version, row order and where a ring starts do not enter; ids, labels and shapes do."""
    layer = squares()
    turned = Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    same = Layer(
        name="other",
        version="2",
        ids=["D9", "D10", "D11"],
        labels=["9 Division", "10 Division", "D11"],
        geometries=[turned, box(1, 0, 2, 1), box(2, 0, 3, 1)],
    )
    assert same.digest == layer.digest
    assert len(layer.digest) == 64
    assert squares(ids=["D10", "D9", "D12"]).digest != layer.digest
    assert squares(labels=["10", "9", "11"]).digest != layer.digest
    assert squares(geometries=[box(1, 0, 2, 1), box(0, 0, 1, 1), box(2, 0, 3, 1.0000001)]).digest != layer.digest


def test_a_copy_answers_alike() -> None:
    """A layer travels to another process without its index."""
    layer = squares()
    layer.locate(0.5, 0.5)
    for twin in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert twin.digest == layer.digest
        assert twin.locate([0.5, 1.0], [0.5, 0.5]).tolist() == [1, 1]
        assert twin.position("10") == 0
        assert not twin.ids.flags.writeable


def test_a_changed_copy_is_checked_again() -> None:
    """`dataclasses.replace` goes through the same door."""
    layer = squares()
    assert replace(layer, name="ward").digest == layer.digest
    with pytest.raises(BoundaryError, match="one id"):
        replace(layer, ids=["9", "D9", "D11"])


def test_a_geodataframe_becomes_a_layer() -> None:
    """The hook reaches the reader, which converts to lon/lat."""
    boxes = [box(-80, 43, -79, 44), box(-79, 43, -78, 44)]
    frame = geopandas.GeoDataFrame({"DIV": ["D9", "D10"]}, geometry=boxes, crs="EPSG:4326").to_crs("EPSG:3857")
    layer = Layer.from_geodataframe(frame, name="division", id="DIV")
    assert layer.ids.tolist() == ["D9", "D10"]
    assert layer.locate([-79.5, -78.5], [43.5, 43.5]).tolist() == [0, 1]


def test_repr_is_short() -> None:
    """A layer or boundary in a log shows no coordinates."""
    assert repr(squares(version="2024")) == "<Layer 'division': 3 boundaries, version='2024'>"
    assert repr(squares()["D9"]) == "Boundary(layer='division', id='D9', label='9 Division')"


def test_areas_are_square_metres() -> None:
    """One degree square at the equator is 12,308 km2 between its meridians and parallels."""
    areas = squares().areas_m2
    assert areas.shape == (3,)
    assert areas[0] == pytest.approx(12_308_463_894, rel=1e-8)


def test_every_hook_is_a_module_and_a_function() -> None:
    """The table names functions above; an unknown name is a configuration error."""
    assert all(place.startswith("geoalert.") and place.count(":") == 1 for place in hooks.HOOKS.values())
    with pytest.raises(ConfigurationError) as error:
        hooks.resolve("nothing")
    assert error.value.code == "unknown_hook"


def test_a_hook_that_cannot_be_imported_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation is named as one."""
    monkeypatch.setitem(hooks.HOOKS, "gone", "geoalert.clock:gone")
    with pytest.raises(ConfigurationError) as error:
        hooks.resolve("gone")
    assert error.value.code == "hook_not_importable"


def test_the_boundaries_folder_is_found_in_wheel_and_checkout(tmp_path: Any) -> None:
    """The wheel's copy comes first; neither is one clear error."""
    package = tmp_path / "site" / "geoalert"
    package.mkdir(parents=True)
    with pytest.raises(ConfigurationError) as error:
        boundaries_folder(package=package)
    assert error.value.code == "boundaries_folder_missing"
    for folder in (tmp_path / "site" / "boundaries", package / "_boundaries"):
        folder.mkdir()
        (folder / "catalogue.toml").write_text("format = 1\n")
        assert boundaries_folder(package=package) == folder
    assert (boundaries_folder() / "catalogue.toml").is_file()
