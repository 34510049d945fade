"""Files of areas, matches, selections, plans and layers, and what comes back from them."""

from __future__ import annotations

import json
import os
import stat
import xml.etree.ElementTree as ET
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

import geoalert
from geoalert import frames
from geoalert.boundaries.model import Layer
from geoalert.errors import GeoAlertError
from geoalert.frames.shapefile import SHORT
from geoalert.frames.tables import AREA as AREA_FIELDS
from geoalert.frames.tables import BOUNDARIES
from geoalert.frames.tables import LAYER as LAYER_FIELDS
from geoalert.frames.tables import PLAN as PLAN_FIELDS
from geoalert.frames.tables import SELECTIONS as SELECTION_FIELDS
from geoalert.frames.texts import geojson
from tests.frames.things import AREA, HOLED, LAYER, PLAN, POINT, SELECTIONS, SURVEY
from tests.layers import toronto_neighbourhoods

SUFFIXES = [".gpkg", ".geojson", ".kml", ".shp", ".zip"]
KML = "{http://www.opengis.net/kml/2.2}"


def _same_place(one: Any, other: Any) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(_single(one)), shapely.normalize(_single(other)), tolerance=1e-7))


def _read(path: Path) -> Any:
    """The first table of a file; GDAL warns where QGIS's table of styles is another."""
    return geopandas.read_file(path, layer=pyogrio.list_layers(path)[0][0])


def _single(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("area", [AREA, HOLED], ids=["circle", "holed"])
def test_an_area_comes_back(tmp_path: Path, suffix: str, area: geoalert.Area) -> None:
    """Every format gives back the same polygon, hole and label."""
    written = frames.write(area, tmp_path / f"area{suffix}")

    frame = _read(written.path)
    assert written.tables == {"area": 1}
    assert frame["label"].tolist() == [area.label]
    assert frame["rule"].tolist() == [area.rule["type"]]
    assert frame["area_m2"].tolist() == pytest.approx([area.area_m2])
    assert _same_place(frame.geometry[0], area.geometry)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_bare_point_comes_back(tmp_path: Path, suffix: str) -> None:
    """A point is a point in every format."""
    frames.write(POINT, tmp_path / f"point{suffix}")

    frame = _read(tmp_path / f"point{suffix}")
    assert frame.geometry[0].equals_exact(POINT.geometry, 1e-7)


@pytest.mark.shared
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_layer_comes_back(tmp_path: Path, suffix: str, shared: Path) -> None:
    """`read_layer` reads what was written: ids verbatim, labels and shapes."""
    layer = toronto_neighbourhoods(shared)
    frames.write(layer, tmp_path / f"hoods{suffix}")

    back = geoalert.read_layer(tmp_path / f"hoods{suffix}", name="neighbourhood", id="code" if suffix == ".kml" else "id", label="label")

    assert back.ids.tolist() == layer.ids.tolist()
    assert back.labels.tolist() == layer.labels.tolist()
    assert not back.repairs
    assert all(map(_same_place, back.geometries, layer.geometries))


@pytest.mark.shared
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_formats_without_limits_keep_the_digest(tmp_path: Path, suffix: str, shared: Path) -> None:
    """GeoPackage and GeoJSON hold coordinates to the last bit."""
    layer = toronto_neighbourhoods(shared)
    frames.write(layer, tmp_path / f"hoods{suffix}")

    assert geoalert.read_layer(tmp_path / f"hoods{suffix}", name="any", id="id", label="label").digest == layer.digest


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_matches_come_back(tmp_path: Path, suffix: str) -> None:
    """Shares, relation and reason of each boundary are there under the names stated for the format."""
    frames.write(SURVEY, tmp_path / f"matches{suffix}", layers=[LAYER])

    frame = _read(tmp_path / f"matches{suffix}")
    names = SHORT if suffix in (".shp", ".zip") else {"id": "code"} if suffix == ".kml" else {}
    for field, kind in BOUNDARIES:
        told = [SURVEY.matches[at].to_dict().get(field, f"division:{SURVEY.matches[at].id}") for at in range(2)]
        found = frame[names.get(field, field)].tolist()
        assert found == (pytest.approx(told, rel=1e-12) if kind == "number" else told), field
    assert all(_same_place(shape, LAYER[found.id].geometry) for shape, found in zip(frame.geometry, SURVEY.matches, strict=True))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_selections_come_back(tmp_path: Path, suffix: str) -> None:
    """Every place and channel is a row, with signs that XML would trip over; a channel has no place, a withheld place no row."""
    frames.write(list(SELECTIONS), tmp_path / f"chosen{suffix}")
    told = [one for one in SELECTIONS if one.reason != "restricted rule"]

    frame = _read(tmp_path / f"chosen{suffix}")
    assert frame["Name" if suffix == ".kml" else "name"].tolist() == [one.name for one in told]
    assert frame["state"].tolist() == ["chosen", "chosen", "visit", "skipped"]
    assert frame["reason"].tolist() == [one.reason for one in told]
    assert [shape is not None and not shape.is_empty for shape in frame.geometry] == [False, True, True, True]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_addresses_and_withheld_places_are_in_no_file(tmp_path: Path, suffix: str) -> None:
    """Neither a contact's address nor name, id or place of what a restricted rule skipped is among the bytes."""
    written = frames.write(list(SELECTIONS), tmp_path / f"chosen{suffix}")

    held = b"".join(path.read_bytes() for path in written.files)
    if suffix == ".zip":
        with zipfile.ZipFile(written.path) as archive:
            held = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (b"door@club.example", b"restricted rule", b"Fourth", b"club-4", b"79.3951111", Point(-79.3951111, 43.6473333).wkb[5:]):
        assert secret not in held


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".kml", ".zip"])
def test_restricted_parts_of_a_plan_are_in_no_file(tmp_path: Path, suffix: str) -> None:
    """A surname that the plan holds under seal is in no export."""
    written = frames.write(PLAN, tmp_path / f"plan{suffix}", layers=[LAYER])

    assert PLAN.restricted
    assert b"Quillfeather" not in written.path.read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_thing_is_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    """No file says when it was written."""
    first = frames.write(SURVEY, tmp_path / f"one/same{suffix}", layers=[LAYER])
    second = frames.write(SURVEY, tmp_path / f"two/same{suffix}", layers=[LAYER])

    held = [path.read_bytes() for path in first.files]
    today = datetime.now(UTC).date()
    stamp = bytes((today.year - 1900, today.month, today.day))
    assert held == [path.read_bytes() for path in second.files]
    assert not any(today.isoformat().encode() in content for content in held)
    assert stamp not in [content[1:4] for content in held]


