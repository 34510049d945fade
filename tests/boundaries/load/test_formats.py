"""Every format gives the same layer."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from geoalert.boundaries.load import inspect_file, layer_from_geodataframe, read_layer
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError, ConfigurationError, GeoAlertError
from tests.boundaries.load.conftest import EAST, WEST

WRITTEN = {
    "a.geojson": "GeoJSON",
    "a.geojsonl": "GeoJSONSeq",
    "a.shp": "ESRI Shapefile",
    "a.gpkg": "GPKG",
    "a.gdb": "OpenFileGDB",
    "a.kml": "LIBKML",
    "a.kmz": "LIBKML",
}


def write(frame: geopandas.GeoDataFrame, folder: Path, name: str) -> Path:
    path = folder / name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith(".csv"):
        text = frame.assign(WKT=frame.geometry.to_wkt()).drop(columns="geometry")
        text.to_csv(path, index=False)
    else:
        pyogrio.write_dataframe(frame, path, driver=WRITTEN[name])
    return path


def check_squares(layer: Layer) -> None:
    assert layer.ids.tolist() == ["097", "098"]
    assert layer.labels.tolist() == ["Côté West", "East"]
    for made, drawn in zip(layer.geometries, (WEST, EAST), strict=True):
        assert shapely.hausdorff_distance(made, drawn) < 1e-7


@pytest.mark.parametrize("name", [*WRITTEN, "a.parquet"])
def test_every_format_gives_the_same_layer(squares: geopandas.GeoDataFrame, tmp_path: Path, name: str) -> None:
    """Ids stay verbatim, accents survive, polygons stay where they are."""
    path = write(squares, tmp_path, name)
    layer = read_layer(path, name="n", id="CODE", label="Name" if name.startswith("a.km") else "NAME")
    check_squares(layer)


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.parquet", "a.csv", "a.geojsonl"])
def test_gzip_is_opened(squares: geopandas.GeoDataFrame, tmp_path: Path, name: str) -> None:
    """A gzip'd file is read as what is inside."""
    path = write(squares, tmp_path, name)
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    check_squares(read_layer(packed, name="n", id="CODE", label="NAME", crs="EPSG:4326"))


@pytest.mark.parametrize("name", [*WRITTEN, "a.parquet", "a.csv"])
@pytest.mark.parametrize("inside", ["", "gis/2026/"])
def test_zip_is_opened(squares: geopandas.GeoDataFrame, tmp_path: Path, name: str, inside: str) -> None:
    """A zip is read whether the files lie at its root or in folders."""
    room = tmp_path / "room"
    room.mkdir()
    write(squares, room, name)
    packed = tmp_path / "layer.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(room.rglob("*")):
            if path.is_file():
                archive.write(path, f"{inside}{path.relative_to(room)}")
    check_squares(read_layer(packed, name="n", id="CODE", label="Name" if name.startswith("a.km") else "NAME", crs="EPSG:4326"))


def test_folder_of_a_shapefile_is_opened(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """A folder stands for the one shapefile in it."""
    write(squares, tmp_path, "a.shp")
    check_squares(read_layer(tmp_path, name="n", id="CODE", label="NAME"))


def test_upper_case_shapefile_parts_are_found(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """Parts named .SHP .DBF .PRJ are read."""
    write(squares, tmp_path, "a.shp")
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_suffix(path.suffix.upper()))
    check_squares(read_layer(tmp_path / "a.SHP", name="n", id="CODE", label="NAME"))


@pytest.mark.parametrize(
    ("encoding", "mark", "prefix"),
    [("utf-8", ",", ""), ("utf-8-sig", ";", ""), ("cp1252", ";", ""), ("utf-8", "\t", "SRID=4326;")],
)
def test_csv_takes_what_spreadsheets_write(tmp_path: Path, encoding: str, mark: str, prefix: str) -> None:
    """A BOM, semicolons, tabs, cp1252 and EWKT are read; the geometry column is found by its content."""
    rows = [["CODE", "NAME", "area"], ["097", "Côté West", prefix + WEST.wkt], ["098", "East", prefix + EAST.wkt]]
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(mark.join(f'"{cell}"' for cell in row) for row in rows).encode(encoding))
    crs = None if prefix else "EPSG:4326"
    check_squares(read_layer(path, name="n", id="CODE", label="NAME", crs=crs))


def test_csv_with_geojson_cells_needs_no_crs(tmp_path: Path, squares: geopandas.GeoDataFrame) -> None:
    """GeoJSON text in a cell is lon/lat by its specification."""
    texts = [json.dumps(shapely.geometry.mapping(shape)) for shape in squares.geometry]
    path = tmp_path / "a.csv"
    squares.drop(columns="geometry").assign(geometry=texts).to_csv(path, index=False)
    check_squares(read_layer(path, name="n", id="CODE", label="NAME"))


