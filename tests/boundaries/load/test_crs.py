"""CRSs: named at the edge, converted there, refused where missing or too inaccurate."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from geoalert import geo
from geoalert.boundaries.load import layer_from_geodataframe, read_layer
from geoalert.errors import BoundaryError, CRSError, GeoAlertError
from tests.boundaries.load.conftest import EAST, WEST, Save


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:2952", "EPSG:26917", "EPSG:4269"])
@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_the_same_polygon_in_any_crs_agrees_to_a_metre(squares: geopandas.GeoDataFrame, tmp_path: Path, crs: str, suffix: str) -> None:
    """Degrees, Mercator, MTM, UTM and NAD83 all come out where the squares are; the accuracy is recorded."""
    path = tmp_path / f"a{suffix}"
    pyogrio.write_dataframe(squares.to_crs(crs), path)
    layer = read_layer(path, name="n", id="CODE")
    for made, drawn in zip(layer.geometries, (WEST, EAST), strict=True):
        corners = shapely.get_coordinates(drawn)
        assert geo.distances_m(made.exterior, corners[:, 0], corners[:, 1]).max() < 1.0
    assert layer.native_crs == crs
    assert (layer.accuracy_m is None) == (crs == "EPSG:4326")


def test_a_file_that_names_no_crs_is_refused_until_one_is_named(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """Without its .prj the shapefile is refused, saying how to name a CRS; named, it is read."""
    path = tmp_path / "a.shp"
    pyogrio.write_dataframe(squares.to_crs(26917), path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(CRSError) as caught:
        read_layer(path, name="n", id="CODE")
    assert (caught.value.code, caught.value.file) == ("missing_crs", str(path))
    assert 'crs="EPSG:' in (caught.value.do or "")
    assert shapely.hausdorff_distance(read_layer(path, name="n", id="CODE", crs="EPSG:26917").geometries[0], WEST) < 1e-5


def test_degrees_without_a_crs_suggest_the_two_likely_ones(squares: geopandas.GeoDataFrame) -> None:
    """Numbers that look like lon/lat are met with WGS 84 and NAD83."""
    with pytest.raises(CRSError) as caught:
        layer_from_geodataframe(squares.set_crs(None, allow_override=True), name="n", id="CODE")
    assert caught.value.code == "missing_crs"
    assert "EPSG:4326" in (caught.value.do or "")
    assert "EPSG:4269" in (caught.value.do or "")


def test_undefined_crs_of_a_geopackage_is_no_crs(tmp_path: Path) -> None:
    """GeoPackage's "undefined" places nothing on the earth."""
    frame = geopandas.GeoDataFrame({"CODE": ["1"]}, geometry=[shapely.box(630000, 4833000, 631000, 4834000)])
    path = tmp_path / "a.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(frame, path)
    with pytest.raises(CRSError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "missing_crs"


@pytest.mark.parametrize("crs", ["EPSG:7991", "EPSG:26717", "EPSG:4267"])
def test_nad27_without_its_grid_is_refused_and_says_the_accuracy(squares: geopandas.GeoDataFrame, crs: str) -> None:
    """NAD27 is metres off without a grid; the caller may accept that, and the figure is kept."""
    frame = squares.to_crs(crs)
    with pytest.raises(CRSError) as caught:
        layer_from_geodataframe(frame, name="n", id="CODE")
    assert caught.value.code == "accuracy_too_low"
    assert caught.value.file == "GeoDataFrame"
    if "accept_accuracy_m" in (caught.value.do or ""):
        layer = layer_from_geodataframe(frame, name="n", id="CODE", accept_accuracy_m=100)
        assert layer.accuracy_m is not None
        assert layer.accuracy_m > 5


@pytest.mark.parametrize(
    ("member", "native"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26917"}}, "NAD83 / UTM zone 17N"),
        ({"type": "name", "properties": {"name": "EPSG:26917"}}, "EPSG:26917"),
        ({"type": "EPSG", "properties": {"code": 26917}}, "EPSG:26917"),
    ],
)
def test_the_old_crs_member_is_honoured(save_geojson: Save, squares: geopandas.GeoDataFrame, member: object, native: str) -> None:
    """GeoJSON of 2008 could name a CRS."""
    path = save_geojson(squares.to_crs(26917).geometry, crs=member)
    layer = read_layer(path, name="n", id="CODE")
    assert shapely.hausdorff_distance(layer.geometries[0], WEST) < 1e-5
    assert layer.native_crs == native


@pytest.mark.parametrize(
    ("member", "code"),
    [
        (None, "missing_crs"),
        ({"type": "link", "properties": {"href": "https://crs.example"}}, "invalid_crs"),
        ({"type": "name", "properties": {"name": "EPSG:999999"}}, "unknown_crs"),
        (4326, "invalid_crs"),
    ],
)
def test_a_crs_member_that_names_none_is_refused(save_geojson: Save, member: object, code: str) -> None:
    """Null means that there is no CRS; links and unknown names are refused."""
    with pytest.raises(CRSError) as caught:
        read_layer(save_geojson([WEST], crs=member), name="n", id="CODE")
    assert caught.value.code == code
    assert caught.value.do


def test_geojson_in_metres_needs_its_crs_named(save_geojson: Save, squares: geopandas.GeoDataFrame) -> None:
    """Read as lon/lat it is out of range; with crs= it is read, and listed as named."""
    path = save_geojson(squares.to_crs(2952).geometry)
    with pytest.raises(GeoAlertError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "out_of_range"
    layer = read_layer(path, name="n", id="CODE", crs="EPSG:2952")
    assert shapely.hausdorff_distance(layer.geometries[0], WEST) < 1e-5
    assert "crs_named" in [finding.code for finding in layer.repairs]


def test_a_named_crs_that_contradicts_the_file_is_refused(squares: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    """The same CRS under another name is no contradiction; another one is."""
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(squares.to_crs(26917), path)
    with pytest.raises(CRSError) as caught:
        read_layer(path, name="n", id="CODE", crs="EPSG:26918")
    assert caught.value.code == "crs_conflict"
    assert len(read_layer(path, name="n", id="CODE", crs=pyproj.CRS(26917).to_wkt("WKT1_ESRI"))) == 2


@pytest.mark.parametrize("crs", ["EPSG:0", "NAD", "", "EPSG:abc"])
def test_an_unknown_crs_is_refused(squares: geopandas.GeoDataFrame, crs: str) -> None:
    """A CRS nobody knows is one error."""
    with pytest.raises(CRSError) as caught:
        layer_from_geodataframe(squares.set_crs(None, allow_override=True), name="n", id="CODE", crs=crs)
    assert caught.value.code == "unknown_crs"


@pytest.mark.parametrize(("lon", "lat"), [(-79.39, 43.64), (-87.63, 41.88), (-123.1, 49.28), (151.2, -33.87), (139.7, 35.68)])
def test_swapped_axes_are_seen(save_geojson: Save, lon: float, lat: float) -> None:
    """Toronto, Chicago, Vancouver, Sydney and Tokyo with latitude first are told from places on earth."""
    square = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    right = read_layer(save_geojson([square]), name="n", id="CODE")
    assert len(right) == 1
    swapped = shapely.transform(square, lambda xy: np.fliplr(xy))
    with pytest.raises(BoundaryError) as caught:
        read_layer(save_geojson([swapped]), name="n", id="CODE")
    assert caught.value.code == "swapped_axes"
    assert "longitude first" in (caught.value.do or "")


def test_swapped_eastings_and_northings_are_refused(squares: geopandas.GeoDataFrame) -> None:
    """UTM coordinates with the northing first lie outside what the CRS is for."""
    metric = squares.to_crs(26917)
    swapped = metric.set_geometry(shapely.transform(metric.geometry.to_numpy(), lambda xy: np.fliplr(xy)), crs=metric.crs)
    with pytest.raises(BoundaryError) as caught:
        layer_from_geodataframe(swapped, name="n", id="CODE")
    assert caught.value.code in ("outside_crs", "swapped_axes")