def test_geojson_is_of_rfc_7946(tmp_path: Path) -> None:
    """No crs member, lon before lat, outer rings counter-clockwise and holes clockwise, a feature on each line."""
    frames.write(HOLED, tmp_path / "area.geojson")

    text = (tmp_path / "area.geojson").read_text("utf-8")
    document = json.loads(text)
    rings = [shapely.LinearRing(ring) for ring in document["features"][0]["geometry"]["coordinates"]]
    assert set(document) == {"type", "features"}
    assert [ring.is_ccw for ring in rings] == [True, False]
    assert np.allclose(document["features"][0]["geometry"]["coordinates"][0][0], (-79.4, 43.65), atol=0.02)
    assert len(text.splitlines()) == 3


@given(st.floats(1, 170), st.floats(1, 80), st.floats(1, 5000))
def test_any_circle_survives_geojson(lon: float, lat: float, radius_m: float) -> None:
    """Coordinates are written so that they read as the same numbers."""
    area = geoalert.Area.circle(lon=-lon, lat=lat, radius_m=radius_m)

    feature = json.loads(geojson(frames.tables_of(area)))["features"][0]

    assert shapely.geometry.shape(feature["geometry"]).normalize() == area.geometry.normalize()


@given(st.text())
def test_any_label_makes_a_file_that_reads(label: str) -> None:
    """Quotes, angle brackets, control characters and lone surrogates break neither GeoJSON nor KML."""
    tables = frames.tables_of(AREA.labelled(label))

    kept = json.loads(geojson(tables))["features"][0]["properties"]["label"]
    name = ET.fromstring(frames.texts.kml(tables)).find(f".//{KML}Placemark/{KML}name")

    assert (name.text if name is not None else None) == (kept.replace("\r\n", "\n").replace("\r", "\n") or None)


def test_kml_has_a_folder_and_a_style_for_each_kind(tmp_path: Path) -> None:
    """A plan's placemarks stand in folders, each with a style that the document has."""
    frames.write(PLAN, tmp_path / "plan.kml", layers=[LAYER])

    document = ET.parse(tmp_path / "plan.kml").getroot()[0]
    folders = {folder.findtext(f"{KML}name"): len(folder.findall(f"{KML}Placemark")) for folder in document.findall(f"{KML}Folder")}
    styles = {f"#{style.get('id')}" for style in document.findall(f"{KML}Style")}
    assert folders == {"area": 1, "boundaries": len(PLAN.matches), "selections": len(PLAN.selections)}
    assert {used.text for used in document.iter(f"{KML}styleUrl")} <= styles


