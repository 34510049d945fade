"""inspect_file: what a file holds, before anything is known about it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import geopandas
import pyogrio
import pytest

from geoalert.boundaries.load import inspect_file, read_layer
from geoalert.errors import BoundaryError
from tests.boundaries.load.conftest import EAST, WEST, Save


def test_columns_are_described_and_guessed(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """Kind, blanks, uniqueness and examples of each column; the id and label are found among them."""
    frame = squares.assign(OBJECTID=[1, 2], NOTE=["same", "same"], EMPTY=[None, "x"], AREA=[1.5, 2.5])
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame.to_crs(26917), path)
    report = inspect_file(path)
    columns = {column.name: column for column in report.columns}
    assert (report.format, report.table, report.tables, report.rows) == ("GeoPackage", "a", ("a",), 2)
    assert (columns["CODE"].kind, columns["CODE"].unique, columns["CODE"].examples) == ("text", True, ("097", "098"))
    assert (columns["NOTE"].unique, columns["EMPTY"].blanks, columns["AREA"].kind) == (False, 1, "number")
    assert report.unique_columns == ("CODE", "NAME", "OBJECTID", "AREA")
    assert (report.id, report.label) == ("CODE", "NAME")
    assert report.crs == "EPSG:26917"
    assert report.accuracy_m is not None
    assert report.bounds == pytest.approx((-79.40, 43.64, -79.38, 43.65), abs=1e-6)


def test_the_block_reads_the_file_again(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """The pasted block names file, id, label, and the CRS only where the file has none."""
    path = tmp_path / 'a "b".shp'
    pyogrio.write_dataframe(squares.to_crs(26917), path)
    path.with_suffix(".prj").unlink()
    report = inspect_file(path, crs="EPSG:26917")
    block = tomllib.loads(report.toml_block("my layer"))["layers"]["my layer"]
    assert block == {"file": str(path), "id": "CODE", "label": "NAME", "crs": "EPSG:26917"}
    assert len(read_layer(block.pop("file"), name="n", **block)) == 2


def test_without_a_crs_the_report_says_what_read_layer_would(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """A missing CRS is a finding of level refuse, and the columns are still shown."""
    path = tmp_path / "a.shp"
    pyogrio.write_dataframe(squares, path)
    path.with_suffix(".prj").unlink()
    report = inspect_file(path)
    assert [(finding.level, finding.code) for finding in report.repairs] == [("refuse", "missing_crs")]
    assert report.crs is None
    assert [column.name for column in report.columns] == ["CODE", "NAME"]


def test_repairs_and_refusals_are_reported(save_geojson: Save) -> None:
    """Repairs are listed as read_layer lists them; a refusal keeps its code and row."""
    bow = {"type": "Polygon", "coordinates": [[[-79.4, 43.6], [-79.3, 43.7], [-79.3, 43.6], [-79.4, 43.7], [-79.4, 43.6]]]}
    assert [finding.code for finding in inspect_file(save_geojson([bow])).repairs] == ["geometry_repaired"]
    (finding,) = inspect_file(save_geojson([WEST, None])).repairs
    assert (finding.level, finding.code, finding.where) == ("refuse", "missing_geometry", "row 2")


def test_no_unique_column_is_said_in_the_block(save_geojson: Save) -> None:
    """Where no column is unique the block says so and still parses."""
    report = inspect_file(save_geojson([WEST, EAST], properties=[{"A": 1}, {"A": 1}]))
    block = report.toml_block("x")
    assert (report.id, report.unique_columns) == (None, ())
    assert tomllib.loads(block)["layers"]["x"]["id"] == "@row"
    assert "dissolve" in block


def test_the_report_is_json_ready(save_geojson: Save) -> None:
    """to_dict holds nothing but JSON values."""
    document = json.loads(json.dumps(inspect_file(save_geojson([WEST])).to_dict()))
    assert document["columns"][0] == {"name": "CODE", "kind": "text", "unique": True, "blanks": 0, "examples": ["001"]}
    assert document["unique_columns"] == ["CODE"]


def test_several_tables_are_listed(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """One table must be named, also for inspecting; the report then lists all."""
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(squares, path, layer="beats")
    pyogrio.write_dataframe(squares, path, layer="wards", append=True)
    with pytest.raises(BoundaryError, match="beats, wards"):
        inspect_file(path)
    report = inspect_file(path, table="wards")
    assert report.tables == ("beats", "wards")
    assert tomllib.loads(report.toml_block("w"))["layers"]["w"]["table"] == "wards"


@pytest.mark.parametrize(
    ("columns", "id", "rivals"),
    [
        ({"_id": (1, 2), "AREA_ID": (2502366, 2502365), "AREA_SHORT_CODE": ("174", "173")}, "AREA_SHORT_CODE", ("AREA_ID",)),
        ({"AREA_ID": (25886861, 25886820), "AREA_NAME": ("Wychwood (94)", "Dovercourt")}, "AREA_ID", ()),
        ({"OBJECTID_1": (1, 2), "AREA_NAME": ("North", "South"), "HOOD_ID": (174, 173)}, "HOOD_ID", ()),
        ({"OBJECTID": (1, 2), "UNIT_NAME": ("11 Division", "12 Division"), "DIV": ("D11", "D12")}, "DIV", ()),
        ({"NORTH": ("a", "b"), "WARD_NO": (1, 2), "WARD_CODE": ("01", "02")}, "WARD_NO", ("WARD_CODE", "NORTH")),
        ({"OBJECTID": (1, 2), "NAME": ("North", "South")}, "NAME", ()),
        ({"OBJECTID": (1, 2), "NOTE": ("x", "x")}, "OBJECTID", ()),
    ],
)
def test_the_official_code_is_suggested_before_keys_that_a_portal_counts_up(
    save_geojson: Save, columns: dict[str, tuple[object, object]], id: str, rivals: tuple[str, ...]
) -> None:
    """A portal's key changes at its next load; what else could be the id stands in the block as a comment."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    report = inspect_file(save_geojson([WEST, EAST], properties=rows))
    block = report.toml_block("x")
    assert (report.id, report.rivals) == (id, rivals)
    assert tomllib.loads(block)["layers"]["x"]["id"] == id
    assert [name in block for name in rivals] == [True] * len(rivals)
    assert ("# unique too" in block) is bool(rivals)


def test_a_missing_file_is_said_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole path: a command reads from the current folder, a project from its own."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BoundaryError) as refused:
        inspect_file("gis/absent.geojson")
    assert str(tmp_path / "gis" / "absent.geojson") in (refused.value.do or "")