def test_csv_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    """The header is row 1."""
    path = tmp_path / "a.csv"
    path.write_text(f'CODE,WKT\n1,"{WEST.wkt}"\n2,"POLYGON((0 0"\n')
    with pytest.raises(GeoAlertError) as caught:
        read_layer(path, name="n", id="CODE", crs="EPSG:4326")
    assert (caught.value.code, caught.value.row, caught.value.field) == ("invalid_coordinates", 3, "WKT")


def test_large_csv_cells_are_read(tmp_path: Path) -> None:
    """A polygon longer than the csv module's field limit is no trouble."""
    circle = shapely.Point(-79.39, 43.64).buffer(0.01, quad_segs=4000)
    path = tmp_path / "a.csv"
    path.write_text(f'CODE,WKT\n1,"{circle.wkt}"\n')
    assert len(circle.wkt) > 200_000
    assert read_layer(path, name="n", id="CODE", crs="EPSG:4326").geometries[0].equals(circle)


ESRI = {
    "geometryType": "esriGeometryPolygon",
    "spatialReference": {"wkid": 102100, "latestWkid": 3857},
    "fields": [{"name": "CODE", "type": "esriFieldTypeString"}, {"name": "NAME", "type": "esriFieldTypeString"}],
    "features": [],
}


def esri(frame: geopandas.GeoDataFrame) -> dict[str, object]:
    metric = frame.to_crs(3857)
    features = [
        {"attributes": {"CODE": row.CODE, "NAME": row.NAME}, "geometry": {"rings": [list(map(list, row.geometry.exterior.coords))]}}
        for row in metric.itertuples()
    ]
    return ESRI | {"features": features}


def test_esri_json_is_read_in_its_own_crs(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """A FeatureServer's own JSON in web Mercator comes out in lon/lat."""
    path = tmp_path / "query.json"
    path.write_text(json.dumps(esri(squares)))
    layer = read_layer(path, name="n", id="CODE", label="NAME")
    check_squares(layer)
    assert layer.native_crs == "EPSG:3857"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exceededTransferLimit": True}, "incomplete_file"),
        ({"features": [{"attributes": {"CODE": "1"}, "geometry": {"curveRings": [[[0, 0], {"c": [[1, 1], [2, 0]]}]]}}]}, "curved_geometry"),
        ({"features": []}, "empty_layer"),
    ],
)
def test_esri_answers_that_are_not_the_layer_are_refused(
    squares: geopandas.GeoDataFrame, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    """A page cut short, true curves and an empty answer are each one error."""
    path = tmp_path / "query.json"
    path.write_text(json.dumps(esri(squares) | change))
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == code
    assert caught.value.do


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        ('{"error": {"code": 400, "message": "Invalid query"}}', "unreadable_file", "Invalid query"),
        ("<!DOCTYPE html><html><body>502</body></html>", "unknown_format", "web page"),
        ('{"type": "Topology", "objects": {}}', "unknown_format", "TopoJSON"),
        ('{"type": "FeatureCollection", "exceededTransferLimit": true, "features": []}', "incomplete_file", "cut"),
        ("", "unreadable_file", "empty"),
        ("CODE,NAME\n1,a\n", "unreadable_file", "first bytes"),
    ],
)
def test_answers_that_are_not_layers_say_what_they_are(tmp_path: Path, content: str, code: str, word: str) -> None:
    """An error page or a server's error names itself."""
    path = tmp_path / "layer.geojson"
    path.write_text(content)
    with pytest.raises(BoundaryError, match=word) as caught:
        read_layer(path, name="n", id="CODE")
    assert (caught.value.code, caught.value.file) == (code, str(path))