def test_a_shapefile_says_its_crs_and_encoding(tmp_path: Path) -> None:
    """The .prj and .cpg are there, and the notes name every shortened field."""
    written = frames.write(SURVEY, tmp_path / "matches.shp", layers=[LAYER])

    assert {path.suffix for path in written.files} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert (tmp_path / "matches.prj").read_text().startswith('GEOGCS["GCS_WGS_1984"')
    assert (tmp_path / "matches.cpg").read_text() == "UTF-8"
    assert [note.where for note in written.notes] == ["share_of_area", "share_of_boundary"]


def test_every_field_fits_a_shapefile() -> None:
    """Each name has ten characters at most and differs from the others of its table, whatever the case."""
    for fields in (PLAN_FIELDS + AREA_FIELDS, PLAN_FIELDS + BOUNDARIES, PLAN_FIELDS + SELECTION_FIELDS, LAYER_FIELDS):
        names = [SHORT.get(field, field).lower() for field, _ in fields]
        assert max(map(len, names)) <= 10
        assert len(set(names)) == len(names)


def test_a_long_text_in_a_shapefile_is_cut_between_characters_and_told(tmp_path: Path) -> None:
    """254 bytes are a shapefile's limit; what is cut ends in dots and is a finding."""
    written = frames.write(AREA.labelled("é" * 200), tmp_path / "area.shp")

    assert _read(written.path)["label"].tolist() == ["é" * 125 + "…"]
    assert [(note.level, note.code) for note in written.notes] == [("warn", "text_shortened")]


def test_a_zip_holds_a_shapefile_for_each_table(tmp_path: Path) -> None:
    """A plan is three shapefiles in one file."""
    frames.write(PLAN, tmp_path / "plan.zip", layers=[LAYER])

    with zipfile.ZipFile(tmp_path / "plan.zip") as archive:
        names = {name for name in archive.namelist() if name.endswith(".shp")}
    assert names == {"area.shp", "boundaries.shp", "selections.shp"}
    assert len(geopandas.read_file(tmp_path / "plan.zip", layer="selections")) == len(PLAN.selections)


