"""Ids and labels: verbatim, never missing, never twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import box

from geoalert.boundaries.load import layer_from_geodataframe, read_layer
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError
from tests.boundaries.load.conftest import EAST, WEST, Save


def test_a_name_cut_by_the_shapefile_is_recognised(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """AREA_SHORT_CODE became AREA_SHORT; the error says so."""
    path = tmp_path / "a.shp"
    with pytest.warns(RuntimeWarning, match="Normalized"):
        pyogrio.write_dataframe(squares.rename(columns={"CODE": "AREA_SHORT_CODE"}), path)
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="AREA_SHORT_CODE")
    assert caught.value.code == "unknown_field"
    assert caught.value.do == 'Shapefiles cut names to 10 characters: write id="AREA_SHORT"'


@pytest.mark.parametrize(("id", "label", "field"), [("CODES", None, "id"), ("CODE", "NAMES", "label")])
def test_an_unknown_field_names_the_nearest(squares: geopandas.GeoDataFrame, id: str, label: str | None, field: str) -> None:
    """A column that is not there is met with the one most like it."""
    with pytest.raises(BoundaryError) as caught:
        layer_from_geodataframe(squares, name="n", id=id, label=label)
    assert (caught.value.code, caught.value.field) == ("unknown_field", field)
    assert (label or id)[:4] in (caught.value.do or "")


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan")])
def test_a_missing_id_names_its_row(squares: geopandas.GeoDataFrame, blank: Any) -> None:
    """Blank in any form is missing."""
    squares["CODE"] = np.array(["097", blank], dtype=object)
    with pytest.raises(BoundaryError) as caught:
        layer_from_geodataframe(squares, name="n", id="CODE")
    assert (caught.value.code, caught.value.row) == ("missing_id", 2)


@pytest.mark.parametrize(
    ("values", "ids", "codes"),
    [
        (["097", "098"], ["097", "098"], []),
        ([97, 98], ["97", "98"], []),
        ([97.0, 98.0], ["97", "98"], ["decimal_ids"]),
        (["97.0", "98.0"], ["97.0", "98.0"], ["decimal_ids"]),
        (["4.16E+09", "x"], ["4.16E+09", "x"], ["shortened_ids"]),
        ([1.5, 2.5], ["1.5", "2.5"], []),
        ([" D14", "D 52"], [" D14", "D 52"], []),
    ],
)
def test_ids_stay_verbatim_and_excels_habits_are_named(
    squares: geopandas.GeoDataFrame, values: list[Any], ids: list[str], codes: list[str]
) -> None:
    """Texts are kept, whole numbers become digits, what Excel did is listed."""
    squares["CODE"] = values
    layer = layer_from_geodataframe(squares, name="n", id="CODE")
    assert layer.ids.tolist() == ids
    assert [finding.code for finding in layer.repairs] == codes


@pytest.mark.parametrize("value", [True, [1], {"a": 1}])
def test_an_id_that_is_no_text_or_number_is_refused(save_geojson: Save, value: Any) -> None:
    """Lists, objects and booleans are no ids."""
    with pytest.raises(BoundaryError) as caught:
        read_layer(save_geojson([WEST], properties=[{"CODE": value}]), name="n", id="CODE")
    assert (caught.value.code, caught.value.row) == ("invalid_id", 1)


@pytest.mark.parametrize("ids", [["D14", "D14"], ["097", 97], ["D14", "14"], ["14 Division", "d14"]])
def test_two_rows_of_one_id_are_refused_naming_both_and_the_way_out(save_geojson: Save, ids: list[Any]) -> None:
    """Equal under the layer's rule is equal."""
    path = save_geojson([WEST, EAST], properties=[{"CODE": value} for value in ids])
    with pytest.raises(BoundaryError, match="rows 1, 2") as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "duplicate_id"
    assert all(way in (caught.value.do or "") for way in ("dissolve = true in geoalert.toml", "dissolve=True", ",dissolve=true in --layer"))


