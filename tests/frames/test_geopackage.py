"""An exported plan opens coloured and labelled in QGIS."""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box

from geoalert import frames
from geoalert.boundaries.model import Layer
from geoalert.frames import styles
from geoalert.rendering import map as plan_map
from geoalert.targeting import survey
from tests.frames.things import AREA, LAYER, PLAN, POINT, SELECTIONS

COLUMNS = [
    "id",
    "f_table_catalog",
    "f_table_schema",
    "f_table_name",
    "f_geometry_column",
    "styleName",
    "styleQML",
    "styleSLD",
    "useAsDefault",
    "description",
    "owner",
    "ui",
    "update_time",
]


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    """A plan as a GeoPackage."""
    return frames.write(PLAN, tmp_path / "plan.gpkg", layers=[LAYER]).path


def _ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(query).fetchall()


def _style(path: Path, table: str) -> ET.Element:
    return ET.fromstring(_ask(path, f"SELECT styleQML FROM layer_styles WHERE f_table_name = '{table}'")[0][0])


def _options(symbol: ET.Element) -> dict[str, str]:
    return {option.get("name", ""): option.get("value", "") for option in symbol.iter("Option") if option.get("name")}


def _by_label(style: ET.Element) -> dict[str, dict[str, str]]:
    symbols = {symbol.get("name"): _options(symbol) for symbol in style.iter("symbol")}
    return {category.get("label", ""): symbols[category.get("symbol")] for category in style.iter("category")}


def test_a_plan_holds_a_table_for_each_kind_and_the_styles(plan_file: Path) -> None:
    """Counts are those of the plan; the styles are a table that the file itself declares."""
    assert _ask(plan_file, "SELECT table_name, data_type FROM gpkg_contents ORDER BY 1") == [
        ("area", "features"),
        ("boundaries", "features"),
        ("layer_styles", "attributes"),
        ("selections", "features"),
    ]
    for table, rows in (("area", 1), ("boundaries", len(PLAN.matches)), ("selections", len(PLAN.selections)), ("layer_styles", 3)):
        assert _ask(plan_file, f"SELECT count(*) FROM {table}") == [(rows,)]


def test_the_file_is_whole(plan_file: Path) -> None:
    """SQLite finds no fault, the geometry columns are EPSG:4326, and each has its index."""
    assert _ask(plan_file, "PRAGMA integrity_check") == [("ok",)]
    assert _ask(plan_file, "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns ORDER BY 1") == [
        ("area", "geom", "POLYGON", 4326),
        ("boundaries", "geom", "POLYGON", 4326),
        ("selections", "geom", "POINT", 4326),
    ]
    assert _ask(plan_file, "SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'") == [(3,)]


def test_the_style_table_is_the_one_qgis_makes(plan_file: Path) -> None:
    """Its columns, and for each table one default style under its geometry column."""
    assert [row[1] for row in _ask(plan_file, "PRAGMA table_info(layer_styles)")] == COLUMNS
    assert _ask(plan_file, "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column, useAsDefault FROM layer_styles") == [
        ("", "", "area", "geom", 1),
        ("", "", "boundaries", "geom", 1),
        ("", "", "selections", "geom", 1),
    ]


@pytest.mark.parametrize(("table", "kind"), [("area", "2"), ("boundaries", "2"), ("selections", "0")])
def test_a_style_is_well_formed_and_of_its_geometry(plan_file: Path, table: str, kind: str) -> None:
    """Each has a renderer, labels that are on, and QGIS's number of the geometry: it refuses a style of another."""
    style = _style(plan_file, table)

    assert style.tag == "qgis"
    assert style.get("labelsEnabled") == "1"
    assert style.findtext("layerGeometryType") == kind
    assert style.find("renderer-v2/symbols/symbol/layer/Option") is not None
    assert style.find("labeling/settings/text-style").get("fieldName")  # type: ignore[union-attr]


def test_the_area_has_an_orange_outline(plan_file: Path) -> None:
    """Its fill is a fifth as strong."""
    options = _options(_style(plan_file, "area").find(".//symbol"))  # type: ignore[arg-type]

    assert (options["outline_color"], options["color"]) == ("230,159,0,255", "230,159,0,51")


def test_targeted_boundaries_stand_out(plan_file: Path) -> None:
    """Both states of a layer have its colour, the other one thinner and fainter."""
    told = _by_label(_style(plan_file, "boundaries"))

    assert {label: (drawn["outline_color"], drawn["outline_width"]) for label, drawn in told.items()} == {
        "division, targeted": ("0,114,178,255", "0.9"),
        "division, other": ("0,114,178,115", "0.45"),
    }


def test_every_layer_has_its_own_colour(tmp_path: Path) -> None:
    """A second layer is drawn thinner and in the map's second colour."""
    quarters = Layer(name="O'Neil & <sons>", ids=LAYER.ids, geometries=LAYER.geometries)
    found = survey(AREA, [LAYER, quarters])

    path = frames.write(found, tmp_path / "matches.gpkg", layers=[LAYER, quarters]).path

    told = _by_label(_style(path, "boundaries"))
    assert told["O'Neil & <sons>, targeted"]["outline_color"] != told["division, targeted"]["outline_color"]
    assert len(told) == 4