@pytest.mark.parametrize(
    ("thing", "name", "format", "code"),
    [
        (AREA, "area.txt", None, "unknown_format"),
        (AREA, "area", None, "unknown_format"),
        (AREA, "area.geojson", "dxf", "unknown_format"),
        (AREA, "area.bin", "shapefile", "unknown_format"),
        (PLAN, "plan.shp", None, "several_tables"),
        ([AREA, POINT], "areas.shp", None, "mixed_geometry"),
        (object(), "thing.gpkg", None, "not_exportable"),
        ("a plan", "thing.gpkg", None, "not_exportable"),
        ([{"kind": "venue"}], "thing.gpkg", None, "not_exportable"),
        ([], "thing.gpkg", None, "not_exportable"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(tmp_path: Path, thing: Any, name: str, format: str | None, code: str) -> None:
    """One error says what to do, and nothing is left behind."""
    with pytest.raises(GeoAlertError) as caught:
        frames.write(thing, tmp_path / name, format=format)

    assert caught.value.code == code
    assert caught.value.do
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("format", "starts"), [("geopackage", b"SQLite format 3"), ("geojson", b"{"), ("kml", b"<?xml")])
def test_the_format_may_be_named(tmp_path: Path, format: str, starts: bytes) -> None:
    """A file of any name has the format that is asked for."""
    frames.write(AREA, tmp_path / "area.bin", format=format)

    assert (tmp_path / "area.bin").read_bytes().startswith(starts)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_is_overwritten_unasked(tmp_path: Path, suffix: str) -> None:
    """What is there stays as it is, byte for byte, until overwrite is said."""
    path = tmp_path / f"area{suffix}"
    frames.write(AREA, path)
    before = path.read_bytes()

    with pytest.raises(GeoAlertError) as caught:
        frames.write(HOLED, path)

    assert caught.value.code == "file_exists"
    assert path.read_bytes() == before
    frames.write(HOLED, path, overwrite=True)
    assert _same_place(_read(path).geometry[0], HOLED.geometry)


@pytest.mark.parametrize("part", [".dbf", ".prj"])
def test_no_part_of_another_shapefile_is_overwritten(tmp_path: Path, part: str) -> None:
    """A table of the same name beside it is not taken for ours."""
    (tmp_path / f"area{part}").write_bytes(b"mine")

    with pytest.raises(GeoAlertError, match="there is something of that name"):
        frames.write(AREA, tmp_path / "area.shp")

    assert [path.name for path in tmp_path.iterdir()] == [f"area{part}"]


def test_an_index_of_the_replaced_shapefile_goes(tmp_path: Path) -> None:
    """Another program's index would hide the new rows."""
    frames.write(AREA, tmp_path / "area.shp")
    (tmp_path / "area.qix").write_bytes(b"old")

    frames.write(HOLED, tmp_path / "area.shp", overwrite=True)

    assert not (tmp_path / "area.qix").exists()


def test_a_part_that_cannot_be_placed_takes_the_others_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a shapefile is none: another program's .dbf that appears meanwhile stays alone."""
    sync = os.fsync

    def appear(descriptor: int) -> None:
        sync(descriptor)
        (tmp_path / "area.shx").write_bytes(b"theirs")

    monkeypatch.setattr(os, "fsync", appear)

    with pytest.raises(GeoAlertError, match="there is something of that name"):
        frames.write(AREA, tmp_path / "area.shp")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"area.shx": b"theirs"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_matches_without_layers_are_rows_without_shapes(tmp_path: Path, suffix: str) -> None:
    """Every format holds rows that have no place."""
    frames.write(SURVEY, tmp_path / f"matches{suffix}")

    frame = _read(tmp_path / f"matches{suffix}")
    assert frame["label"].tolist() == [found.label for found in SURVEY.matches]
    assert all(shape is None or shape.is_empty for shape in frame.geometry)


def test_a_dangling_link_is_something(tmp_path: Path) -> None:
    """A link that leads nowhere is neither followed nor replaced."""
    (tmp_path / "area.gpkg").symlink_to(tmp_path / "elsewhere.gpkg")

    with pytest.raises(GeoAlertError, match="there is something of that name"):
        frames.write(AREA, tmp_path / "area.gpkg")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_only_the_owner_may_read(tmp_path: Path, suffix: str) -> None:
    """An area may be known to few before the alert is out."""
    written = frames.write(AREA, tmp_path / f"area{suffix}")

    assert {stat.S_IMODE(path.stat().st_mode) for path in written.files} == {0o600}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_is_left_of_a_write_that_fails(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that gives way at the end leaves neither a file nor a scratch folder."""

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(GeoAlertError, match="No space left") as caught:
        frames.write(AREA, tmp_path / f"area{suffix}")

    assert caught.value.code == "file_unwritable"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    """The path is named."""
    (tmp_path / "out").write_text("x")

    with pytest.raises(GeoAlertError) as caught:
        frames.write(AREA, tmp_path / "out/area.gpkg")

    assert caught.value.code == "file_unwritable"


def test_a_report_is_json_ready(tmp_path: Path) -> None:
    """The command line prints it."""
    written = frames.write(SURVEY, tmp_path / "matches.shp", layers=[LAYER])

    document = json.loads(json.dumps(written.to_dict()))
    assert (document["format"], document["tables"]) == ("shapefile", {"boundaries": 2})
    assert len(document["files"]) == 5


def test_a_thousand_boundaries_are_written_at_once(tmp_path: Path) -> None:
    """A layer of many rows comes back whole."""
    boxes = [shapely.box(10 + at * 0.001, 50, 10 + (at + 1) * 0.001, 50.01) for at in range(1000)]
    layer = Layer(name="cell", ids=[f"C{at}" for at in range(1000)], geometries=boxes)
    frames.write(layer, tmp_path / "cells.gpkg")

    assert geoalert.read_layer(tmp_path / "cells.gpkg", name="cell", id="id").digest == layer.digest


@pytest.mark.parametrize("name", ["told.gpkg", "told.geojson", "told.kml"])
def test_a_plans_own_selections_and_matches_are_written_as_they_stand(tmp_path: Path, name: str) -> None:
    """As the frames take them; the same rows as the plan itself has."""
    selections = frames.write(PLAN.selections, tmp_path / name)
    matches = frames.write(PLAN.matches, tmp_path / f"matches-{name}", layers=[LAYER])

    assert selections.tables == {"selections": len(PLAN.selections)}
    assert matches.tables == {"boundaries": len(PLAN.matches)}


def test_nothing_is_written_of_nothing(tmp_path: Path) -> None:
    """And that is what is said."""
    with pytest.raises(GeoAlertError, match="nothing to write"):
        frames.write([], tmp_path / "none.gpkg")
