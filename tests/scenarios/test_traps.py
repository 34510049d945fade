"""Traps of real files, met by area files: Mercator sizes, folders of a KML, NAD27, half a million vertices."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
from shapely.geometry import LineString, Polygon, box, mapping

from geoalert.area import Area
from geoalert.boundaries.load.shapes import read_shapes
from geoalert.errors import GeoAlertError
from geoalert.files.area import read_area_rule
from tests.places import toronto_layers

KML = """\
<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>search</name><Placemark><name>a</name><Polygon><outerBoundaryIs><LinearRing><coordinates>
-79.40,43.64,0 -79.39,43.64,0 -79.39,43.65,0 -79.40,43.65,0 -79.40,43.64,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>
<Folder><name>route</name><Placemark><name>b</name><LineString><coordinates>
-79.40,43.64 -79.39,43.65
</coordinates></LineString></Placemark></Folder>
</Document></kml>
"""


def area_of(folder: Path, rule: str) -> Area:
    """Writes an area file and returns its area."""
    (folder / "area.toml").write_text(f"format = 1\n[rule]\n{rule}\n", encoding="utf-8")
    return read_area_rule(folder / "area.toml", zone=None, shapes=read_shapes).area(layers={})


def test_folders_of_a_kml_are_tables(tmp_path: Path) -> None:
    """A polygon from one and a corridor from the other; without a name both are listed."""
    (tmp_path / "plan.kml").write_text(KML, encoding="utf-8")

    square = area_of(tmp_path, 'type = "polygon"\nfile = "plan.kml"\ntable = "search"')
    route = area_of(tmp_path, 'type = "corridor"\nfile = "plan.kml"\ntable = "route"\neach_side_m = 100\ncaps = "flat"')

    assert square.geometry.equals(box(-79.40, 43.64, -79.39, 43.65))
    assert route.geometry.equals(Area.corridor(LineString([(-79.40, 43.64), (-79.39, 43.65)]), each_side_m=100, caps="flat").geometry)
    with pytest.raises(GeoAlertError, match="search, route") as refused:
        area_of(tmp_path, 'type = "polygon"\nfile = "plan.kml"')
    assert refused.value.code == "several_tables"


@pytest.mark.shared
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:2952", "EPSG:26917"])
def test_a_division_has_one_size_in_every_crs(shared: Path, tmp_path: Path, crs: str) -> None:
    """D14 is 14.17 km2 on the ground; Web Mercator's own figure is 27."""
    layer = toronto_layers(shared)[0]
    shape = layer.geometries[layer.position("D14")]
    frame = geopandas.GeoDataFrame({"id": ["D14"]}, geometry=[shape], crs="EPSG:4326").to_crs(crs)
    frame.to_file(tmp_path / "d14.gpkg", engine="pyogrio")

    area = area_of(tmp_path, 'type = "polygon"\nfile = "d14.gpkg"')

    assert area.area_m2 / 1e6 == pytest.approx(14.17, abs=0.01)
    if crs == "EPSG:3857":
        assert frame.area.sum() / 1e6 == pytest.approx(27.08, abs=0.05)
        assert area.rule["native_crs"] == "EPSG:3857"


def test_nad27_without_its_grid_is_refused(tmp_path: Path) -> None:
    """City files named MTM are NAD27, and read as NAD83 land 226 m off."""
    frame = geopandas.GeoDataFrame({"id": [1]}, geometry=[box(314_000, 4_833_000, 315_000, 4_834_000)], crs="EPSG:7991")
    frame.to_file(tmp_path / "mtm.shp", engine="pyogrio")

    with pytest.raises(GeoAlertError) as refused:
        area_of(tmp_path, 'type = "polygon"\nfile = "mtm.shp"')

    assert refused.value.code == "accuracy_too_low"


def test_half_a_million_vertices_are_an_area(tmp_path: Path) -> None:
    """Read, cut and measured, not thinned."""
    turn = np.linspace(0, 2 * np.pi, 500_000, endpoint=False)
    reach = 0.05 + 0.0005 * np.sin(5_000 * turn)
    ring = np.column_stack((-79.4 + reach * np.cos(turn), 43.7 + reach * np.sin(turn)))
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(Polygon(ring))}
    (tmp_path / "shore.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")

    area = area_of(
        tmp_path, 'type = "polygon"\nfile = "shore.geojson"\n[[minus]]\ntype = "circle"\nlon = -79.4\nlat = 43.7\nradius_m = 500'
    )

    assert len(area.geometry.exterior.coords) == 500_001
    assert len(area.geometry.interiors) == 1