def test_layers_have_the_colours_of_the_map_whatever_is_met_first(tmp_path: Path) -> None:
    """The project's first layer is the strongest, also where a boundary of another has the largest share."""
    whole = Layer(name="city", ids=["1"], geometries=[box(-79.45, 43.62, -79.35, 43.68)])
    found = survey(AREA, [LAYER, whole])

    path = frames.write(found, tmp_path / "matches.gpkg", layers=[LAYER, whole]).path

    assert found.matches[0].layer == "city"
    assert list(_by_label(_style(path, "boundaries"))) == ["division, targeted", "division, other", "city, targeted", "city, other"]


def test_places_have_the_colours_and_shapes_of_their_state(tmp_path: Path) -> None:
    """Chosen, to be visited and skipped are told apart without colour too."""
    path = frames.write(list(SELECTIONS), tmp_path / "chosen.gpkg").path

    style = _style(path, "selections")
    assert [category.get("value") for category in style.iter("category")] == list(plan_map.POINT_KINDS)
    drawn = _by_label(style)
    assert len({(each["name"]) for each in drawn.values()}) == 3
    assert drawn["place, chosen"]["color"] == "0,158,115,255"


def test_colours_are_those_of_the_plan_s_map() -> None:
    """The picture in the plan and the export look alike."""
    assert plan_map._AREA == styles.AREA_COLOUR
    assert plan_map._LAYER_COLOURS == styles.LAYER_COLOURS
    assert {kind: drawn["c"] for kind, drawn in plan_map._POINTS.items()} == styles.POINT_COLOURS


def test_a_bare_point_is_a_star(tmp_path: Path) -> None:
    """Its style is one of points, or QGIS would refuse it."""
    path = frames.write(POINT, tmp_path / "point.gpkg").path

    style = _style(path, "area")
    assert style.findtext("layerGeometryType") == "0"
    assert _options(style.find(".//symbol"))["name"] == "star"  # type: ignore[arg-type]


def test_a_layer_alone_is_styled(tmp_path: Path) -> None:
    """Its boundaries are outlined and labelled."""
    path = frames.write(LAYER, tmp_path / "layer.gpkg").path

    assert list(_by_label(_style(path, "boundaries"))) == ["division"]


@pytest.mark.parametrize("table", ["area", "boundaries", "selections"])
def test_a_style_names_columns_that_the_table_has(plan_file: Path, table: str) -> None:
    """In labels and categories; `label` and `id` of one layer may be hidden, never missing."""
    style = _style(plan_file, table)
    columns = {row[1] for row in _ask(plan_file, f"PRAGMA table_info({table})")}
    written = [node.get("fieldName", "") for node in style.iter("text-style")] + [
        node.get("attr", "") for node in style.iter("renderer-v2")
    ]

    named = {name for text in written for name in re.findall(r'"([^"]*)"', text)}

    assert named
    assert named <= columns


def test_each_row_has_its_category(tmp_path: Path) -> None:
    """SQLite works out QGIS's own expressions over the rows: no boundary and no place is drawn as nothing, no category is empty."""
    quarters = Layer(name="O'Neil & <sons>", ids=LAYER.ids, geometries=LAYER.geometries)
    told = survey(AREA, [LAYER, quarters]).to_dict()
    told["matches"] = [each | {"targeted": each["id"] == "D14"} for each in told["matches"]]
    document = {**PLAN.document, "survey": told, "selections": [one.to_dict() for one in SELECTIONS]}
    facts = [*PLAN.document["layers"], {"name": quarters.name, "version": None, "digest": quarters.digest}]
    path = frames.write(replace(PLAN, document=document | {"layers": facts}), tmp_path / "plan.gpkg", layers=[LAYER, quarters]).path

    for table in ("boundaries", "selections"):
        style = _style(path, table)
        expression = style.find("renderer-v2").get("attr", "").replace("if(", "iif(")  # type: ignore[union-attr]
        values = {row[0] for row in _ask(path, f"SELECT {expression} FROM {table}")}
        assert values == {category.get("value") for category in style.iter("category")}
        symbols = {symbol.get("name") for symbol in style.iter("symbol")}
        assert {category.get("symbol") for category in style.iter("category")} == symbols


def test_labels_say_what_the_map_says(tmp_path: Path) -> None:
    """QGIS's label expressions, worked out by SQLite: boundaries by label and id, places by name where they are not skipped."""
    document = {**PLAN.document, "selections": [one.to_dict() for one in SELECTIONS]}
    path = frames.write(replace(PLAN, document=document), tmp_path / "plan.gpkg", layers=[LAYER]).path

    told = {}
    for table in ("area", "boundaries", "selections"):
        label = _style(path, table).find(".//text-style").get("fieldName", "").replace("if(", "iif(")  # type: ignore[union-attr]
        told[table] = [row[0] for row in _ask(path, f"SELECT {label} FROM {table}")]

    assert told == {
        "area": [PLAN.document["area"]["label"]],
        "boundaries": ["14 Division (D14)", "52 Division (D52)"],
        "selections": ["d14 page", "Club & <Bar>", "Second", None],
    }


def test_older_readers_know_the_version(plan_file: Path) -> None:
    """GDAL before 3.9, which QGIS 3.22 to 3.34 come with, warns of GeoPackage 1.4."""
    assert _ask(plan_file, "PRAGMA user_version") == [(10300,)]


def test_a_plan_without_selections_has_an_empty_table(tmp_path: Path) -> None:
    """No rows, and the style all the same."""
    empty = replace(PLAN, document={**PLAN.document, "selections": []})

    written = frames.write(empty, tmp_path / "plan.gpkg", layers=[LAYER])

    assert written.tables["selections"] == 0
    assert _ask(written.path, "SELECT count(*) FROM selections") == [(0,)]