def test_dissolve_joins_the_rows_of_one_id(save_geojson: Save) -> None:
    """Two neighbouring rows of D14 become one square; the join is listed, the others stay."""
    other = shapely.box(-79.38, 43.64, -79.37, 43.65)
    rows = [{"CODE": "D14", "NAME": "14 Division"}, {"CODE": "D52", "NAME": "52 Division"}, {"CODE": "D14", "NAME": ""}]
    layer = read_layer(save_geojson([WEST, other, EAST], properties=rows), name="n", id="CODE", label="NAME", dissolve=True)
    assert layer.ids.tolist() == ["D14", "D52"]
    assert layer.labels.tolist() == ["14 Division", "52 Division"]
    assert layer.geometries[0].equals(shapely.union(WEST, EAST))
    assert [(finding.code, finding.where) for finding in layer.repairs] == [("dissolved", "rows 1, 3")]


def test_pseudo_fields_stand_in_where_there_is_no_column(tmp_path: Path) -> None:
    """`@row` is the row number; `@feature`, and "id" without such a column, are GeoJSON's id member."""
    path = tmp_path / "a.geojson"
    feature = '{{"type": "Feature", "id": {}, "properties": null, "geometry": {}}}'
    features = ", ".join(feature.format(own, shapely.to_geojson(shape)) for own, shape in ((52, WEST), ('"D14"', EAST)))
    path.write_text(f'{{"type": "FeatureCollection", "features": [{features}]}}')
    assert read_layer(path, name="n", id="@row").ids.tolist() == ["1", "2"]
    assert read_layer(path, name="n", id="@feature").ids.tolist() == ["52", "D14"]
    assert read_layer(path, name="n", id="id").ids.tolist() == ["52", "D14"]


def test_a_blank_label_is_the_id(squares: geopandas.GeoDataFrame) -> None:
    """Nobody sees an empty name."""
    squares["NAME"] = ["West", None]
    assert layer_from_geodataframe(squares, name="n", id="CODE", label="NAME").labels.tolist() == ["West", "098"]


def test_dates_may_be_texts_and_facts_are_kept(squares: geopandas.GeoDataFrame) -> None:
    """Version, validity, source, licence and lead pass through; a date that is none is refused."""
    layer = layer_from_geodataframe(
        squares, name="n", id="CODE", version="2026-04", valid_from="2026-04-01", source="City", licence="OGL", lead=True
    )
    assert (layer.version, str(layer.valid_from), layer.valid_to, layer.source, layer.licence, layer.lead) == (
        "2026-04",
        "2026-04-01",
        None,
        "City",
        "OGL",
        True,
    )
    with pytest.raises(BoundaryError) as caught:
        layer_from_geodataframe(squares, name="n", id="CODE", valid_from="April")
    assert caught.value.code == "invalid_validity"


@pytest.mark.parametrize("ids", [("1", "A1"), ("Ward 5", "Zone 5"), ("Downtown (2)", "Uptown (2)")])
def test_ids_that_only_read_alike_are_kept_apart_where_the_layer_says_so(save_geojson: Save, ids: tuple[str, str]) -> None:
    """Joining such rows would make two places one, so the refusal names the other way out."""
    path = save_geojson([box(-79.4, 43.6, -79.3, 43.7), box(-79.3, 43.6, -79.2, 43.7)], properties=[{"CODE": each} for each in ids])
    with pytest.raises(BoundaryError, match='id_rule = "verbatim"') as refused:
        read_layer(path, name="n", id="CODE")
    assert refused.value.code == "duplicate_id"

    layer = read_layer(path, name="n", id="CODE", id_rule="verbatim")

    assert [layer[each].id for each in ids] == list(ids)
    assert ids[0].upper() + " " not in layer
    assert [row.id for row in Layer.from_geodataframe(geopandas.read_file(path), name="n", id="CODE", id_rule="verbatim")] == list(ids)


def test_one_id_twice_is_refused_verbatim_too(save_geojson: Save) -> None:
    """Nothing but joining helps there, so nothing else is named."""
    path = save_geojson([box(0, 50, 1, 51), box(1, 50, 2, 51)], properties=[{"CODE": "5"}, {"CODE": "5"}])

    for rule in ("default", "verbatim"):
        with pytest.raises(BoundaryError) as refused:
            read_layer(path, name="n", id="CODE", id_rule=rule)
        assert refused.value.code == "duplicate_id"
        assert "verbatim" not in (refused.value.do or "")


def test_an_unknown_rule_for_ids_is_named(save_geojson: Save) -> None:
    """With what there is."""
    with pytest.raises(BoundaryError, match='Write "default"') as refused:
        read_layer(save_geojson([box(0, 50, 1, 51)]), name="n", id="CODE", id_rule="exact")

    assert (refused.value.code, refused.value.value) == ("unknown_id_rule", "exact")
