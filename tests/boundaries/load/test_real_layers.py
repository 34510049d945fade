"""The official maps of Toronto and New York are read whole and unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoalert.boundaries.load import inspect_file, read_layer

LAYERS = [
    ("toronto_boundaries/tps_divisions.geojson", "DIV", "UNIT_NAME", 16, "D52"),
    ("toronto_boundaries/tps_divisions_city_portal.geojson.gz", "DIV", "UNIT_NAME", 16, "D52"),
    ("toronto_boundaries/neighbourhoods_158.geojson", "AREA_SHORT_CODE", "AREA_NAME", 158, "078"),
    ("toronto_boundaries/neighbourhoods_158_tps.geojson.gz", "HOOD_ID", "AREA_NAME", 158, "78"),
    ("toronto_boundaries/neighbourhoods_140.geojson", "AREA_SHORT_CODE", "AREA_NAME", 140, "97"),
    ("toronto_boundaries/city_wards_25.geojson", "AREA_SHORT_CODE", "AREA_NAME", 25, "07"),
    ("toronto_boundaries/fsa_postal_96.geojson.gz", "CFSAUID", None, 96, "M5V"),
    ("nyc/police_precincts_2024.geojson.gz", "precinct", None, 77, "14"),
    ("nyc/police_precincts_2013.geojson.gz", "Precinct", None, 76, "14"),
    ("nyc/nta_neighbourhoods.geojson", "NTACode", "NTAName", 195, "BK88"),
]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "id", "label", "count", "known"), LAYERS)
def test_official_layers_are_read_whole(shared: Path, name: str, id: str, label: str | None, count: int, known: str) -> None:
    """The count of the publisher, ids verbatim."""
    layer = read_layer(shared / "data" / name, name="layer", id=id, label=label)
    assert len(layer) == count
    assert known in layer.ids.tolist()
    assert not [finding for finding in layer.repairs if finding.level != "note"]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "id", "label", "count", "known"), LAYERS)
def test_inspecting_finds_the_columns(shared: Path, name: str, id: str, label: str | None, count: int, known: str) -> None:
    """Without being told, the report lists the id column among the unique ones, and the block to paste reads the file."""
    report = inspect_file(shared / "data" / name)
    assert report.rows == count
    assert id in report.unique_columns
    assert report.id is not None
    assert len(read_layer(shared / "data" / name, name="layer", id=report.id, label=report.label)) == count