def test_several_tables_must_be_named(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """Without `table` they are listed; a wrong one is met with what there is."""
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(squares, path, layer="beats")
    pyogrio.write_dataframe(squares, path, layer="wards", append=True)
    with pytest.raises(BoundaryError, match="beats, wards") as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "several_tables"
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE", table="ward")
    assert caught.value.code == "unknown_table"
    assert "wards" in (caught.value.do or "")
    assert len(read_layer(path, name="n", id="CODE", table="wards")) == 2


def test_several_files_of_a_zip_are_tables(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """Two files in one zip are told apart by `table`."""
    beats, wards = write(squares, tmp_path, "a.geojson"), tmp_path / "wards.geojson"
    shutil.copy(beats, wards)
    packed = tmp_path / "both.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(beats, "a.geojson")
        archive.write(wards, "wards.geojson")
    with pytest.raises(BoundaryError) as caught:
        read_layer(packed, name="n", id="CODE")
    assert caught.value.code == "several_tables"
    assert len(read_layer(packed, name="n", id="CODE", table="wards")) == 2


@pytest.mark.parametrize("cpg", [None, "UTF-8", "1252"])
def test_shapefile_texts_in_cp1252_are_read(squares: geopandas.GeoDataFrame, tmp_path: Path, cpg: str | None) -> None:
    """Old Windows texts are read whether the .cpg is missing, wrong or right; a wrong one is listed."""
    path = tmp_path / "a.shp"
    pyogrio.write_dataframe(squares, path, encoding="CP1252")
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    layer = read_layer(path, name="n", id="CODE", label="NAME")
    check_squares(layer)
    assert ("encoding_guessed" in [finding.code for finding in layer.repairs]) == (cpg == "UTF-8")


def test_shapefile_texts_in_utf8_without_cpg_are_read(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """UTF-8 is seen even where nothing says so."""
    path = write(squares, tmp_path, "a.shp")
    path.with_suffix(".cpg").unlink()
    check_squares(read_layer(path, name="n", id="CODE", label="NAME"))


@pytest.mark.parametrize("part", [".dbf", ".shx"])
def test_missing_shapefile_part_is_named(squares: geopandas.GeoDataFrame, tmp_path: Path, part: str) -> None:
    """Half a shapefile is refused, naming the half that is missing."""
    path = write(squares, tmp_path, "a.shp")
    path.with_suffix(part).unlink()
    with pytest.raises(BoundaryError, match=part) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "unreadable_file"


def test_geodataframe_takes_the_same_path(squares: geopandas.GeoDataFrame) -> None:
    """A frame in metres becomes the same layer; Layer.from_geodataframe is the same function."""
    check_squares(layer_from_geodataframe(squares.to_crs(26917), name="n", id="CODE", label="NAME"))
    check_squares(Layer.from_geodataframe(squares, name="n", id="CODE", label="NAME"))


def test_parquet_without_its_extra_says_what_to_install(
    squares: geopandas.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pyarrow the error names the extra."""
    path = write(squares, tmp_path, "a.parquet")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "missing_extra"
    assert "geoalert[sources]" in (caught.value.do or "")


def test_curves_arrive_as_straight_edges_and_measures_are_dropped(tmp_path: Path) -> None:
    """GDAL cuts a circular arc into short edges; the layer is valid and 2-D."""
    arc = bytes.fromhex("010A00000001000000") + bytes.fromhex("010800000005000000")
    points = [(-79.40, 43.64), (-79.39, 43.65), (-79.38, 43.64), (-79.39, 43.63), (-79.40, 43.64)]
    path = tmp_path / "curve.gpkg"
    pyogrio.raw.write(
        path,
        np.array([arc + np.array(points, dtype="<f8").tobytes()], dtype=object),
        [np.array(["1"], dtype=object)],
        ["CODE"],
        geometry_type="Unknown",
        crs="EPSG:4326",
        driver="GPKG",
    )
    layer = read_layer(path, name="n", id="CODE")
    assert shapely.area(layer.geometries[0]) == pytest.approx(np.pi * 0.01**2, rel=1e-3)
    assert "curves_straightened" in [finding.code for finding in layer.repairs]


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Beats</name>
<Folder><name>North</name><Placemark><name>One</name>
<ExtendedData><Data name="CODE"><value>097</value></Data></ExtendedData>
<MultiGeometry><Polygon><outerBoundaryIs><LinearRing>
<coordinates>-79.4,43.6,0 -79.3,43.6,0 -79.3,43.7,0 -79.4,43.6,0</coordinates>
</LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder>
<Folder><name>Empty</name></Folder></Document></kml>"""


def test_kml_of_a_drawing_program_is_read(tmp_path: Path) -> None:
    """Folders are tables, empty ones are none; extended fields are columns, display settings are not."""
    path = tmp_path / "beats.kml"
    path.write_text(KML)
    layer = read_layer(path, name="beat", id="CODE", label="Name")
    report = inspect_file(path)
    assert (layer.ids.tolist(), layer.labels.tolist()) == (["097"], ["One"])
    assert layer.geometries[0].has_z is False
    assert report.tables == ("North",)
    assert {column.name for column in report.columns} <= {"id", "Name", "description", "CODE"}


def test_kml_kept_in_another_crs_is_a_contradiction(tmp_path: Path) -> None:
    """KML is WGS 84 by its specification."""
    path = tmp_path / "beats.kml"
    path.write_text(KML)
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="beat", id="CODE", crs="EPSG:26917")
    assert caught.value.code == "crs_conflict"
